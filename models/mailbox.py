"""The mailbox: letters kept as files under the state folder where no mail provider is set.

One file for each notice, `<notice id>.json`. Notice ids grow with time (RFC 9562, version 7), so the names sort by age.
"""

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from models.errors import NotFound

END = ".json"
PROVIDER = "mailbox"  # its name in the receipts of notices
PILOT = "pilot"  # the same, of letters that lie here since they are to nobody of the pilot's team
SANDBOX = "sandbox"  # letters that a provider has looked at and thrown away


@dataclass(frozen=True, slots=True)
class Message:
    """A letter to one address, ready to be sent. `at`: the instant (aware) at which it is."""

    notice_id: UUID
    to: str
    subject: str
    text: str
    html: str
    language: str
    letter: str
    at: datetime


def folder_under(state_dir: Path) -> Path:
    """Where the letters lie."""
    return state_dir / "mailbox"


def write_letter(folder: Path, message: Message) -> bool:
    """Keep a letter, whole or not at all; a notice that is sent again leaves the first letter. Returns whether it is new.

    Raises `OSError` where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = _path(folder, message.notice_id)
    if path.exists():
        return False
    kept = asdict(message) | {"notice_id": str(message.notice_id), "at": message.at.isoformat()}
    beside = folder / f".{message.notice_id}.{secrets.token_hex(4)}"
    try:
        beside.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
        os.link(beside, path)  # unlike a rename it never replaces a letter that another process has just kept
    except FileExistsError:
        return False
    finally:
        beside.unlink(missing_ok=True)
    return True


def list_letters(folder: Path, limit: int, before: UUID | None = None) -> Sequence[Message]:
    """Up to `limit` letters of everybody, the newest first; with `before`, those older than that notice's."""
    ids = sorted((one for one in _ids(folder) if before is None or one < before), reverse=True)
    return [read_letter(folder, one) for one in ids[:limit]]


def read_letter(folder: Path, notice_id: UUID) -> Message:
    """The letter of a notice. Raises `NotFound`."""
    try:
        kept: dict[str, Any] = json.loads(_path(folder, notice_id).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFound from None
    kept["notice_id"] = UUID(kept["notice_id"])
    kept["at"] = datetime.fromisoformat(kept["at"])
    return Message(**kept)


def _path(folder: Path, notice_id: UUID) -> Path:
    return folder / f"{notice_id}{END}"


def _ids(folder: Path) -> Iterator[UUID]:
    """The notices that have a letter; other files in the folder are passed over."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.suffix == END:
            try:
                yield UUID(path.stem)
            except ValueError:
                continue
