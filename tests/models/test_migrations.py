"""Migrations: both databases end with the tables that the code says, and what is there already is kept."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import (
    CHAR,
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    MetaData,
    String,
    Time,
    Uuid,
    create_engine,
    func,
    insert,
    make_url,
    select,
    text,
)

from models.consultation.tables import Seat
from models.matter import Matter
from models.migrations import configured, upgrade
from models.officer import Officer
from wufang.demo_district import seed


def test_sqlite_has_the_tables_that_the_code_says(tmp_path):
    url = f"sqlite:///{tmp_path / 'new' / 'wufang.db'}"
    upgrade(url)
    command.check(configured(url))


def test_postgresql_has_the_tables_that_the_code_says(postgres_url):
    command.check(configured(postgres_url))


def test_upgrading_a_database_in_use_keeps_what_is_there(any_make, any_database):
    seed(any_database)
    before = any_make.count(Officer)
    upgrade(any_database.url)
    assert any_make.count(Officer) == before


def test_every_step_goes_up_over_rows_of_the_step_before(any_url):
    """Each revision is reached with a row in every table: a column that must be filled says with what."""
    steps = [one.revision for one in ScriptDirectory.from_config(configured(any_url)).walk_revisions()][::-1]
    upgrade(any_url, steps[0])
    engine = create_engine(any_url)
    for step in steps[1:]:
        counts = _fill(engine)
        upgrade(any_url, step)
        assert _counts(engine, counts) == counts
    engine.dispose()
    command.check(configured(any_url))


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request, tmp_path):
    """An empty database of either kind, gone afterwards."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'stepwise.db'}"
        return
    base = make_url(request.getfixturevalue("postgres_url"))
    server = create_engine(base, isolation_level="AUTOCOMMIT")
    name = f"{base.database}_stepwise"
    with server.connect() as connection:
        connection.execute(text(f'create database "{name}"'))
    yield base.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f'drop database "{name}" with (force)'))
    server.dispose()


def _fill(engine) -> dict[str, int]:
    """One row more in every table; they point to each other since all have the same identifier."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.begin() as connection:
        for table in tables.sorted_tables:
            if table.name != "alembic_version" and not connection.scalar(select(func.count()).select_from(table)):
                connection.execute(insert(table).values({one.name: _some(one) for one in table.columns}))
    return _counts(engine, dict.fromkeys(tables.tables, 0))


SOME = {
    DateTime: datetime(2026, 11, 23, tzinfo=UTC),
    Date: date(2026, 11, 23),
    Boolean: True,
    Integer: 1,
    Float: 1.5,
    Time: time(8, 30),
    JSON: {},
    Uuid: UUID(int=1),
    CHAR: UUID(int=1).hex,  # SQLite keeps identifiers as 32 signs
    String: "x",
}


def _some(column: Column) -> Any:
    return next(value for kind, value in SOME.items() if isinstance(column.type, kind))


def _counts(engine, named) -> dict[str, int]:
    with engine.connect() as connection:
        return {name: connection.scalar(text(f'select count(*) from "{name}"')) for name in named}


def test_lateness_is_filled_in_as_the_engine_would_have_written_it(any_make, any_database, at):
    """A late seat, its superior's, one in time and one that waits: cleared, and filled in by the migration's own words."""
    world = any_make.neighbourhood()
    matter_id = any_make.filing(world.clerk, [world.compound]).matter_id
    any_make.open(matter_id, at)
    council = next(one for one in any_make.asked(matter_id) if one.organisation_id == world.council.id)
    any_make.say(world.who(world.council), council, at=at + timedelta(hours=1))
    (due_at,) = {one.due_at for one in any_make.asked(matter_id)}
    any_make.climb(matter_id, due_at)
    (street,) = any_make.asked(matter_id)
    any_make.say(world.who(world.street), street, at=due_at + timedelta(hours=15))
    any_make.open(matter_id, due_at + timedelta(hours=15))
    before = _lateness(any_database)
    any_make.tamper("update seat set asked_at = null, answered_minutes = null, late_at = null, escalated_at = null")
    any_make.tamper("update matter set late_since = null")
    step = ScriptDirectory.from_config(configured(any_database.url)).get_revision("v0003").module
    engine = create_engine(any_database.url)
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        for statement in step.FILLED_IN:
            connection.execute(text(statement))
        step._fill_in_minutes()
    engine.dispose()
    assert _lateness(any_database) == before
    assert len({tuple(value is None for value in row[1:]) for row in before}) == 4  # every kind of seat was there


def _lateness(database):
    with database.reading() as session:
        rows = session.execute(
            select(
                Seat.id,
                Seat.asked_at,
                Seat.answered_minutes,
                Seat.late_at,
                Seat.escalated_at,
                Matter.late_since,
            ).join(Matter, Seat.matter_id == Matter.id)
        )
        return sorted(tuple(row) for row in rows)
