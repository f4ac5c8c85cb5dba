"""A small world in which reports are made."""

import pytest

from wufang.make_reports import Reports


@pytest.fixture
def reports(make):
    """Reports on SQLite."""
    return Reports(make, make.neighbourhood())


@pytest.fixture
def any_reports(any_make):
    """Reports on either database."""
    return Reports(any_make, any_make.neighbourhood())
