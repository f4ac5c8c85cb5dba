"""From a whistle to departments that are bound, or to a street that is on its own again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.consultation.opinions import Draft
from models.consultation.returning import return_to_filer
from models.consultation.tables import OpinionKind
from models.consultation.withdrawing import withdraw
from models.errors import NotAllowed
from models.matter import MatterKind, MatterStatus
from models.matter import named as named_of
from models.report import checking, handling
from models.report.handling import BoundToIt
from models.report.tables import Clock, ReportDuty, ReportStatus
from models.verifying import verify
from models.whistle.blowing import WhistledAlready, WhistleNotReturned, blow_again
from models.whistle.concluding import end_of
from models.working_time import Span
from tests.models.whistle.conftest import CALENDAR, OBJECT, RULES, SETTLE_BY, WORDS

FIRST = ["区住建局", "区市场监管局", "新兴社区", "合家安物业", "新兴议事会"]


def test_departments_that_check_in_are_bound_to_the_date(street):
    blown = street.blow()
    assert blown.reference == "哨2026-000001"
    assert (street.matter.kind, street.matter.line_count) == (MatterKind.STREET_WHISTLE, 0)
    street.round()
    assert street.asked() == FIRST
    street.all_say()
    assert street.matter.status is MatterStatus.DECIDED
    street.round()
    assert street.matter.status is MatterStatus.AGREED
    assert street.kinds()[-2:] == ["agreed", "departments_bound"]
    number = street.resolution().number
    assert street.duties() == {street.world.housing.id: number, street.world.market_supervision.id: number}
    report = street.report
    assert (report.status, report.handler_id) == (ReportStatus.HANDLING, street.world.housing.id)
    assert (report.clock, report.due_at) == (Clock.SETTLE, end_of(street.whistle))
    assert street.report_kinds()[-2:] == ["whistled", "bound"]
    assert street.round(street.at + timedelta(days=400)) == {}


def test_the_resolution_and_the_letters_say_who_is_bound_until_when_about_which_report(lone_street):
    street = lone_street
    street.blow()
    street.round()
    street.all_say()
    street.round()
    said = {
        "report": street.report.reference,
        "departments": [{"zh": "区住建局", "en": "Housing"}, {"zh": "区市场监管局", "en": "Market Supervision"}],
        "settle_by": SETTLE_BY.isoformat(),
    }
    assert street.resolution().body["whistle"] == said
    letters = street.got(street.world.housing)
    assert [one for one, _ in letters] == ["invitation", "result"]
    assert {str(facts["whistle"]) for _, facts in letters} == {str(said)}
    assert letters[-1][1]["resolution"] == street.resolution().number
    assert [one for one, _ in street.got(street.world.street)] == ["result"]
    assert [one for one, _ in street.got(street.world.lead)] == ["copy", "copy"]


def test_an_objection_opens_the_conciliation_whose_majority_binds_all_the_same(lone_street):
    street = lone_street
    street.blow()
    street.round()
    street.say(street.world.housing, OBJECT)
    assert street.matter.status is MatterStatus.CONSULTING
    street.round()
    assert street.asked() == ["定和街道", "区委社会工作部", *FIRST]
    street.say(street.world.housing, OBJECT)
    for one in (street.world.street, street.world.lead, street.world.market_supervision, street.world.community):
        street.say(one)
    street.round()
    assert street.matter.status is MatterStatus.AGREED
    assert set(street.duties()) == {street.world.housing.id, street.world.market_supervision.id}


def test_without_a_majority_the_report_stays_as_it_was(street):
    street.blow()
    before = street.report
    street.round()
    street.say(street.world.housing, OBJECT)
    street.round()
    street.all_say(OBJECT)
    street.round()
    assert street.matter.status is MatterStatus.REFUSED
    assert street.kinds()[-1] == "refused"
    after = street.report
    assert (after.status, after.handler_id, after.due_at) == (before.status, before.handler_id, before.due_at)
    assert street.duties() == {}
    assert street.report_kinds()[-1] == "not_bound"
    assert not street.whistle.is_open
    again = street.blow()  # with other arguments, it may be tried again
    assert again.reference == "哨2026-000002"


def test_silence_is_never_an_answer_but_goes_up_to_the_lead_department(lone_street):
    street = lone_street
    street.blow(street.world.housing)
    street.round()
    for one in (street.world.community, street.world.company, street.world.council):
        street.say(one)
    street.rounds(CALENDAR.after(street.at, Span(working_days=4)))
    assert street.matter.status is MatterStatus.CONSULTING
    assert street.asked() == ["区住建局", "区委社会工作部"]  # the first answer of the two counts
    assert "deemed" not in street.kinds()
    street.say(street.world.lead, at=street.matter.wake_at)
    street.round(street.matter.wake_at)
    assert street.matter.status is MatterStatus.AGREED
    assert set(street.duties()) == {street.world.housing.id}  # who was named is bound, though another answered


def test_silence_in_the_conciliation_is_no_refusal_either(lone_street):
    street = lone_street
    street.blow(street.world.housing)
    street.round()
    street.say(street.world.housing, OBJECT)
    street.rounds(CALENDAR.after(street.at, Span(working_days=9)))
    assert street.matter.status is MatterStatus.CONSULTING
    assert set(street.asked()) == {"区委社会工作部"}
    assert "deemed" not in street.kinds()


def test_a_road_has_no_property_company(street):
    street.report_id = street.collect("lamp", compound_id=None, community_id=street.world.community.id)
    street.blow()
    street.round()
    assert street.asked() == [one for one in FIRST if one != "合家安物业"]
    street.say(street.world.housing, OBJECT)
    street.round()
    assert "合家安物业" not in street.asked()
    street.all_say()
    street.round()
    assert street.matter.status is MatterStatus.AGREED
    letters = dict(street.got(street.world.housing))
    assert letters["result"]["compounds"] == [{"zh": "新兴社区", "en": "Xinxing"}]


def test_a_street_may_say_in_which_compound_it_is(lone_street):
    street = lone_street
    street.report_id = street.collect("lamp", compound_id=None, community_id=street.world.community.id)
    street.blow(compound=street.world.compound)
    street.round()
    assert street.asked() == FIRST


def test_a_department_named_by_mistake_returns_it_and_the_street_names_another(street):
    street.blow(street.world.housing)
    street.round()
    seat = street.seat(street.world.housing)
    who = street.world.who(street.world.housing)
    street.database.write(return_to_filer, who, seat.id, "路灯由市场监管局管理", None, street.at)
    street.round()
    assert street.matter.status is MatterStatus.RETURNED
    with pytest.raises(WhistledAlready):
        street.blow()
    whistling = street.whistling(street.world.market_supervision, words="请到现场")
    street.database.write(
        blow_again, street.world.who(street.world.street), street.matter_id, whistling, None, street.at, CALENDAR
    )
    with street.database.reading() as session:
        assert named_of(session, street.matter_id) == [street.world.market_supervision.id]
    street.round()
    assert street.asked() == ["区市场监管局", *FIRST[2:]]
    street.all_say()
    street.round()
    assert set(street.duties()) == {street.world.market_supervision.id}
    assert street.kinds().count("submitted_again") == 1


def test_only_who_blew_it_blows_a_returned_whistle_again(lone_street):
    street = lone_street
    street.blow(street.world.housing)
    street.round()
    again = (street.whistling(), None, street.at, CALENDAR)
    with pytest.raises(NotAllowed):
        street.database.write(blow_again, street.world.who(street.world.housing), street.matter_id, *again)
    with pytest.raises(WhistleNotReturned):
        street.database.write(blow_again, street.world.who(street.world.street), street.matter_id, *again)


def test_a_whistle_that_is_withdrawn_leaves_the_report_to_the_street(street):
    street.blow()
    street.round()
    street.database.write(
        withdraw, street.world.who(street.world.street), street.matter_id, "已自行解决", None, street.at
    )
    assert street.matter.status is MatterStatus.WITHDRAWN
    assert street.report_kinds()[-1] == "whistle_withdrawn"
    assert street.duties() == {}
    assert [one for one, _ in street.got(street.world.housing)] == ["invitation", "withdrawn"]
    assert street.blow().reference == "哨2026-000002"


def test_a_report_that_is_over_by_then_binds_nobody(lone_street):
    street = lone_street
    street.blow()
    street.make.tamper("update report set status = 'declined', due_at = null, wake_at = null")
    street.round()
    street.all_say()
    street.round()
    assert street.matter.status is MatterStatus.AGREED
    assert street.kinds()[-1] == "nobody_bound"
    assert street.duties() == {}


def test_conditions_stand_in_the_resolution(lone_street):
    street = lone_street
    street.blow(street.world.housing)
    street.round()
    street.say(street.world.housing, Draft(OpinionKind.AGREE_WITH_CONDITIONS, conditions="由物业先行腾空"))
    street.all_say()
    street.round()
    said = {one["organisation"]: one["conditions"] for one in street.resolution().body["parties"]}
    assert said[street.world.housing.code] == "由物业先行腾空"


def test_the_words_are_kept_beside_the_record_and_the_chains_verify(lone_street):
    street = lone_street
    street.blow()
    street.round()
    with street.database.reading() as session:
        assert street.whistle.words == WORDS
        assert verify(session).broken == []


def test_the_date_binds_whichever_department_has_it_in_hand_and_however_often_it_is_sent_back(street):
    street.blow()
    street.round()
    street.all_say()
    street.round()
    until, later = end_of(street.whistle), street.at + timedelta(days=1)
    write, vault, world = street.database.write, street.make.vault, street.world
    helper, community = world.who(world.market_supervision), world.who(world.community)
    with pytest.raises(BoundToIt):
        write(handling.give_back, vault, RULES, helper, street.report_id, "不归我局。", None, later, CALENDAR)
    assert write(handling.take_up, RULES, helper, street.report_id, None, later, CALENDAR).due_at == until
    write(handling.answer, vault, RULES, helper, street.report_id, "已清理。", (), None, later, CALENDAR)
    back = write(checking.send_back, vault, RULES, community, street.report_id, "没清完。", None, later, CALENDAR)
    assert (back.clock, back.due_at) == (Clock.SETTLE, until)


def test_a_second_resolution_binds_to_its_own_date(street):
    for settle_by in (SETTLE_BY, SETTLE_BY + timedelta(days=7)):
        street.blow(street.world.housing, settle_by=settle_by)
        street.round()
        street.all_say()
        street.round()
    with street.database.reading() as session:
        (duty,) = session.scalars(select(ReportDuty)).all()
    assert (duty.settle_by, duty.resolution) == (end_of(street.whistle), street.resolution().number)
