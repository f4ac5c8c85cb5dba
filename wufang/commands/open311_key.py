"""`wufang open311-key`: keys of programs that report through Open311."""

from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.orm import Session

from models.clock import SHANGHAI, utcnow
from models.database import Database
from models.district import only_district
from models.errors import NotFound, RuleBroken
from models.open311_key import Open311Key, keys_of, make_key, revoke_key
from models.settings import Settings

LONGEST_NAME = 100


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("open311-key")(open311_key)


def open311_key(
    name: Annotated[str, typer.Option(help="Make a key for the program of this name")] = "",
    revoke: Annotated[str, typer.Option(help="Revoke the key with this id")] = "",
    is_list: Annotated[bool, typer.Option("--list", help="List the keys")] = False,  # noqa: FBT002 - an option
) -> None:
    """Make, list or revoke keys for Open311. A key is shown once and cannot be read again."""
    if [bool(name.strip()), bool(revoke), is_list].count(True) != 1 or len(name) > LONGEST_NAME:
        typer.echo(f"Say one of --name (at most {LONGEST_NAME} characters), --list and --revoke.", err=True)
        raise typer.Exit(2)
    database = Database(Settings().database)
    try:
        if is_list:
            with database.reading() as session:
                lines = [_line(one) for one in keys_of(session, _district(session))]
            typer.echo("\n".join(lines) or "There is no key yet.")
        elif revoke:
            database.write(lambda session: revoke_key(session, _district(session), _id(revoke), utcnow()))
            typer.echo("The key is revoked: it opens nothing any more.")
        else:
            typer.echo(database.write(lambda session: make_key(session, _district(session), name.strip(), utcnow())))
    except RuleBroken as rule:
        typer.echo(f"There is no such key, or no district yet: see --list. ({rule.code})", err=True)
        raise typer.Exit(1) from rule
    finally:
        database.close()


def _line(key: Open311Key) -> str:
    """A key as a line: its id, when it was made in Shanghai, until when it was valid, its name."""
    made = f"{key.made_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    ended = f"revoked {key.revoked_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if key.revoked_at else "valid"
    return f"{key.id}  {made}  {ended}  {key.name}"


def _district(session: Session) -> UUID:
    district = only_district(session)
    if district is None:
        raise NotFound()
    return district.id


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound() from None
