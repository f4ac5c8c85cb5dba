"""`wufang verify`: whether the record is whole."""

import typer

from models.database import Database
from models.settings import Settings
from models.verifying import verify as look


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify")(verify)


def verify() -> None:
    """Check every record's chain, status and opinions. Exits with 1, naming what is broken."""
    database = Database(Settings().database)
    try:
        with database.reading() as session:
            found = look(session)
    finally:
        database.close()
    typer.echo(f"Looked at: matters {found.matters}, record entries {found.entries}, opinions {found.opinions}.")
    for said in found.broken:
        typer.echo(str(said), err=True)
    if found.broken:
        typer.echo(f"Broken: {len(found.broken)}.", err=True)
        raise typer.Exit(1)
    typer.echo("Every record is whole.")
