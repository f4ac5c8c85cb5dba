"""What somebody does with a seat that is in front of them: an act drawn by chance, with the values that it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models import comment
from models.clock import local_date
from models.comment import CommentKind, add_comment
from models.consultation.adding import add_signer, remove_signer
from models.consultation.drafting import DraftWords, save_draft
from models.consultation.handing import (
    call_back,
    delegate,
    give_back,
    transfer_to_colleague,
    transfer_to_organisation,
)
from models.consultation.looking import mark_looked
from models.consultation.on_behalf import Evidence, EvidenceKind, give_on_behalf
from models.consultation.opinions import Draft, LineException, give_opinion
from models.consultation.returning import return_to_filer, return_to_stage
from models.consultation.tables import OpinionKind, SigningPlace
from models.consultation.taking_back import take_back
from models.consultation.urging import urge
from models.consultation.withdrawing import withdraw
from models.officer import Identity
from wufang.simulation.attempting import Attempt
from wufang.simulation.chance import Chance
from wufang.simulation.clock import Clock
from wufang.simulation.looking import Row, Snapshot
from wufang.simulation.tempers import Person, Town

EARLIER_STAGE = "neighbourhood"  # to which the shipped protocol lets the later stage return a matter


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody at a desk, with one seat in front of them."""

    chance: Chance
    clock: Clock
    town: Town
    person: Person
    who: Identity
    snapshot: Snapshot
    seat: Row

    @property
    def version(self) -> int | None:
        """The version that the page had: mostly the newest, now and then one that is stale by now."""
        if self.seat.version > 1 and self.chance.happens(0.04):
            return self.seat.version - 1
        return self.seat.version if self.chance.happens(0.7) else None

    def on_seat(self, command: Callable[..., Any], *values: Any) -> Attempt:
        """An act that names the seat first and the version last."""
        version = self.version
        given = (self.seat.id, *values, version)
        return Attempt(command, given, (self.snapshot.matter.id,), self.seat.id, version)

    def around(self, command: Callable[..., Any], *values: Any) -> Attempt:
        """An act without a version."""
        return Attempt(command, values, (self.snapshot.matter.id,))

    def colleague(self) -> UUID:
        """Somebody of the same organisation, or anybody where there is none: that is refused."""
        listed = [one for one in self.town.people[self.who.organisation_id] if one is not self.person]
        return self.chance.choice(listed or self.town.everybody()).who.officer_id

    def organisation(self) -> UUID:
        """Any organisation, mostly one of the departments or of the matter."""
        near = sorted({seat.organisation_id for seat in self.snapshot.seats.values()})
        departments = [one.id for one in self.town.organisations if one.party.value == "department"]
        anybody = [one.id for one in self.town.organisations]
        among = self.chance.choices((departments, near, anybody), weights=(60, 20, 20))[0]
        return self.chance.choice(among)

    def same_party(self) -> UUID:
        """Another organisation of the same party."""
        return self.chance.choice([one.id for one in self.town.organisations if one.party is self.who.party])


Choice = Callable[[Desk], Attempt]


def _agree(desk: Desk) -> Attempt:
    return desk.on_seat(give_opinion, Draft(OpinionKind.AGREE))


def _agree_with_conditions(desk: Desk) -> Attempt:
    return desk.on_seat(give_opinion, Draft(OpinionKind.AGREE_WITH_CONDITIONS, conditions="晚十点后走东门"))


def _object(desk: Desk) -> Attempt:
    return desk.on_seat(give_opinion, Draft(OpinionKind.OBJECT, reason="消防通道太窄"))


def _abstain(desk: Desk) -> Attempt:
    return desk.on_seat(give_opinion, Draft(OpinionKind.ABSTAIN))


def _except_lines(desk: Desk) -> Attempt:
    line = desk.chance.randint(1, desk.snapshot.matter.line_count)
    return desk.on_seat(give_opinion, Draft(OpinionKind.AGREE, exceptions=(LineException(line, "车辆无牌"),)))


def _add_signer(desk: Desk) -> Attempt:
    place = desk.chance.choice(list(SigningPlace))
    return desk.on_seat(add_signer, desk.organisation(), place, "请一并看看")


def _transfer_to_colleague(desk: Desk) -> Attempt:
    return desk.on_seat(transfer_to_colleague, desk.colleague(), "请你处理")


