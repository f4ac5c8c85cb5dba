"""Riders as their community and they themselves see them: enrolments, appointments, squads, rotas."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.clock import local_date
from models.crypto import Vault, mask_name, mask_phone
from models.district import Organisation, get_organisation
from models.errors import NotAllowed
from models.officer import Identity
from models.people.enrolment import enrolments_of
from models.people.members import is_running, members_of
from models.people.squad_tables import Shift, ShiftPlace, Squad, SquadMember
from models.people.tables import Ending, Enrolment, EnrolmentStatus, GridMember, MemberStatus
from models.protocol.schema import Party, Title
from models.rider import Rider
from models.views.paging import Page, Turn, cut

MOST_ROWS = 200
PAST_DAYS = 14  # shifts that are shown after they are over: who came is written down then


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """An enrolment as an officer sees it: name and number masked. `claims`: how many phones ask with the number."""

    id: UUID
    status: EnrolmentStatus
    name: str = field(repr=False)
    phone: str = field(repr=False)
    platform: str
    asked_at: datetime
    decided_at: datetime | None
    over_at: datetime | None
    ending: Ending | None
    reason: str | None = field(repr=False)
    claims: int
    rider_id: UUID | None
    member: str | None  # number of the appointment that runs


@dataclass(frozen=True, slots=True)
class MemberRow:
    """An appointment as an officer sees it; both days are inclusive."""

    number: str
    name: str
    starts_on: date
    ends_on: date
    is_running: bool
    status: MemberStatus
    ending: Ending | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A rider on a squad or a shift, masked for officers. `came`: of shifts that are over."""

    rider_id: UUID
    name: str
    is_leader: bool = False
    came: bool | None = None


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A shift of a rota. `is_mine`: the reader has a place on it."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    place: str
    wanted: int
    riders: tuple[Standing, ...]
    has_begun: bool
    is_mine: bool = False

    @property
    def is_full(self) -> bool:
        """Whether all places are taken."""
        return len(self.riders) >= self.wanted


@dataclass(frozen=True, slots=True)
class SquadRow:
    """A squad with its rota: what comes, and for two weeks what is over. `is_mine`: the reader belongs to it."""

    id: UUID
    name: str
    most: int
    members: tuple[Standing, ...]
    shifts: tuple[ShiftRow, ...]
    is_mine: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people a community has; no more is shown to street and district."""

    community: Title
    asked: int
    confirmed: int
    members: int
    squads: int


@dataclass(frozen=True, slots=True)
class MyPage:
    """What the rider sees of themselves. `enrolments`: the newest first, with the community's name."""

    live: Enrolment | None
    asked: Enrolment | None
    last: Enrolment | None  # the newest that is over, where none is live or asked
    name: str = field(repr=False)
    phone: str = field(repr=False)
    reason: str | None = field(repr=False)
    meeting: str = field(repr=False)
    names: Mapping[UUID, Title]
    members: Sequence[GridMember]
    squads: tuple[SquadRow, ...]


def sees_people(who: Identity) -> bool:
    """Whether riders are this officer's business: a community's, and in figures a street's and a department's."""
    return who.party in {Party.COMMUNITY, Party.STREET, Party.DEPARTMENT}


def check_sees_people(who: Identity) -> None:
    """Raises `NotAllowed` where riders are not this officer's business."""
    if not sees_people(who):
        raise NotAllowed()


def check_meets_riders(who: Identity) -> None:
    """Lists of people, masked as they are, are for the communities that meet them. Raises `NotAllowed`."""
    if who.party is not Party.COMMUNITY:
        raise NotAllowed()


WHOLE: Turn[UUID] = Turn(limit=MOST_ROWS)


def enrolment_rows(
    session: Session, vault: Vault, who: Identity, status: EnrolmentStatus, at: datetime, turn: Turn[UUID] = WHOLE
) -> Page[EnrolmentRow, UUID]:
    """The own community's enrolments of that status: of those asked the oldest first, of others the newest first.

    Raises `NotAllowed`.
    """
    check_meets_riders(who)
    query = select(Enrolment).where(Enrolment.community_id == who.organisation_id, Enrolment.status == status)
    is_newest_first = status is not EnrolmentStatus.ASKED
    if turn.after is not None:
        query = query.where(Enrolment.id < turn.after if is_newest_first else Enrolment.id > turn.after)
    order = Enrolment.id.desc() if is_newest_first else Enrolment.id
    found = session.scalars(query.order_by(order).limit(turn.limit + 1)).all()
    listed, following = cut(found, turn.limit, lambda one: one.id)
    return Page(tuple(_enrolments(session, vault, listed, at)), following)


