"""Registering work pool and deployments of `prefect.yaml` with the Prefect server; the second time changes nothing."""

import sys
from pathlib import Path
from typing import Literal

import httpx
import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectAlreadyExists, PrefectHTTPStatusError
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from prefect.workers.process import ProcessWorker
from pydantic import BaseModel, ConfigDict, Field

from models.settings import Settings

DEPLOYMENTS = Path(__file__).resolve().parent.parent / "prefect.yaml"


class _Strict(BaseModel):
    """A part of `prefect.yaml`: a key that we would pass over in silence is refused."""

    model_config = ConfigDict(extra="forbid")


class Pool(_Strict):
    """The work pool as the file names it; the setting WUFANG_WORK_POOL may name another."""

    name: str


class Schedule(_Strict):
    """A schedule; its slug tells a changed one from a new one."""

    slug: str
    cron: str
    timezone: str


class Limit(_Strict):
    """How many runs at once, and what becomes of one more."""

    limit: int = Field(ge=1)
    collision_strategy: Literal["CANCEL_NEW", "ENQUEUE"]


class Deployment(_Strict):
    """One flow as a deployment."""

    name: str
    description: str
    entrypoint: str  # module.path.function
    work_pool: Pool
    schedules: list[Schedule] = Field(default_factory=list[Schedule])
    concurrency_limit: Limit


def read_deployments(path: Path = DEPLOYMENTS) -> list[Deployment]:
    """The deployments that `prefect.yaml` declares. Raises `pydantic.ValidationError`."""
    return [Deployment.model_validate(one) for one in yaml.safe_load(path.read_text("utf-8"))["deployments"]]


def deploy(work_pool: str, path: Path = DEPLOYMENTS) -> list[str]:
    """Register pool and deployments; returns their names as `flow/deployment`."""
    with get_client(sync_client=True) as client:
        _register_pool(client, work_pool)
        return [_register(client, work_pool, one) for one in read_deployments(path)]


def _register_pool(client: SyncPrefectClient, name: str) -> None:
    template = ProcessWorker.get_default_base_job_template()
    try:
        client.create_work_pool(WorkPoolCreate(name=name, type="process", base_job_template=template))
    except ObjectAlreadyExists:
        return


def _register(client: SyncPrefectClient, work_pool: str, declared: Deployment) -> str:
    flow = load_flow_from_entrypoint(declared.entrypoint, use_placeholder_flow=False)
    limit = declared.concurrency_limit
    client.create_deployment(
        flow_id=client.create_flow(flow),
        name=declared.name,
        description=declared.description,
        entrypoint=declared.entrypoint,
        work_pool_name=work_pool,
        schedules=[_schedule(one) for one in declared.schedules],
        concurrency_limit=limit.limit,
        concurrency_options=ConcurrencyOptions(collision_strategy=ConcurrencyLimitStrategy(limit.collision_strategy)),
        parameter_openapi_schema=parameter_schema(flow).model_dump_for_openapi(),
        enforce_parameter_schema=True,
        pull_steps=[],
    )
    return f"{flow.name}/{declared.name}"


def _schedule(one: Schedule) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(schedule=CronSchedule(cron=one.cron, timezone=one.timezone), slug=one.slug)


def main() -> int:
    """Register all and say so; 1 where the server does not answer."""
    settings = Settings()
    try:
        names = deploy(settings.work_pool)
    except (httpx.HTTPError, PrefectHTTPStatusError, RuntimeError) as error:
        print(f"Prefect's server at {settings.prefect_api} did not take the deployments: {error}", file=sys.stderr)
        return 1
    print(f"Deployed to the work pool {settings.work_pool}: {', '.join(names)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
