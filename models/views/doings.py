"""What I can do now with a matter, and nothing else: for the page's buttons and for programs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.calendars import district_calendar
from models.consultation.adding import GONE, signers, signing_places, sits
from models.consultation.extending import offer
from models.consultation.handing import colleagues, successors
from models.consultation.holding import is_hand_of
from models.consultation.on_behalf import may_record_for
from models.consultation.tables import Seat, SeatStatus, SigningPlace, Stage, StageStatus
from models.consultation.taking_back import may_take_back
from models.consultation.urging import may_urge, urged_again_from
from models.consultation.waiting import Table, table_of
from models.district import Organisation
from models.errors import RuleBroken
from models.matter import MOVES, Matter, MatterStatus
from models.officer import Identity, Officer, Role
from models.protocol.schema import FILER, Between, Protocol, StageAct, StageRule, Title
from models.views.naming import organisation_names
from models.views.standing import SeatView, StageView, Standing


class Doing(StrEnum):
    """What can be done."""

    ANSWER = "answer"
    CHANGE = "change"
    SAVE_DRAFT = "save_draft"
    TAKE_BACK = "take_back"
    ADD_SIGNER = "add_signer"
    REMOVE_SIGNER = "remove_signer"
    TRANSFER = "transfer"
    DELEGATE = "delegate"
    GIVE_BACK = "give_back"
    CALL_BACK = "call_back"
    RETURN = "return"
    WITHDRAW = "withdraw"
    URGE = "urge"
    COMMENT = "comment"
    ASK = "ask"
    REPLY = "reply"
    ATTACH = "attach"
    ON_BEHALF = "on_behalf"
    SUBMIT_AGAIN = "submit_again"
    ASK_EXTENSION = "ask_extension"
    ANSWER_EXTENSION = "answer_extension"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of those to choose from. An officer's name is the same in both languages."""

    id: UUID
    title: Title


@dataclass(frozen=True, slots=True)
class SeatChoice:
    """A seat to choose, in the version that was read, and whose it is."""

    id: UUID
    title: Title
    version: int


@dataclass(frozen=True, slots=True)
class ReturnChoice:
    """Where the matter may be returned to: "filer" or a stage's key. `is_rerun`: the stages between run again."""

    to: str
    title: Title
    is_rerun: bool


@dataclass(frozen=True, slots=True)
class MoreTime:
    """What I may ask for: the deadline `until`, which `approver` grants or refuses."""

    until: datetime
    approver: Title


@dataclass(frozen=True, slots=True)
class SeatDoings:
    """What I can do with one seat of mine, and with whom. `successors`: organisations that it can be transferred to."""

    seat_id: UUID
    seat_version: int
    organisation: Title
    may: frozenset[Doing]
    colleagues: tuple[Choice, ...] = ()
    signers: tuple[Choice, ...] = ()
    signing_places: tuple[SigningPlace, ...] = ()
    successors: tuple[Choice, ...] = ()
    returns: tuple[ReturnChoice, ...] = ()
    removable: tuple[Choice, ...] = ()
    holder: str | None = None
    delegated_by: str | None = None
    more_time: MoreTime | None = None


@dataclass(frozen=True, slots=True)
class Doings:
    """What I can do with the matter. `urge_from`: when it may next be urged; `on_behalf`: seats that I may record for."""

    may: frozenset[Doing]
    seats: tuple[SeatDoings, ...] = ()
    urge_from: datetime | None = None
    on_behalf: tuple[SeatChoice, ...] = ()


def doings_of(session: Session, who: Identity, matter: Matter, standing: Standing, at: datetime) -> Doings:
    """What `who` can do with the matter at `at`, as `standing_of` shows it to them.

    A convenience for pages: every act checks for itself, in the transaction that writes.
    """
    if who.role is Role.READER:
        return Doings(frozenset({Doing.COMMENT}))
    stage = next((one for one in standing.stages if one.status is StageStatus.OPEN), None)
    row = session.get_one(Stage, stage.id) if stage else None
    near = _near(session, who, matter, stage)
    urge_from = _urge_from(session, who, matter, standing, row, at)
    on_behalf = _on_behalf(session, who, matter, stage)
    may = _with_the_matter(who, matter) | (frozenset({Doing.ON_BEHALF}) if on_behalf else frozenset())
    if urge_from is not None and urge_from <= at:
        may |= {Doing.URGE}
    later = urge_from if urge_from is not None and urge_from > at else None
    if any(one.is_mine_to_answer for one in (stage.extensions if stage else ())):
        may |= {Doing.ANSWER_EXTENSION}
    seats = _with_seats(session, who, matter, standing, row, near, at) if row else ()
    return Doings(may, seats, later, on_behalf)


