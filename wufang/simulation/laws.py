"""The laws of the engine (design), each a function that says what is broken, or None.

They look at one matter after one step: as it was after the step before (`before`), as it is now, and what the
simulation remembers of it from what it was told, which is more than the tables can say about themselves.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from models.consultation.ladder import Rung
from models.consultation.tables import SeatStatus
from models.matter import STATUS_AFTER, MatterStatus, Result
from models.officer import Identity
from models.record import GENESIS, hash_of
from wufang.simulation.looking import Row, Snapshot

ANSWERS = frozenset({"opinion_given", "opinion_changed", "recorded_on_behalf", "deemed"})
AUTOMATIC = frozenset({"deemed", "escalated"})
ENDED = {Result.AGREED: MatterStatus.AGREED, Result.REFUSED: MatterStatus.REFUSED}
OWN_SEAT = frozenset({"opinion_given", "opinion_changed", "taken_back", "transferred", "handed_over", "delegated"})
AUTHORITY = {SeatStatus.ASKED, SeatStatus.ANSWERED}


@dataclass(frozen=True, slots=True)
class Said:
    """An opinion that was acknowledged: what the database answered after its commit."""

    opinion_id: UUID
    seat_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the simulation: one transaction, of an officer (`by`) or of the system. `at`: as the system saw it."""

    number: int
    what: str
    at: datetime
    by: Identity | None = None
    refusal: str | None = None  # the broken rule's name
    seat_id: UUID | None = None
    expected_version: int | None = None
    said: tuple[Said, ...] = ()
    taken_back: UUID | None = None


@dataclass(slots=True)
class Memory:
    """What the simulation remembers of a matter beside its last look."""

    position: int = 0
    hash: str = GENESIS
    told: MatterStatus | None = None  # the status by the record so far
    said: dict[UUID, Said] = field(default_factory=dict[UUID, Said])
    standing: dict[UUID, UUID | None] = field(default_factory=dict[UUID, UUID | None])  # opinion by seat
    answered: dict[str, bool] = field(default_factory=dict[str, bool])  # by the record, seat by seat
    escalated: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    passes: tuple[Row, ...] = ()


@dataclass(slots=True)
class Shared:
    """What the laws know beyond one matter."""

    numbers: dict[int, int] = field(default_factory=dict[int, int])  # the last resolution's, by year
    readers: frozenset[UUID] = frozenset()  # officers who may only read
    latest_seen: datetime | None = None  # the latest that the system's clock has ever said


@dataclass(frozen=True, slots=True)
class Look:
    """One matter after one step."""

    step: Step
    before: Snapshot | None
    now: Snapshot
    memory: Memory
    shared: Shared


Law = Callable[[Look], str | None]


def the_chain_is_sound(look: Look) -> str | None:
    """The record only grows, without gaps, each entry with the hash of the one before."""
    position, head = look.memory.position, look.memory.hash
    for entry in look.now.entries:
        row: dict[str, Any] = entry._asdict()
        if entry.position != position + 1 or entry.hash != hash_of(row, head):
            return f"entry {entry.position} does not follow entry {position}"
        position, head = entry.position, entry.hash
    if (position, head) != (look.now.matter.record_count, look.now.matter.record_hash):
        return f"the matter names entry {look.now.matter.record_count} as the last, but {position} is"
    return None


def status_is_the_fold_of_the_record(look: Look) -> str | None:
    """The status is what the record tells."""
    told = _told(look)
    return (
        None if told is look.now.matter.status else f"the record tells {told}, the status is {look.now.matter.status}"
    )


def _told(look: Look) -> MatterStatus | None:
    told = [STATUS_AFTER[entry.kind] for entry in look.now.entries if entry.kind in STATUS_AFTER]
    return told[-1] if told else look.memory.told


def terminal_stays_terminal(look: Look) -> str | None:
    """What is agreed, refused or withdrawn stays so, with its resolution, its passes and its opinions."""
    before, now = look.before, look.now
    if before is None or not before.is_over:
        return None
    for name in ("status", "result", "wake_at"):
        was, has = getattr(before.matter, name), getattr(now.matter, name)
        if was != has:
            return f"{name} was {was} and is {has}"
    same = (before.resolutions, before.passes, before.opinions) == (now.resolutions, now.passes, now.opinions)
    return None if same else "a resolution, a pass or an opinion changed after the end"


