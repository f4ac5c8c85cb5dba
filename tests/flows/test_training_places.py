"""A round over sessions of training, as a Prefect run: what is over is settled, and the round says what it moved."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from flows.training_places import training_places
from models.rounds import Round
from models.training import places
from models.training.place_tables import PlaceStatus
from models.training.ruling import training_rules
from models.training.tables import EventStatus
from tasks import resources
from tasks.reporting import RoundReport
from wufang.make_people import People
from wufang.make_training import Training


@pytest.fixture(autouse=True)
def here(tmp_path: Path, database: object, prefect_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The flow works on the test's own database and reports to the tests' Prefect server."""
    monkeypatch.setenv("WUFANG_STATE_DIR", str(tmp_path))
    resources.forget()
    yield
    resources.forget()


def test_an_offer_that_ran_out_goes_on_and_the_end_is_settled_once(make, at):
    world = make.neighbourhood()
    training, riders = Training(make, world), [one for one, _ in People(make, world).crowd(3)]
    event = training.event(places=1)
    for rider in riders:
        make.database.write(places.sign_up, training_rules(), rider, event.id, at)
    make.database.write(places.cancel, training_rules(), riders[0], event.id, at)
    assert training_places(at=at) == RoundReport(0, 0, 0)
    assert training_places(at=at + timedelta(minutes=120)) == RoundReport(1, 1, 0)
    with make.database.reading() as session:
        assert places.place_of(session, event.id, riders[2].rider_id).status is PlaceStatus.OFFERED
    assert training_places(at=event.ends_at) == RoundReport(1, 1, 0)
    assert training_places(at=event.ends_at) == RoundReport(0, 0, 0)
    assert training.get(event.id).status is EventStatus.HELD
    with make.database.reading() as session:
        assert [row.flow for row in session.scalars(select(Round))] == ["training-places"] * 2
