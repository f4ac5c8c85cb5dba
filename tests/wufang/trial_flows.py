"""Flows that the tests of the engine deploy: module entrypoints, as ours are."""

import time
from pathlib import Path

from prefect import flow


@flow(name="trial-writing")
def writing(path: str = "", words: str = "") -> None:
    """Leave words in a file, so that a test sees the parameters that came."""
    Path(path).write_text(words)


@flow(name="trial-failing")
def failing() -> None:
    """Fail."""
    raise RuntimeError("as it should")


@flow(name="trial-lasting")
def lasting(path: str = "", seconds: float = 1.5) -> None:
    """Last a while, and leave a file at the end."""
    Path(path).with_suffix(".begun").touch()
    time.sleep(seconds)
    Path(path).touch()