def _transfer_to_organisation(desk: Desk) -> Attempt:
    return desk.on_seat(transfer_to_organisation, desk.same_party(), "不属我处")


def _delegate(desk: Desk) -> Attempt:
    return desk.on_seat(delegate, desk.colleague(), "请提建议")


def _return_to_filer(desk: Desk) -> Attempt:
    return desk.on_seat(return_to_filer, "请补充停放方案")


def _return_to_stage(desk: Desk) -> Attempt:
    return desk.on_seat(return_to_stage, EARLIER_STAGE, "请社区再议")


def _look(desk: Desk) -> Attempt:
    return desk.around(mark_looked, desk.snapshot.matter.id)


def _comment(desk: Desk) -> Attempt:
    return desk.around(add_comment, desk.snapshot.matter.id, CommentKind.COMMENT, "周末人多", None)


def _question(desk: Desk) -> Attempt:
    return desk.around(add_comment, desk.snapshot.matter.id, CommentKind.QUESTION, "从哪个门进？", None)


def _draft(desk: Desk) -> Attempt:
    return desk.around(save_draft, desk.seat.id, DraftWords(OpinionKind.AGREE, reason="待核"))


FIRST: dict[Choice, int] = {  # with a seat that waits for an answer, and how often of about a hundred
    _agree: 62,
    _agree_with_conditions: 6,
    _object: 6,
    _abstain: 2,
    _except_lines: 6,
    _add_signer: 4,
    _transfer_to_colleague: 2,
    _transfer_to_organisation: 2,
    _delegate: 3,
    _return_to_filer: 2,
    _return_to_stage: 2,
    _look: 3,
    _comment: 2,
    _question: 2,
    _draft: 1,
}


def _give_back(desk: Desk) -> Attempt:
    return desk.on_seat(give_back, "建议同意")


HELD: dict[Choice, int] = {_give_back: 80, _agree: 20}  # with a seat on which a colleague asked for advice


def _take_back(desk: Desk) -> Attempt:
    return desk.on_seat(take_back)


def _call_back(desk: Desk) -> Attempt:
    return desk.on_seat(call_back)


def _remove_signer(desk: Desk) -> Attempt:
    added = [one.id for one in desk.snapshot.seats.values() if one.added_by_id is not None]
    chosen = desk.chance.choice(added or [desk.seat.id])
    return Attempt(remove_signer, (chosen,), (desk.snapshot.matter.id,))


def _urge(desk: Desk) -> Attempt:
    return desk.around(urge, desk.snapshot.matter.id)


LATER: dict[Choice, int] = {  # some time after an answer: second thoughts
    _take_back: 35,
    _object: 10,
    _agree: 15,
    _call_back: 10,
    _remove_signer: 15,
    _urge: 15,
}


def on_behalf(desk: Desk) -> Attempt:
    """What the seat's organisation said on the phone, recorded by another."""
    evidence = Evidence(EvidenceKind.PHONE, "值班人员", "电话答复同意", local_date(desk.clock.seen))
    return desk.on_seat(give_on_behalf, Draft(OpinionKind.AGREE), evidence)


def reply(desk: Desk, question_id: UUID) -> Attempt:
    """The filer's reply."""
    return desk.around(comment.add_comment, desk.snapshot.matter.id, CommentKind.REPLY, "东门", question_id)


def choose(desk: Desk, among: dict[Choice, int]) -> Attempt:
    """One of these acts."""
    return desk.chance.choices(list(among), weights=list(among.values()))[0](desk)


def trespass(desk: Desk) -> Attempt:
    """Somebody else's act on the seat, without authority: `desk.who` is a stranger to its organisation, or a reader."""
    seat_id, matter_id = desk.seat.id, desk.snapshot.matter.id
    version = desk.seat.version
    tried: tuple[Attempt, ...] = (
        Attempt(
            give_opinion, (seat_id, Draft(OpinionKind.AGREE), version), (matter_id,), seat_id, version, is_trespass=True
        ),
        Attempt(return_to_filer, (seat_id, "退回", version), (matter_id,), seat_id, version, is_trespass=True),
        Attempt(withdraw, (matter_id, "撤回", None), (matter_id,), seat_id, None, is_trespass=True),
        Attempt(delegate, (seat_id, desk.colleague(), "", version), (matter_id,), seat_id, version, is_trespass=True),
        Attempt(take_back, (seat_id, version), (matter_id,), seat_id, version, is_trespass=True),
    )
    return desk.chance.choice(tried)
