"""The holders: enrolments, appointments, squads, shifts, filings, reports, codes, phones, and what was done."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from models.clock import local_date
from models.crypto import Vault
from models.district import Organisation
from models.domain_event import EventKind, forget_rider
from models.filing.tables import FilingLine, LineStatus
from models.matter import Matter, Result
from models.people.acts import acts_about
from models.people.enrolment import enrolments_of
from models.people.holding import Holder, Row, Whose
from models.people.leaving import end_enrolment, leave_all, sign_off_all
from models.people.squad_tables import Shift, ShiftPlace, Squad, SquadMember
from models.people.tables import Ending, EnrolmentStatus, GridMember, PersonalCode
from models.phone import Phone, phones_of
from models.protocol.schema import Title
from models.report.tables import OVER, Follower, Report, ReportEntry
from models.words import N_


def live_lines(session: Session, rider_id: UUID, at: datetime) -> Sequence[FilingLine]:
    """The rider's lines that are under consultation or whose pass runs or will run."""
    today = local_date(at)
    query = select(FilingLine).join(Matter, Matter.id == FilingLine.matter_id)
    is_open = (FilingLine.status == LineStatus.FILED) & Matter.result.is_distinct_from(Result.REFUSED)
    has_pass = (FilingLine.status == LineStatus.PASSED) & (FilingLine.ends_on >= today)
    return session.scalars(query.where(FilingLine.rider_id == rider_id, is_open | has_pass)).all()


def blank_lines(session: Session, vault: Vault, rider_id: UUID, at: datetime) -> None:
    """What is over keeps its place in the record and names nobody."""
    kept = {one.id for one in live_lines(session, rider_id, at)}
    for line in session.scalars(select(FilingLine).where(FilingLine.rider_id == rider_id)).all():
        if line.id not in kept:
            line.name_sealed = vault.seal("")
            line.plate_sealed = line.plate_index = line.note_sealed = line.photo = None


def _names(session: Session, ids: set[UUID]) -> dict[UUID, Title]:
    return {one.id: one.name for one in session.scalars(select(Organisation).where(Organisation.id.in_(ids)))}


def _opened(vault: Vault, sealed: str | None) -> str | None:
    return vault.open(sealed) if sealed else None


def _find_enrolments(session: Session, vault: Vault, whose: Whose) -> list[Row]:
    listed = enrolments_of(session, whose.phone_id, whose.rider_id)
    names = _names(session, {one.community_id for one in listed})
    return [
        {
            "organisation": names[one.community_id],
            "status": one.status.value,
            "name": _opened(vault, one.name_sealed),
            "phone": _opened(vault, one.phone_sealed),
            "platform": one.platform,
            "agreed_at": one.consented_at,
            "text": one.consent_version,
            "text_sha256": one.consent_sha256,
            "reason": _opened(vault, one.reason_sealed),
            "until": one.over_at,
        }
        for one in listed
    ]


def _erase_enrolments(session: Session, vault: Vault, whose: Whose) -> None:  # noqa: ARG001 - one shape for all holders
    for one in enrolments_of(session, whose.phone_id, whose.rider_id):
        if one.status is EnrolmentStatus.ASKED:
            one.move(EnrolmentStatus.WITHDRAWN, whose.at, Ending.ERASED)
        elif one.status is EnrolmentStatus.CONFIRMED:
            end_enrolment(session, one, Ending.ERASED, whose.at)
        one.reason_sealed = None


def _find_members(session: Session, vault: Vault, whose: Whose) -> list[Row]:
    query = select(GridMember).where(GridMember.rider_id == whose.rider_id).order_by(GridMember.id.desc())
    listed = session.scalars(query).all() if whose.rider_id else []
    names = _names(session, {one.community_id for one in listed})
    return [
        {
            "number": one.number,
            "organisation": names[one.community_id],
            "status": one.status.value,
            "since": one.starts_on,
            "until": one.ends_on,
            "area": one.area or None,
            "reason": _opened(vault, one.reason_sealed),
        }
        for one in listed
    ]