def _enrolments(session: Session, vault: Vault, listed: Sequence[Enrolment], at: datetime) -> list[EnrolmentRow]:
    claims = _claims(session, [one.phone_index for one in listed if one.phone_index])
    members = _running(session, [one.rider_id for one in listed if one.rider_id], at)
    return [
        EnrolmentRow(
            id=one.id,
            status=one.status,
            name=mask_name(_opened(vault, one.name_sealed)),
            phone=mask_phone(_opened(vault, one.phone_sealed)),
            platform=one.platform,
            asked_at=one.asked_at,
            decided_at=one.decided_at,
            over_at=one.over_at,
            ending=one.ending,
            reason=_opened(vault, one.reason_sealed) or None,
            claims=claims.get(one.phone_index or "", 0),
            rider_id=one.rider_id,
            member=members.get(one.rider_id) if one.rider_id else None,
        )
        for one in listed
    ]


def _claims(session: Session, indexes: Sequence[str]) -> dict[str, int]:
    query = (
        select(Enrolment.phone_index, func.count())
        .where(Enrolment.phone_index.in_(indexes), Enrolment.status == EnrolmentStatus.ASKED)
        .group_by(Enrolment.phone_index)
    )
    return {index: count for index, count in session.execute(query) if index}


def _running(session: Session, rider_ids: Sequence[UUID], at: datetime) -> dict[UUID, str]:
    query = select(GridMember).where(GridMember.rider_id.in_(rider_ids), GridMember.status == MemberStatus.APPOINTED)
    today = local_date(at)
    return {one.rider_id: one.number for one in session.scalars(query) if today <= one.ends_on}


def member_rows(
    session: Session, vault: Vault, who: Identity, at: datetime, turn: Turn[UUID] = WHOLE
) -> Page[MemberRow, UUID]:
    """The own community's appointments, the newest first. Raises `NotAllowed`."""
    check_meets_riders(who)
    query = (
        select(GridMember, Rider.name_sealed)
        .join(Rider, Rider.id == GridMember.rider_id)
        .where(GridMember.community_id == who.organisation_id)
        .order_by(GridMember.id.desc())
        .limit(turn.limit + 1)
    )
    if turn.after is not None:
        query = query.where(GridMember.id < turn.after)
    listed, following = cut(session.execute(query).all(), turn.limit, lambda one: one[0].id)
    rows = [
        MemberRow(
            one.number,
            mask_name(vault.open(name)),
            one.starts_on,
            one.ends_on,
            is_running(one, at),
            one.status,
            one.ending,
        )
        for one, name in listed
    ]
    return Page(tuple(rows), following)


def squad_rows(
    session: Session, vault: Vault, community_id: UUID, rider_id: UUID | None, at: datetime
) -> tuple[SquadRow, ...]:
    """The squads of a community; `rider_id`: who reads them on the phone, None for an officer. Names are masked."""
    squads = session.scalars(select(Squad).where(Squad.community_id == community_id).order_by(Squad.id)).all()
    ids = [one.id for one in squads]
    members = _members(session, vault, ids)
    shifts = _shifts(session, vault, ids, rider_id, at)
    return tuple(
        SquadRow(
            one.id,
            one.name,
            one.most,
            tuple(members[one.id]),
            tuple(shifts[one.id]),
            any(member.rider_id == rider_id for member in members[one.id]),
        )
        for one in squads
    )


def _members(session: Session, vault: Vault, squad_ids: Sequence[UUID]) -> dict[UUID, list[Standing]]:
    query = (
        select(SquadMember, Rider.name_sealed)
        .join(Rider, Rider.id == SquadMember.rider_id)
        .where(SquadMember.squad_id.in_(squad_ids), SquadMember.left_at.is_(None))
        .order_by(SquadMember.is_leader.desc(), SquadMember.id)
    )
    found: dict[UUID, list[Standing]] = defaultdict(list)
    for one, name in session.execute(query):
        found[one.squad_id].append(Standing(one.rider_id, mask_name(vault.open(name)), one.is_leader))
    return found