def every_open_stage_has_one_live_deadline(look: Look) -> str | None:
    """At most one stage is open, and the alarm is its next rung or now; what is over has no alarm."""
    matter, stage = look.now.matter, look.now.stage
    if len(look.now.stages) > 1:
        return f"{len(look.now.stages)} stages are open"
    if matter.status is not MatterStatus.CONSULTING:
        return _alarm_without_stage(look)
    waits = look.now.running is not None and look.now.running.next_stage is not None
    if (stage is not None) == waits:
        return "no stage is open and none waits" if stage is None else "a stage is open while the next one waits"
    if matter.wake_at is None:
        return None if matter.stuck_at else "nothing will ever wake it"
    if stage is None or stage.needs_asking:
        return _is_now(look)
    rung = Rung.of(stage.ladder[stage.rung]).at if stage.rung < len(stage.ladder) else None
    return None if matter.wake_at == rung else f"the alarm is {matter.wake_at}, the next rung {rung}"


def _alarm_without_stage(look: Look) -> str | None:
    matter = look.now.matter
    if look.now.stages:
        return f"a stage is open though it is {matter.status}"
    if matter.status in {MatterStatus.SUBMITTED, MatterStatus.DECIDED}:
        return _is_now(look)
    return None if matter.wake_at is None else f"it is {matter.status} and has an alarm at {matter.wake_at}"


def _is_now(look: Look) -> str | None:
    """An alarm that calls for the next round lies at an instant that the clock has said already."""
    wake_at, latest = look.now.matter.wake_at, look.shared.latest_seen or look.step.at
    return None if wake_at is not None and wake_at <= latest else f"the alarm is {wake_at}, and it should be now"


def an_acknowledged_opinion_is_never_lost(look: Look) -> str | None:
    """Every opinion that was acknowledged is there as it was said, and counts until its own party says otherwise."""
    said = look.memory.said | {one.opinion_id: one for one in look.step.said}
    for one in said.values():
        row = look.now.opinions.get(one.opinion_id)
        if row is None or (row.seat_id, row.kind) != (one.seat_id, one.kind):
            return f"the opinion {one.opinion_id} on seat {one.seat_id} is not there as it was said"
    for seat_id, opinion_id in _standing(look).items():
        if look.now.seats[seat_id].opinion_id != opinion_id:
            return f"seat {seat_id} should have opinion {opinion_id}, it has {look.now.seats[seat_id].opinion_id}"
    return None


def _standing(look: Look) -> dict[UUID, UUID | None]:
    """The opinion of each seat by what was acknowledged; None: taken back, and not given again."""
    standing = look.memory.standing | {one.seat_id: one.opinion_id for one in look.step.said}
    if look.step.taken_back is not None:
        standing[look.step.taken_back] = None
    for entry in look.now.entries:
        if entry.kind == "deemed":  # whether it was allowed to is another law's question
            standing.pop(UUID(entry.body["seat"]), None)
    return standing


def an_automatic_act_overwrites_nobody(look: Look) -> str | None:
    """The system answers or escalates only where nobody has answered, and never in an officer's step."""
    answered = dict(look.memory.answered)
    for entry in look.now.entries:
        seat = str(entry.body.get("seat", ""))
        if entry.kind in AUTOMATIC and (entry.officer_id is not None or look.step.by is not None):
            return f"entry {entry.position} is the system's, written in a step of an officer"
        if entry.kind in AUTOMATIC and answered.get(seat):
            return f"entry {entry.position} ({entry.kind}) is about seat {seat}, which had answered"
        _fold_answer(answered, entry)
    return None


def _fold_answer(answered: dict[str, bool], entry: Row) -> None:
    if entry.kind in ANSWERS:
        answered[str(entry.body["seat"])] = True
    elif entry.kind == "taken_back":
        answered[str(entry.body["seat"])] = False


def a_stale_page_changes_nothing(look: Look) -> str | None:
    """Whoever acts on a version that is not the newest is refused."""
    step = look.step
    if step.refusal or step.expected_version is None or step.seat_id is None or look.before is None:
        return None
    seat = look.before.seats.get(step.seat_id)
    if seat is None or seat.version == step.expected_version:
        return None
    return f"{step.what} was accepted on version {step.expected_version}, but the seat had {seat.version}"


def authority_is_that_of_the_seat_at_commit_time(look: Look) -> str | None:
    """Who acts on a seat is of its organisation, may act, and finds it open in an open stage."""
    before = look.before
    if before is None or look.step.by is None:
        return None
    for entry in look.now.entries:
        if entry.officer_id in look.shared.readers and entry.kind != "commented":
            return f"entry {entry.position} ({entry.kind}) is by an officer who only reads"
        seat = before.seats.get(UUID(entry.body["seat"])) if entry.kind in OWN_SEAT else None
        if seat is None:
            continue
        if seat.organisation_id != entry.organisation_id:
            return f"entry {entry.position} ({entry.kind}) is by an organisation that the seat is not of"
        is_open = before.stage is not None and before.stage.id == seat.stage_id
        if not is_open or seat.status not in AUTHORITY:
            return f"entry {entry.position} ({entry.kind}) is on a seat that was {seat.status} or settled"
    return None


