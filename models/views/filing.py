"""A matter on one page: what it is about, the five parties' standing, timeline, rounds, letters, resolution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import record, resolution
from models.attachment import AttachmentView, attachments_of
from models.comment import ENTRIES, CommentView, comments_of
from models.consultation.drafting import SavedDraft, drafts_of
from models.consultation.tables import SeatStatus
from models.crypto import Vault
from models.district import District, get_organisation
from models.filing.tables import Filing, FilingLine, LineStatus
from models.matter import Matter, MatterKind, MatterStatus, Result, visible
from models.officer import Identity
from models.protocol.schema import Protocol, Title
from models.read_mark import is_unread
from models.views.doings import Doings, doings_of
from models.views.lines import LineView, read_lines
from models.views.naming import compound_names, officer_names
from models.views.paging import Page
from models.views.standing import ComingStage, SeatView, StageView, Standing, standing_of
from models.views.timeline import EntryView, LetterView, RoundView, letters_of, rounds_of, timeline
from models.views.training import TimetableView, training_view
from models.views.whistles import WhistleView, whistle_view

LINES_A_PAGE = 100
TALKED = frozenset(ENTRIES.values())


@dataclass(frozen=True, slots=True)
class ResolutionView:
    """The resolution; `check` is the word of its public check page."""

    number: str
    result: Result
    at: datetime
    check: str


@dataclass(frozen=True, slots=True)
class FilingView:
    """Everything its page shows. `trouble`: the engine's last failure; `my_seats`: where I may answer now.

    A filing has its period, its note and its lines; a whistle has `whistle` in their place, a timetable `training`.
    """

    matter_id: UUID
    reference: str
    kind: MatterKind
    status: MatterStatus
    result: Result | None
    version: int
    district: Title
    filer_id: UUID
    filer: Title
    officer: str
    submitted_at: datetime
    trouble: str | None
    stuck_at: datetime | None
    late_since: datetime | None
    compounds: tuple[Title, ...]
    protocol_name: str
    protocol_title: Title
    protocol_version: int
    starts_on: date | None
    ends_on: date | None
    note: str
    whistle: WhistleView | None
    training: TimetableView | None
    line_count: int
    line_counts: dict[LineStatus, int]
    lines: Page[LineView, int]
    stages: tuple[StageView, ...]
    coming: tuple[ComingStage, ...]
    timeline: tuple[EntryView, ...]
    rounds: tuple[RoundView, ...]
    letters: tuple[LetterView, ...]
    resolution: ResolutionView | None
    passes: int
    my_seats: tuple[SeatView, ...]
    may_submit_again: bool
    may_add_photos: bool
    is_new_to_me: bool
    doings: Doings
    comments: tuple[CommentView, ...]
    attachments: tuple[AttachmentView, ...]
    drafts: Mapping[UUID, SavedDraft]  # this officer's, by seat
    is_unread: bool

    @property
    def seen(self) -> int:
        """The position of the newest entry of the record that this view knows."""
        return self.timeline[-1].position if self.timeline else 0

    @property
    def is_stuck(self) -> bool:
        """Whether the engine has given up until somebody puts right what is wrong."""
        return self.stuck_at is not None


def filing_view(
    session: Session,
    who: Identity,
    vault: Vault,
    matter_id: UUID,
    at: datetime,
    *,
    lines_after: int = 0,
    lines_limit: int = LINES_A_PAGE,
) -> FilingView:
    """The filing as `who` may see it at `at`. Raises `NotFound`."""
    matter = visible(session, matter_id, who)
    lines = read_lines(session, vault, matter_id, lines_after, lines_limit)
    standing = standing_of(session, who, matter, at)
    doings = doings_of(session, who, matter, standing, at)
    chain = record.entries(session, matter_id)
    kinds = {entry.kind for entry in chain}  # the record tells what there is to be looked for
    said = Said(
        chain,
        tuple(comments_of(session, matter_id)) if kinds & TALKED else (),
        tuple(attachments_of(session, vault, matter_id)) if "attached" in kinds else (),
        drafts_of(session, who, [seat.id for seat in standing.seats if seat.can_answer]),
        whistle_view(session, who, matter, kinds),
        training_view(session, who, matter),
    )
    return _assemble(session, who, standing, matter, lines, doings, said)


@dataclass(frozen=True, slots=True)
class Said:
    """The record of the matter, what was said and added beside the opinions, and what a whistle or a timetable asks."""

    chain: Sequence[record.RecordEntry]
    comments: tuple[CommentView, ...]
    attachments: tuple[AttachmentView, ...]
    drafts: Mapping[UUID, SavedDraft]
    whistle: WhistleView | None
    training: TimetableView | None


def _assemble(
    session: Session,
    who: Identity,
    standing: Standing,
    matter: Matter,
    lines: Page[LineView, int],
    doings: Doings,
    said: Said,
) -> FilingView:
    chain, counts = said.chain, _line_counts(session, matter.id)
    return FilingView(
        **_head(session, matter, standing.protocol),
        whistle=said.whistle,
        training=said.training,
        line_count=matter.line_count,
        line_counts=counts,
        lines=lines,
        stages=standing.stages,
        coming=standing.coming,
        timeline=timeline(session, matter.id, chain, standing.protocol),
        rounds=rounds_of(session, chain),
        letters=letters_of(session, matter.id),
        resolution=_resolution(session, matter.id),
        passes=counts.get(LineStatus.PASSED, 0),
        my_seats=tuple(seat for seat in standing.seats if seat.can_answer),
        may_submit_again=_is_own(matter, who) and matter.status is MatterStatus.RETURNED,
        may_add_photos=matter.kind is MatterKind.ACCESS_FILING and _is_own(matter, who) and not is_concluded(matter),
        is_new_to_me=is_new_to(standing),
        doings=doings,
        comments=said.comments,
        attachments=said.attachments,
        drafts=said.drafts,
        is_unread=is_unread(session, who.officer_id, matter),
    )


def _head(session: Session, matter: Matter, protocol: Protocol) -> dict[str, Any]:
    """What stands at the top of the page."""
    filing = session.get(Filing, matter.id) if matter.kind is MatterKind.ACCESS_FILING else None
    return {
        "matter_id": matter.id,
        "reference": matter.reference,
        "kind": matter.kind,
        "status": matter.status,
        "result": matter.result,
        "version": matter.version,
        "district": _district(session, matter),
        "filer_id": matter.organisation_id,
        "filer": get_organisation(session, matter.organisation_id).name,
        "officer": officer_names(session, [matter.officer_id])[matter.officer_id],
        "submitted_at": matter.submitted_at,
        "trouble": matter.trouble,
        "stuck_at": matter.stuck_at,
        "late_since": matter.late_since,
        "compounds": compound_names(session, [matter.id]).get(matter.id, ()),
        "protocol_name": protocol.name,
        "protocol_title": protocol.title,
        "protocol_version": protocol.version,
        "starts_on": filing and filing.starts_on,
        "ends_on": filing and filing.ends_on,
        "note": filing.note if filing else "",
    }


def timeline_view(session: Session, who: Identity, matter_id: UUID, at: datetime) -> tuple[EntryView, ...]:
    """The record of a matter with names. Raises `NotFound`."""
    matter = visible(session, matter_id, who)
    protocol = standing_of(session, who, matter, at).protocol
    return timeline(session, matter_id, record.entries(session, matter_id), protocol)


def is_concluded(matter: Matter) -> bool:
    """Whether nothing more will happen to it."""
    return matter.status in {MatterStatus.AGREED, MatterStatus.REFUSED}


def is_new_to(standing: Standing) -> bool:
    """Whether a seat of mine is asked and nobody of my organisation has looked yet."""
    return any(seat.is_mine and seat.status is SeatStatus.ASKED and seat.looked_at is None for seat in standing.seats)


def _is_own(matter: Matter, who: Identity) -> bool:
    return matter.organisation_id == who.organisation_id


def _district(session: Session, matter: Matter) -> Title:
    district = session.get_one(District, matter.district_id)
    return Title(district.name_zh, district.name_en)


def _line_counts(session: Session, matter_id: UUID) -> dict[LineStatus, int]:
    query = select(FilingLine.status, func.count()).where(FilingLine.matter_id == matter_id)
    return dict(session.execute(query.group_by(FilingLine.status)).all())


def _resolution(session: Session, matter_id: UUID) -> ResolutionView | None:
    found = resolution.of_matter(session, matter_id)
    return found and ResolutionView(found.number, found.result, found.at, found.check)
