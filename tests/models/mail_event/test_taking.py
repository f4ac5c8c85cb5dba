"""News of letters: repeats count once, the order in which they come counts nothing, and a dead mailbox is told of."""

import random
from datetime import timedelta
from itertools import permutations
from uuid import uuid4, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models.mail_event.tables import KEPT, MailEvent, purge
from models.mail_event.taking import BLOCKED_WAIT, DEAD, MEANS, News, take
from models.notice import claiming, receiving, writing
from models.notice.claiming import LOOK_AGAIN, UNCLEAR_LONGEST
from models.notice.receiving import MOST_TRIES, UNCLEAR_WAIT, Attempt
from models.notice.tables import KEYS, Letter, NewsKind, Notice, NoticeStatus
from models.officer import Officer
from tests.make import Maker

SECOND = timedelta(seconds=1)
FACTS = {"organisation": {"zh": "单位", "en": "Organisation"}}


@pytest.fixture
def world(make):
    return make.neighbourhood()


def written(make, officer, letter=Letter.REPLY, cause="x"):
    """A letter to the officer, due now."""
    make.database.write(writing.write, cause, None, letter, FACTS, [officer], make.at)
    return read(make, key=f"{letter}:{cause}:{officer.id}")


def sent(make, officer, **changed):
    """One that the provider has taken."""
    notice = written(make, officer, **changed)
    make.database.write(receiving.receive, notice.id, NoticeStatus.SENDING, "sendgrid", "m1", make.at)
    return notice


def read(make, notice_id=None, key=None):
    with make.database.reading() as session:
        return session.scalars(select(Notice).where((Notice.id == notice_id) | (Notice.key == key))).one()


def mailbox(make, officer):
    with make.database.reading() as session:
        found = session.get_one(Officer, officer.id)
        return found.mail_failed_at, found.mail_trouble


def news(notice, kind, at, officer=None, reason=None):
    return News(uuid5(notice.id, f"{kind} {at}"), notice.id, kind, at, officer.email if officer else "", reason)


def told(make, *listed, at=None):
    return make.database.write(take, "sendgrid", listed, at or make.at)


def told_administrators(make):
    with make.database.reading() as session:
        return list(session.scalars(select(Notice).where(Notice.letter == Letter.MAIL_FAILED).order_by(Notice.id)))


@pytest.mark.parametrize("kind", NewsKind)
def test_each_kind_of_news_means_a_status_and_what_is_settled_has_no_alarm(any_make, kind):
    make = any_make
    officer = make.neighbourhood().clerk
    with make.database.reading() as session:
        officer = session.get_one(Officer, officer.officer_id)
    notice = sent(make, officer)
    assert told(make, news(notice, kind, make.at + SECOND, officer)) == 1
    stood = read(make, notice.id)
    assert (stood.status, stood.news, stood.news_at) == (MEANS[kind], kind, make.at + SECOND)
    assert (stood.wake_at is None) is (kind is not NewsKind.BLOCKED)
    assert (mailbox(make, officer)[0] is not None) is (kind in DEAD)


def test_repeats_are_known_and_what_is_about_no_letter_of_ours_is_passed_over(make, world):
    notice = sent(make, world.officer(world.street))
    one = news(notice, NewsKind.DELIVERED, make.at)
    foreign = News(uuid4(), uuid4(), NewsKind.BOUNCE, make.at, "")
    assert told(make, one, one, foreign) == 1
    assert told(make, one, foreign) == 0
    assert make.count(MailEvent) == 1


KINDS = st.lists(st.tuples(st.sampled_from(NewsKind), st.integers(0, 5)), min_size=2, max_size=6, unique=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=KINDS, seed=st.integers(0, 10_000))
def test_the_end_does_not_depend_on_the_order_in_which_news_comes(database, vault, at, happened, seed):
    make = Maker(database, vault, at)
    if not make.count(Officer):
        make.neighbourhood()
    with database.reading() as session:
        officer = session.scalars(select(Officer).order_by(Officer.id)).first()
    chance, ends = random.Random(seed), set()
    for _ in range(3):
        notice = sent(make, officer, cause=str(uuid4()))
        told_so = [news(notice, kind, at + second * SECOND) for kind, second in happened]
        chance.shuffle(told_so)
        for one in told_so + chance.sample(told_so, 2):
            told(make, one)
        stood = read(make, notice.id)
        ends.add((stood.status, stood.news, stood.news_at))
    assert len(ends) == 1


