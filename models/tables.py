"""Every table there is: importing this module makes the metadata complete, for migrations and for checks."""

import pkgutil
from functools import cache
from importlib import import_module

import models
from models.base import Base


@cache
def complete_metadata() -> None:
    """Import every module of the domain, so that `Base.metadata` knows every table."""
    for module in pkgutil.walk_packages(models.__path__, "models."):
        if ".migrations." not in module.name:
            import_module(module.name)


METADATA = Base.metadata
