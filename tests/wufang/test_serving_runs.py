"""The warm worker against a real Prefect server: triggered runs, their parameters, and every way they may end."""

import contextvars
import gc
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect import tags
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelling, Running

from tests.wufang import trial_flows
from wufang.deploying import deploy, read_deployments
from wufang.serving_runs import RunServer

POOL = "trial"
PATIENCE_SECONDS = 20
ONE = """
  - name: {name}
    description: A trial.
    entrypoint: tests.wufang.trial_flows.{name}
    work_pool: {{name: trial}}
    schedules: [{schedule}]
    concurrency_limit: {{limit: 1, collision_strategy: CANCEL_NEW}}
"""
EVERY_MINUTE = '{slug: soon, cron: "* * * * *", timezone: Asia/Shanghai}'


@pytest.fixture
def client(prefect_server: str) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("declared") / "prefect.yaml"
    schedules = {"writing": "", "failing": "", "lasting": EVERY_MINUTE}
    path.write_text("deployments:" + "".join(ONE.format(name=name, schedule=one) for name, one in schedules.items()))
    return path


@contextmanager
def working(name: str, declared: Path) -> Iterator[RunServer]:
    """An engine's worker at work; stopped at the end, and it must stop in time."""
    server, stopping = RunServer(POOL, name, lambda: True, declared), Event()
    thread = Thread(target=contextvars.copy_context().run, args=(server.run, stopping))
    thread.start()
    yield server
    stopping.set()
    thread.join(5)
    assert not thread.is_alive()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # Prefect's web sockets, left to the collector
        gc.collect()


@pytest.fixture
def served(prefect_server: str, declared: Path) -> Iterator[RunServer]:
    with working("engine-trial", declared) as server:
        yield server


Trigger = Callable[..., FlowRun]


@pytest.fixture
def trigger(client: SyncPrefectClient, served: RunServer) -> Trigger:
    def make(name: str, **parameters: Any) -> FlowRun:
        deployed = wait_for(lambda: find(client, name))
        return client.create_flow_run_from_deployment(deployed, parameters=parameters)

    return make


def find(client: SyncPrefectClient, name: str) -> UUID | None:
    matching = [one for one in client.read_deployments(limit=50, offset=0, sort="NAME_ASC") if one.name == name]
    return matching[0].id if matching else None


def wait_for(found: Callable[[], Any]) -> Any:
    limit = time.monotonic() + PATIENCE_SECONDS
    while not (value := found()):
        assert time.monotonic() < limit
        time.sleep(0.05)
    return value


def ended(client: SyncPrefectClient, run: FlowRun) -> FlowRun:
    return wait_for(lambda: now if (now := client.read_flow_run(run.id)).state.is_final() else None)


def test_a_triggered_run_is_served_with_its_parameters(
    client: SyncPrefectClient, trigger: Trigger, tmp_path: Path
) -> None:
    run = ended(client, trigger("writing", path=str(tmp_path / "out"), words="五方"))
    assert run.state is not None
    assert run.state.is_completed()
    assert (tmp_path / "out").read_text() == "五方"
    assert run.infrastructure_pid == "engine-trial"


def test_a_flow_that_raises_is_a_failed_run_and_the_next_is_served(
    client: SyncPrefectClient, trigger: Trigger, tmp_path: Path
) -> None:
    run = ended(client, trigger("failing"))
    assert run.state is not None
    assert (run.state.name, run.state.message) == (
        "Failed",
        "Flow run encountered an exception: RuntimeError: as it should",
    )
    assert ended(client, trigger("writing", path=str(tmp_path / "out"))).state.is_completed()


def test_a_run_whose_code_is_not_there_is_crashed_with_the_reason(client: SyncPrefectClient, trigger: Trigger) -> None:
    wait_for(lambda: find(client, "writing"))
    client.create_deployment(
        client.create_flow(trial_flows.writing), "gone", entrypoint="tests.wufang.nowhere.gone", work_pool_name=POOL
    )
    run = ended(client, trigger("gone"))
    assert run.state is not None
    assert run.state.is_crashed()
    assert "nowhere" in (run.state.message or "")


def test_a_run_that_is_cancelled_half_way_finishes_its_round_and_is_shown_as_cancelled(
    client: SyncPrefectClient, trigger: Trigger, tmp_path: Path
) -> None:
    run = trigger("lasting", path=str(tmp_path / "end"))
    wait_for((tmp_path / "end.begun").exists)
    client.set_flow_run_state(run.id, Cancelling())
    told = ended(client, run)
    assert told.state is not None
    assert told.state.is_cancelled()
    assert (tmp_path / "end").exists()


def test_a_schedule_makes_runs(client: SyncPrefectClient, trigger: Trigger) -> None:
    """Prefect's scheduler fails under SQLAlchemy 2.1 unless the server is put right."""
    deployed = wait_for(lambda: find(client, "lasting"))
    of_it = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[deployed]))
    runs = wait_for(lambda: client.read_flow_runs(flow_run_filter=of_it, sort=FlowRunSort.ID_DESC, limit=10))
    assert any(run.auto_scheduled for run in runs)


def test_runs_that_a_killed_engine_left_are_shown_as_crashed(
    client: SyncPrefectClient, prefect_server: str, declared: Path
) -> None:
    with tags("engine-killed"):
        left = client.create_flow_run(trial_flows.failing, state=Running(), tags=["engine-killed"])
    other = client.create_flow_run(trial_flows.failing, state=Running(), tags=[f"engine-{uuid4()}"])
    with working("engine-killed", declared):
        told = ended(client, left)
    assert told.state is not None
    assert told.state.message == "The engine that ran it is gone."
    assert client.read_flow_run(other.id).state.is_running()


def test_deploying_twice_changes_nothing(client: SyncPrefectClient, prefect_server: str, declared: Path) -> None:
    first = deploy(POOL, declared)
    ids = {find(client, one.name) for one in read_deployments(declared)}
    assert deploy(POOL, declared) == first
    assert {find(client, one.name) for one in read_deployments(declared)} == ids
    assert None not in ids