def a_refusal_leaves_no_trace(look: Look) -> str | None:
    """What was refused, or cut off before its commit, has changed nothing."""
    before, now = look.before, look.now
    if look.step.refusal is None or before is None:
        return None
    same = (before.matter, before.seats, before.opinions) == (now.matter, now.seats, now.opinions)
    return None if same and not now.entries else f"{look.step.what} was refused ({look.step.refusal}), but left a trace"


def one_effect_per_decision(look: Look) -> str | None:
    """A consultation that ends has one resolution, a line that passed has one pass, and nothing else has any."""
    now = look.now
    lines: list[UUID] = [one.line_id for one in now.passes]
    if len(set(lines)) != len(lines) or frozenset(lines) != now.passed:
        return f"{len(now.passed)} lines passed and there are {len(lines)} passes"
    if len({one.consultation_id for one in now.resolutions}) != len(now.resolutions):
        return "a consultation has two resolutions"
    ended = [result for result, status in ENDED.items() if status is now.matter.status]
    if [one.result for one in now.resolutions] != ended:
        return f"it is {now.matter.status} and has {len(now.resolutions)} resolutions"
    return None if not lines or ended == [Result.AGREED] else "there are passes without an agreement"


def numbers_have_no_gaps(look: Look) -> str | None:
    """Resolutions of a year are numbered one after another."""
    known = len(look.before.resolutions) if look.before else 0
    for one in look.now.resolutions[known:]:
        expected = look.shared.numbers.get(one.year, 0) + 1
        if one.sequence != expected:
            return f"{one.number} should have number {expected}"
    return None


def a_clock_that_jumps_changes_nothing_that_was(look: Look) -> str | None:
    """No pass changes whatever the clock says, and no escalation fires twice."""
    if look.memory.passes and look.memory.passes != look.now.passes:
        return "a pass changed after it was issued"
    seen = set(look.memory.escalated)
    for entry in look.now.entries:
        if entry.kind != "escalated":
            continue
        which = _escalation(entry)
        if which in seen:
            return f"seat {which[0]} was escalated to {which[1]} twice"
        seen.add(which)
    return None


def _escalation(entry: Row) -> tuple[str, str]:
    return str(entry.body["seat"]), str(entry.body["to"])


def rungs_are_climbed_once(look: Look) -> str | None:
    """A stage's ladder is climbed upwards: no rung comes again, but where the ladder itself was laid anew."""
    before = look.before.stage if look.before else None
    now = look.now.stage
    if before is None or now is None or before.id != now.id or now.rung >= before.rung:
        return None
    kinds = {entry.kind for entry in look.now.entries}
    return None if kinds & {"extended", "turn_passed"} else f"rung {before.rung} was next, now it is {now.rung} again"


LAWS: tuple[Law, ...] = (
    the_chain_is_sound,
    status_is_the_fold_of_the_record,
    a_refusal_leaves_no_trace,
    an_acknowledged_opinion_is_never_lost,
    terminal_stays_terminal,
    every_open_stage_has_one_live_deadline,
    an_automatic_act_overwrites_nobody,
    a_stale_page_changes_nothing,
    authority_is_that_of_the_seat_at_commit_time,
    one_effect_per_decision,
    numbers_have_no_gaps,
    a_clock_that_jumps_changes_nothing_that_was,
    rungs_are_climbed_once,
)


AT_THE_END = tuple(law for law in LAWS if law is not numbers_have_no_gaps)  # matters come in another order then


def broken(look: Look, laws: tuple[Law, ...] = LAWS) -> Iterator[tuple[Law, str]]:
    """The laws that do not hold, each with what is wrong."""
    for law in laws:
        if (said := law(look)) is not None:
            yield law, said


def remember(look: Look) -> None:
    """Keep what this look has told, for the next one."""
    memory = look.memory
    memory.told, memory.position, memory.hash = _told(look), look.now.matter.record_count, look.now.matter.record_hash
    memory.standing = _standing(look)
    memory.said |= {one.opinion_id: one for one in look.step.said}
    memory.passes = look.now.passes
    for entry in look.now.entries:
        _fold_answer(memory.answered, entry)
        if entry.kind == "escalated":
            memory.escalated.add(_escalation(entry))
    for one in look.now.resolutions:
        look.shared.numbers[one.year] = max(look.shared.numbers.get(one.year, 0), one.sequence)
