"""Submitting a report with a photo of 4 MB from 8 phones at once: p95 against 500 ms, through HTTP and the decoders."""

import io
import random
import statistics
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
from PIL import Image

from benchmarks.staging import Row, percentile, row, state, web
from models.database import Database
from models.migrations import upgrade
from models.officer import new_secret
from wufang import demo_district

CONNECTIONS, REPORTS = 8, 160
BOUND_MS = 500.0
SIZE, BYTES = (4000, 3000), 4_000_000


def photo(seed: int) -> bytes:
    """12 megapixels of scene and noise as a JPEG of about 4 MB, as a phone's camera makes."""
    chance = random.Random(seed)
    scene = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    noise = Image.effect_noise(SIZE, 40 + chance.random()).convert("RGB")
    picture = Image.blend(scene, noise, 0.5)
    for quality in (92, 88, 84, 80, 75, 70, 60):
        written = io.BytesIO()
        picture.save(written, "JPEG", quality=quality)
        if written.tell() <= BYTES * 1.1:
            break
    return written.getvalue()


def measure(reports: int = REPORTS, connections: int = CONNECTIONS) -> Row:
    """Milliseconds, p95; the other is the bound."""
    sent = photo(1)
    with state() as environment:
        url = f"sqlite:///{environment['WUFANG_STATE_DIR']}/wufang.db"
        upgrade(url)
        database = Database(url)
        demo_district.seed(database)
        database.close()
        compound = demo_district.plan().compounds[0].id
        port = int(environment["PORT"])
        with web("api.app:create_app", environment, port, "/livez"):
            taken = _send_all(f"http://127.0.0.1:{port}", sent, f"compound:{compound}", reports, connections)
    return row(
        "report_photo",
        [percentile(taken, 0.95)],
        [BOUND_MS],
        f"ms, p95 of {reports} reports with {len(sent) / 1e6:.1f} MB at {connections} connections",
        p50_ms=round(statistics.median(taken)),
        worst_ms=round(max(taken)),
    )


def _send_all(address: str, sent: bytes, place: str, reports: int, connections: int) -> list[float]:
    def run(number: int) -> list[float]:
        cookies = {"wufang_phone": new_secret()}
        with httpx.Client(base_url=address, cookies=cookies, trust_env=False, timeout=60) as client:
            return [_send(client, sent, place) for _ in range(reports // connections + (number == 0))][1:]

    with ThreadPoolExecutor(connections) as pool:
        return [one for listed in pool.map(run, range(connections)) for one in listed]


def _send(client: httpx.Client, sent: bytes, place: str) -> float:
    fields = {"category": "fire-exit", "words": "堵了", "place": place, "key": str(uuid.uuid4())}
    begun = time.perf_counter()
    answer = client.post("/m/report", data=fields, files={"photo": ("photo.jpg", sent)}, headers={"Wufang-Phone": "1"})
    taken = 1000 * (time.perf_counter() - begun)
    assert answer.status_code == 201, answer.text
    return taken


if __name__ == "__main__":
    print(measure(*map(int, sys.argv[1:])))
