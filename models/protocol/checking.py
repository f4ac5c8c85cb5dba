"""Rules that a protocol's parts must keep among each other."""

from collections.abc import Sequence
from datetime import date, datetime

from models.protocol.reading import Place
from models.protocol.schema import (
    FILER,
    Copy,
    Mode,
    ObjectionWay,
    Party,
    Rule,
    SeatRule,
    StageAct,
    StageRule,
    UnseenAct,
)
from models.words import N_
from models.working_time import MINUTE, Hours, Span

FUNCTIONS = ("social_work", "market_supervision", "housing", "health", "human_resources", "unions")
A_DAY = date(2000, 1, 1)  # any day: periods of a day have no time zone of their own
WORKING_DAY_MINUTES = sum(
    (datetime.combine(A_DAY, ends) - datetime.combine(A_DAY, begins)) // MINUTE for begins, ends in Hours().periods
)


def check_stage(place: Place, rule: StageRule) -> None:
    """Note what does not fit together inside one stage."""
    if not rule.seats:
        place.part("seats").fault(N_("a stage needs at least one seat"))
    elif all(seat.if_any for seat in rule.seats):
        place.part("seats").fault(N_("every seat says if_any, so the stage could have nobody"))
    _check_doubles(place.part("seats"), rule.seats)
    _check_decision(place.part("decision"), rule)
    _check_before_deadline(place, rule)
    _check_after_deadline(place, rule)
    _check_unseen(place, rule)
    if (StageAct.RETURN in rule.acts) != (rule.returns is not None):
        place.part("returns").fault(N_("returns goes with the act return, and only with it"))


def check_seat(place: Place, seat: SeatRule) -> None:
    """Note what does not fit together in one seat."""
    if seat.named and seat.party is not Party.DEPARTMENT:
        place.part("named").fault(N_("only departments are named by the filer"))
    if seat.named and seat.function is not None:
        place.part("function").fault(N_("a seat has a function, or whoever the filer names; not both"))
    if seat.is_declared and (seat.named or seat.if_any):
        place.part("is_declared").fault(
            N_("the seat of the declaration is the filer's own, so it is neither named nor if_any")
        )


def _check_unseen(place: Place, rule: StageRule) -> None:
    if not rule.unseen:
        place.part("unseen").fault(N_("unseen says what follows: remind, inform, or both"))
    elif UnseenAct.INFORM in rule.unseen and rule.look_within is None:
        place.part("unseen").fault(N_("unseen goes with look_within: nobody can say by when they should have looked"))
    if rule.extension is not None and rule.extension.by.is_zero:
        place.part("extension").part("by").fault(N_("an extension by nothing is none"))


def check_copies(place: Place, copies: Sequence[Copy]) -> None:
    """Note copies that nobody gets, or one gets twice."""
    for one, copy in zip(place.items(), copies, strict=True):
        if not copy.times:
            one.part("times").fault(N_("a copy is sent at the opening, at the end, or both"))
    _check_doubles(place, copies)


def check_stages(place: Place, stages: Sequence[StageRule]) -> None:
    """Note what does not fit together among the stages."""
    keys = [stage.key for stage in stages]
    ordinary = [index for index, stage in enumerate(stages) if not stage.is_conciliation]
    if not ordinary:
        place.fault(N_("there is no ordinary stage"))
    conciliations = [one for one, stage in zip(place.items(), stages, strict=True) if stage.is_conciliation]
    for one in conciliations[1:]:
        one.part("is_conciliation").fault(N_("there is more than one conciliation stage"))
    for index, one in enumerate(place.items()):
        if keys[index] in keys[:index]:
            one.part("key").fault(N_("two stages have the key {key}"), key=keys[index])
        _check_objection(one.part("objection"), stages[index], has_conciliation=bool(conciliations))
        _check_declared(one.part("seats"), stages[index], is_first=ordinary[:1] == [index])
        _check_returns(one.part("returns"), stages, index)
        if keys[index] == FILER:
            one.part("key").fault(N_("filer is no stage: in returns it means the one who filed"))


def _check_doubles(place: Place, rules: Sequence[SeatRule | Copy]) -> None:
    """One organisation, one seat, and one copy."""
    named = [(rule.party, rule.function) for rule in rules]
    for index, one in enumerate(place.items()):
        if named[index] in named[:index]:
            one.fault(N_("{said} stands here twice"), said=named[index][1] or named[index][0].value)


