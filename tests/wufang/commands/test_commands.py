"""`wufang token`, `wufang seed` and `wufang verify`, as somebody at a keyboard sees them."""

from datetime import timedelta

import pytest
import typer
from typer.testing import CliRunner

from models.clock import utcnow
from models.errors import NotLoggedIn
from models.officer import identify
from tests.make import Maker
from wufang.commands import seed, token, verify
from wufang.demo_district import logins


@pytest.fixture
def app(make: Maker, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """The three commands, on the test's database."""
    monkeypatch.setenv("WUFANG_DATABASE_URL", make.database.url)
    made = typer.Typer()
    for module in (seed, token, verify):
        module.register(made)
    return made


def test_a_token_is_printed_once_and_opens_the_api_until_its_day(app: typer.Typer, make: Maker) -> None:
    officer = make.officer(make.neighbourhood().street)
    done = CliRunner().invoke(app, ["token", "--email", officer.email.upper(), "--label", "script", "--days", "2"])
    assert done.exit_code == 0
    secret = done.stdout.strip()
    with make.database.reading() as session:
        assert identify(session, secret, utcnow()) == make.identity(officer)
        with pytest.raises(NotLoggedIn):
            identify(session, secret, utcnow() + timedelta(days=2, minutes=1))


def test_no_token_for_an_unknown_address(app: typer.Typer) -> None:
    done = CliRunner().invoke(app, ["token", "--email", "nobody@shanyang.example"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no officer with the address nobody@shanyang.example" in done.stderr


def test_no_token_for_who_no_longer_acts(app: typer.Typer, make: Maker) -> None:
    officer = make.officer(make.neighbourhood().street)
    make.tamper("update officer set is_active = false where email = :email", email=officer.email)
    done = CliRunner().invoke(app, ["token", "--email", officer.email])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no longer acts" in done.stderr


def test_seed_prints_the_log_ins_and_leaves_a_district_alone(app: typer.Typer) -> None:
    first, second = CliRunner().invoke(app, ["seed"]), CliRunner().invoke(app, ["seed"])
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert all(login.email in first.stdout for login in logins())
    assert second.stdout == "A district is there already: nothing was changed.\n"


def test_verify_counts_and_names_what_is_broken(app: typer.Typer, make: Maker) -> None:
    world = make.neighbourhood()
    filed = make.filing(world.clerk, [world.compound])
    whole = CliRunner().invoke(app, ["verify"])
    assert whole.exit_code == 0
    assert whole.stdout.startswith("Looked at: matters 1, record entries 1, opinions 0.")
    make.tamper("update record_entry set kind = 'opened'")
    done = CliRunner().invoke(app, ["verify"])
    assert done.exit_code == 1
    assert f"{filed.reference}: the record is broken at entry 1." in done.stderr
