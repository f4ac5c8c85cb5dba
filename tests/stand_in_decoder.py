"""A decoder that fails as its file says: `python -m tests.stand_in_decoder`, in the place of `models.picture_work`.

With a word on its command line it does not even read.
"""

import os
import sys
import time
from pathlib import Path

from models.picture_work import HEADER, PICTURE, QUESTION, SIZES, answer, limit


def hang(_: bytes, path: str) -> bytes:
    """Say that it has begun, and never end."""
    Path(path).touch()
    time.sleep(600)
    return b""


def die(*_: object) -> bytes:
    """As where a decoder is led to write where it must not."""
    os.abort()


def fill(*_: object) -> bytes:
    """Take more memory than there is for it."""
    return bytes(1 << 30)


def leave(_: bytes, path: str) -> bytes:
    """Write to the disk."""
    with Path(path).open("wb") as written:
        written.write(b"taken over")
    return PICTURE


SAID = {
    "nothing": b"",
    "another kind": b"X",
    "no sizes": PICTURE,
    "too short": PICTURE + SIZES.pack(8, 8, 100, 100) + b"\xff\xd8\xff",
    "no jpeg": PICTURE + SIZES.pack(8, 8, 6, 6) + b"<html><html>",
}
WAYS = {"hang": hang, "die": die, "fill": fill, "leave": leave, "say": lambda _, word: SAID[word]}


def work() -> None:
    """Answer until the questions end."""
    while head := sys.stdin.buffer.read(QUESTION.size):
        length, edge = QUESTION.unpack(head)
        sent = sys.stdin.buffer.read(length)
        way, _, rest = sent.partition(b" ")
        if sent == b"flood":
            os.write(1, HEADER.pack(0xFFFFFFFF))
            continue
        known = WAYS.get(way.decode("latin-1"))
        said = known(sent, rest.decode()) if known else answer(sent, edge)
        os.write(1, HEADER.pack(len(said)) + said)


if __name__ == "__main__":
    limit()
    if sys.argv[1:]:
        time.sleep(600)
    work()
