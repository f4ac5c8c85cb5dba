"""Rules that a protocol's parts must keep among each other."""

from collections.abc import Sequence
from itertools import pairwise

from models.protocol.reading import Place
from models.protocol.schema import Mode, ObjectionWay, Rule, StageRule
from models.words import N_
from models.working_time import Span

FUNCTIONS = ("social_work", "market_supervision", "housing", "health", "human_resources", "unions")


def check_stage(said: dict[str, Place], rule: StageRule) -> None:
    """Note what does not fit together inside one stage."""
    if not rule.seats:
        said["seats"].fault(N_("a stage needs at least one seat"))
    if rule.decision.at_least is not None and rule.decision.at_least > len(rule.seats):
        said["decision"].fault(
            N_("at_least is {k}, but there are {n} seats"), k=rule.decision.at_least, n=len(rule.seats)
        )
    without_seat = rule.decision.vetoes - {seat.party for seat in rule.seats}
    for party in sorted(without_seat):
        said["decision"].fault(N_("{party} has a veto but no seat in this stage"), party=party.value)
    if rule.mode is Mode.OR_SIGN and (rule.decision.vetoes or rule.decision.rule is not Rule.ALL):
        said["decision"].fault(N_("with or_sign the first answer decides: write rule all, without vetoes"))
    _check_times(said, rule)


def _check_times(said: dict[str, Place], rule: StageRule) -> None:
    """Spans of one unit can be compared; others meet in the calendar only."""
    if rule.deadline.is_zero:
        said["deadline"].fault(N_("a deadline of nothing cannot be kept"))
    for reminder in rule.reminders:
        if reminder.before is not None and _is_longer(reminder.before, rule.deadline):
            said["reminders"].fault(N_("a reminder comes before its stage opens"))
    if rule.look_within is not None and _is_longer(rule.look_within, rule.deadline):
        said["look_within"].fault(N_("look_within is longer than the deadline"))
    rungs = [escalation.after for escalation in rule.escalations]
    if any(not _is_longer(later, earlier) and _is_comparable(later, earlier) for earlier, later in pairwise(rungs)):
        said["escalations"].fault(N_("each escalation must come after the one before it"))
    if rungs and _is_longer(rungs[-1], rule.lapse.after):
        said["lapse"].fault(N_("the lapse comes before the last escalation"))


def _is_comparable(one: Span, other: Span) -> bool:
    return one.is_zero or other.is_zero or set(one.given()) == set(other.given())


def _is_longer(one: Span, other: Span) -> bool:
    """Whether `one` is longer, as far as their units tell."""
    return _is_comparable(one, other) and max(one.given().values()) > max(other.given().values())


def check_stages(place: Place, stages: Sequence[StageRule]) -> None:
    """Note what does not fit together among the stages."""
    keys = [stage.key for stage in stages]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        place.fault(N_("two stages have the key {key}"), key=key)
    conciliations = [stage for stage in stages if stage.is_conciliation]
    if len(conciliations) == len(stages):
        place.fault(N_("there is no ordinary stage"))
    if len(conciliations) > 1:
        place.fault(N_("there is more than one conciliation stage"))
    if not conciliations and any(stage.objection is ObjectionWay.CONCILIATE for stage in stages):
        place.fault(N_("an objection goes to conciliation, but there is no stage with is_conciliation"))
    if any(stage.objection is ObjectionWay.CONCILIATE for stage in conciliations):
        place.fault(N_("an objection in the conciliation cannot go to conciliation again"))
    _check_declared(place, stages)


def _check_declared(place: Place, stages: Sequence[StageRule]) -> None:
    """The filer's declaration belongs to the first ordinary stage, once."""
    declared = [(stage, seat) for stage in stages for seat in stage.seats if seat.is_declared]
    first = next((stage for stage in stages if not stage.is_conciliation), None)
    if len(declared) > 1 or any(stage is not first for stage, _ in declared):
        place.fault(N_("is_declared stands at one seat of the first stage only"))
