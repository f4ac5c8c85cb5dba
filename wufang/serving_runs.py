"""Serving the deployments' runs warm, for as long as the engine lives and whenever Prefect's server is there."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import structlog
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Crashed

from models.clock import utcnow
from wufang.deploying import DEPLOYMENTS, deploy
from wufang.warm_worker import RUNS_AT_ONCE, WarmWorker

log = structlog.get_logger()

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 10.0
STOP_LOOK_SECONDS = 0.2
SERVER_LOOK_SECONDS = 3.0
LEFT_BEHIND = 200  # runs looked at when the engine starts


class RunServer:
    """Registers the deployments, then works for their pool; begins anew when the server was gone."""

    def __init__(
        self, work_pool: str, name: str, is_server_there: Callable[[], bool], deployments: Path = DEPLOYMENTS
    ) -> None:
        self.trouble = ""
        self._work_pool = work_pool
        self._name = name
        self._is_server_there = is_server_there
        self._deployments = deployments
        self._has_buried = False
        self._began_at = utcnow()

    def run(self, stopping: Event) -> None:
        """Serve until `stopping`; runs that have begun are finished."""
        delay = FIRST_DELAY_SECONDS
        while not stopping.is_set():
            if self._is_server_there():
                delay = FIRST_DELAY_SECONDS if self._serve(stopping) else min(delay * 2, LONGEST_DELAY_SECONDS)
            stopping.wait(delay)

    def _serve(self, stopping: Event) -> bool:
        """Serve until something goes wrong or we stop; whether it went well at first."""
        try:
            self._bury()
            deploy(self._work_pool, self._deployments)
            self.trouble = ""
            asyncio.run(self._work(stopping))
        except Exception as error:  # noqa: BLE001  told in the heartbeat, and tried again
            log.warning("serving runs interrupted", error=type(error).__name__, detail=str(error)[:300])
            self.trouble = f"Runs of the work pool {self._work_pool} are not served: {type(error).__name__}."
            return False
        return True

    async def _work(self, stopping: Event) -> None:
        worker = WarmWorker(self._work_pool, name=self._name, limit=RUNS_AT_ONCE, create_pool_if_not_found=False)
        working = asyncio.create_task(worker.start(printer=_unprinted))
        server_look_at = time.monotonic() + SERVER_LOOK_SECONDS
        while not (stopping.is_set() or working.done()):
            await asyncio.sleep(STOP_LOOK_SECONDS)
            if time.monotonic() >= server_look_at:
                if not await asyncio.to_thread(self._is_server_there):
                    break  # begin anew when it returns: Prefect's own loops would wait up to a minute
                server_look_at = time.monotonic() + SERVER_LOOK_SECONDS
        worker.rest()
        while worker.is_busy and not working.done():  # noqa: ASYNC110  Prefect has no event for it
            await asyncio.sleep(STOP_LOOK_SECONDS)
        await _cancel(working)

    def _bury(self) -> None:
        """Runs that an engine of this name left when it was killed are shown as crashed, not as running for ever."""
        if self._has_buried:
            return
        states = FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING])
        unfinished = FlowRunFilter(state=FlowRunFilterState(type=states))
        with get_client(sync_client=True) as client:
            for run in client.read_flow_runs(flow_run_filter=unfinished, sort=FlowRunSort.ID_DESC, limit=LEFT_BEHIND):
                if self._is_ours(run):
                    client.set_flow_run_state(run.id, Crashed(message="The engine that ran it is gone."), force=True)
        self._has_buried = True

    def _is_ours(self, run: FlowRun) -> bool:
        is_older = run.created is not None and run.created < self._began_at
        return is_older and (self._name in run.tags or run.infrastructure_pid == self._name)


async def _cancel(working: "asyncio.Task[None]") -> None:
    """Cancel until it has ended: parts of Prefect's worker swallow a first cancellation."""
    while not working.done():
        working.cancel()
        await asyncio.wait({working}, timeout=STOP_LOOK_SECONDS)
    if not working.cancelled() and (error := working.exception()) is not None:
        raise error


def _unprinted(*_words: object) -> None:
    """The worker's own lines are for a terminal; ours has the supervisor's."""
