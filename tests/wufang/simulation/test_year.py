"""Some weeks of the district's life, for a few seeds: every law holds, every kind of fault happens, runs can be repeated."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from models.database import Database
from wufang.commands import simulate
from wufang.simulation.faults import Rates
from wufang.simulation.laws import LAWS
from wufang.simulation.year import Arguments, Told, Year, lines_of

OFTEN = Rates(killed=0.12, two_workers=0.2, later=0.06, unclear=0.05, clock_steps=200.0, trespasses=0.3)
FAULTS = {
    "kills before a commit",
    "kills within a commit",
    "kills after a commit",
    "two rounds at once",
    "letters to be sent later",
    "letters without an answer",
    "clock steps of an hour",
    "clock steps of a day",
}
Run = Callable[[Arguments], Told]


@contextmanager
def throw_away(template: Path, folder: Path) -> Iterator[Database]:
    path = folder / f"simulated-{len(list(folder.iterdir()))}.db"
    shutil.copyfile(template, path)
    database = Database(f"sqlite:///{path}", is_throw_away=True)
    try:
        yield database
    finally:
        database.close()


@pytest.fixture
def run(database_template: Path, tmp_path: Path) -> Run:
    def go(arguments: Arguments) -> Told:
        with throw_away(database_template, tmp_path) as database:
            return Year(database, arguments).run()

    return go


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_every_law_holds_through_two_weeks_of_trouble(run: Run, seed: int) -> None:
    told = run(Arguments(seed, days=13, matters=20, rates=OFTEN))
    assert sum(told.statuses.values()) == 20
    assert told.statuses["agreed"] > 5
    assert told.steps > 300
    assert {name for name in told.counts if told.counts[name]} >= FAULTS
    assert [name for name in told.counts if name.startswith("done: trespass")] == []
    assert told.counts["refused: NotAllowed"] + told.counts["refused: NotFound"] > 3


def test_equal_arguments_end_in_equal_digests_and_others_do_not(run: Run) -> None:
    first = run(Arguments(5, days=5, matters=6))
    assert run(Arguments(5, days=5, matters=6)).digest == first.digest
    assert run(Arguments(6, days=5, matters=6)).digest != first.digest
    assert run(Arguments(5, days=5, matters=7)).digest != first.digest


def test_the_digest_is_the_same_in_a_process_that_hashes_otherwise(run: Run) -> None:
    words = [sys.executable, "-m", "wufang.simulation", "--seed", "5", "--days", "5", "--matters", "6", "--quiet"]
    done = subprocess.run(
        words, env=os.environ | {"PYTHONHASHSEED": "4711"}, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"digest: {run(Arguments(5, days=5, matters=6)).digest}\n"


def test_the_same_year_on_either_database_ends_alike(run: Run, postgres: Database) -> None:
    arguments = Arguments(8, days=5, matters=5)
    assert Year(postgres, arguments).run().digest == run(arguments).digest


def test_a_district_has_two_thousand_matters_a_year() -> None:
    assert Arguments(1).filings == 2000
    assert Arguments(1, days=73).filings == 400


def test_the_summary_tells_what_happened(run: Run) -> None:
    arguments = Arguments(3, days=4, matters=3)
    lines = lines_of(run(arguments), arguments, len(LAWS))
    assert lines[0] == "Seed 3: 3 matters in 4 days from 2026-01-01."
    assert any(line.startswith("Faults: clock steps of a day") for line in lines)
    assert lines[-1].startswith(f"All {len(LAWS)} laws held after each of ")


def test_the_command_asks_for_the_simulation(monkeypatch: pytest.MonkeyPatch) -> None:
    app = typer.Typer()
    simulate.register(app)
    asked = CliRunner().invoke(app, ["--days", "0"])
    assert asked.exit_code == 2
    assert "--days" in asked.stderr
