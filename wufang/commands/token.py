"""`wufang token`: a bearer token for the API."""

from datetime import timedelta
from typing import Annotated

import typer

from models.clock import utcnow
from models.database import Database
from models.errors import RuleBroken
from models.officer import issue_credential, officer_by_email
from models.settings import Settings

LONGEST_DAYS = 3660


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("token")(token)


def token(
    email: Annotated[str, typer.Option(help="The officer's e-mail address")],
    label: Annotated[str, typer.Option(help="What the token is for, as lists show it")] = "token",
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="How long it is valid")] = 90,
) -> None:
    """Print a new bearer token of an officer. It is shown once and cannot be read again."""
    database = Database(Settings().database)
    try:
        with database.reading() as session:
            officer = officer_by_email(session, email)
        if not officer.is_active:
            typer.echo(f"The officer {officer.email} no longer acts, so no token is given.", err=True)
            raise typer.Exit(1)
        typer.echo(database.write(issue_credential, officer.id, label, utcnow(), timedelta(days=days)))
    except RuleBroken as rule:
        typer.echo(f"There is no officer with the address {email}. ({rule.code})", err=True)
        raise typer.Exit(1) from rule
    finally:
        database.close()
