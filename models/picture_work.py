"""A process that decodes pictures and can do nothing else: `python -m models.picture_work`.

Each question is four bytes of length (big-endian) and the file; each answer one byte of kind, then for a picture width,
height and the lengths of picture and thumbnail (four bytes each), and both. The process limits itself before it reads
anything: memory, open files, nothing written to disk, no dump of its memory.
"""

import resource
import struct
import sys
from typing import BinaryIO

from models.picturing import MOST_BYTES, NotAPicture, PictureTooLarge, pictures_of

MEMORY_BYTES = 768 * 1024 * 1024  # address space: 40 megapixels in four channels, twice, and Python
CPU_SECONDS = 300  # of its whole life
FILES = 16
HEADER = struct.Struct(">I")
SIZES = struct.Struct(">IIII")
PICTURE, NOT_A_PICTURE, TOO_LARGE = b"P", b"N", b"L"


def limit() -> None:
    """Take the rights away that decoding does not need."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def answer(sent: bytes) -> bytes:
    """The answer to one file."""
    try:
        made = pictures_of(sent)
    except PictureTooLarge:
        return TOO_LARGE
    except NotAPicture:
        return NOT_A_PICTURE
    sizes = SIZES.pack(made.width, made.height, len(made.picture), len(made.thumbnail))
    return PICTURE + sizes + made.picture + made.thumbnail


def work(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the questions end."""
    while len(head := questions.read(HEADER.size)) == HEADER.size:
        (length,) = HEADER.unpack(head)
        if length > MOST_BYTES:  # whoever asks has looked before
            return
        said = answer(questions.read(length))
        answers.write(HEADER.pack(len(said)) + said)
        answers.flush()


if __name__ == "__main__":
    limit()
    work(sys.stdin.buffer, sys.stdout.buffer)