def _erase_members(session: Session, vault: Vault, whose: Whose) -> None:  # noqa: ARG001 - one shape for all holders
    if whose.rider_id is None:
        return
    leave_all(session, whose.rider_id, Ending.ERASED, whose.at)
    session.execute(update(GridMember).where(GridMember.rider_id == whose.rider_id).values(reason_sealed=None))


def _find_squads(session: Session, vault: Vault, whose: Whose) -> list[Row]:  # noqa: ARG001 - one shape for all holders
    query = (
        select(SquadMember, Squad.name)
        .join(Squad, Squad.id == SquadMember.squad_id)
        .where(SquadMember.rider_id == whose.rider_id)
        .order_by(SquadMember.id.desc())
    )
    listed = session.execute(query).all() if whose.rider_id else []
    return [
        {"squad": name, "is_leader": one.is_leader, "since": one.joined_at, "until": one.left_at}
        for one, name in listed
    ]


def _find_shifts(session: Session, vault: Vault, whose: Whose) -> list[Row]:  # noqa: ARG001 - one shape for all holders
    query = (
        select(ShiftPlace, Shift, Squad.name)
        .join(Shift, Shift.id == ShiftPlace.shift_id)
        .join(Squad, Squad.id == Shift.squad_id)
        .where(ShiftPlace.rider_id == whose.rider_id, ShiftPlace.off_at.is_(None))
        .order_by(Shift.starts_at.desc())
    )
    listed = session.execute(query).all() if whose.rider_id else []
    return [
        {"squad": name, "place": shift.place, "since": shift.starts_at, "until": shift.ends_at, "came": one.came}
        for one, shift, name in listed
    ]


def _erase_squads(session: Session, vault: Vault, whose: Whose) -> None:  # noqa: ARG001 - one shape for all holders
    _delete(session, SquadMember, whose)


def _erase_shifts(session: Session, vault: Vault, whose: Whose) -> None:  # noqa: ARG001 - one shape for all holders
    _delete(session, ShiftPlace, whose)


def _delete(session: Session, table: type[SquadMember] | type[ShiftPlace], whose: Whose) -> None:
    if whose.rider_id is not None:
        session.execute(delete(table).where(table.rider_id == whose.rider_id))


def _find_lines(session: Session, vault: Vault, whose: Whose) -> list[Row]:
    query = (
        select(FilingLine, Matter)
        .join(Matter, Matter.id == FilingLine.matter_id)
        .where(FilingLine.rider_id == whose.rider_id)
        .order_by(FilingLine.id.desc())
    )
    listed = session.execute(query).all() if whose.rider_id else []
    names = _names(session, {matter.organisation_id for _, matter in listed})
    return [
        {
            "reference": matter.reference,
            "organisation": names[matter.organisation_id],
            "status": line.status.value,
            "name": vault.open(line.name_sealed) or None,
            "platform": line.platform,
            "station": line.station or None,
            "plate": _opened(vault, line.plate_sealed),
            "note": _opened(vault, line.note_sealed),
            "since": line.starts_on,
            "until": line.ends_on,
        }
        for line, matter in listed
    ]


def _erase_lines(session: Session, vault: Vault, whose: Whose) -> None:
    if whose.rider_id is not None:
        blank_lines(session, vault, whose.rider_id, whose.at)


def _own_reports(whose: Whose) -> ColumnElement[bool]:
    unknown = (Report.phone_id == whose.phone_id) & Report.rider_id.is_(None)
    return unknown if whose.rider_id is None else unknown | (Report.rider_id == whose.rider_id)


def _find_reports(session: Session, vault: Vault, whose: Whose) -> list[Row]:
    listed = session.scalars(select(Report).where(_own_reports(whose)).order_by(Report.id.desc())).all()
    return [
        {
            "reference": one.reference,
            "category": one.category,
            "status": one.status.value,
            "words": _opened(vault, one.words_sealed),
            "place": _opened(vault, one.spot_sealed),
            "at": one.reported_at,
        }
        for one in listed
    ]


