"""Deputies 代理: who stands in for an officer who is away from one instant until another (half-open, exclusive end).

At any instant an officer has at most one deputy. A deputy who is away too is stood in for by the own deputy, in chains
of at most `LONGEST_CHAIN` that never come back to where they began.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, ForeignKey, Index, bindparam, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, UtcDateTime, uuid7
from models.clock import SHANGHAI
from models.district import District, get_organisation
from models.errors import NotAllowed, NotFound, RuleBroken
from models.keeping import kept
from models.notice import writing
from models.notice.tables import Letter
from models.officer import WITH_PREFERENCE, Identity, Officer, Role, can_act
from models.staff_act import About, StaffActKind, TakeHatOff, may_manage, write_act
from models.words import N_

LONGEST_CHAIN = 3  # of deputies one after another
LONGEST_ABSENCE = timedelta(days=366)


class AbsenceTimesWrong(RuleBroken):
    """An absence is a period that is not over yet."""

    sentence = N_("The last day must not lie before the first, nor before today. Put the days right.")
    status = 422


class AbsenceTooLong(RuleBroken):
    """Who is away for years has left."""

    sentence = N_("An absence is at most {days} days long. For somebody who leaves, hand the seats over instead.")
    status = 422


class AbsencesOverlap(RuleBroken):
    """One deputy at a time."""

    sentence = N_("There is an absence in these days already. Cancel that one first, or choose other days.")


class NoSuchDeputy(RuleBroken):
    """A deputy is another active officer who may act."""

    sentence = N_("Choose another officer as deputy, one who is active and whose role is not only to read.")
    status = 422


class NothingToDeputise(RuleBroken):
    """A reader's absence leaves nothing undone."""

    sentence = N_("A role that only reads needs no deputy. Nothing has to be done.")
    status = 422


class DeputiesInCircle(RuleBroken):
    """In the end somebody would stand in for themselves."""

    sentence = N_(
        "{name} is away in these days, and the deputy in the end would be the absent officer. Choose another."
    )


class ChainTooLong(RuleBroken):
    """Too many who pass it on."""

    sentence = N_(
        "In these days more than {most} deputies would follow one upon the other. Choose somebody who is present."
    )


class AbsenceOver(RuleBroken):
    """Nothing is left to cancel."""

    sentence = N_("This absence is over or was cancelled already. Nothing has to be done.")


