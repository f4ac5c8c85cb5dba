"""What a round moved, written where people look: a row in the database and a table in Prefect's interface."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from models import rounds
from models.clock import utcnow
from tasks.chat import Told
from tasks.letters import Posted
from tasks.report_rounds import MovedReport, TakenReports
from tasks.resources import database
from tasks.rounds import Moved, Taken, this_run
from tasks.training_rounds import MovedEvent, TakenEvents

TABLE_ROWS = 200  # of the artifact; the record of each matter names its run in any case


@dataclass(frozen=True, slots=True)
class RoundReport:
    """How many matters a round took, moved and put back."""

    taken: int
    moved: int
    failed: int


@task(cache_policy=NO_CACHE)
def report(taken: Taken, moved: Sequence[Moved], started_at: datetime) -> RoundReport:
    """Write down what this round did. A round that found nothing due leaves no row and no table."""
    failed = sum(one.trouble is not None for one in moved)
    told = RoundReport(len(taken.matters), len(moved) - failed, failed)
    if taken.matters:
        database().write(rounds.note_round, _row(taken.at, told, started_at))
        _show(moved)
    return told


@task(cache_policy=NO_CACHE)
def report_reports(
    taken: TakenReports,
    climbed: Sequence[MovedReport],
    whistles: Taken,
    moved: Sequence[Moved],
    started_at: datetime,
) -> RoundReport:
    """The same for a round over reports, and the matters that streets have made of some."""
    failed = sum(one.trouble is not None for one in (*climbed, *moved))
    told = RoundReport(len(taken.reports) + len(whistles.matters), len(climbed) + len(moved) - failed, failed)
    if told.taken:
        database().write(rounds.note_round, _row(taken.at, told, started_at))
    if taken.reports:
        table = [{"report": one.reference, "trouble": one.trouble or ""} for one in climbed[:TABLE_ROWS]]
        create_table_artifact(table=table, description=f"{len(climbed)} reports; the first {len(table)} are listed")
    if whistles.matters:
        _show(moved)
    return told


@task(cache_policy=NO_CACHE)
def report_events(taken: TakenEvents, moved: Sequence[MovedEvent], started_at: datetime) -> RoundReport:
    """The same for a round over sessions of training."""
    failed = sum(one.trouble is not None for one in moved)
    told = RoundReport(len(taken.events), len(moved) - failed, failed)
    if taken.events:
        database().write(rounds.note_round, _row(taken.at, told, started_at))
        table = [{"session": one.reference, "trouble": one.trouble or ""} for one in moved[:TABLE_ROWS]]
        create_table_artifact(table=table, description=f"{len(moved)} sessions; the first {len(table)} are listed")
    return told


def _row(at: datetime, told: RoundReport, started_at: datetime) -> rounds.Round:
    return rounds.Round(
        flow=str(flow_run.get_flow_name() or ""),
        run=this_run(),
        at=at,
        started_at=started_at,
        ended_at=utcnow(),
        taken=told.taken,
        moved=told.moved,
        failed=told.failed,
    )


def _show(moved: Sequence[Moved]) -> None:
    table = [
        {"matter": one.reference, "step": one.need.value, "trouble": one.trouble or ""} for one in moved[:TABLE_ROWS]
    ]
    create_table_artifact(table=table, description=f"{len(moved)} matters; the first {len(table)} are listed")


@task(cache_policy=NO_CACHE)
def report_chat(told: Sequence[Told]) -> RoundReport:
    """Show which rooms were told how much, without tokens. A round that found nothing due leaves no table."""
    failed = sum(one.trouble is not None for one in told)
    if told:
        table = [{"room": str(one.room_id), "messages": one.count, "trouble": one.trouble or ""} for one in told]
        create_table_artifact(table=table[:TABLE_ROWS], description=f"{len(told)} rooms")
    return RoundReport(len(told), len(told) - failed, failed)


@task(cache_policy=NO_CACHE)
def report_letters(posted: Sequence[Posted]) -> RoundReport:
    """Show what left and what did not, without addresses. A round that found nothing due leaves no table."""
    failed = sum(one.trouble is not None for one in posted)
    if posted:
        table = [
            {"notice": str(one.notice_id), "letter": one.letter, "trouble": one.trouble or ""}
            for one in posted[:TABLE_ROWS]
        ]
        create_table_artifact(table=table, description=f"{len(posted)} letters; the first {len(table)} are listed")
    return RoundReport(len(posted), len(posted) - failed, failed)
