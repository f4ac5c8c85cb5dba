"""The administrator's lists as they are taken out: officers, organisations, absences and the log; and letters."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from models.export.rows import NO, YES, Cell, Column, Line, Taking, walked
from models.staff_act import StaffActView, staff_acts
from models.staffing import search_organisations
from models.views.letters import NoticeRow, notices_for
from models.views.paging import Page, Turn
from models.views.staff import OfficerFilters, OfficerRow, absences_looked_after, officers_listed
from models.views.states import STAFF_ACTS
from models.words import N_, Sentence

OFFICERS = (
    Column(N_("Name"), 14),
    Column(N_("E-mail address"), 34),
    Column(N_("Organisation"), 26),
    Column(N_("Role"), 28),
    Column(N_("Administrator"), 12),
    Column(N_("Second factor"), 12),
    Column(N_("Status"), 12),
)
ORGANISATIONS = (
    Column(N_("Organisation code"), 24),
    Column(N_("Kind of party"), 18),
    Column(N_("Name in Chinese"), 26),
    Column(N_("Name in English"), 36),
    Column(N_("Function"), 20),
    Column(N_("Superior"), 26),
    Column(N_("Lead department"), 14),
)
ABSENCES = (
    Column(N_("Officer"), 14),
    Column(N_("Organisation"), 26),
    Column(N_("First day away"), 14),
    Column(N_("Last day away"), 14),
    Column(N_("Deputy"), 14),
    Column(N_("Deputy's organisation"), 26),
    Column(N_("Now"), 8),
)
LOG = (
    Column(N_("When"), 20),
    Column(N_("Organisation"), 26),
    Column(N_("Officer"), 14),
    Column(N_("What was done"), 60),
)
LETTERS = (
    Column(N_("When"), 20),
    Column(N_("Letter"), 22),
    Column(N_("Reference"), 18),
    Column(N_("To"), 14),
    Column(N_("E-mail address"), 34),
    Column(N_("Status"), 24),
    Column(N_("Sent on"), 20),
)


@dataclass(frozen=True, slots=True)
class Named:
    """Those whose name or code has `words`."""

    words: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """A list that is taken out as it is."""


def officer_lines(taking: Taking, filters: OfficerFilters) -> Iterator[Line]:
    """The officers in the order in which they came. Raises `NotAllowed`, `TakeHatOff`."""

    def read(session: Session, turn: Turn[UUID]) -> Page[OfficerRow, UUID]:
        return officers_listed(session, taking.who, filters, taking.at, turn.after, turn.limit)

    for one in walked(taking.database, read):
        yield Line(None, (one.name, one.email, one.organisation, one.role, *_standing(one)))


def _standing(one: OfficerRow) -> tuple[Cell, ...]:
    words = ((not one.is_active, N_("has left")), (not one.has_password, N_("invited")), (one.is_away, N_("away")))
    status = next((word for is_so, word in words if is_so), N_("active"))
    return _whether(one.is_administrator), _whether(one.has_second_factor), Sentence(status)


def _whether(is_so: bool) -> Sentence:
    return YES if is_so else NO


def organisation_lines(taking: Taking, filters: Named) -> Iterator[Line]:
    """The district's organisations by party and code."""
    with taking.database.reading() as session:
        found = search_organisations(session, filters.words)
        names = {one.id: one.name for one in search_organisations(session)}
    for one in found:
        superior = names.get(one.parent_id) if one.parent_id else None
        said = (one.code, one.party, one.name_zh, one.name_en, one.function, superior, _whether(bool(one.is_lead)))
        yield Line(None, said)


def absence_lines(taking: Taking, _: Whole) -> Iterator[Line]:
    """The absences that are not over, the nearest first; both days are inclusive. Raises `NotAllowed`, `TakeHatOff`."""
    with taking.database.reading() as session:
        found = absences_looked_after(session, taking.who, taking.at)
    for one in found:
        away = (one.officer, one.organisation, one.first_on, one.last_on)
        yield Line(None, (*away, one.deputy, one.deputy_organisation, _whether(one.is_now)))


def log_lines(taking: Taking, _: Whole) -> Iterator[Line]:
    """What was done about people, the newest first. Raises `NotAllowed`, `TakeHatOff`."""

    def read(session: Session, turn: Turn[UUID]) -> Page[StaffActView, UUID]:
        return staff_acts(session, taking.who, turn.after, turn.limit)

    for one in walked(taking.database, read):
        said = Sentence(STAFF_ACTS[one.kind], {"actor": one.actor, "officer": one.officer, "other": one.other})
        yield Line(None, (one.at, one.organisation, one.actor, said))


def letter_lines(taking: Taking, _: Whole) -> Iterator[Line]:
    """The letters to the officer, to everybody for an administrator, the newest first; not what they say."""

    def read(session: Session, turn: Turn[UUID]) -> Page[NoticeRow, UUID]:
        return notices_for(session, taking.who, turn.after, turn.limit)

    for one in walked(taking.database, read):
        to = (one.officer, one.email)
        yield Line(one.matter_id, (one.created_at, one.letter, one.reference, *to, one.status, one.sent_at))