def _shifts(
    session: Session, vault: Vault, squad_ids: Sequence[UUID], rider_id: UUID | None, at: datetime
) -> dict[UUID, list[ShiftRow]]:
    since = at if rider_id else at - timedelta(days=PAST_DAYS)
    query = select(Shift).where(Shift.squad_id.in_(squad_ids), Shift.ends_at > since, Shift.cancelled_at.is_(None))
    listed = session.scalars(query.order_by(Shift.starts_at, Shift.id).limit(MOST_ROWS)).all()
    places = _places(session, vault, [one.id for one in listed])
    found: dict[UUID, list[ShiftRow]] = defaultdict(list)
    for one in listed:
        riders = tuple(places[one.id])
        is_mine = any(standing.rider_id == rider_id for standing in riders)
        has_begun = one.starts_at <= at
        row = ShiftRow(one.id, one.starts_at, one.ends_at, one.place, one.wanted, riders, has_begun, is_mine)
        found[one.squad_id].append(row)
    return found


def _places(session: Session, vault: Vault, shift_ids: Sequence[UUID]) -> dict[UUID, list[Standing]]:
    query = (
        select(ShiftPlace, Rider.name_sealed)
        .join(Rider, Rider.id == ShiftPlace.rider_id)
        .where(ShiftPlace.shift_id.in_(shift_ids), ShiftPlace.off_at.is_(None))
        .order_by(ShiftPlace.id)
    )
    found: dict[UUID, list[Standing]] = defaultdict(list)
    for one, name in session.execute(query):
        found[one.shift_id].append(Standing(one.rider_id, mask_name(vault.open(name)), came=one.came))
    return found


def counts(session: Session, who: Identity, at: datetime) -> list[Counts]:
    """How many people the communities have that `who` stands above: a street's own, the lead department's all.

    Raises `NotAllowed`.
    """
    check_sees_people(who)
    own = get_organisation(session, who.organisation_id)
    query = select(Organisation).where(
        Organisation.party == Party.COMMUNITY, Organisation.district_id == own.district_id
    )
    if not (own.is_lead or who.is_administrator):
        query = query.where((Organisation.parent_id == own.id) | (Organisation.id == own.id))
    communities = session.scalars(query.order_by(Organisation.code)).all()
    ids = [one.id for one in communities]
    asked = _count(session, Enrolment.community_id.expression, ids, Enrolment.status == EnrolmentStatus.ASKED)
    confirmed = _count(session, Enrolment.community_id.expression, ids, Enrolment.status == EnrolmentStatus.CONFIRMED)
    running = (GridMember.status == MemberStatus.APPOINTED) & (GridMember.ends_on >= local_date(at))
    members = _count(session, GridMember.community_id.expression, ids, running)
    squads = _count(session, Squad.community_id.expression, ids, Squad.id.is_not(None))
    return [
        Counts(one.name, asked.get(one.id, 0), confirmed.get(one.id, 0), members.get(one.id, 0), squads.get(one.id, 0))
        for one in communities
    ]


def _count(
    session: Session, column: ColumnElement[UUID], ids: Iterable[UUID], condition: ColumnElement[bool]
) -> dict[UUID, int]:
    query = select(column, func.count()).where(column.in_(list(ids)), condition).group_by(column)
    return {key: count for key, count in session.execute(query)}  # noqa: C416 - rows are no pairs to the types


def my_page(session: Session, vault: Vault, phone_id: UUID, rider_id: UUID | None, at: datetime) -> MyPage:
    """Everything that the page "Me" shows."""
    listed = enrolments_of(session, phone_id, rider_id)
    live = next((one for one in listed if one.status is EnrolmentStatus.CONFIRMED), None)
    asked = next((one for one in listed if one.status is EnrolmentStatus.ASKED), None)
    last = listed[0] if listed and not (live or asked) else None
    shown = live or asked or last
    organisations = session.scalars(
        select(Organisation).where(Organisation.id.in_({one.community_id for one in listed}))
    )
    return MyPage(
        live=live,
        asked=asked,
        last=last,
        name=_opened(vault, shown.name_sealed if shown else None),
        phone=_opened(vault, shown.phone_sealed if shown else None),
        reason=_opened(vault, last.reason_sealed if last else None) or None,
        meeting=_opened(vault, asked.meeting_sealed if asked else None),
        names={one.id: one.name for one in organisations},
        members=members_of(session, rider_id) if rider_id else (),
        squads=squad_rows(session, vault, live.community_id, rider_id, at) if live else (),
    )


def _opened(vault: Vault, sealed: str | None) -> str:
    return vault.open(sealed) if sealed else ""
