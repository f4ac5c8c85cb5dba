"""A load client that costs little: prepared requests over kept-alive connections, in a process of its own.

A client library would be slower than the server it measures and would make every ratio look better than it is.
Loopback only; bounded in requests and in time.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

LONGEST_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run gave: requests per second, times to answer in milliseconds, answers by status."""

    per_second: float
    p50_ms: float
    p99_ms: float
    statuses: dict[int, int]


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    def wire(self, port: int) -> bytes:
        """The bytes of it."""
        payload = self.body.encode()
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(payload)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + payload


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.split(b":")[1]))
    return status


async def _connection(port: int, queue: list[bytes], times: list[float], statuses: dict[int, int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while queue:
        wire = queue.pop()
        begun = time.perf_counter()
        writer.write(wire)
        status = await _answer(reader)
        times.append(time.perf_counter() - begun)
        statuses[status] = statuses.get(status, 0) + 1
    writer.close()


async def _run(port: int, wires: list[bytes], connections: int) -> Measured:
    times: list[float] = []
    statuses: dict[int, int] = {}
    begun = time.perf_counter()
    queue = list(reversed(wires))
    async with asyncio.timeout(LONGEST_SECONDS), asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_connection(port, queue, times, statuses))
    lasted = time.perf_counter() - begun
    ordered = sorted(times)
    return Measured(
        len(ordered) / lasted,
        ordered[len(ordered) // 2] * 1000,
        ordered[int(len(ordered) * 0.99)] * 1000,
        statuses,
    )


def prepare(path: Path, requests: Sequence[Request]) -> None:
    """Write requests for the client process to read."""
    path.write_text(json.dumps([asdict(request) for request in requests]))


def fire(port: int, path: Path, connections: int) -> Measured:
    """Send the prepared requests of the file at `path`, each once, over `connections` connections."""
    requests = [Request(**row) for row in json.loads(path.read_text())]
    return asyncio.run(_run(port, [request.wire(port) for request in requests], connections))


def apart(folder: Path, port: int, requests: Sequence[Request], connections: int) -> Measured:
    """The load client runs in a process of its own: it shares no interpreter with what it measures."""
    path = folder / "requests.json"
    prepare(path, requests)
    words = [sys.executable, "-m", "benchmarks.load", str(port), str(path), str(connections)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    return Measured(**said | {"statuses": {int(key): value for key, value in said["statuses"].items()}})


if __name__ == "__main__":
    measured = fire(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
    json.dump(asdict(measured), sys.stdout)
