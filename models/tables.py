"""Every table there is: importing this module makes the metadata complete, for migrations and for checks."""

import pkgutil
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import models
from models.base import Base


@cache
def complete_metadata() -> None:
    """Import every module of the domain that defines a table, so that `Base.metadata` knows them all.

    No others: every process does this, and some of the domain reckons with libraries that few processes need.
    """
    for module in pkgutil.walk_packages(models.__path__, "models."):
        if ".migrations." not in module.name and _defines_a_table(module.name):
            import_module(module.name)


def _defines_a_table(name: str) -> bool:
    found = find_spec(name)
    return found is not None and found.origin is not None and "__tablename__" in Path(found.origin).read_text("utf-8")


METADATA = Base.metadata
