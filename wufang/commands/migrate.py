"""`wufang migrate`: the database gets the tables of this version."""

import typer

from models.migrations import upgrade
from models.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("migrate")(migrate)


def migrate() -> None:
    """Bring the database to the newest tables; what is there is kept."""
    upgrade(Settings().database)
    typer.echo("The database has the tables of this version.")
