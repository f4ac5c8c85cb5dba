"""What is in the way of a session, before it is put there."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.base import uuid7
from models.clock import SHANGHAI
from models.errors import NotFound
from models.training.clashes import ClashKind, PeriodBackwards, Wish, clashes, is_within, site_clashes, travel_minutes
from models.training.ruling import training_rules
from models.training.tables import EventStatus, Site
from wufang.make_training import TOWN

RULES = training_rules().timetable
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MONDAY = datetime(2026, 11, 23, tzinfo=SHANGHAI)
FAR = (TOWN[0] + 0.029, TOWN[1])  # 3.2 km to the north: 13 minutes with detours


@pytest.fixture
def event(any_training):
    """A published session from 20:00 to 21:30."""
    return any_training.event()


@pytest.fixture
def found(any_training):
    """What is in the way: kinds by session."""

    def found(site_id, trainer_id, wish):
        with any_training.make.database.reading() as session:
            return clashes(session, RULES, site_id, trainer_id, wish)

    return found


def test_a_taken_site_and_a_taken_trainer_are_named_with_what_is_there(event, found):
    wish = Wish(event.starts_at + HOUR, event.ends_at + 30 * MINUTE)
    there = found(event.site_id, event.trainer_id, wish)
    assert [one.kind for one in there] == [ClashKind.SITE_TAKEN, ClashKind.TRAINER_TAKEN]
    for one in there:
        assert (one.event_id, one.starts_at, one.is_published) == (event.id, event.starts_at, True)
        assert one.title.en == "E-bike repair and care"
        assert one.site.en == "Xinxing training room"


def test_one_after_the_other_at_one_site_is_no_clash(event, found):
    before = Wish(event.starts_at - HOUR, event.starts_at)
    after = Wish(event.ends_at, event.ends_at + 30 * MINUTE)
    assert found(event.site_id, event.trainer_id, before) == []
    assert found(event.site_id, event.trainer_id, after) == []


@pytest.mark.parametrize(("left", "clash"), [(12, True), (13, False)])
@pytest.mark.parametrize("is_before", [True, False])
def test_a_trainer_needs_the_time_of_the_way(any_training, event, found, left, clash, is_before):
    far = any_training.site(latitude=FAR[0], longitude=FAR[1], hours=[[day, 0, 1440] for day in range(1, 8)])
    ends = event.starts_at - left * MINUTE
    starts = event.ends_at + left * MINUTE
    wish = Wish(ends - HOUR, ends) if is_before else Wish(starts, starts + 15 * MINUTE)
    there = found(far.id, event.trainer_id, wish)
    expected = [(ClashKind.TRAINER_TRAVELS, event.id, 13, left)] if clash else []
    assert [(one.kind, one.event_id, one.minutes, one.left) for one in there] == expected


def test_hours_of_site_and_trainer_count_in_shanghai(any_training, found):
    day = any_training.make.at.astimezone(SHANGHAI).replace(hour=9)
    evenings = [[weekday, 1140, 1320] for weekday in range(1, 8)]
    site, trainer = any_training.site(hours=evenings), any_training.trainer(hours=evenings)
    kinds = [one.kind for one in found(site.id, trainer.id, Wish(day, day + HOUR))]
    assert kinds == [ClashKind.SITE_CLOSED, ClashKind.TRAINER_AWAY]
    evening = day.replace(hour=19)
    assert found(site.id, trainer.id, Wish(evening, evening + 3 * HOUR)) == []
    assert found(site.id, trainer.id, Wish(evening, evening + 3 * HOUR + MINUTE))


def test_what_is_closed_for_good_is_closed_at_any_time(training):
    event = training.event()
    closed = training.site(is_open=False)
    wish = Wish(event.starts_at, event.ends_at)
    with training.make.database.reading() as session:
        assert [one.kind for one in site_clashes(session, closed.id, wish)] == [ClashKind.SITE_CLOSED]


@pytest.mark.parametrize("status", list(EventStatus))
def test_what_is_proposed_or_published_is_in_the_way(training, status):
    event = training.event(status=status)
    with training.make.database.reading() as session:
        there = site_clashes(session, event.site_id, Wish(event.starts_at, event.ends_at))
    is_live = status in {EventStatus.PROPOSED, EventStatus.PUBLISHED}
    assert [one.event_id for one in there] == ([event.id] if is_live else [])
    assert all(one.is_published == (status is EventStatus.PUBLISHED) for one in there)


def test_a_session_is_not_in_its_own_way(event, found):
    wish = Wish(event.starts_at + 15 * MINUTE, event.ends_at, event.id)
    assert found(event.site_id, event.trainer_id, wish) == []


def test_what_is_not_there_is_said(event, found):
    wish = Wish(event.starts_at, event.ends_at)
    for site_id, trainer_id in ((uuid7(), event.trainer_id), (event.site_id, uuid7())):
        with pytest.raises(NotFound):
            found(site_id, trainer_id, wish)


@pytest.mark.parametrize("length", [timedelta(0), -HOUR, 13 * HOUR])
def test_a_period_that_is_none_is_refused(at, length):
    with pytest.raises(PeriodBackwards):
        Wish(at, at + length)


@given(first=st.integers(0, 1439), minutes=st.integers(1, 720), opens=st.integers(0, 1439), lasts=st.integers(1, 1440))
def test_within_hours_is_what_it_says(first, minutes, opens, lasts):
    closes = min(opens + lasts, 1440)
    monday = Wish(*(MONDAY + timedelta(minutes=one) for one in (first, first + minutes)))
    assert is_within([[1, opens, closes]], monday) == (opens <= first and first + minutes <= closes)
    assert not is_within([[2, 0, 1440]], monday)


def test_the_way_is_rounded_up():
    near = Site(latitude=TOWN[0], longitude=TOWN[1])
    assert travel_minutes(RULES, near, near) == 0
    assert travel_minutes(RULES, near, Site(latitude=TOWN[0] + 0.0001, longitude=TOWN[1])) == 1
