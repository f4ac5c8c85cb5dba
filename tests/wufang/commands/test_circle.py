"""`wufang circle`: coverage on the terminal, roads read and kept, several more sites at once."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.make import Maker
from wufang.commands import circle, seed
from wufang.make_training import TOWN, Training

EXTRACT = Path(__file__).parents[2] / "models" / "training" / "circle" / "river_town.osm"
EVENING = ["circle", "--way", "foot", "--day", "1", "--time", "20:00"]


@pytest.fixture
def app(make: Maker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> typer.Typer:
    """The command, and the one that loads the demo district, on the test's database."""
    monkeypatch.setenv("WUFANG_DATABASE_URL", make.database.url)
    monkeypatch.setenv("WUFANG_STATE_DIR", str(tmp_path / "state"))
    made = typer.Typer()
    for module in (circle, seed):
        module.register(made)
    return made


def test_coverage_and_more_sites_are_told(app: typer.Typer, make: Maker) -> None:
    Training(make, make.neighbourhood()).site(latitude=TOWN[0], longitude=TOWN[1])
    make.tamper("update compound set latitude = :north, longitude = :east", north=TOWN[0], east=TOWN[1])
    done = CliRunner().invoke(app, [*EVENING, "--more", "2"])
    assert done.exit_code == 0, done.stderr
    assert "by straight lines); 1 sites are open" in done.stdout
    assert "2 more sites would bring" in done.stdout
    assert "no other choice gains more" in done.stdout


def test_the_road_map_is_read_and_kept(
    app: typer.Typer, make: Maker, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    Training(make, make.neighbourhood()).site()
    monkeypatch.setenv("WUFANG_ROADS", str(EXTRACT))
    for _ in range(2):
        done = CliRunner().invoke(app, [*EVENING, "--more", "0"])
        assert done.exit_code == 0, done.stderr
        assert "by the road map" in done.stdout
    assert len(list((tmp_path / "state" / "roads").glob("*.npz"))) == 1


def test_what_is_wrong_is_said(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(app, ["circle", "--time", "noon"]).exit_code == 2
    assert "0 of 0 places" in CliRunner().invoke(app, EVENING).stdout
    monkeypatch.setenv("WUFANG_ROADS", "none.osm")
    done = CliRunner().invoke(app, EVENING)
    assert done.exit_code == 1
    assert "none.osm is no OpenStreetMap extract" in done.stderr
