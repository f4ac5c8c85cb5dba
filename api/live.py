"""Live pages: server-sent events that tell an open page of a matter when another party has acted.

One poller for each web process looks at the versions of all watched matters in one query, and only while somebody
watches. A look costs one index probe a matter, whoever did the writing: another web process, the engine, a command.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from models.database import Database
from models.errors import RuleBroken
from models.matter import Matter
from models.words import N_

LOOK_SECONDS = 0.5
BEAT_SECONDS = 15.0
RETRY_MS = 3000  # how soon a browser comes back after an end
MOST_OF_AN_OFFICER = 6
MOST = 500


class TooManyWatch(RuleBroken):
    """An open page holds a connection; a forgotten browser must not hold them all."""

    sentence = N_(
        "Too many pages are open at once, so this one does not follow by itself. Read it again when you need it."
    )
    status = 503


@dataclass(eq=False, slots=True)
class Watcher:
    """One open page: the matter, who reads, and the newest version it was told of."""

    matter_id: UUID
    officer_id: UUID
    version: int
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Lookout:
    """All pages of one process that follow their matters. Used from the event loop only."""

    def __init__(
        self, database: Database, beat_seconds: float = BEAT_SECONDS, most_of_an_officer: int = MOST_OF_AN_OFFICER
    ) -> None:
        self._database = database
        self.beat_seconds = beat_seconds
        self._most_of_an_officer = most_of_an_officer
        self._watchers: dict[UUID, set[Watcher]] = defaultdict(set)
        self._looking: asyncio.Task[None] | None = None

    def join(self, watcher: Watcher) -> None:
        """Follow from now on. Raises `TooManyWatch`."""
        all_of_them = [one for some in self._watchers.values() for one in some]
        own = [one for one in all_of_them if one.officer_id == watcher.officer_id]
        if len(all_of_them) >= MOST or len(own) >= self._most_of_an_officer:
            raise TooManyWatch()
        self._watchers[watcher.matter_id].add(watcher)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look())

    def leave(self, watcher: Watcher) -> None:
        """Follow no longer."""
        self._watchers[watcher.matter_id].discard(watcher)
        if not self._watchers[watcher.matter_id]:
            del self._watchers[watcher.matter_id]

    @property
    def is_looking(self) -> bool:
        """Whether the poller runs."""
        return self._looking is not None and not self._looking.done()

    async def _look(self) -> None:
        """Until nobody watches; a database that does not answer is asked again."""
        while self._watchers:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                versions = await run_in_threadpool(self._versions, list(self._watchers))
            except Exception:  # noqa: BLE001, S112 - whatever it is, the next look will tell
                continue
            self._tell(versions)

    def _versions(self, matter_ids: list[UUID]) -> Mapping[UUID, int]:
        with self._database.reading() as session:
            rows = session.execute(select(Matter.id, Matter.version).where(Matter.id.in_(matter_ids)))
            return dict(rows.all())

    def _tell(self, versions: Mapping[UUID, int]) -> None:
        for matter_id, version in versions.items():
            for watcher in self._watchers.get(matter_id, ()):
                if version > watcher.version:
                    watcher.version = version
                    watcher.changed.set()


async def follow(
    lookout: Lookout, watcher: Watcher, is_welcome: Callable[[datetime], bool], clock: Callable[[], datetime]
) -> AsyncGenerator[str]:
    """The events of one page: `changed` with the matter's version, and a comment now and then that keeps the way open.

    The watcher has joined; it leaves when the page does. Ends when `is_welcome` says no: the session has ended.
    """
    try:
        yield f"retry: {RETRY_MS}\n\n"
        while True:
            try:
                await asyncio.wait_for(watcher.changed.wait(), lookout.beat_seconds)
            except TimeoutError:
                if not await run_in_threadpool(is_welcome, clock()):
                    return
                yield ": here\n\n"
                continue
            watcher.changed.clear()
            if not await run_in_threadpool(is_welcome, clock()):
                return
            yield f"event: changed\ndata: {watcher.version}\n\n"
    finally:
        lookout.leave(watcher)
