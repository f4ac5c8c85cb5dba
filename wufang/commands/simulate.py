"""`wufang simulate`: a district's year on a simulated clock, with faults, every law looked at after every step."""

import os
import sys
from typing import Annotated

import typer

from models.settings import Settings
from wufang.prefect_environment import client_environment


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    seed: Annotated[int, typer.Option(help="Everything that chance decides follows from it")] = 1,
    days: Annotated[int, typer.Option(min=1, help="Days of the district's life, from 1 January 2026 on")] = 365,
    matters: Annotated[int | None, typer.Option(min=0, help="How many are filed; default: 2,000 a year")] = None,
    database: Annotated[str, typer.Option(help="An empty database of one's own; default: a throw-away SQLite")] = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the digest only")] = False,  # noqa: FBT002 - an option
) -> None:
    """Run matters through the real code on a simulated clock, with faults. Exits with 1, naming the law that broke."""
    asked = ["--seed", str(seed), "--days", str(days), "--database", database]
    asked += [] if matters is None else ["--matters", str(matters)]
    asked += ["--quiet"] if quiet else []
    words = [sys.executable, "-m", "wufang.simulation", *asked]
    os.execve(words[0], words, client_environment(Settings()))  # noqa: S606 - our own program
