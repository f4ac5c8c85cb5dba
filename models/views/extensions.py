"""Requests for more time 延期, as a matter's page shows them and as they wait for who decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.consultation.extending import requests_of
from models.consultation.tables import ExtensionRequest, ExtensionStatus, Stage
from models.matter import Matter, MatterKind
from models.officer import Identity, Role
from models.protocol.schema import Title
from models.views.naming import compound_names, organisation_names
from models.views.paging import count_some
from models.views.timeline import remarks_of

MOST_SHOWN = 50  # requests on the desk: they lapse within days


@dataclass(frozen=True, slots=True)
class ExtensionView:
    """A request for more time: from the deadline `due_at` to `until`. `reason` and `answer` are what was said with it."""

    id: UUID
    organisation: Title
    approver: Title
    status: ExtensionStatus
    due_at: datetime
    until: datetime
    asked_at: datetime
    reason: str
    answered_at: datetime | None
    answer: str
    is_mine_to_answer: bool


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request that waits for my organisation's answer, until `due_at` (exclusive)."""

    id: UUID
    matter_id: UUID
    reference: str
    kind: MatterKind
    compounds: tuple[Title, ...]
    line_count: int
    organisation: Title
    due_at: datetime
    until: datetime
    asked_at: datetime


def extensions_of(
    session: Session, who: Identity, opened: Sequence[Stage], at: datetime
) -> dict[UUID, tuple[ExtensionView, ...]]:
    """The requests of a matter's stages, by stage, oldest first."""
    tied = [one.id for one in opened if one.has_ties]
    found = requests_of(session, tied) if tied else ()
    if not found:
        return {}
    ids = {one for request in found for one in (request.organisation_id, request.approver_id)}
    names, words = organisation_names(session, ids), remarks_of(session, found[0].matter_id)
    by_stage: dict[UUID, tuple[ExtensionView, ...]] = {}
    for one in found:
        by_stage[one.stage_id] = (*by_stage.get(one.stage_id, ()), _extension(one, who, names, words, at))
    return by_stage


def _extension(
    one: ExtensionRequest, who: Identity, names: Mapping[UUID, Title], words: Mapping[int, str], at: datetime
) -> ExtensionView:
    is_open = one.status is ExtensionStatus.ASKED and at < one.due_at
    return ExtensionView(
        id=one.id,
        organisation=names[one.organisation_id],
        approver=names[one.approver_id],
        status=one.status,
        due_at=one.due_at,
        until=one.until,
        asked_at=one.asked_at,
        reason=words.get(one.asked_position, ""),
        answered_at=one.answered_at,
        answer=words.get(one.answered_position or 0, ""),
        is_mine_to_answer=is_open and one.approver_id == who.organisation_id and who.role is not Role.READER,
    )


def _mine(who: Identity, at: datetime) -> tuple[ColumnElement[bool], ...]:
    asked = ExtensionRequest.status == ExtensionStatus.ASKED
    return ExtensionRequest.approver_id == who.organisation_id, asked, ExtensionRequest.due_at > at


def requests_for(session: Session, who: Identity, at: datetime) -> tuple[RequestRow, ...]:
    """What waits for the organisation of `who` to grant or refuse, what lapses next first; at most `MOST_SHOWN`."""
    query = (
        select(ExtensionRequest, Matter.reference, Matter.kind, Matter.line_count)
        .join(Matter, ExtensionRequest.matter_id == Matter.id)
        .where(*_mine(who, at))
        .order_by(ExtensionRequest.due_at, ExtensionRequest.id)
        .limit(MOST_SHOWN)
    )
    found = session.execute(query).all()
    if not found:
        return ()
    names = organisation_names(session, (row[0].organisation_id for row in found))
    places = compound_names(session, [row[0].matter_id for row in found])
    return tuple(
        RequestRow(
            one.id,
            one.matter_id,
            reference,
            kind,
            places.get(one.matter_id, ()),
            line_count,
            names[one.organisation_id],
            one.due_at,
            one.until,
            one.asked_at,
        )
        for one, reference, kind, line_count in found
    )


def count_requests(session: Session, who: Identity, at: datetime) -> int:
    """How many of them there are, at most `MOST_COUNTED` + 1."""
    return count_some(session, select(ExtensionRequest.id).where(*_mine(who, at)))
