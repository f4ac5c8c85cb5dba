"""Prefect's server gone for a while, with few alarms; `python -m benchmarks prefect_outage` has ten thousand."""

import pytest

from benchmarks import prefect_outage


@pytest.mark.xdist_group("prefect")
def test_what_falls_due_while_prefect_is_gone_is_served_once_and_in_order_when_it_is_back() -> None:
    row = prefect_outage.measure(alarms=450, outage_seconds=3.0)
    assert row.ours < prefect_outage.BOUND_SECONDS
    assert row.notes["rounds"] >= 2  # so that there is an order
    assert row.notes["readyz"]["503 prefect"] > 0
    assert row.notes["readyz_afterwards"] == 200
