"""A Prefect worker that runs flow runs in this process: no start of an interpreter, no loading of code for each."""

import time
from uuid import UUID

import anyio
import anyio.abc
from anyio import to_thread
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import InfrastructureNotFound, PrefectSignal
from prefect.flow_engine import run_flow
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.workers.base import BaseWorker
from prefect.workers.process import ProcessJobConfiguration, ProcessVariables, ProcessWorkerResult

from models.clock import utcnow

RUNS_AT_ONCE = 4
ASK_SECONDS = 20.0  # Prefect's interface shows a pool as not ready when nobody has asked for a minute


class WarmWorker(BaseWorker[ProcessJobConfiguration, ProcessVariables, ProcessWorkerResult]):
    """Serves a pool of type `process`, which ordinary process workers may serve at the same time.

    A run that is cancelled before it has begun does not begin. One that is cancelled later finishes its round, since a
    round that stops half way saves nobody anything, and is then shown as cancelled.
    """

    type = "process"
    job_configuration = ProcessJobConfiguration
    job_configuration_variables = ProcessVariables
    _ask_at = 0.0  # monotonic; when the server is asked for work whatever the count says

    _is_resting = False

    def rest(self) -> None:
        """Begin no more runs; those that have begun go on."""
        self._is_resting = True

    @property
    def is_busy(self) -> bool:
        """Whether a run that has begun has not ended."""
        return self._limiter is not None and self._limiter.borrowed_tokens > 0

    @classmethod
    def __dispatch_key__(cls) -> str:
        """A key of its own: Prefect's own process worker keeps the key of the type."""
        return "process-warm"

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Ask for work only where there is some: asking costs the server 18 ms, counting what is due 3 ms."""
        if self._is_resting or (time.monotonic() < self._ask_at and await self._count_due() == 0):
            return []
        self._ask_at = time.monotonic() + ASK_SECONDS
        return await super().get_and_submit_flow_runs()

    async def run(
        self,
        flow_run: FlowRun,
        configuration: ProcessJobConfiguration,  # noqa: ARG002  of processes; the base passes it
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> ProcessWorkerResult:
        """Run it in a thread. A flow that cannot be loaded raises, and the base reports the run as crashed."""
        flow = await self._load(flow_run)
        if task_status is not None:
            task_status.started(self.name)  # pyright: ignore[reportArgumentType]  # a name tells more than a pid
        trouble = await to_thread.run_sync(_run, flow, flow_run)
        if trouble is not None:
            await self._propose_crashed_state(flow_run, trouble)
        await self._finish_cancelling(flow_run.id)
        return ProcessWorkerResult(status_code=0, identifier=self.name)

    async def kill_infrastructure(
        self,
        infrastructure_pid: str,
        configuration: ProcessJobConfiguration,  # noqa: ARG002  the base passes it
        grace_seconds: int = 30,  # noqa: ARG002  the same
    ) -> None:
        """There is no process to kill: the base then marks the run as cancelled, so that it cannot begin."""
        raise InfrastructureNotFound(f"{infrastructure_pid} runs flows in its own process")

    async def _count_due(self) -> int:
        return await self.client.count_flow_runs(
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
                expected_start_time=FlowRunFilterExpectedStartTime.model_validate({"before_": utcnow()}),
            ),
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[self._work_pool_name])),
        )

    async def _load(self, flow_run: FlowRun) -> Flow[..., object]:
        """The flow of a run's deployment, from the code that is installed here: pull steps are for other machines."""
        if flow_run.deployment_id is None:
            raise ValueError("A run without a deployment does not say which code it wants.")
        deployment = await self.client.read_deployment(flow_run.deployment_id)
        if deployment.entrypoint is None:
            raise ValueError("The deployment has no entrypoint.")
        return load_flow_from_entrypoint(deployment.entrypoint, use_placeholder_flow=False)

    async def _finish_cancelling(self, run_id: UUID) -> None:
        flow_run = await self.client.read_flow_run(run_id)
        if flow_run.state is not None and flow_run.state.is_cancelling():
            await self._mark_flow_run_as_cancelled(flow_run, {"message": "Cancelled after its round had ended."})


def _run(flow: Flow[..., object], flow_run: FlowRun) -> str | None:
    """Run it to its end. Returns a sentence where Prefect was not told how it ended."""
    try:
        run_flow(flow, flow_run=flow_run, return_type="state")
    except PrefectSignal:
        return None  # the server said that it is not to run: it knows the state
    except Exception as error:  # noqa: BLE001  whatever it is, the run must not look alive
        return f"The engine could not run it to its end: {type(error).__name__}."
    return None
