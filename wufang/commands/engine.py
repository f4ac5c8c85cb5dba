"""`wufang engine` and `wufang deploy`: our own processes on Prefect, in the environment that Prefect reads."""

import os
import sys

import typer

from models.settings import Settings
from wufang.prefect_environment import client_environment


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("engine")(engine)
    app.command("deploy")(deploy)


def engine() -> None:
    """Run the engine alone: it watches the alarms and serves the runs of the work pool until it is stopped."""
    _become("wufang.engine")


def deploy() -> None:
    """Register the work pool and the deployments of prefect.yaml with the Prefect server."""
    _become("wufang.deploying")


def _become(module: str) -> None:
    """Replace this process: Prefect reads its settings while it is imported, so they must stand before."""
    words = [sys.executable, "-m", module]
    os.execve(words[0], words, client_environment(Settings()))  # noqa: S606  words of our own
