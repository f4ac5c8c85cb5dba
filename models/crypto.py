"""What the database must not give away: AES-GCM with the key's id in the value, HMAC for look-up (PIPL art. 51)."""

import base64
import hashlib
import hmac
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
SHORTEST_PLATE = 5  # of so few signs nothing is shown


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens personal values. `keys` maps an id to 32 bytes; `current` names the one that seals."""

    keys: dict[str, bytes]
    current: str
    index_key: bytes

    def seal(self, plain: str) -> str:
        """`<key id>.<base64 of nonce and ciphertext>`; a new nonce each time, so equal values differ."""
        nonce = os.urandom(NONCE_BYTES)
        body = _cipher(self.keys[self.current]).encrypt(nonce, plain.encode(), self.current.encode())
        return f"{self.current}.{base64.b64encode(nonce + body).decode()}"

    def open(self, sealed: str) -> str:
        """The plain value. Raises `cryptography.exceptions.InvalidTag` where altered, KeyError for a lost key."""
        key_id, body = sealed.split(".", 1)
        raw = base64.b64decode(body)
        opened = _cipher(self.keys[key_id]).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], key_id.encode())
        return opened.decode()

    def seal_bytes(self, plain: bytes) -> bytes:
        """The same for a file: key id, a dot, nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        body = _cipher(self.keys[self.current]).encrypt(nonce, plain, self.current.encode())
        return self.current.encode() + b"." + nonce + body

    def open_bytes(self, sealed: bytes) -> bytes:
        """The plain bytes. Raises `cryptography.exceptions.InvalidTag` where altered, KeyError for a lost key."""
        key_id, raw = sealed.split(b".", 1)
        return AESGCM(self.keys[key_id.decode()]).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], key_id)

    def blind(self, kind: str, plain: str) -> str:
        """HMAC-SHA256 as 64 hex digits: equal values of one kind (e.g. "phone") give equal words, and no way back."""
        return hmac.new(self.index_key, f"{kind}:{plain}".encode(), hashlib.sha256).hexdigest()


@cache
def _cipher(key: bytes) -> AESGCM:
    """Made once for each key: a list of 100,000 riders opens 300,000 values."""
    return AESGCM(key)


def open_vault(folder: Path) -> Vault:
    """The vault whose keys lie in `folder` (files `*.key`, mode 600); keys are made on first use."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    index_key = _key(folder / "index.key")
    ids = sorted(path.stem for path in folder.glob("seal-*.key")) or ["seal-1"]
    return Vault({key_id: _key(folder / f"{key_id}.key") for key_id in ids}, ids[-1], index_key)


def _key(path: Path) -> bytes:
    """Read a key, or make it; two processes that start together end with the same one."""
    if not path.exists():
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(32))
        with suppress(FileExistsError):
            os.link(fresh, path)  # whole or not at all; the first of two processes wins
        fresh.unlink()
    return path.read_bytes()


def mask_name(name: str) -> str:
    """`朱艳` → `朱*`; `欧阳海涛` → `欧***`: the first sign stays."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def mask_phone(phone: str) -> str:
    """`17082053948` → `170****3948`."""
    return f"{phone[:3]}****{phone[-4:]}"


def mask_plate(plate: str) -> str:
    """`豫H34135电` → `豫H***35电`: province and city, and the end."""
    return f"{plate[:2]}***{plate[-3:]}" if len(plate) > SHORTEST_PLATE else "***"
