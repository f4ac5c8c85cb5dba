"""`wufang protocols`: right files are named, mistakes with their file and line."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from models.protocol.storing import FOLDER
from wufang.commands import protocols

FILE = "access_filing.v1.yaml"


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    protocols.register(made)
    return made


def test_the_files_in_force_are_right(app: typer.Typer) -> None:
    done = CliRunner().invoke(app, [])
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"{FILE}: right, 3 stages" in done.stdout


def test_every_mistake_is_named_with_its_line(app: typer.Typer, tmp_path: Path) -> None:
    text = (FOLDER / FILE).read_text(encoding="utf-8")
    wrong = text.replace("{rule: majority}", "{rule: most}")
    (tmp_path / FILE).write_text(wrong, encoding="utf-8")
    line = next(number for number, said in enumerate(wrong.splitlines(), 1) if "rule: most" in said)
    done = CliRunner().invoke(app, [str(tmp_path)])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"{FILE}, line {line}: most is none of: all, majority, at_least\n"
