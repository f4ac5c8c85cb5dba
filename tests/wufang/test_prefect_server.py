"""Our Prefect server on SQLite under many writers at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx

WRITERS = 8
RUNS = 80


def test_writers_wait_for_each_other_instead_of_being_refused(prefect_server: str) -> None:
    """Prefect as it comes answers 503 to some of these, and its client then waits two seconds."""
    with httpx.Client(base_url=prefect_server, trust_env=False, timeout=30) as client:
        flow_id = client.post("/flows/", json={"name": "trial-writers"}).raise_for_status().json()["id"]

        def create(number: int) -> int:
            wanted = {"flow_id": flow_id, "name": f"run-{number}", "state": {"type": "PENDING"}}
            return client.post("/flow_runs/", json=wanted).status_code

        with ThreadPoolExecutor(WRITERS) as pool:
            answers = Counter(pool.map(create, range(RUNS)))
    assert answers == {httpx.codes.CREATED: RUNS}