def _near(session: Session, who: Identity, matter: Matter, stage: StageView | None) -> Mapping[UUID, Organisation]:
    """The organisations that the rules ask the session for one by one: while these are kept, it has them at hand."""
    if stage is None:
        return {}
    ids = {who.organisation_id, matter.organisation_id, *(seat.organisation_id for seat in stage.seats)}
    return {one.id: one for one in session.scalars(select(Organisation).where(Organisation.id.in_(ids)))}


def _with_the_matter(who: Identity, matter: Matter) -> frozenset[Doing]:
    said = {Doing.COMMENT, Doing.ATTACH}
    if matter.organisation_id != who.organisation_id:
        return frozenset(said | {Doing.ASK})
    said.add(Doing.REPLY)
    if MatterStatus.WITHDRAWN in MOVES[matter.status]:
        said.add(Doing.WITHDRAW)
    if matter.status is MatterStatus.RETURNED:
        said.add(Doing.SUBMIT_AGAIN)
    return frozenset(said)


def _urge_from(
    session: Session, who: Identity, matter: Matter, standing: Standing, stage: Stage | None, at: datetime
) -> datetime | None:
    """From when on the open stage may be urged; None where there is nobody to urge, or no say in it."""
    if stage is None or not any(seat.status is SeatStatus.ASKED and not seat.is_mine for seat in standing.seats):
        return None
    if not any(seat.is_mine for seat in standing.seats) and not may_urge(session, who, matter):
        return None
    return urged_again_from(stage) or at


def _on_behalf(session: Session, who: Identity, matter: Matter, stage: StageView | None) -> tuple[SeatChoice, ...]:
    """The seats that wait, or have only what was recorded for them, and for which `who` may record."""
    if stage is None:
        return ()
    waiting = [
        seat
        for seat in stage.seats
        if seat.status is SeatStatus.ASKED or (seat.status is SeatStatus.ANSWERED and seat.recorded_by)
    ]
    return tuple(
        SeatChoice(seat.id, seat.organisation, seat.version)
        for seat in waiting
        if may_record_for(session, who, matter, seat.organisation_id)
    )


