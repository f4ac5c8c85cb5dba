"""Photos that were sent and that no report names: a day for naming them, then they go."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from models.report.tables import ReportPhoto

KEPT = timedelta(days=2)  # a slip is good for one
LOOKED_BACK = timedelta(days=7)  # what is older was looked at before
PART = 500  # values in one IN list


def purge(session: Session, folder: Path, at: datetime) -> int:
    """Delete the photos of the week before `at - KEPT` that no report has. Returns how many."""
    until = (at - KEPT).timestamp()
    young = _between(folder, until - LOOKED_BACK.total_seconds(), until)
    gone = 0
    while part := {path.name: path for path in islice(young, PART)}:
        for name in _named(session, list(part)):
            del part[name]
        for path in part.values():
            path.unlink(missing_ok=True)
        gone += len(part)
    return gone


def _between(folder: Path, since: float, until: float) -> Iterator[Path]:
    for path in folder.glob("*"):
        if since < path.stat().st_mtime <= until:
            yield path


def _named(session: Session, digests: list[str]) -> set[str]:
    pictures = select(ReportPhoto.digest).where(ReportPhoto.digest.in_(digests))
    thumbnails = select(ReportPhoto.thumbnail).where(ReportPhoto.thumbnail.in_(digests))
    return set(session.scalars(union_all(pictures, thumbnails)))
