"""Photos of riders: made small and plain before they are kept, sealed under their content's hash."""

import hashlib
import os
from pathlib import Path

from models.crypto import Vault
from models.errors import NotFound, RuleBroken
from models.picturing import MOST_PIXELS, Decode, NotAPicture, PictureTooLarge
from models.words import N_

MOST_BYTES = 5 * 1024 * 1024
EDGE_PIXELS = 600


class PhotoTooLarge(RuleBroken):
    """More bytes or pixels than a portrait needs."""

    sentence = N_("The photo is too large. Send one of at most {megabytes} MB and {megapixels} million pixels.")
    status = 413

    def __init__(self) -> None:
        super().__init__(megabytes=MOST_BYTES // 1024 // 1024, megapixels=MOST_PIXELS // 1_000_000)


class NotAPhoto(RuleBroken):
    """Not a picture that we read."""

    sentence = N_("This file is not a photo that can be read. Send a JPEG, PNG or WebP picture.")
    status = 415


def reduce(sent: bytes, decode: Decode, edge: int = EDGE_PIXELS, most_bytes: int = MOST_BYTES) -> bytes:
    """A JPEG of at most `edge` pixels on the longer edge, upright, without metadata such as the place it was taken.

    `decode`: the decoders' processes, since this comes from strangers. Raises `PhotoTooLarge`, `NotAPhoto`, `DecodersBusy`.
    """
    if len(sent) > most_bytes:
        raise PhotoTooLarge()
    try:
        return decode(sent, edge).picture
    except PictureTooLarge as broken:
        raise PhotoTooLarge() from broken
    except NotAPicture as broken:
        raise NotAPhoto() from broken


def keep(folder: Path, vault: Vault, photo: bytes) -> str:
    """Write the photo sealed; returns its SHA-256 in hex, its name. The same photo is kept once."""
    digest = hashlib.sha256(photo).hexdigest()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / digest
    try:
        os.utime(path)  # young again: whoever sent it now has a day to name it
    except FileNotFoundError:
        part = path.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}")
        part.touch(mode=0o600)
        part.write_bytes(vault.seal_bytes(photo))
        part.replace(path)  # never half there
    return digest


def fetch(folder: Path, vault: Vault, digest: str) -> bytes:
    """The photo of that name. Raises `NotFound`."""
    try:
        return vault.open_bytes((folder / digest).read_bytes())
    except FileNotFoundError as error:
        raise NotFound() from error
