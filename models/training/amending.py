"""What conditions touch: the sessions that cannot stay, the problem that is solved again, and what came of it.

See docs/decisions/0022.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import local_date
from models.consultation import seats
from models.matter import Matter, MatterStatus, Result
from models.training.checking import broken
from models.training.courses import LIVE, sessions_of
from models.training.problem import MOVED_SHARE, Answer, Key, Placement, Problem, Rule, RuleKind
from models.training.proposing import DAY, Frame, chain_of, key_of, placements_of, problem_of
from models.training.ruling import TrainingRules
from models.training.saying import lines_of, table_of
from models.training.tables import Course, Event, EventStatus, Timetable
from models.working_time import WorkCalendar

A_LITTLE = 1e-9  # a share of whole sessions is not rounded down


@dataclass(frozen=True, slots=True)
class Reopened:
    """A decided timetable as it stands now. `touched`: the sessions that cannot stay where they were proposed."""

    table: Timetable
    events: Sequence[Event]
    problem: Problem
    excepted: Mapping[Key, str]  # by whom (an organisation's code)
    touched: frozenset[Key]

    @property
    def fingerprint(self) -> list[list[Any]]:
        """The touched sessions as they are kept, to know whether an answer still fits."""
        return [[course, number] for course, number in sorted(self.touched)]

    def answer(self) -> Answer | None:
        """What the solver has said about exactly this, and it still holds; None: it is to be solved (again)."""
        kept = self.table.again
        if kept is None or kept["touched"] != self.fingerprint:
            return None
        found = Answer.from_data(kept["answer"])
        return None if broken(replace(self.problem, moved_share=None), found.placements) else found


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of each session: it stays, it moves (to where), or it has no place any more."""

    stays: tuple[Event, ...]
    moves: Mapping[Key, Placement] = field(default_factory=dict[Key, Placement])
    drops: tuple[Event, ...] = ()

    def is_small(self, count: int) -> bool:
        """Whether no more than a tenth moves of `count` sessions; where those are few, one may."""
        return len(self.moves) <= max(1, int(MOVED_SHARE * count))


def reopen(session: Session, rules: TrainingRules, calendar: WorkCalendar, matter: Matter, at: datetime) -> Reopened:
    """Hold the proposed sessions against the conditions, the exceptions, and what was published meanwhile."""
    table = table_of(session, matter.id)
    events = [one for one in lines_of(session, table.id) if one.status is EventStatus.PROPOSED]
    ids = sorted({one.course_id for one in events})
    courses = session.scalars(select(Course).where(Course.id.in_(ids)).order_by(Course.reference)).all()
    fixed = placements_of(sessions_of(session, ids, LIVE))
    first_on = max(table.first_on, local_date(at) + DAY)  # today's sessions are too near to be published
    frame = Frame(table.district_id, first_on, table.last_on, courses, fixed, is_decided=True)
    before, excepted = placements_of(events), _excepted(session, matter, events)
    problem = problem_of(session, rules, calendar, frame, before, chain_of(session, table))
    problem = replace(problem, rules=(*problem.rules, *_elsewhere(before, excepted)))
    found = [key for one in broken(problem, {**fixed, **before}) for key in one.sessions]
    touched = frozenset(key for key in found if key in before)
    problem = replace(problem, moved_share=_share(before, touched))
    return Reopened(table, events, problem, excepted, touched)


def to_solve(
    session: Session, rules: TrainingRules, calendar: WorkCalendar, matter_id: UUID, at: datetime
) -> Reopened | None:
    """What is to be solved before the matter is concluded; None: nothing, or it is solved."""
    matter = session.get_one(Matter, matter_id)
    if matter.status is not MatterStatus.DECIDED or matter.result is not Result.AGREED:
        return None
    found = reopen(session, rules, calendar, matter, at)
    return found if found.touched and found.answer() is None else None


def keep_again(session: Session, timetable_id: UUID, fingerprint: list[list[Any]], answer: Answer) -> None:
    """Keep what the solver said, until the decision takes effect."""
    table = session.get_one(Timetable, timetable_id, with_for_update=True)
    table.again = {"touched": fingerprint, "answer": answer.to_data()}


def outcome_of(found: Reopened, answer: Answer) -> Outcome:
    """What the answer makes of each session."""
    before = {key_of(one): one for one in found.events}
    where = {key: answer.placements.get(key) for key in before}
    moves = {key: at for key, at in where.items() if at is not None and at != found.problem.before[key]}
    stays = tuple(one for key, one in before.items() if where[key] is not None and key not in moves)
    return Outcome(stays, moves, tuple(one for key, one in before.items() if where[key] is None))


def _excepted(session: Session, matter: Matter, events: Sequence[Event]) -> dict[Key, str]:
    consultation = seats.running(session, matter.id)
    assert consultation is not None
    out = consultation.lines_out
    return {key_of(one): str(out[str(one.line)]["organisation"]) for one in events if str(one.line) in out}


def _elsewhere(before: Mapping[Key, Placement], excepted: Mapping[Key, str]) -> list[Rule]:
    """A session that a party has excepted is not at that site."""
    return [
        Rule(RuleKind.NOT_AT, {"sites": [before[key].site]}, sessions=(key,), asked_by=by)
        for key, by in sorted(excepted.items())
    ]


def _share(before: Mapping[Key, Placement], touched: frozenset[Key]) -> float:
    """A tenth, and as many more as are touched: these, and what comes after them in their courses, must be able to leave."""
    leaving = {key for key in before for course, number in touched if key[0] == course and key[1] >= number}
    return max(MOVED_SHARE, (len(leaving) + A_LITTLE) / max(len(before), 1))
