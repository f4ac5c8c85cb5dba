"""社区报到: nothing is opened by a number alone; a worker meets the person, once, and what is given is taken back as easily."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.errors import IllegalMove, NotFound
from models.officer import OnlyReads, Role
from models.people import enrolment
from models.people.acts import PersonAct, PersonActKind
from models.people.consent import consent_text, current_consent
from models.people.enrolment import (
    AlreadyAsked,
    AlreadyEnrolled,
    CommunityUnknown,
    ConsentChanged,
    ConsentMissing,
    KnownByOtherName,
    MeetingNumberWrong,
    OtherNumber,
    PersonWrong,
    enrolments_of,
    live_enrolment,
)
from models.people.tables import Ending, EnrolmentStatus
from models.phone import Phone
from models.report.recording import ReasonMissing
from models.report.tables import Report
from models.rider import Rider
from wufang.make_reports import Reports


def phone_of(people, holder):
    with people.make.database.reading() as session:
        return session.get_one(Phone, holder.phone_id)


def test_asking_keeps_what_was_agreed_to_and_opens_nothing(any_people):
    holder = any_people.phone()
    asked = any_people.get(any_people.ask(holder))
    consent = current_consent()
    assert (asked.consent_version, asked.consent_sha256) == (consent.version, consent.sha256)
    assert asked.consented_at == any_people.make.at
    assert asked.rider_id is None
    assert phone_of(any_people, holder).rider_id is None
    assert any_people.make.count(Rider) == 0
    assert "王强" not in str(vars(asked))
    assert "17000000001" not in str(vars(asked))


def test_a_text_is_agreed_to_as_it_stands_for_good():
    text = consent_text("enrolment-1")
    assert text.sha256 == "bd0c6d7644fd29b5190648a9d4944da23bcd1f7d777e745ddf5c5aa12277d4bd"
    assert all(one.title.zh and one.title.en and one.words.zh and one.words.en for one in text.sections)
    with pytest.raises(NotFound):
        consent_text("../consents/enrolment-1")


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"is_agreed": False}, ConsentMissing),
        ({"consent_version": "enrolment-0"}, ConsentChanged),
        ({"community_id": None}, CommunityUnknown),
        ({"platform": "无名平台"}, PersonWrong),
        ({"name": ""}, PersonWrong),
        ({"phone": "12345"}, PersonWrong),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(people, changes, broken):
    with pytest.raises(broken):
        people.ask(people.phone(), replace(people.asked(), **changes))
    assert people.make.count(enrolment.Enrolment) == 0


def test_only_communities_are_enrolled_with(people):
    with pytest.raises(CommunityUnknown):
        people.ask(people.phone(), people.asked(community_id=people.world.street.id))


def test_a_phone_asks_once_at_a_time(any_people):
    holder = any_people.phone()
    first = any_people.ask(holder)
    with pytest.raises(AlreadyAsked):
        any_people.ask(holder)
    any_people.make.database.write(enrolment.withdraw, holder, first, any_people.make.at)
    assert any_people.ask(holder) != first


def test_the_worker_confirms_with_the_number_that_the_persons_phone_shows(any_people):
    holder = any_people.phone()
    reports = Reports(any_people.make, any_people.world)
    before = reports.collect(phone=holder)
    asked, write, at = any_people.ask(holder), any_people.make.database.write, any_people.make.at
    with pytest.raises(MeetingNumberWrong):
        write(enrolment.confirm, any_people.make.vault, any_people.worker, asked, "x", None, at)
    rider_id = any_people.confirm(asked)
    assert any_people.get(asked).status is EnrolmentStatus.CONFIRMED
    assert any_people.get(asked).meeting_sealed is None
    assert phone_of(any_people, holder).rider_id == rider_id
    with any_people.make.database.reading() as session:
        assert session.get_one(Report, before.report_id).rider_id == rider_id


def test_only_the_own_communitys_officers_decide(people):
    asked = people.ask(people.phone())
    other = people.make.neighbourhood()
    reader = people.make.identity(people.make.officer(people.world.community, role=Role.READER))
    for who, broken in (
        (other.who(other.community), NotFound),
        (people.world.who(people.world.street), NotFound),
        (reader, OnlyReads),
    ):
        with pytest.raises(broken):
            people.confirm(asked, who)
        with pytest.raises(broken):
            people.make.database.write(enrolment.decline, people.make.vault, who, asked, "No.", people.make.at)
        with pytest.raises(broken):
            people.make.database.write(enrolment.open_identity, people.make.vault, who, asked, people.make.at)


def test_of_two_claims_on_one_number_the_person_who_came_holds_it(any_people):
    first, second = any_people.phone(), any_people.phone()
    claim, real = any_people.ask(first, any_people.asked("张三")), any_people.ask(second)
    rider_id = any_people.confirm(real)
    lost = any_people.get(claim)
    assert (lost.status, lost.ending, lost.rider_id) == (EnrolmentStatus.DECLINED, Ending.OTHER_CONFIRMED, None)
    assert phone_of(any_people, first).rider_id is None
    assert phone_of(any_people, second).rider_id == rider_id


def test_a_number_known_under_another_name_is_asked_about(people):
    filed = people.make.rider_lines(1)[0]
    people.make.filing(people.world.clerk, [people.world.compound], [filed])
    asked = people.ask(people.phone(), people.asked("另一人", filed.phone))
    with pytest.raises(KnownByOtherName) as broken:
        people.confirm(asked)
    assert filed.name not in str(broken.value.said)
    with people.make.database.reading() as session:
        [before] = session.scalars(select(Rider))
    assert people.confirm(asked, is_same_person=True) == before.id


def test_a_number_that_changed_hands_opens_nothing_of_its_earlier_holder(any_people):
    before = any_people.rider("李旧")
    asked = any_people.ask(any_people.phone(), any_people.asked("陈新"))
    after = any_people.confirm(asked, is_same_person=False)
    assert after != before.rider_id
    assert phone_of(any_people, before).revoked_at == any_people.make.at
    with any_people.make.database.reading() as session:
        assert live_enrolment(session, before.rider_id) is None
        assert live_enrolment(session, after).id == asked
        [old] = enrolments_of(session, before.phone_id, before.rider_id)
    assert (old.status, old.ending) == (EnrolmentStatus.ENDED, Ending.NUMBER_RELEASED)


def test_a_rider_moves_to_another_community(any_people):
    rider = any_people.rider()
    other = any_people.make.neighbourhood()
    with pytest.raises(AlreadyEnrolled):
        any_people.ask(rider)
    with pytest.raises(OtherNumber):
        any_people.ask(rider, any_people.asked(phone="17000000002"))
    asked = any_people.ask(rider, any_people.asked(community_id=other.community.id))
    with any_people.make.database.reading() as session:
        assert live_enrolment(session, rider.rider_id).community_id == any_people.world.community.id
    assert any_people.confirm(asked, other.who(other.community)) == rider.rider_id
    with any_people.make.database.reading() as session:
        assert live_enrolment(session, rider.rider_id).id == asked
        assert [one.ending for one in enrolments_of(session, rider.phone_id, rider.rider_id)] == [None, Ending.MOVED]


def test_name_and_platform_are_corrected_by_asking_again(any_people):
    rider, reads = any_people.rider(), any_people.make.database.reading
    wrong = any_people.asked("王小强")
    asked = any_people.ask(rider, replace(wrong, platform="UU跑腿"))
    with pytest.raises(KnownByOtherName):
        any_people.confirm(asked)
    assert any_people.confirm(asked, is_same_person=True) == rider.rider_id
    with reads() as session:
        known = session.get_one(Rider, rider.rider_id)
        assert any_people.make.vault.open(known.name_sealed) == "王小强"
        assert live_enrolment(session, rider.rider_id).platform == "UU跑腿"
    with pytest.raises(AlreadyEnrolled):
        any_people.ask(rider, replace(wrong, platform="UU跑腿"))


def test_consent_is_withdrawn_with_one_touch_and_by_the_rider_only(people):
    rider, stranger = people.rider(), people.phone()
    with people.make.database.reading() as session:
        own = live_enrolment(session, rider.rider_id).id
    with pytest.raises(NotFound):
        people.make.database.write(enrolment.withdraw, stranger, own, people.make.at)
    people.make.database.write(enrolment.withdraw, rider, own, people.make.at)
    assert people.get(own).status is EnrolmentStatus.WITHDRAWN
    with pytest.raises(IllegalMove):
        people.make.database.write(enrolment.withdraw, rider, own, people.make.at)
    again = people.ask(rider, at=people.make.at + timedelta(days=1))
    assert people.confirm(again) == rider.rider_id


def test_an_unconfirmed_asking_is_taken_back_from_its_phone_only(people):
    holder, stranger = people.phone(), people.phone()
    asked = people.ask(holder)
    with pytest.raises(NotFound):
        people.make.database.write(enrolment.withdraw, stranger, asked, people.make.at)
    people.make.database.write(enrolment.withdraw, holder, asked, people.make.at)
    assert people.get(asked).status is EnrolmentStatus.WITHDRAWN


def test_who_asks_and_does_not_come_is_forgotten_after_a_month(any_people):
    write, at = any_people.make.database.write, any_people.make.at
    asked, met = any_people.ask(any_people.phone()), any_people.rider("李明", phone="17000000003")
    assert write(enrolment.expire, at + enrolment.WAITS - timedelta(seconds=1)) == 0
    assert write(enrolment.expire, at + enrolment.WAITS) == 1
    over = any_people.get(asked)
    assert (over.status, over.ending) == (EnrolmentStatus.DECLINED, Ending.NOT_MET)
    assert (over.name_sealed, over.phone_sealed, over.phone_index) == (None, None, None)
    with any_people.make.database.reading() as session:
        assert live_enrolment(session, met.rider_id) is not None


@pytest.mark.parametrize("act", [enrolment.decline, enrolment.end])
def test_whoever_says_no_says_why(people, act):
    rider = people.rider()
    asked = people.ask(people.phone(), people.asked("赵六", "17000000009"))
    with people.make.database.reading() as session:
        live = live_enrolment(session, rider.rider_id).id
    target = asked if act is enrolment.decline else live
    with pytest.raises(ReasonMissing):
        people.make.database.write(act, people.make.vault, people.worker, target, " ", people.make.at)
    people.make.database.write(act, people.make.vault, people.worker, target, "不在本社区送餐。", people.make.at)
    told = people.get(target)
    assert told.ending is Ending.BY_COMMUNITY
    assert people.make.vault.open(told.reason_sealed) == "不在本社区送餐。"


def test_a_full_view_is_written_down(people):
    asked = people.ask(people.phone())
    name, phone = people.make.database.write(
        enrolment.open_identity, people.make.vault, people.worker, asked, people.make.at
    )
    assert (name, phone) == ("王强", "17000000001")
    with people.make.database.reading() as session:
        kinds = [(one.kind, one.officer_id) for one in session.scalars(select(PersonAct).order_by(PersonAct.id))]
    assert kinds == [
        (PersonActKind.ENROLMENT_ASKED, None),
        (PersonActKind.IDENTITY_OPENED, people.worker.officer_id),
    ]
