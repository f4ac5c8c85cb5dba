"""`wufang protocols`: whether the protocol files are right."""

from pathlib import Path
from typing import Annotated

import typer

from models.protocol.loading import load
from models.protocol.reading import ProtocolWrong
from models.protocol.storing import FOLDER


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("protocols")(protocols)


def protocols(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Where the protocol files are")] = FOLDER,
) -> None:
    """Check every protocol file. Exits with 1, naming each mistake with its file and line."""
    are_right = [_is_right(path) for path in sorted(folder.glob("*.yaml"))]
    if not all(are_right):
        raise typer.Exit(1)


def _is_right(path: Path) -> bool:
    try:
        protocol = load(path)
    except ProtocolWrong as wrong:
        for fault in wrong.faults:
            typer.echo(str(fault), err=True)
        return False
    typer.echo(f"{path.name}: right, {len(protocol.stages)} stages")
    return True
