"""What every act on a seat shares: what came of it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of an act: the seat's new version, and whether the act settled its stage."""

    matter_id: UUID
    seat_id: UUID | None
    seat_version: int | None
    is_stage_settled: bool = False
