"""A timetable's matter on the pages that every matter has: list, page, paper, resolution, check."""

import pytest
from sqlalchemy import select

from models.resolution import Resolution
from tests.models.training.conftest import Desk
from wufang.make_training import Training


@pytest.fixture
def desk(make, world):
    """The lead department's desk in the world of these tests."""
    return Desk(Training(make, world))


def test_a_timetable_is_listed_read_answered_printed_and_checked(browse, world, desk):
    table_id = desk.submit()
    community = browse(world.community)
    address = f"/filings/{desk.matter.reference}"
    assert "2 sessions" in community.get("/filings?kind=training_schedule").text
    page = community.get(address)
    assert page.status_code == 200
    for word in ("E-bike repair and care", "Xinxing training room", "Except single sessions", "Proposed"):
        assert word in page.text
    assert "2 riders" not in page.text
    assert community.get("/").status_code == 200
    assert community.get(f"{address}/print").status_code == 200
    desk.all_agree()
    desk.step()
    agreed = community.get(address).text
    assert "Agreed: 2 sessions published." in agreed
    with desk.make.database.reading() as session:
        found = session.scalars(select(Resolution)).one()
    assert "proposed 2 sessions" in community.get(f"/resolutions/{found.number}").text
    assert "2 sessions" in community.get("/filings").text
    assert desk.matter.reference in community.get(f"/check/{found.check}").text
    assert desk.table(table_id).published_at == desk.at
    assert community.get("/protocols").status_code == 200
