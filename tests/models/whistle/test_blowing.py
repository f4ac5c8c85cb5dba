"""Who may whistle, for what, naming whom, until when; and what a whistle lets its departments read."""

from datetime import date, timedelta

import pytest

from models.consultation.acting import WordsMissing
from models.consultation.opinions import Draft, LineException, NoSuchLine
from models.consultation.tables import OpinionKind
from models.errors import NotFound
from models.filing.submitting import submit_again
from models.matter import places
from models.officer import OnlyReads, Role
from models.report.authority import may_read
from models.whistle.blowing import (
    NotByThen,
    NothingToWhistleFor,
    NotInThisCommunity,
    NotTheseDepartments,
    OnlyTheStreetWhistles,
    WhistledAlready,
)
from models.whistle.blowing import choices as departments_to_name

SUNDAY, TODAY, FAR = date(2026, 12, 6), date(2026, 11, 23), date(2027, 2, 22)


def test_the_lead_department_may_whistle_where_the_street_does_not(lone_street):
    street = lone_street
    street.blow(street.world.housing, who=street.world.who(street.world.lead))
    street.round()
    assert "区委社会工作部" not in street.asked()  # its whistle is its word
    street.say(street.world.housing, Draft(OpinionKind.OBJECT, reason="不属我局职责"))
    street.round()
    assert "定和街道" in street.asked()  # which leads the conciliation


@pytest.mark.parametrize("party", ["community", "housing", "company"])
def test_nobody_else_may(lone_street, party):
    street = lone_street
    with pytest.raises((OnlyTheStreetWhistles, NotFound)):
        street.blow(who=street.world.who(getattr(street.world, party)))


def test_another_street_does_not_even_see_the_report(lone_street):
    street = lone_street
    away = street.make.neighbourhood()
    with pytest.raises(NotFound):
        street.blow(who=away.who(away.street))


def test_a_reader_of_the_street_only_reads(lone_street):
    street = lone_street
    reader = street.make.identity(street.make.officer(street.world.street, role=Role.READER))
    with pytest.raises(OnlyReads):
        street.blow(who=reader)


def test_one_open_whistle_a_report(street):
    street.blow()
    with pytest.raises(WhistledAlready, match="哨2026-000001"):
        street.blow()
    assert street.report_kinds().count("whistled") == 1


def test_what_is_over_and_what_is_a_deed_needs_no_whistle(lone_street):
    street = lone_street
    street.make.tamper("update report set status = 'withdrawn', due_at = null, wake_at = null")
    with pytest.raises(NothingToWhistleFor):
        street.blow()
    street.make.tamper("update report set status = 'collected', category = 'cleared-corridor'")
    with pytest.raises(NothingToWhistleFor):
        street.blow()


def test_departments_are_named_once_and_are_departments(lone_street):
    street, world = lone_street, lone_street.world
    for named in ((world.housing, world.housing), (world.community,), (world.housing,) * 7):
        with pytest.raises(NotTheseDepartments, match="one to 6 departments"):
            street.blow(*named)
    with pytest.raises(NotTheseDepartments):
        street.blow(world.lead, who=world.who(world.lead))  # nobody whistles for itself


def test_the_departments_to_choose_from_are_all_but_ones_own(lone_street):
    street = lone_street
    with street.database.reading() as session:
        for_street = departments_to_name(session, street.world.who(street.world.street), street.world.district.id)
        for_lead = departments_to_name(session, street.world.who(street.world.lead), street.world.district.id)
    assert {one.id for one in for_street} - {one.id for one in for_lead} == {street.world.lead.id}


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=1), SUNDAY, FAR])
def test_the_day_is_a_working_day_from_tomorrow_on_and_not_far(lone_street, day):
    with pytest.raises(NotByThen, match="at most 90 days away"):
        lone_street.blow(settle_by=day)


def test_the_first_and_the_last_day_that_may_be_set(lone_street):
    street = lone_street
    street.blow(settle_by=TODAY + timedelta(days=1))
    street.report_id = street.collect("lamp")
    street.blow(settle_by=TODAY + timedelta(days=88))  # a Friday; the 90th day is a Sunday


def test_what_is_asked_must_be_said(lone_street):
    with pytest.raises(WordsMissing):
        lone_street.blow(words="  ")


def test_a_compound_elsewhere_is_refused(lone_street):
    street = lone_street
    with pytest.raises(NotInThisCommunity):
        street.blow(compound=street.make.neighbourhood().compound)


def test_the_departments_named_may_read_the_report_and_others_may_not(street):
    def readers():
        with street.database.reading() as session:
            listed = (street.world.housing, street.world.market_supervision)
            return [may_read(session, street.world.who(one), street.report) for one in listed]

    assert readers() == [False, False]
    street.blow(street.world.housing)
    assert readers() == [True, False]


def test_places_are_the_compound_or_the_community(street):
    street.blow()
    with street.database.reading() as session:
        (inside,) = places(session, street.matter_id)
    assert (inside.name.zh, inside.property_id) == ("锦绣花园", street.world.company.id)
    street.report_id = street.collect("lamp", compound_id=None, community_id=street.world.community.id)
    street.blow()
    with street.database.reading() as session:
        (outside,) = places(session, street.matter_id)
    assert (outside.name.zh, outside.community_id, outside.property_id) == ("新兴社区", street.world.community.id, None)


def test_a_whistle_has_no_lines_to_except_or_to_take_out(lone_street):
    street = lone_street
    street.blow(street.world.housing)
    street.round()
    excepting = Draft(OpinionKind.AGREE, exceptions=(LineException(1, "不符"),))
    with pytest.raises(NoSuchLine):
        street.say(street.world.housing, excepting)
    who = street.world.who(street.world.street)
    with pytest.raises(NotFound):
        street.database.write(submit_again, who, street.matter_id, frozenset(), "", None, street.at)
