"""The upload form's period: both days or none, in order, by the same rule as the API's."""

from datetime import date

import pytest

from api.portal.uploading import Wanted
from models.filing.uploading import PeriodHalf


def test_both_days_or_none() -> None:
    assert Wanted().period is None
    assert Wanted((), "2026-11-23", "2026-11-23").period == (date(2026, 11, 23), date(2026, 11, 23))


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [("2026-11-23", ""), ("", "2026-11-23"), ("2026-11-23", "2026-11-22"), ("tomorrow", "2026-11-23")],
)
def test_half_a_period_is_refused(starts_on: str, ends_on: str) -> None:
    with pytest.raises(PeriodHalf):
        _ = Wanted((), starts_on, ends_on).period
