"""Protocols in force, and the versions that consultations opened with.

Files say what is in force; the database keeps every version that was ever used, so that a consultation goes on by the
rules it began with whatever becomes of the file.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base
from models.errors import NotFound, RuleBroken
from models.protocol.canonical import from_data, to_data
from models.protocol.loading import load
from models.protocol.schema import Protocol
from models.upserting import insert_into
from models.words import N_

FOLDER = Path(__file__).parent.parent / "protocols"

_stored: "WeakKeyDictionary[Engine, dict[tuple[str, int], Protocol]]" = WeakKeyDictionary()


class ProtocolChanged(RuleBroken):
    """A version that was used already says something else now."""

    sentence = N_(
        "Protocol {name} version {version} has changed since it was used. Give the changed rules version {next}."
    )


class ProtocolVersion(Base):
    """One version of a protocol as it was first used; never changed."""

    __tablename__ = "protocol_version"
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str]
    data: Mapped[dict[str, Any]]
    stored_at: Mapped[datetime]


@cache
def load_all(folder: Path = FOLDER) -> dict[str, tuple[Protocol, ...]]:
    """Every protocol of the folder by name, oldest version first. Raises `ProtocolWrong`."""
    found: dict[str, list[Protocol]] = {}
    for path in sorted(folder.glob("*.yaml")):
        protocol = load(path)
        found.setdefault(protocol.name, []).append(protocol)
    return {name: tuple(sorted(listed, key=lambda one: one.version)) for name, listed in found.items()}


def current(name: str) -> Protocol:
    """The newest version of the protocol. Raises `NotFound`."""
    return versions(name)[-1]


def versions(name: str) -> Sequence[Protocol]:
    """All versions of the protocol, oldest first. Raises `NotFound`."""
    if name not in load_all():
        raise NotFound()
    return load_all()[name]


def store(session: Session, protocol: Protocol, at: datetime) -> None:
    """Keep this version for the consultations that open with it.

    Raises `ProtocolChanged` where the same version was kept with other rules.
    """
    kept = session.get(ProtocolVersion, (protocol.name, protocol.version))
    if kept is None:
        row = {
            "name": protocol.name,
            "version": protocol.version,
            "digest": protocol.digest,
            "data": to_data(protocol),
            "stored_at": at,
        }
        session.execute(insert_into(session, ProtocolVersion).values(row).on_conflict_do_nothing())
        kept = session.get_one(ProtocolVersion, (protocol.name, protocol.version))
    _refuse_change(kept, protocol)


def check_unchanged(session: Session) -> None:
    """Every version that was used says what it said. Raises `ProtocolWrong`, `ProtocolChanged`."""
    for protocol in (one for listed in load_all().values() for one in listed):
        kept = session.get(ProtocolVersion, (protocol.name, protocol.version))
        if kept is not None:
            _refuse_change(kept, protocol)


def _refuse_change(kept: ProtocolVersion, protocol: Protocol) -> None:
    if kept.digest != protocol.digest:
        raise ProtocolChanged(name=protocol.name, version=protocol.version, next=protocol.version + 1)


def load_stored(session: Session, name: str, version: int) -> Protocol:
    """The version that a consultation opened with; read once a process and database. Raises `NotFound`."""
    known = _known(session)
    protocol = known.get((name, version))
    if protocol is None:
        kept = session.get(ProtocolVersion, (name, version))
        if kept is None:
            raise NotFound()
        protocol = from_data(kept.data)
        known[name, version] = protocol
    return protocol


def _known(session: Session) -> dict[tuple[str, int], Protocol]:
    bind = session.get_bind()
    engine = bind.engine if isinstance(bind, Connection) else bind
    return _stored.setdefault(engine, {})
