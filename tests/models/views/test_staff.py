"""Lists of those who look after people: their order, and pages that follow one upon the other."""

import pytest

from models.database import Database
from models.officer import Identity
from models.views.staff import OfficerFilters, officers_listed
from tests.conftest import MONDAY_MORNING
from tests.make import Maker


@pytest.mark.parametrize("kind", ["database", "postgres"])
def test_officers_stand_by_organisation_and_address_page_by_page(
    request: pytest.FixtureRequest, kind: str, at, vault
) -> None:
    make = Maker(request.getfixturevalue(kind), vault, at)
    world = make.neighbourhood()
    for organisation in (world.street, world.community, world.street):
        make.officer(organisation)
    administrator = make.identity(make.officer(world.lead, is_administrator=True))
    whole = walked(make.database, administrator, 100)
    codes = {one.id: one.code for one in world.organisations}
    assert whole == sorted(whole, key=lambda one: (codes[one[0]], one[1]))
    assert len(whole) == len(world.organisations) + 4
    assert walked(make.database, administrator, 2) == whole


def walked(database: Database, who: Identity, limit: int) -> list[tuple[object, str]]:
    """Organisation and address of every officer, read in pages of that size."""
    found, after, is_over = [], None, False
    while not is_over:
        with database.reading() as session:
            page = officers_listed(session, who, OfficerFilters(), MONDAY_MORNING, after, limit)
        found += [(one.organisation_id, one.email) for one in page.rows]
        after, is_over = page.next, page.next is None
    return found
