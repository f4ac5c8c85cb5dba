"""Drafts of timetables: claimed, computed with no transaction open, and kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from prefect import task
from prefect.cache_policies import NO_CACHE

from models.calendars import district_calendar
from models.database import Database
from models.training import drafting
from models.training.proposing import pose
from models.training.ruling import training_rules
from models.training.tables import Timetable
from tasks.resources import database
from tasks.timetable_apart import Solve, solve_apart

log = structlog.get_logger()

MOST_SECONDS = drafting.LEASE.total_seconds() / 2  # whatever the district's file says


@dataclass(frozen=True, slots=True)
class Claimed:
    """A timetable that is asked for, and which try this is."""

    timetable_id: UUID
    attempt: int


@task(cache_policy=NO_CACHE)
def claim_timetable(at: datetime) -> Claimed | None:
    """Take the oldest timetable that is asked for and due at `at`; None where none is."""
    return claim(database(), at)


@task(cache_policy=NO_CACHE)
def draft_timetable(claimed: Claimed, at: datetime) -> bool:
    """Compute it and keep the draft; returns whether there is one. What fails is tried again, then shown."""
    return draft(database(), claimed, at)


def claim(kept_in: Database, at: datetime) -> Claimed | None:
    """The same in any database."""
    found = kept_in.write(drafting.claim, at)
    return None if found is None else Claimed(*found)


def draft(kept_in: Database, claimed: Claimed, at: datetime, solve: Solve = solve_apart) -> bool:
    """The same in any database, with any solver."""
    rules = training_rules()
    try:
        with kept_in.reading() as session:
            table = session.get_one(Timetable, claimed.timetable_id)
            problem = pose(session, rules, district_calendar(), table, at)
        answer = solve(problem, min(rules.timetable.seconds, MOST_SECONDS))
        kept_in.write(drafting.draft, claimed.timetable_id, claimed.attempt, problem, answer, at)
    except Exception as error:
        log.exception("timetable not drafted", timetable=str(claimed.timetable_id))
        kept_in.write(drafting.put_back, claimed.timetable_id, f"{type(error).__name__}: {error}", at)
        return False
    return True
