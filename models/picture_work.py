"""A process that decodes pictures and can do nothing else: `python -m models.picture_work`.

Each question is the length of the file and the most pixels on an edge (four bytes each, big-endian), and the file. Each
answer is its own length, then one byte of kind, then for a picture width, height and the lengths of picture and thumbnail
(four bytes each), and both. The process limits itself before it reads anything: memory, open files, nothing written to
disk, no dump of its memory; its CPU time is counted anew for every picture.
"""

import math
import resource
import struct
import sys
from typing import BinaryIO

from models.picturing import MOST_BYTES, NotAPicture, PictureTooLarge, pictures_of

MEMORY_BYTES = 768 * 1024 * 1024  # address space: 40 megapixels in four channels, twice, and Python
CPU_SECONDS = 15  # for one picture; longer than whoever asks waits, so it counts where nobody waits any more
FILES = 16
QUESTION = struct.Struct(">II")
HEADER = struct.Struct(">I")
SIZES = struct.Struct(">IIII")
PICTURE, NOT_A_PICTURE, TOO_LARGE = b"P", b"N", b"L"


def limit() -> None:
    """Take the rights away that decoding does not need."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def renew() -> None:
    """Grant the CPU time of one picture more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def answer(sent: bytes, edge: int) -> bytes:
    """The answer to one file."""
    try:
        made = pictures_of(sent, edge)
    except PictureTooLarge:
        return TOO_LARGE
    except NotAPicture:
        return NOT_A_PICTURE
    sizes = SIZES.pack(made.width, made.height, len(made.picture), len(made.thumbnail))
    return PICTURE + sizes + made.picture + made.thumbnail


def work(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the questions end."""
    while len(head := questions.read(QUESTION.size)) == QUESTION.size:
        length, edge = QUESTION.unpack(head)
        if length > MOST_BYTES:  # whoever asks has looked before
            return
        renew()
        said = answer(questions.read(length), edge)
        answers.write(HEADER.pack(len(said)) + said)
        answers.flush()


if __name__ == "__main__":
    limit()
    work(sys.stdin.buffer, sys.stdout.buffer)
