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
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, local
from types import TracebackType
from typing import Self

import structlog

from models.errors import RuleBroken
from models.picture_work import HEADER, NOT_A_PICTURE, PICTURE, QUESTION, SIZES, TOO_LARGE
from models.picturing import EDGE_PIXELS, MOST_BYTES, NotAPicture, Pictures, PictureTooLarge
from models.words import N_

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (sys.executable, "-m", "models.picture_work")
LONGEST_SECONDS = 10.0  # for one picture
WAIT_SECONDS = 20.0  # for a free decoder
MOST_PICTURES = 500  # of one process: what a library leaks ends with it
PIPE_BYTES = 1 << 20  # read or written at once
JPEG = b"\xff\xd8\xff"

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
        self,
        count: int = 2,
        command: Sequence[str] = COMMAND,
        longest_seconds: float = LONGEST_SECONDS,
        wait_seconds: float = WAIT_SECONDS,
        most_pictures: int = MOST_PICTURES,
    ) -> None:
        self._command, self._most_pictures = tuple(command), most_pictures
        self._longest_seconds, self._wait_seconds = longest_seconds, wait_seconds
        self._own, self._lock = local(), Lock()
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._threads = ThreadPoolExecutor(count, "decoder")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def decode(self, sent: bytes, edge: int = EDGE_PIXELS) -> Pictures:
        """The picture in `sent`, at most `edge` pixels. Safe in any thread.

        Raises `PictureTooLarge`, `NotAPicture`, `DecodersBusy`.
        """
        if len(sent) > MOST_BYTES:
            raise PictureTooLarge()
        asked = self._threads.submit(self._decode, sent, edge)
        try:
            return asked.result(self._wait_seconds)
        except (TimeoutError, CancelledError):
            asked.cancel()
            raise DecodersBusy() from None

    def _decode(self, sent: bytes, edge: int) -> Pictures:
        """In a thread of the pool: what its process says, which is replaced where it fails."""
        place: _Decoder = self._own.__dict__.setdefault("decoder", _Decoder())
        if place.process is not None and place.process.poll() is not None:
            self._end(place)  # it died between two pictures: not the fault of this one
        process = place.process = place.process or self._start()
        place.done += 1
        try:
            answer = _ask(process, QUESTION.pack(len(sent), edge) + sent, self._longest_seconds)
            made = _read(answer)
        except (_Failed, OSError) as error:
            log.warning("decoder failed", reason=str(error), bytes=len(sent))
            self._end(place)
            raise NotAPicture() from error
        finally:
            if place.done >= self._most_pictures:
                self._end(place)
        return made

    def processes(self) -> frozenset[int]:
        """The ids of the processes that there are."""
        with self._lock:
            return frozenset(self._running)

    def close(self) -> None:
        """End the threads and the processes, busy ones too."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for process in self._running.values():
                process.kill()  # its thread, where it waits for it, sees that it is gone
        self._threads.shutdown()
        for process in list(self._running.values()):
            self._stop(process)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - our own module
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pipesize=PIPE_BYTES,  # a photo passes in a few steps and not in seventy
            cwd=ROOT,
            env={"PATH": os.environ.get("PATH", "")},  # none of our secrets
            start_new_session=True,  # Ctrl-C is for us; we end it
        )
        assert process.stdin is not None
        os.set_blocking(process.stdin.fileno(), False)  # it may never read what we write
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


def _ask(process: subprocess.Popen[bytes], question: bytes, seconds: float) -> bytes:
    """One question and its answer. Raises `_Failed`."""
    assert process.stdin is not None
    assert process.stdout is not None
    until = time.monotonic() + seconds
    _send(process.stdin.fileno(), question, until)
    (length,) = HEADER.unpack(_receive(process.stdout.fileno(), HEADER.size, until))
    if length > MOST_BYTES:
        raise _Failed("it answered more than any picture")
    return _receive(process.stdout.fileno(), length, until)


def _wait(handle: int, event: int, until: float) -> None:
    """Until the pipe is ready. Raises `_Failed` when the clock says `until`."""
    waiting = select.poll()  # `select.select` knows no more than 1,024 open files
    waiting.register(handle, event)
    if not waiting.poll(max(0.0, until - time.monotonic()) * 1000):
        raise _Failed("it took too long")


def _send(handle: int, question: bytes, until: float) -> None:
    """All of `question` before the clock says `until`. Raises `_Failed`."""
    left = memoryview(question)
    while left:
        _wait(handle, select.POLLOUT, until)
        try:
            left = left[os.write(handle, left[:PIPE_BYTES]) :]
        except BrokenPipeError:
            raise _Failed("it died") from None


def _receive(handle: int, length: int, until: float) -> bytes:
    """Exactly `length` bytes before the clock says `until`. Raises `_Failed`."""
    got = bytearray()
    while len(got) < length:
        _wait(handle, select.POLLIN, until)
        part = os.read(handle, min(length - len(got), PIPE_BYTES))
        if not part:
            raise _Failed("it died")
        got += part
    return bytes(got)


def _read(answer: bytes) -> Pictures:
    """What an answer says. Raises `PictureTooLarge`, `NotAPicture`, and `_Failed` where it says nothing."""
    if answer == TOO_LARGE:
        raise PictureTooLarge()
    if answer == NOT_A_PICTURE:
        raise NotAPicture()
    if not answer.startswith(PICTURE) or len(answer) <= 1 + SIZES.size:
        raise _Failed("it answered nonsense")
    width, height, *lengths = SIZES.unpack(answer[1 : 1 + SIZES.size])
    whole = answer[1 + SIZES.size :]
    picture, thumbnail = whole[: lengths[0]], whole[lengths[0] :]
    is_whole = [len(picture), len(thumbnail)] == lengths
    if not is_whole or not picture.startswith(JPEG) or not thumbnail.startswith(JPEG):
        raise _Failed("it answered nonsense")
    return Pictures(picture, thumbnail, width, height)