class Absence(Base):
    """One absence of an officer, with the deputy. Cancelled ones stay, for the log."""

    __tablename__ = "absence"
    __table_args__ = (
        Index("ix_absence_officer", "officer_id", "ends_at"),
        Index("ix_absence_deputy", "deputy_id", "ends_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    deputy_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]  # exclusive
    created_by_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """`deputy_id` stands in for `officer_id` from `starts_at` until `ends_at` (exclusive)."""

    officer_id: UUID
    deputy_id: UUID
    starts_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at `at`."""
        return self.starts_at <= at < self.ends_at

    def overlaps(self, other: "Standing") -> bool:
        """Whether both are in force at some instant."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a new standing at some instant: a circle that closes through `through`, or a long chain."""

    through: UUID | None = None


def whole_days(first: date, last: date) -> tuple[datetime, datetime]:
    """The instants from which and until which (exclusive) whole days in Shanghai last, both inclusive."""
    begin, end = (datetime.combine(day, time.min, SHANGHAI) for day in (first, last + timedelta(days=1)))
    return begin.astimezone(UTC), end.astimezone(UTC)


def chain_of(standings: Iterable[Standing], officer_id: UUID, at: datetime) -> tuple[UUID, ...]:
    """Who follows upon the officer at `at`: the deputy, the deputy's deputy … Ends before a circle would close."""
    by_officer = {one.officer_id: one.deputy_id for one in standings if one.holds(at)}
    found: list[UUID] = []
    now = officer_id
    while (now := by_officer.get(now, officer_id)) != officer_id and now not in found:
        found.append(now)
    return tuple(found)


def trouble_of(new: Standing, known: Sequence[Standing]) -> Trouble | None:
    """What would go wrong at some instant of `new` beside the `known` ones, which go well together; None if nothing.

    What holds changes only where a known one begins, so the beginnings are looked at, and that of `new`.
    """
    beside = [one for one in known if one.overlaps(new)]
    looked_at = {new.starts_at} | {one.starts_at for one in beside if one.starts_at > new.starts_at}
    for at in sorted(looked_at):
        onward = chain_of(beside, new.deputy_id, at)
        if new.officer_id in (new.deputy_id, *onward):
            return Trouble(new.deputy_id)
        if _behind(beside, new.officer_id, at) + 1 + len(onward) > LONGEST_CHAIN:
            return Trouble()
    return None


def _behind(standings: Sequence[Standing], officer_id: UUID, at: datetime) -> int:
    """The length of the longest chain at `at` that ends at the officer."""
    depth, level = 0, {officer_id}
    while level := {one.officer_id for one in standings if one.holds(at) and one.deputy_id in level}:
        depth += 1
    return depth


def appoint(
    session: Session,
    who: Identity,
    officer_id: UUID,
    deputy_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
) -> Absence:
    """Record that the officer is away from `starts_at` until `ends_at` (exclusive), and who stands in; tell the deputy.

    By the officer, a manager of the organisation, or the administrator. Raises `NotFound`, `NotAllowed`, `TakeHatOff`
    and the rules of this module.
    """
    officer = _subject(session, who, officer_id)
    _check_times(starts_at, ends_at, at)
    if officer.role is Role.READER:
        raise NothingToDeputise()
    deputy = _deputy(session, officer.id, deputy_id)
    _lock(session)
    new = Standing(officer.id, deputy.id, starts_at, ends_at)
    absence = _keep(session, new, deputy.name, who.officer_id, at)
    _tell_deputy(session, absence, officer, deputy, at)
    details = {"from": starts_at.isoformat(), "until": ends_at.isoformat()}
    about = About(officer.organisation_id, officer.id, deputy.id, details)
    write_act(session, who.officer_id, StaffActKind.DEPUTY_APPOINTED, about, at)
    return absence


def cancel(session: Session, who: Identity, absence_id: UUID, at: datetime) -> Absence:
    """The officer is back, or does not leave: from now on nobody stands in, and the deputy is told.

    Raises `NotFound`, `NotAllowed`, `TakeHatOff`, `AbsenceOver`.
    """
    absence = session.get(Absence, absence_id, with_for_update=True)
    if absence is None:
        raise NotFound()
    officer = _subject(session, who, absence.officer_id)
    if absence.cancelled_at is not None or absence.ends_at <= at:
        raise AbsenceOver()
    absence.cancelled_at = at
    _tell_deputy(session, absence, officer, session.get_one(Officer, absence.deputy_id), at, is_cancelled=True)
    about = About(officer.organisation_id, officer.id, absence.deputy_id)
    write_act(session, who.officer_id, StaffActKind.ABSENCE_CANCELLED, about, at)
    return absence


def replace_deputy(session: Session, who: Identity, absence_id: UUID, deputy_id: UUID, at: datetime) -> Absence:
    """Another deputy for the rest of an absence, where the first one leaves. Whoever may hand over was checked before.

    Raises `NotFound`, `NoSuchDeputy`, `DeputiesInCircle`, `ChainTooLong`; the absence is then as it was.
    """
    _lock(session)
    absence = session.get(Absence, absence_id, with_for_update=True)
    officer = session.get(Officer, absence.officer_id) if absence else None
    if absence is None or officer is None or absence.cancelled_at is not None or absence.ends_at <= at:
        raise NotFound()
    deputy = _deputy(session, officer.id, deputy_id)
    with session.begin_nested():
        absence.cancelled_at = at
        new = Standing(officer.id, deputy.id, max(absence.starts_at, at), absence.ends_at)
        kept = _keep(session, new, deputy.name, who.officer_id, at)
    _tell_deputy(session, kept, officer, deputy, at)
    return kept


def cancel_all(session: Session, officer_id: UUID, at: datetime) -> None:
    """Who leaves is neither away nor a deputy any more."""
    session.execute(
        update(Absence)
        .where(or_(Absence.officer_id == officer_id, Absence.deputy_id == officer_id))
        .where(Absence.cancelled_at.is_(None), Absence.ends_at > at)
        .values(cancelled_at=at)
    )


def _deputy(session: Session, officer_id: UUID, deputy_id: UUID) -> Officer:
    deputy = session.get(Officer, deputy_id)
    if deputy is None or deputy.id == officer_id or not deputy.is_active or deputy.role is Role.READER:
        raise NoSuchDeputy()
    return deputy


def _keep(session: Session, new: Standing, name: str, by: UUID, at: datetime) -> Absence:
    """Keep a standing of the deputy called `name` where it goes well with the others."""
    session.flush()
    known = _standings(session, new)
    if any(one.officer_id == new.officer_id and one.overlaps(new) for one in known):
        raise AbsencesOverlap()
    if trouble := trouble_of(new, known):
        raise DeputiesInCircle(name=name) if trouble.through else ChainTooLong(most=LONGEST_CHAIN)
    absence = Absence(
        id=uuid7(),
        officer_id=new.officer_id,
        deputy_id=new.deputy_id,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        created_by_id=by,
        created_at=at,
    )
    session.add(absence)
    session.flush()
    return absence


def _subject(session: Session, who: Identity, officer_id: UUID) -> Officer:
    """The officer whose absences `who` may look after."""
    if who.deputy_for is not None:
        raise TakeHatOff()
    officer = session.get(Officer, officer_id)
    if officer is None or not officer.is_active:
        raise NotFound()
    if officer.id != who.officer_id and not may_manage(who, officer.organisation_id):
        raise NotAllowed()
    return officer


def _check_times(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if ends_at <= starts_at or ends_at <= at:
        raise AbsenceTimesWrong()
    if ends_at - starts_at > LONGEST_ABSENCE:
        raise AbsenceTooLong(days=LONGEST_ABSENCE.days)


def _lock(session: Session) -> None:
    """Two absences that are entered at once could close a circle that neither sees, so they come one by one."""
    session.execute(select(District.id).order_by(District.code).limit(1).with_for_update(key_share=True))


def _standings(session: Session, new: Standing) -> list[Standing]:
    """What is in force at some instant of `new`."""
    query = select(Absence).where(
        Absence.cancelled_at.is_(None), Absence.starts_at < new.ends_at, Absence.ends_at > new.starts_at
    )
    return [_standing(one) for one in session.scalars(query)]


def _standing(one: Absence) -> Standing:
    return Standing(one.officer_id, one.deputy_id, one.starts_at, one.ends_at)


def _tell_deputy(
    session: Session, absence: Absence, officer: Officer, deputy: Officer, at: datetime, *, is_cancelled: bool = False
) -> None:
    name = get_organisation(session, officer.organisation_id).name
    facts = {
        "organisation": {"zh": name.zh, "en": name.en},
        "starts_at": absence.starts_at.isoformat(),
        "ends_at": absence.ends_at.isoformat(),
        "is_cancelled": is_cancelled,
    }
    cause = f"{absence.id}:cancelled" if is_cancelled else str(absence.id)
    writing.write(session, cause, None, Letter.DEPUTY_APPOINTED, facts, [deputy], at)


def stands_for(session: Session, officer_id: UUID, at: datetime) -> Sequence[Officer]:
    """All in whose place the officer may act at `at`: the nearest first, then those whose deputy is away as well."""
    own = session.get(Officer, officer_id)
    if own is None or not own.is_active or own.role is Role.READER:
        return ()
    found: dict[UUID, Officer] = {}
    level = {officer_id}
    for _ in range(LONGEST_CHAIN):
        new = [one for one in _absent(session, level, at) if one.id != officer_id and one.id not in found]
        if not new:
            break
        found |= {one.id: one for one in new}
        level = {one.id for one in new}
    return tuple(found.values())


def _absent(session: Session, deputy_ids: Iterable[UUID], at: datetime) -> Sequence[Officer]:
    """The officers in whose place one of these deputies stands at `at`."""
    query = (
        select(Officer)
        .join(Absence, Absence.officer_id == Officer.id)
        .where(Absence.deputy_id.in_(deputy_ids), *_in_force(at), can_act())
    )
    return session.scalars(query.order_by(Officer.name, Officer.id)).all()


def _in_force(at: "datetime | BindParameter[datetime]") -> tuple[ColumnElement[bool], ...]:
    return Absence.cancelled_at.is_(None), Absence.starts_at <= at, Absence.ends_at > at


def may_stand_for(session: Session, deputy_id: UUID, officer_id: UUID, at: datetime) -> bool:
    """Whether the one may act in the other's place at `at`."""
    return any(one.id == officer_id for one in stands_for(session, deputy_id, at))


def deputies_now(session: Session, officer_ids: Iterable[UUID], at: datetime) -> Mapping[UUID, Sequence[Officer]]:
    """Who is there at `at` in place of each of these officers who is away: the end of the chain of deputies.

    Officers who are present have no entry; those whose deputy has left have an empty one.
    """
    wanted = set(officer_ids)
    standings = _from(session, wanted, at)
    if not standings:
        return {}
    ends = {one: chain[-1] for one in wanted if (chain := chain_of(standings, one, at))}
    query = select(Officer).where(Officer.id.in_(set(ends.values())), can_act()).options(WITH_PREFERENCE)
    there = {one.id: one for one in session.scalars(query)} if ends else {}
    return {one: (there[end],) if end in there else () for one, end in ends.items()}


_AWAY = select(Absence).where(
    Absence.officer_id.in_(bindparam("of", expanding=True)), *_in_force(bindparam("now", type_=UtcDateTime()))
)


def _from(session: Session, officer_ids: set[UUID], at: datetime) -> list[Standing]:
    """What is in force at `at` for these officers, for their deputies, and so on."""
    known = kept(session, ("standings", at))  # by officer; None: not away
    found: dict[UUID, Standing] = {}
    level = officer_ids
    while level:
        if missing := level - known.keys():
            read = session.scalars(_AWAY, {"of": list(missing), "now": at})
            known |= dict.fromkeys(missing) | {one.officer_id: _standing(one) for one in read}
        new = [standing for one in level if one not in found and (standing := known[one]) is not None]
        found |= {one.officer_id: one for one in new}
        level = {one.deputy_id for one in new} - set(found)
    return list(found.values())
