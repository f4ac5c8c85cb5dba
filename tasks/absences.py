"""The steps of the look after absences: who is asked in vain gets company, and the administrators are told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from prefect import task
from prefect.cache_policies import NO_CACHE

from models import unreached
from models.consultation import stepping_in
from models.record import Actor
from tasks.resources import database
from tasks.rounds import this_run

log = structlog.get_logger()


@task(cache_policy=NO_CACHE)
def find_unreached(at: datetime) -> list[UUID]:
    """The matters in which somebody is asked whom nobody can reach."""
    with database().reading() as session:
        return stepping_in.unreached(session, at)


@task(cache_policy=NO_CACHE)
def step_in(matter_ids: Sequence[UUID], at: datetime) -> tuple[int, int]:
    """Ask those above beside them, a transaction for each matter. Returns how many were moved and how many failed."""
    moved, failed = 0, 0
    for matter_id in matter_ids:
        try:
            moved += database().write(stepping_in.step_in_late, matter_id, at, Actor(run=this_run())) > 0
        except Exception:
            log.exception("nobody could step in", matter=str(matter_id))
            failed += 1
    return moved, failed


@task(cache_policy=NO_CACHE)
def tell_administrators(at: datetime) -> int:
    """A letter to the administrators where the gaps have changed, else once a week. Returns how many letters."""
    return database().write(unreached.tell_administrators, at)