def _check_decision(place: Place, rule: StageRule) -> None:
    decision = rule.decision
    surely = sum(not seat.if_any for seat in rule.seats)  # named departments are at least one
    if decision.at_least is not None and decision.at_least > surely:
        place.part("at_least").fault(N_("at_least is {k}, but there are {n} seats"), k=decision.at_least, n=surely)
    for party in sorted(decision.vetoes - {seat.party for seat in rule.seats}):
        place.part("vetoes").fault(N_("{party} has a veto but no seat in this stage"), party=party.value)
    if rule.mode is Mode.OR_SIGN and (decision.vetoes or decision.rule is not Rule.ALL):
        place.fault(N_("with or_sign the first answer decides: write rule all, without vetoes"))


def _check_before_deadline(place: Place, rule: StageRule) -> None:
    if rule.deadline.is_zero:
        place.part("deadline").fault(N_("a deadline of nothing cannot be kept"))
        return
    if rule.look_within is not None and _is_longer(rule.look_within, rule.deadline):
        place.part("look_within").fault(N_("look_within is longer than the deadline"))
    if rule.look_within is not None and rule.look_within.is_zero:
        place.part("look_within").fault(N_("nobody can look within no time"))
    for index, reminder in enumerate(rule.reminders):
        if reminder.before is not None and _is_longer(reminder.before, rule.deadline):
            place.part("reminders").items()[index].fault(N_("a reminder comes before its stage opens"))


def _check_after_deadline(place: Place, rule: StageRule) -> None:
    rungs = [escalation.after for escalation in rule.escalations]
    for index in range(1, len(rungs)):
        if _is_at_most(rungs[index], rungs[index - 1]):
            place.part("escalations").items()[index].fault(N_("each escalation must come after the one before it"))
    if rungs and _is_longer(rungs[-1], rule.lapse.after):
        place.part("lapse").fault(N_("the lapse comes before the last escalation"))


def _check_objection(place: Place, stage: StageRule, *, has_conciliation: bool) -> None:
    if stage.objection is not ObjectionWay.CONCILIATE:
        return
    if stage.is_conciliation:
        place.fault(N_("an objection in the conciliation cannot go to conciliation again"))
    elif not has_conciliation:
        place.fault(N_("an objection goes to conciliation, but there is no stage with is_conciliation"))


def _check_returns(place: Place, stages: Sequence[StageRule], index: int) -> None:
    """A matter goes back to the filer or to an ordinary stage before this one; from a conciliation to the filer only."""
    returns = stages[index].returns
    if returns is None:
        return
    before = () if stages[index].is_conciliation else stages[:index]
    known = [FILER, *(stage.key for stage in before if not stage.is_conciliation)]
    if not returns.to:
        place.part("to").fault(N_("say where the matter may be returned to: {known}"), known=", ".join(known))
    for number, one in enumerate(place.part("to").items() if returns.to else ()):
        if returns.to[number] not in known:
            one.fault(N_("{said} is none of: {known}{hint}"), said=returns.to[number], known=", ".join(known), hint="")
        if returns.to[number] in returns.to[:number]:
            one.fault(N_("{said} stands here twice"), said=returns.to[number])


def _check_declared(place: Place, stage: StageRule, *, is_first: bool) -> None:
    """The filer's declaration belongs to the first ordinary stage, once."""
    declared = [one for one, seat in zip(place.items(), stage.seats, strict=True) if seat.is_declared]
    for one in declared[1:] if is_first else declared:
        one.fault(N_("is_declared stands at one seat of the first stage only"))


def _is_longer(one: Span, other: Span) -> bool:
    """Whether `one` is longer wherever in the calendar they begin."""
    if set(one.given()) == set(other.given()):
        return _number(one) > _number(other)
    return _is_comparable(one, other) and _minutes(one)[0] > _minutes(other)[1]


def _is_at_most(one: Span, other: Span) -> bool:
    """Whether `one` is no longer than `other` wherever in the calendar they begin."""
    if set(one.given()) == set(other.given()):
        return _number(one) <= _number(other)
    return _is_comparable(one, other) and _minutes(one)[1] <= _minutes(other)[0]


def _number(span: Span) -> int:
    return next(iter(span.given().values()))


def _is_comparable(one: Span, other: Span) -> bool:
    """Working time and calendar time meet in the calendar only; nothing at all is comparable with both."""
    return one.is_zero or other.is_zero or _is_working(one) == _is_working(other)


def _is_working(span: Span) -> bool:
    return span.working_days is not None or span.working_minutes is not None


def _minutes(span: Span) -> tuple[int, int]:
    """The least and the most minutes of its kind of time, by the usual hours.

    n working days end at a day's close, so they hold n working days and up to one more, the day they begin on.
    """
    days = span.working_days
    if days:
        return days * WORKING_DAY_MINUTES, (days + 1) * WORKING_DAY_MINUTES
    minutes = (span.days or 0) * 24 * 60 + (span.minutes or 0) + (span.working_minutes or 0)
    return minutes, minutes
