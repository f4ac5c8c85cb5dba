"""`wufang open311-key`, as somebody at a keyboard sees it."""

import pytest
import typer
from typer.testing import CliRunner, Result

from models.open311_key import KeyUnknown, holder_of
from tests.make import Maker
from wufang.commands import open311_key


@pytest.fixture
def app(make: Maker, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """The command, on the test's database."""
    monkeypatch.setenv("WUFANG_DATABASE_URL", make.database.url)
    made = typer.Typer()
    open311_key.register(made)
    return made


def run(app: typer.Typer, *words: str) -> Result:
    """What it says to these words."""
    return CliRunner().invoke(app, list(words))


def test_a_key_is_made_listed_and_revoked(app: typer.Typer, make: Maker) -> None:
    make.neighbourhood()
    assert run(app, "--list").stdout == "There is no key yet.\n"
    secret = run(app, "--name", "A navigation app").stdout.strip()
    with make.database.reading() as session:
        holder = holder_of(session, secret)
    assert holder.name == "A navigation app"
    line = run(app, "--list").stdout
    assert line.startswith(f"{holder.key_id}  ")
    assert line.endswith("  valid  A navigation app\n")
    assert secret not in line
    assert run(app, "--revoke", str(holder.key_id)).exit_code == 0
    with make.database.reading() as session, pytest.raises(KeyUnknown):
        holder_of(session, secret)
    assert "  revoked " in run(app, "--list").stdout


@pytest.mark.parametrize("key_id", ["nonsense", "00000000-0000-0000-0000-000000000001"])
def test_an_unknown_key_is_not_revoked(app: typer.Typer, make: Maker, key_id: str) -> None:
    make.neighbourhood()
    done = run(app, "--revoke", key_id)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no such key" in done.stderr


@pytest.mark.parametrize("words", [[], ["--name", " "], ["--list", "--name", "x"], ["--name", "x" * 101]])
def test_one_thing_is_asked_at_a_time(app: typer.Typer, make: Maker, words: list[str]) -> None:
    done = run(app, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Say one of" in done.stderr


def test_without_a_district_there_is_no_key(app: typer.Typer) -> None:
    assert run(app, "--name", "x").exit_code == 1
