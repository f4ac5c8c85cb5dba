"""Migrations: one head, an empty database reaches it, and the tables are then what the code says."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from models.migrations import configured, upgrade


def main() -> int:
    """0 where all holds; else Alembic's own words are printed."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'check.db'}"
        heads = ScriptDirectory.from_config(configured(url)).get_heads()
        if len(heads) != 1:
            print(f"There must be one head, but there are {len(heads)}: {', '.join(heads)}")
            return 1
        upgrade(url)
        try:
            command.check(configured(url))
        except CommandError as error:
            print(error)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
