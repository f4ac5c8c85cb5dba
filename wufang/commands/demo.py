"""`wufang demo`: the story on a throw-away state."""

import os
import sys

import typer

from models.settings import Settings
from wufang.prefect_environment import client_environment
from wufang.story.world import throw_away_environment


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo() -> None:
    """Tell the story from upload to passes, each step with its time; exit 0 only if all of it was seen to be so."""
    os.environ.clear()
    os.environ.update(throw_away_environment())
    words = [sys.executable, "-m", "wufang.story"]
    os.execve(words[0], words, client_environment(Settings()))  # noqa: S606 - our own program