def _erase_reports(session: Session, vault: Vault, whose: Whose) -> None:  # noqa: ARG001 - one shape for all holders
    over = _own_reports(whose) & Report.status.in_(OVER)
    said = ReportEntry.report_id.in_(select(Report.id).where(over)) & ReportEntry.officer_id.is_(None)
    session.execute(update(ReportEntry).where(said).values(said_sealed=None))  # the chain holds digests: it stays whole
    session.execute(update(Report).where(over).values(words_sealed=None, spot_sealed=None))
    forget_rider(
        session, EventKind.REPORT_CONFIRMED, session.scalars(select(Report.id).where(_own_reports(whose))).all()
    )
    session.execute(update(Report).where(_own_reports(whose)).values(rider_id=None, phone_id=None))
    of_phone = Follower.phone_id == whose.phone_id
    mine = of_phone if whose.rider_id is None else of_phone | (Follower.rider_id == whose.rider_id)
    session.execute(delete(Follower).where(mine))


def _phones(session: Session, whose: Whose) -> Sequence[Phone]:
    if whose.rider_id is not None:
        return phones_of(session, whose.rider_id)
    found = session.get(Phone, whose.phone_id)
    return [found] if found else []


def _find_phones(session: Session, vault: Vault, whose: Whose) -> list[Row]:  # noqa: ARG001 - one shape for all holders
    return [{"since": one.made_at, "last_seen_at": one.seen_at} for one in _phones(session, whose)]


def _erase_phones(session: Session, vault: Vault, whose: Whose) -> None:  # noqa: ARG001 - one shape for all holders
    if whose.rider_id is not None:
        sign_off_all(session, whose.rider_id, whose.at)
    session.get_one(Phone, whose.phone_id).revoked_at = whose.at


def _find_codes(session: Session, vault: Vault, whose: Whose) -> list[Row]:  # noqa: ARG001 - one shape for all holders
    query = select(PersonalCode).where(PersonalCode.rider_id == whose.rider_id).order_by(PersonalCode.id.desc())
    listed = session.scalars(query).all() if whose.rider_id else []
    return [{"since": one.made_at, "until": one.expires_at, "by_officer": bool(one.made_by_id)} for one in listed]


def _find_acts(session: Session, vault: Vault, whose: Whose) -> list[Row]:  # noqa: ARG001 - one shape for all holders
    mine = [one.id for one in enrolments_of(session, whose.phone_id, whose.rider_id)]
    listed = acts_about(session, whose.rider_id, mine)
    return [{"act": one.kind.value, "by_officer": one.officer_id is not None, "at": one.at} for one in listed]


def _leave(session: Session, vault: Vault, whose: Whose) -> None:
    """Nothing to delete: it names nobody."""


ENROLMENTS = Holder(
    "enrolments",
    N_("Enrolments and consents"),
    N_(
        "Ended at once; name, number and reasons are deleted. That there was one, and the text agreed to, stays without a name as proof."
    ),
    _find_enrolments,
    _erase_enrolments,
)
MEMBERS = Holder(
    "appointments",
    N_("Appointments as grid member"),
    N_("Ended at once. Number and term stay in the community's register, without a name."),
    _find_members,
    _erase_members,
)
SQUADS = Holder("squads", N_("Squads"), N_("Deleted at once."), _find_squads, _erase_squads)
SHIFTS = Holder("shifts", N_("Shifts"), N_("Deleted at once."), _find_shifts, _erase_shifts)
FILINGS = Holder(
    "filings",
    N_("Access filings and passes"),
    N_(
        "Name, plate, note and photo are deleted once the filing is over. While it is under consultation or its pass runs it stays: the gates let you in by it."
    ),
    _find_lines,
    _erase_lines,
)
REPORTS = Holder(
    "reports",
    N_("Reports"),
    N_(
        "The report stays as the record of what was settled; nothing links it to you any more, and you get no more news of it. "
        "Your words go with the link where the report is over; while somebody still handles it, they stay with it."
    ),
    _find_reports,
    _erase_reports,
)
CODES = Holder(
    "codes",
    N_("Personal codes"),
    N_("Deleted at once. A code itself is never kept, only a check value."),
    _find_codes,
    _leave,
)
PHONES = Holder("phones", N_("Phones"), N_("Signed off at once, with all codes."), _find_phones, _erase_phones)
ACTS = Holder(
    "acts",
    N_("What was done about you"),
    N_("Stays without a name, so that it can be shown who did what and when."),
    _find_acts,
    _leave,
)