def test_late_news_never_stands_above_newer(make, world):
    notice = sent(make, world.officer(world.street))
    delivered = news(notice, NewsKind.DELIVERED, make.at + 9 * SECOND)
    told(make, delivered)
    for late in (NewsKind.PROCESSED, NewsKind.DEFERRED, NewsKind.BLOCKED, NewsKind.BOUNCE):
        told(make, news(notice, late, make.at + 5 * SECOND), at=make.at + timedelta(days=1))
        assert read(make, notice.id).status is NoticeStatus.DELIVERED
    told(make, news(notice, NewsKind.BOUNCE, make.at + 10 * SECOND))
    assert read(make, notice.id).status is NoticeStatus.PERMANENT_FAILURE


def test_the_mailbox_is_as_the_newest_letter_found_it_in_any_order(make, world):
    officer = world.officer(world.street)
    days = [(NewsKind.BOUNCE, 1), (NewsKind.DELIVERED, 2), (NewsKind.DROPPED, 3)]
    for order in permutations(days):
        make.tamper("update officer set mail_failed_at = null, mail_good_at = null, mail_trouble = null")
        for kind, day in order:
            notice = sent(make, officer, cause=str(uuid4()))
            told(make, news(notice, kind, make.at + timedelta(days=day), officer, "why"))
        assert mailbox(make, officer) == (make.at + timedelta(days=3), "why")
    told(make, news(sent(make, officer), NewsKind.DELIVERED, make.at + timedelta(days=4), officer))
    assert mailbox(make, officer) == (None, None)


def test_another_address_is_another_mailbox(make, world):
    officer = world.officer(world.street)
    told(make, news(sent(make, officer), NewsKind.BOUNCE, make.at, officer, "550"))
    assert mailbox(make, officer)[0] == make.at
    make.database.write(lambda session: setattr(session.get_one(Officer, officer.id), "email", "new@street.example"))
    assert mailbox(make, officer) == (None, None)
    told(make, news(sent(make, officer, cause="y"), NewsKind.BOUNCE, make.at + SECOND, officer, "of the old address"))
    assert mailbox(make, officer) == (None, None)


def test_a_dead_mailbox_is_told_to_the_administrators_once_a_day_with_the_number(make, world):
    boss, other = (make.officer(world.lead, is_administrator=True) for _ in range(2))
    officer = world.officer(world.street)
    for number in range(3):
        told(make, news(sent(make, officer, cause=str(number)), NewsKind.BOUNCE, make.at + number * SECOND, officer))
    letters = told_administrators(make)
    assert {one.officer_id for one in letters} == {boss.id, other.id}
    assert {one.facts["count"] for one in letters} == {3}
    assert all(one.wake_at > make.at for one in letters)
    assert not [one for one in letters if officer.email in str(one.facts) or officer.name in str(one.facts)]
    tomorrow = make.at + timedelta(days=1)
    told(make, news(sent(make, officer, cause="next"), NewsKind.BOUNCE, tomorrow, officer), at=tomorrow)
    assert len(told_administrators(make)) == 4


def test_the_failure_of_that_letter_tells_nobody(make, world):
    boss, other = (make.officer(world.lead, is_administrator=True) for _ in range(2))
    told(make, news(sent(make, boss, letter=Letter.MAIL_FAILED), NewsKind.BOUNCE, make.at, boss))
    assert [one.officer_id for one in told_administrators(make)] == [boss.id]
    told(make, news(sent(make, other), NewsKind.BOUNCE, make.at, other))
    assert [one.officer_id for one in told_administrators(make)] == [boss.id]  # whose mailbox is dead


def test_a_blocked_letter_is_tried_again_later_and_not_for_ever(make, world):
    officer = world.officer(world.street)
    notice = sent(make, officer)
    told(make, news(notice, NewsKind.BLOCKED, make.at + SECOND, officer, "mailbox full"))
    stood = read(make, notice.id)
    assert (stood.status, stood.trouble) == (NoticeStatus.TEMPORARY_FAILURE, "mailbox full")
    assert stood.wake_at >= make.at + BLOCKED_WAIT
    assert mailbox(make, officer) == (None, None)
    make.tamper("update notice set tries = :tries", tries=MOST_TRIES)
    told(make, news(notice, NewsKind.BLOCKED, make.at + 2 * SECOND, officer))
    assert read(make, notice.id).status is NoticeStatus.TECHNICAL_FAILURE


