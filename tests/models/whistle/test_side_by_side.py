"""Two kinds of matter side by side: in rounds, lists, searches, pages and what is taken out."""

import pytest

from models.export.authority import Chosen
from models.export.of_matters import filing_lines, record_lines
from models.export.rows import Taking
from models.matter import MatterKind, MatterStatus
from models.resolution import of_matter
from models.views.check import check_view
from models.views.filing import filing_view
from models.views.matters import ALL, Filters, listed
from models.views.searching import search
from models.views.waiting import SeatFilters, waiting_for
from tests.models.whistle.conftest import OBJECT, SETTLE_BY, WORDS, take_round

WHISTLES = MatterKind.STREET_WHISTLE
FILINGS = MatterKind.ACCESS_FILING


@pytest.fixture
def both(lone_street):
    """A filing and a whistle, seated by a round of each kind."""
    street = lone_street
    filed = street.make.filing(street.world.clerk, [street.world.compound])
    street.blow()
    take_round(street.database, street.at, FILINGS)
    street.round()
    street.filed = filed
    return street


def references(rows):
    return [row.reference for row in rows]


def test_a_round_takes_its_own_kind_only(lone_street):
    street = lone_street
    filed = street.make.filing(street.world.clerk, [street.world.compound])
    street.blow()
    assert list(take_round(street.database, street.at, FILINGS)) == [filed.matter_id]
    assert list(street.round()) == [street.matter_id]
    assert street.make.matter(filed.matter_id).status is MatterStatus.CONSULTING


def test_both_stand_in_one_list_and_in_a_list_of_their_kind(both):
    who = both.world.who(both.world.community)
    with both.database.reading() as session:
        assert references(listed(session, who, ALL, both.at).rows) == [both.reference, both.filed.reference]
        assert references(listed(session, who, Filters(kind=WHISTLES), both.at).rows) == [both.reference]
        assert references(listed(session, who, Filters(kind=FILINGS), both.at).rows) == [both.filed.reference]
        waiting = waiting_for(session, who, both.at).rows
        assert {(row.kind, row.is_bulk) for row in waiting} == {(FILINGS, True), (WHISTLES, False)}
        assert references(waiting_for(session, who, both.at, filters=SeatFilters(WHISTLES)).rows) == [both.reference]


def test_a_bare_number_finds_both(both):
    who = both.world.who(both.world.community)
    with both.database.reading() as session:
        found = search(session, who, both.make.vault, "2026-000001", both.at)
        assert {hit.row.reference for hit in found} == {both.reference, both.filed.reference}
        assert references(hit.row for hit in search(session, who, both.make.vault, "哨2026", both.at)) == [
            both.reference
        ]


def view_of(street, organisation):
    with street.database.reading() as session:
        return filing_view(session, street.world.who(organisation), street.make.vault, street.matter_id, street.at)


def test_the_page_of_a_whistle_says_what_is_asked_of_whom(both):
    view = view_of(both, both.world.housing)
    assert (view.kind, view.line_count, view.starts_on, view.lines.rows) == (WHISTLES, 0, None, ())
    assert view.whistle is not None
    assert view.whistle.report == both.report.reference
    assert [one.zh for one in view.whistle.departments] == ["区住建局", "区市场监管局"]
    assert (view.whistle.settle_by, view.whistle.words, view.whistle.is_bound) == (SETTLE_BY, WORDS, None)
    assert view.whistle.may_read_report
    assert not view_of(both, both.world.council).whistle.may_read_report
    assert not view.may_add_photos
    assert view.timeline[0].words == WORDS
    assert [one.zh for one in view.timeline[0].about] == ["区住建局", "区市场监管局"]


def test_the_page_says_whether_anybody_is_bound(both):
    both.all_say()
    both.round()
    assert view_of(both, both.world.housing).whistle.is_bound is True
    both.report_id = both.collect("lamp")
    both.blow()
    both.round()
    both.say(both.world.housing, OBJECT)
    both.round()
    both.all_say(OBJECT)
    both.round()
    assert view_of(both, both.world.housing).whistle.is_bound is False


def test_the_check_page_says_who_is_bound_and_no_words(both):
    both.all_say()
    both.round()
    with both.database.reading() as session:
        resolution = of_matter(session, both.matter_id)
        view = check_view(session, resolution.check)
        assert (view.kind, view.starts_on, view.whistle.settle_by) == (WHISTLES, None, SETTLE_BY)
        assert [one.zh for one in view.whistle.departments] == ["区住建局", "区市场监管局"]
    assert WORDS not in str(resolution.body)


def test_both_are_taken_out(both):
    taking = Taking(both.database, both.make.vault, both.world.who(both.world.community), both.at)
    rows = [line.cells for line in filing_lines(taking, ALL)]
    assert [(row[0], row[3]) for row in rows] == [(both.reference, None), (both.filed.reference, 3)]
    said = [line.cells for line in record_lines(taking, Chosen(matter_ids=frozenset({both.matter_id})))]
    assert said[0][-1] == WORDS


def test_a_road_is_listed_by_its_community(lone_street):
    street = lone_street
    street.report_id = street.collect("lamp", compound_id=None, community_id=street.world.community.id)
    street.blow()
    street.round()
    view = view_of(street, street.world.housing)
    assert [one.zh for one in view.compounds] == ["新兴社区"]
    street.say(street.world.housing, OBJECT)
    (coming,) = view_of(street, street.world.housing).coming
    assert "property" not in coming.parties
    assert "council" in coming.parties
