"""`python -m wufang.simulation`: one run, told line by line. `wufang simulate` calls it."""

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from models.database import Database
from models.migrations import upgrade
from wufang.simulation.laws import LAWS
from wufang.simulation.witness import LawBroken
from wufang.simulation.year import YEAR_DAYS, Arguments, Year, lines_of

GARBAGE_THRESHOLDS = 50_000, 20, 100  # objects here live for a step or for the whole run


def main(words: list[str]) -> int:
    """0 where every law held; 1 where one did not, with all that is needed to look into it."""
    asked = _parser().parse_args(words)
    arguments = Arguments(asked.seed, asked.days, asked.matters)
    began = time.monotonic()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    with _database(asked.database) as database:
        try:
            told = Year(database, arguments).run(_quiet if asked.quiet else _say)
        except LawBroken as broken:
            print("\n".join(broken.lines(arguments.seed)), file=sys.stderr)
            return 1
    if not asked.quiet:
        print("\n".join(lines_of(told, arguments, len(LAWS))))
        print(f"{time.monotonic() - began:.1f} s")
    print(f"digest: {told.digest}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wufang simulate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=YEAR_DAYS)
    parser.add_argument("--matters", type=int)
    parser.add_argument("--database", default="")
    parser.add_argument("--quiet", action="store_true")
    return parser


@contextmanager
def _database(url: str) -> Generator[Database]:
    """The empty database at `url`, or a throw-away one."""
    with tempfile.TemporaryDirectory(prefix="wufang-simulation-") as folder:
        address = url or f"sqlite:///{Path(folder) / 'wufang.db'}"
        upgrade(address)
        database = Database(address, is_throw_away=True)
        try:
            yield database
        finally:
            database.close()


def _say(line: str) -> None:
    print(line, flush=True)


def _quiet(_line: str) -> None:
    pass


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
