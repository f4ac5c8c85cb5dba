"""The page of figures: what the officer may see, sorted and of a period that the address names."""

from datetime import timedelta

import pytest


@pytest.fixture
def filed(make, world, at):
    """An open filing of which the community has answered after an hour."""
    submitted = make.filing(world.clerk, [world.compound])
    make.open(submitted.matter_id)
    seat = next(one for one in make.asked(submitted.matter_id) if one.organisation_id == world.community.id)
    make.say(world.who(world.community), seat, at=at + timedelta(hours=1))
    return submitted


def test_the_lead_department_reads_the_district_and_others_their_own(browse, world, filed):
    lead = browse(world.lead).get("/statistics").text
    assert "2026-11-01 – 2026-11-30" in lead
    assert "Xinxing Council" in lead
    assert "60 working minutes" in lead
    assert '<progress max="100" value="100"' in lead
    council = browse(world.council).get("/statistics").text
    assert "your organisation" in council
    assert "60 working minutes" not in council
    assert "and those below it" in browse(world.street).get("/statistics").text


def test_without_anybody_asked_the_page_says_so(browse, world, filed):
    assert "Nobody was asked" in browse(world.company).get("/statistics").text
    assert "Nobody was asked" in browse(world.lead).get("/statistics?period=last-month").text


def test_columns_sort_by_links_that_keep_the_period(browse, world, filed):
    page = browse(world.lead).get("/statistics?from=2026-11-23&to=2026-11-23&sort=median").text
    assert 'href="/statistics?from=2026-11-23&amp;to=2026-11-23&amp;sort=late"' in page
    assert page.count('aria-sort="descending"') == 1
    assert page.index(">Xinxing<") < page.index(">Xinxing Council<")


@pytest.mark.parametrize(
    "query", ["from=2026-11-23&to=2026-11-01", "from=2026-11-23&to=", "from=x&to=y", "from=0001-01-01&to=0001-01-02"]
)
def test_days_that_make_no_period_are_told(browse, world, query):
    answer = browse(world.lead).get(f"/statistics?{query}")
    assert answer.status_code == 422
    assert "The period must end on or after its first day" in answer.text


def test_words_that_mean_nothing_change_nothing(browse, world, filed):
    assert browse(world.lead).get("/statistics?sort=x&party=y&period=z").status_code == 200
