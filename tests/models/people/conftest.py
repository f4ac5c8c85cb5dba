"""A small world in which riders enrol."""

import pytest

from wufang.make_people import People


@pytest.fixture
def people(make):
    """Riders on SQLite."""
    return People(make, make.neighbourhood())


@pytest.fixture
def any_people(any_make):
    """Riders on either database."""
    return People(any_make, any_make.neighbourhood())
