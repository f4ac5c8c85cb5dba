"""The command `wufang`: each module under `wufang/commands` registers its own part."""

from importlib import import_module
from pkgutil import iter_modules

import typer

import wufang.commands
from models.logbook import configure_log

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def main() -> None:
    """Wufang (五方): five parties settle things together, in time and on the record."""
    configure_log()


for _module in iter_modules(wufang.commands.__path__):
    import_module(f"wufang.commands.{_module.name}").register(app)
