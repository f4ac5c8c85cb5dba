"""Processes that decode what strangers send: a few, warm once they are needed, each replaced when it fails.

A picture that crashes its decoder, fills its memory or takes too long costs its sender a refusal, and nobody else more
than the time to start another process (a fifth of a second).
"""

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, local
from types import TracebackType
from typing import Self

import structlog

from models.errors import RuleBroken
from models.picture_work import HEADER, NOT_A_PICTURE, PICTURE, SIZES, TOO_LARGE
from models.picturing import MOST_BYTES, NotAPicture, Pictures, PictureTooLarge
from models.words import N_

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (sys.executable, "-m", "models.picture_work")
LONGEST_SECONDS = 10.0  # for one picture
WAIT_SECONDS = 20.0  # for a free decoder
MOST_PICTURES = 500  # of one process: what a library leaks ends with it

log = structlog.get_logger()


class DecodersBusy(RuleBroken):
    """More pictures at once than the machine can decode."""

    sentence = N_("Many photos come in at the moment. Nothing was lost: try again in a minute.")
    status = 503


class _Failed(Exception):
    """The decoder died, answered nonsense or took too long."""


@dataclass(slots=True)
class _Decoder:
    """One place for a process; only the thread that it belongs to uses it."""

    process: subprocess.Popen[bytes] | None = None
    done: int = 0


class Decoders:
    """`count` processes at most, one for each thread of a pool, which takes its files in the order in which they came.

    A process is started when it is first needed. Close it, or use it with `with`.
    """

    def __init__(
        self, count: int = 2, command: Sequence[str] = COMMAND, longest_seconds: float = LONGEST_SECONDS
    ) -> None:
        self._command, self._longest_seconds = tuple(command), longest_seconds
        self._own, self._lock = local(), Lock()
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._threads = ThreadPoolExecutor(count, "decoder")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def decode(self, sent: bytes) -> Pictures:
        """The picture in `sent`. Raises `PictureTooLarge`, `NotAPicture`, `DecodersBusy`. Safe in any thread."""
        if len(sent) > MOST_BYTES:
            raise PictureTooLarge()
        asked = self._threads.submit(self._decode, sent)
        try:
            return _read(asked.result(WAIT_SECONDS))
        except TimeoutError:
            asked.cancel()
            raise DecodersBusy() from None

    def _decode(self, sent: bytes) -> bytes:
        """In a thread of the pool: the answer of its process, which is replaced where it fails."""
        place: _Decoder = self._own.__dict__.setdefault("decoder", _Decoder())
        place.process = place.process or self._start()
        place.done += 1
        try:
            answer = _ask(place.process, sent, self._longest_seconds)
        except (_Failed, OSError) as error:
            log.warning("decoder failed", reason=str(error), bytes=len(sent))
            self._end(place)
            return NOT_A_PICTURE
        if place.done >= MOST_PICTURES:
            self._end(place)
        return answer

    def processes(self) -> frozenset[int]:
        """The ids of the processes that there are."""
        with self._lock:
            return frozenset(self._running)

    def close(self) -> None:
        """End the threads and the processes."""
        self._threads.shutdown(cancel_futures=True)
        for process in list(self._running.values()):
            self._stop(process)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - our own module
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={"PATH": os.environ.get("PATH", "")},  # none of our secrets
            start_new_session=True,  # Ctrl-C is for us; we end it
        )
        with self._lock:
            self._running[process.pid] = process
        return process

    def _end(self, place: _Decoder) -> None:
        """The next file gets a new process."""
        if place.process is not None:
            self._stop(place.process)
        place.process, place.done = None, 0

    def _stop(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):
                if pipe is not None:
                    pipe.close()
        process.wait()
        with self._lock:
            self._running.pop(process.pid, None)


def _ask(process: subprocess.Popen[bytes], sent: bytes, seconds: float) -> bytes:
    """One question and its answer. Raises `_Failed`."""
    assert process.stdin is not None
    assert process.stdout is not None
    until = time.monotonic() + seconds
    try:
        process.stdin.write(HEADER.pack(len(sent)) + sent)
        process.stdin.flush()
    except BrokenPipeError:
        raise _Failed("it was gone") from None
    (length,) = HEADER.unpack(_receive(process.stdout.fileno(), HEADER.size, until))
    return _receive(process.stdout.fileno(), length, until)


def _receive(handle: int, length: int, until: float) -> bytes:
    """Exactly `length` bytes before the clock says `until`. Raises `_Failed`."""
    got = bytearray()
    while len(got) < length:
        ready, _, _ = select.select([handle], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise _Failed("it took too long")
        part = os.read(handle, min(length - len(got), 1 << 20))
        if not part:
            raise _Failed("it died")
        got += part
    return bytes(got)


def _read(answer: bytes) -> Pictures:
    kind, rest = answer[:1], answer[1:]
    if kind == TOO_LARGE:
        raise PictureTooLarge()
    if kind != PICTURE:
        raise NotAPicture()
    width, height, picture, thumbnail = SIZES.unpack(rest[: SIZES.size])
    whole = rest[SIZES.size :]
    return Pictures(whole[:picture], whole[picture : picture + thumbnail], width, height)
