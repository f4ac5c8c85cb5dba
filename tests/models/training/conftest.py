"""A small world in which courses are held."""

import pytest

from wufang.make_people import People
from wufang.make_training import Training


@pytest.fixture
def training(make):
    """Sites, trainers and courses on SQLite."""
    return Training(make, make.neighbourhood())


@pytest.fixture
def any_training(any_make):
    """The same on either database."""
    return Training(any_make, any_make.neighbourhood())


@pytest.fixture
def riders(training):
    """Riders of that world."""
    return People(training.make, training.world)


@pytest.fixture
def any_riders(any_training):
    """Riders of that world, on either database."""
    return People(any_training.make, any_training.world)
