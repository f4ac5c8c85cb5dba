"""The flows of letters and of housekeeping as Prefect runs, with what they show in Prefect's interface."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import Artifact, FlowRun

from flows.housekeeping import housekeeping
from flows.letters import letters
from models.mailbox import folder_under, list_letters
from models.officer import issue_credential
from tasks import resources
from tasks.reporting import RoundReport


@pytest.fixture(autouse=True)
def here(tmp_path: Path, database: object, prefect_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The flows work on the test's own database and report to the tests' Prefect server."""
    monkeypatch.setenv("WUFANG_STATE_DIR", str(tmp_path))
    resources.forget()
    yield
    resources.forget()


def tables_of(run_name: str) -> list[Artifact]:
    """What the runs of this name show."""
    with get_client(sync_client=True) as client:
        runs: list[FlowRun] = [one for one in client.read_flow_runs() if one.name == run_name]
        assert runs
        listed = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[one.id for one in runs]))
        return client.read_artifacts(artifact_filter=listed)


def test_a_round_of_letters_says_what_left_without_addresses(make, at, tmp_path):
    world = make.neighbourhood()
    filing = make.filing(world.clerk, [world.compound], make.rider_lines(1))
    make.open(filing.matter_id)
    told = letters(at=at)
    kept = list_letters(folder_under(tmp_path), 100)
    assert told == RoundReport(len(kept), len(kept), 0)
    [table] = tables_of(f"letters {at}")
    rows = json.loads(str(table.data))
    assert {row["notice"] for row in rows} == {str(one.notice_id) for one in kept}
    assert not [one.to for one in kept if one.to in str(table.data)]


def test_a_round_that_finds_nothing_due_shows_nothing(at):
    idle = at + timedelta(days=400)
    assert letters(at=idle) == RoundReport(0, 0, 0)
    assert tables_of(f"letters {idle}") == []


def test_housekeeping_forgets_what_is_over_and_may_be_run_again(make, at):
    clerk = make.neighbourhood().clerk
    make.database.write(issue_credential, clerk.officer_id, "old", at, timedelta(hours=1))
    assert housekeeping(at=at + timedelta(hours=1)) == 1
    assert housekeeping(at=at + timedelta(hours=1)) == 0
