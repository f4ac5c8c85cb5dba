"""Rounds that are killed half way, a few times; `python -m benchmarks killed_rounds` does so fifty times."""

import pytest

from benchmarks import killed_rounds

KILLED = 3
FILINGS = 600


@pytest.mark.xdist_group("prefect")
def test_what_killed_rounds_leave_is_neither_lost_nor_done_twice() -> None:
    row = killed_rounds.measure(kills=KILLED, filings=FILINGS)
    assert row.ours >= KILLED
    assert row.notes["due_left"] > 0
    assert row.notes["cut_after_a_commit"] > 0
    assert row.notes["passes"] == 2 * FILINGS
    assert row.notes["letters"] >= FILINGS
