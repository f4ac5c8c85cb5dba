"""The protocols that there are: for each kind of matter the current one and those it had before."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.matter import MatterKind
from models.protocol.schema import Protocol
from models.protocol.storing import ProtocolVersion, current, load_stored


@dataclass(frozen=True, slots=True)
class ProtocolVersions:
    """A protocol as new consultations open with it, and all versions that consultations have used, oldest first."""

    protocol: Protocol
    versions: tuple[int, ...]


def protocols(session: Session) -> Sequence[ProtocolVersions]:
    """The protocol of each kind of matter."""
    rows = session.execute(select(ProtocolVersion.name, ProtocolVersion.version)).all()
    stored = {(name, version) for name, version in rows}
    found = [current(kind.value) for kind in MatterKind]
    return [ProtocolVersions(one, _versions(one, stored)) for one in found]


def _versions(protocol: Protocol, stored: set[tuple[str, int]]) -> tuple[int, ...]:
    return tuple(sorted({version for name, version in stored if name == protocol.name} | {protocol.version}))


def protocol_view(session: Session, name: str, version: int | None = None) -> Protocol:
    """The protocol of that name in a version (None: the current one). Raises `NotFound`."""
    found = next((one for one in protocols(session) if one.protocol.name == name), None)
    if found is None or (version is not None and version not in found.versions):
        raise NotFound()
    if version in {None, found.protocol.version}:
        return found.protocol
    return load_stored(session, name, version or 0)