def _with_seats(
    session: Session,
    who: Identity,
    matter: Matter,
    standing: Standing,
    stage: Stage,
    near: Mapping[UUID, Organisation],
    at: datetime,
) -> tuple[SeatDoings, ...]:
    mine = [seat for one in standing.stages if one.id == stage.id for seat in one.seats if seat.is_mine]
    if not mine:
        return ()
    filer = near[matter.organisation_id].name
    desk = Desk(session, who, matter, filer, standing.protocol, stage, table_of(session, stage), at)
    found = (desk.seat(seat) for seat in mine)
    return tuple(one for one in found if one.may or one.holder)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the doings of seats follow from: the open stage as it stands, and who looks at it."""

    session: Session
    who: Identity
    matter: Matter
    filer: Title
    protocol: Protocol
    stage: Stage
    table: Table
    at: datetime

    @property
    def rule(self) -> StageRule:
        """What the protocol says of the stage."""
        return self.protocol.stage(self.stage.key)

    def seat(self, seat: SeatView) -> SeatDoings:
        """What can be done with one seat, and with whom."""
        may = self._voice(seat) | self._hands(seat)
        is_giving = Doing.DELEGATE in may or Doing.TRANSFER in may
        removable, more_time = self._removable(seat), self._more_time(seat)
        found = SeatDoings(
            seat.id,
            seat.version,
            seat.organisation,
            may | ({Doing.REMOVE_SIGNER} if removable else set()) | ({Doing.ASK_EXTENSION} if more_time else set()),
            colleagues=tuple(_officer(one) for one in colleagues(self.session, self.who)) if is_giving else (),
            signers=self._signers() if Doing.ADD_SIGNER in may else (),
            signing_places=signing_places(self.rule) if Doing.ADD_SIGNER in may else (),
            successors=self._successors(seat) if Doing.TRANSFER in may else (),
            returns=self._returns() if Doing.RETURN in may else (),
            removable=removable,
            holder=seat.holder,
            delegated_by=seat.delegated_by,
            more_time=more_time,
        )
        return replace(found, may=found.may - _empty(found))

    def _voice(self, seat: SeatView) -> frozenset[Doing]:
        """What is done by saying something, or taking it back."""
        if not seat.can_answer:
            return frozenset()
        if seat.status is SeatStatus.ASKED:
            return frozenset({Doing.ANSWER, Doing.SAVE_DRAFT})
        said = {Doing.CHANGE, Doing.SAVE_DRAFT}
        if may_take_back(self.session, self.rule, self.stage, self.table, seat.id):
            said.add(Doing.TAKE_BACK)
        return frozenset(said)

    def _hands(self, seat: SeatView) -> frozenset[Doing]:
        """What is done by handing it on."""
        if self._waits_for_added(seat):
            return frozenset({Doing.ADD_SIGNER} if StageAct.ADD in self.rule.acts and not seat.is_heard else ())
        if seat.status is not SeatStatus.ASKED:
            return frozenset()
        said = {DOING[act] for act in self.rule.acts} if seat.can_answer else set[Doing]()
        if seat.is_heard:
            said -= {Doing.ADD_SIGNER, Doing.RETURN}
        if seat.delegated_by_id and is_hand_of(self.who, seat.holder_id):
            said.add(Doing.GIVE_BACK)
        if seat.delegated_by_id and (self.who.role is Role.MANAGER or is_hand_of(self.who, seat.delegated_by_id)):
            said.add(Doing.CALL_BACK)
        return frozenset(said)

    def _waits_for_added(self, seat: SeatView) -> bool:
        return seat.status is SeatStatus.WAITING and bool(self.table.added_before(seat.id))

    def _signers(self) -> tuple[Choice, ...]:
        listed = signers(self.session, self.matter)
        return tuple(Choice(one.id, one.name) for one in listed if not sits(self.table, one.id))

    def _successors(self, seat: SeatView) -> tuple[Choice, ...]:
        listed = successors(self.session, self.session.get_one(Seat, seat.id))
        return tuple(Choice(one.id, one.name) for one in listed if not sits(self.table, one.id))

    def _returns(self) -> tuple[ReturnChoice, ...]:
        returns = self.rule.returns
        if returns is None:
            return ()
        is_rerun = returns.between is Between.RERUN
        titles = {stage.key: stage.title for stage in self.protocol.stages} | {FILER: self.filer}
        return tuple(ReturnChoice(to, titles[to], is_rerun) for to in returns.to)

    def _more_time(self, seat: SeatView) -> MoreTime | None:
        if seat.status is not SeatStatus.ASKED or not seat.can_answer:
            return None
        row, calendar = self.session.get_one(Seat, seat.id), district_calendar()
        try:
            found = offer(self.session, self.matter, self.stage, self.rule, self.table, row, calendar, self.at)
        except RuleBroken:
            return None
        return MoreTime(found.until, found.approver.name)

    def _removable(self, seat: SeatView) -> tuple[Choice, ...]:
        """The signers that this place added and that have not answered."""
        if seat.status in {*GONE, SeatStatus.ESCALATED} or not (seat.can_answer or self._waits_for_added(seat)):
            return ()
        place = {one.id for one in self.table.place(seat.id)}
        added = [one for one in self.table.seats if one.added_by_id in place and one.status is not SeatStatus.REMOVED]
        names = organisation_names(self.session, [one.organisation_id for one in added]) if added else {}
        return tuple(Choice(one.id, names[one.organisation_id]) for one in added if not self.table.has_answered(one.id))


DOING: dict[StageAct, Doing] = {
    StageAct.ADD: Doing.ADD_SIGNER,
    StageAct.TRANSFER: Doing.TRANSFER,
    StageAct.DELEGATE: Doing.DELEGATE,
    StageAct.RETURN: Doing.RETURN,
}


def _officer(officer: Officer) -> Choice:
    return Choice(officer.id, Title(officer.name, officer.name))


def _empty(found: SeatDoings) -> frozenset[Doing]:
    """What nobody is there for."""
    gone = set[Doing]()
    if not found.colleagues:
        gone.add(Doing.DELEGATE)
    if not found.colleagues and not found.successors:
        gone.add(Doing.TRANSFER)
    if not found.signers:
        gone.add(Doing.ADD_SIGNER)
    return frozenset(gone)
