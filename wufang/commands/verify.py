"""`wufang verify`: whether the record is whole."""

import typer

from models.crypto import open_vault
from models.database import Database
from models.report.verifying import verify_reports
from models.settings import Settings
from models.verifying import verify as look


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify")(verify)


def verify() -> None:
    """Check every record's chain, status and opinions. Exits with 1, naming what is broken."""
    settings = Settings()
    database = Database(settings.database)
    try:
        with database.reading() as session:
            found = look(session)
            reports = verify_reports(session, open_vault(settings.state_dir / "keys"))
    finally:
        database.close()
    typer.echo(f"Looked at: matters {found.matters}, record entries {found.entries}, opinions {found.opinions}.")
    typer.echo(f"Looked at: reports {reports.reports}, record entries {reports.entries}.")
    broken = [*found.broken, *reports.broken]
    for said in broken:
        typer.echo(str(said), err=True)
    if broken:
        typer.echo(f"Broken: {len(broken)}.", err=True)
        raise typer.Exit(1)
    typer.echo("Every record is whole.")
