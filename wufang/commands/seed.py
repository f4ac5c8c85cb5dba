"""`wufang seed`: the demo district into an empty database."""

import typer

from models.database import Database
from models.settings import Settings
from wufang.demo_district import logins
from wufang.demo_district import seed as load


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("seed")(seed)


def seed() -> None:
    """Load the demo district into an empty database and print its log-ins; what is there is left alone."""
    database = Database(Settings().database)
    try:
        is_new = load(database)
    finally:
        database.close()
    typer.echo("The demo district is loaded." if is_new else "A district is there already: nothing was changed.")
    if is_new:
        for login in logins():
            typer.echo(f"  {login.email:26} {login.password}   {login.role.zh}  {login.organisation.zh}")