def test_news_may_come_before_the_receipt_which_then_changes_nothing(make, world):
    notice = written(make, world.officer(world.street))
    told(make, news(notice, NewsKind.DELIVERED, make.at))
    make.database.write(receiving.record, [Attempt(notice.id, NoticeStatus.SENDING, "sendgrid", "m1")], make.at)
    make.database.write(
        receiving.record, [Attempt(notice.id, NoticeStatus.TEMPORARY_FAILURE, is_unclear=True)], make.at
    )
    stood = read(make, notice.id)
    assert (stood.status, stood.wake_at, stood.unclear_at) == (NoticeStatus.DELIVERED, None, None)


def test_what_is_told_of_a_letter_is_true_of_those_that_it_carries(make, world):
    officer = world.officer(world.street)
    notice, carried = written(make, officer), written(make, officer, cause="y")
    make.tamper(
        "update notice set carried_by_id = :by, wake_at = null where id = :id", by=notice.id.hex, id=carried.id.hex
    )
    told(make, news(notice, NewsKind.BLOCKED, make.at, officer))
    assert read(make, carried.id).status is NoticeStatus.TEMPORARY_FAILURE
    assert read(make, carried.id).wake_at is None
    told(make, news(notice, NewsKind.BOUNCE, make.at + SECOND, officer))
    assert {read(make, one.id).status for one in (notice, carried)} == {NoticeStatus.PERMANENT_FAILURE}


@pytest.fixture
def unclear(make, world):
    """A letter of which no answer came."""
    notice = written(make, world.officer(world.street))
    make.database.write(claiming.claim, make.at, 10, is_heard=True)
    attempt = Attempt(notice.id, NoticeStatus.TEMPORARY_FAILURE, reason="No answer", is_unclear=True)
    make.database.write(receiving.record, [attempt], make.at)
    return notice


def claimed(make, at, *, is_heard=True):
    return [one.notice_id for one in make.database.write(claiming.claim, at, 10, is_heard=is_heard)]


AFTERWARDS = 2 * UNCLEAR_WAIT


def test_an_unclear_letter_is_settled_by_its_event_and_not_sent_again(make, unclear):
    assert read(make, unclear.id).unclear_at == make.at
    told(make, news(unclear, NewsKind.PROCESSED, make.at + SECOND))
    stood = read(make, unclear.id)
    assert (stood.status, stood.wake_at, stood.unclear_at) == (NoticeStatus.SENDING, None, None)
    assert (stood.provider, stood.sent_at) == ("sendgrid", make.at + SECOND)
    assert claimed(make, make.at + timedelta(days=2)) == []


def test_an_unclear_letter_waits_while_nothing_is_heard_but_not_for_ever(make, unclear):
    assert claimed(make, make.at + AFTERWARDS) == []
    stood = read(make, unclear.id)
    assert (stood.wake_at, stood.tries) == (make.at + AFTERWARDS + LOOK_AGAIN, 1)
    assert claimed(make, make.at + UNCLEAR_LONGEST) == [unclear.id]


def test_an_unclear_letter_is_sent_again_once_later_things_were_heard_of(make, unclear, world):
    other = sent(make, world.officer(world.council), cause="other")
    told(make, news(other, NewsKind.DELIVERED, make.at))
    assert claimed(make, make.at + AFTERWARDS) == []
    told(make, news(other, NewsKind.DEFERRED, make.at + SECOND))
    assert claimed(make, make.at + AFTERWARDS + LOOK_AGAIN) == [unclear.id]


def test_where_no_events_come_in_the_wait_is_all(make, unclear):
    assert claimed(make, make.at + AFTERWARDS, is_heard=False) == [unclear.id]


def test_what_was_told_is_forgotten_after_a_week(make, world):
    notice = sent(make, world.officer(world.street))
    told(make, news(notice, NewsKind.DELIVERED, make.at))
    assert make.database.write(purge, make.at + KEPT - SECOND) == 0
    assert make.database.write(purge, make.at + KEPT) == 1


def test_a_letter_with_a_key_is_handed_to_no_other_channel():
    assert {Letter.ACCOUNT_INVITATION, Letter.PASSWORD_RESET} == KEYS
