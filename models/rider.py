"""Riders 骑手: one row for each person, known again by the phone whatever its spelling."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, uuid7
from models.crypto import Vault
from models.upserting import insert_into

PHONE = "phone"
NAME = "name"
PLATE = "plate"
LOOKUP_CHUNK = 500  # values in one IN list


class Rider(Base):
    """A rider. Name and phone are sealed (AES-GCM); `phone_index` finds the rider again without opening them."""

    __tablename__ = "rider"
    __table_args__ = (UniqueConstraint("district_id", "phone_index"), Index("ix_rider_name", "name_index"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    name_sealed: Mapped[str]
    name_index: Mapped[str]
    phone_sealed: Mapped[str]
    phone_index: Mapped[str]
    known_at: Mapped[datetime]


def known(session: Session, district_id: UUID, phone_indexes: Sequence[str]) -> dict[str, Rider]:
    """The riders of these blind indexes, by index."""
    found: dict[str, Rider] = {}
    for start in range(0, len(phone_indexes), LOOKUP_CHUNK):
        part = phone_indexes[start : start + LOOKUP_CHUNK]
        query = select(Rider).where(Rider.district_id == district_id, Rider.phone_index.in_(part))
        found |= {rider.phone_index: rider for rider in session.scalars(query)}
    return found


def recognise(
    session: Session, vault: Vault, district_id: UUID, people: Iterable[tuple[str, str]], at: datetime
) -> Mapping[str, UUID]:
    """Ids of the riders (name, 11-digit phone), by phone; whoever is not known yet becomes known."""
    listed = {phone: name for name, phone in people}
    indexes = {phone: vault.blind(PHONE, phone) for phone in listed}
    found = known(session, district_id, list(indexes.values()))
    rows = [
        {
            "id": uuid7(),
            "district_id": district_id,
            "name_sealed": vault.seal(name),
            "name_index": vault.blind(NAME, name),
            "phone_sealed": vault.seal(phone),
            "phone_index": indexes[phone],
            "known_at": at,
        }
        for phone, name in listed.items()
        if indexes[phone] not in found
    ]
    for start in range(0, len(rows), LOOKUP_CHUNK):
        part = rows[start : start + LOOKUP_CHUNK]
        session.execute(insert_into(session, Rider).values(part).on_conflict_do_nothing())
    if rows:
        found = known(session, district_id, list(indexes.values()))
    return {phone: found[index].id for phone, index in indexes.items()}
