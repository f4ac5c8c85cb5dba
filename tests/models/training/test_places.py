"""Places: taken while there are some, waited for in the stated order, handed on at once, together or not at all."""

from datetime import timedelta

import pytest

from models.training import places
from models.training.place_tables import Place, PlaceStatus
from models.training.tables import EventStatus

OFFERED, TAKEN, WAITING = PlaceStatus.OFFERED, PlaceStatus.TAKEN, PlaceStatus.WAITING


def test_who_finds_it_full_waits_and_is_offered_what_becomes_free(any_room):
    room = any_room
    first, second, third, fourth = (room.sign_up() for _ in range(4))
    assert [room.status(one) for one in (first, second, third, fourth)] == [TAKEN, TAKEN, WAITING, WAITING]
    assert room.counts() == (2, 2, 0)
    room.do(places.cancel, second)
    assert [room.status(one) for one in (second, third, fourth)] == [None, OFFERED, WAITING]
    assert room.counts() == (2, 1, 0)
    assert room.place(third).offered_until == room.at + timedelta(minutes=room.rules.places.accept_minutes)
    room.do(places.accept, third)
    room.do(places.accept, third)
    assert room.status(third) is TAKEN
    room.do(places.cancel, first)
    room.do(places.decline, fourth)
    assert room.counts() == (1, 0, 0)


def test_an_unknown_phone_is_told_to_enrol(room):
    with pytest.raises(places.EnrolFirst, match="Enrol with a community"):
        room.sign_up(room.riders.phone())


def test_nobody_has_two_places_and_nobody_sits_in_two_rooms(room):
    rider = room.sign_up()
    with pytest.raises(places.AlreadySignedUp):
        room.sign_up(rider)
    room.event = room.training.event()
    with pytest.raises(places.PlacesOverlap):
        room.sign_up(rider)


def test_who_missed_before_waits_behind_and_who_came_before_is_first(any_room):
    room = any_room
    new, missed, came = room.rider(), room.rider(), room.rider()
    past = room.training.event(room.at - timedelta(days=3), status=EventStatus.HELD)
    for rider, status in ((missed, PlaceStatus.MISSED), (came, PlaceStatus.ATTENDED)):
        room.make.keep(Place(event_id=past.id, rider_id=rider.rider_id, status=status, asked_at=room.at))
    full = [room.sign_up(), room.sign_up()]
    for rider in (missed, new, came):
        room.sign_up(rider)
    order = []
    for leaving in (*full, came):
        room.do(places.cancel, leaving)
        order.append([room.status(one) for one in (came, new, missed)])
    assert order == [[OFFERED, WAITING, WAITING], [OFFERED, OFFERED, WAITING], [None, OFFERED, OFFERED]]


def test_colleagues_get_places_together_or_wait_together(any_room):
    room = any_room
    alone = room.sign_up()
    first, second = room.rider(), room.rider()
    word = room.do(places.start_group, first, size=2).word
    assert room.status(first) is WAITING
    with pytest.raises(places.GroupUnknown):
        room.sign_up(second, group_word="NONE2222")
    room.sign_up(second, group_word=word.lower())
    assert [room.status(first), room.status(second)] == [WAITING, WAITING]
    with pytest.raises(places.GroupFull):
        room.sign_up(group_word=word)
    behind = room.sign_up()
    assert room.status(behind) is TAKEN, "one place was free, and two do not fit into it"
    room.do(places.cancel, alone)
    assert room.counts() == (1, 2, 0)
    room.do(places.cancel, behind)
    assert [room.status(first), room.status(second)] == [OFFERED, OFFERED]


def test_who_leaves_the_group_keeps_the_turn_and_the_other_waits_for_nobody(room):
    full = room.sign_up()
    first = room.rider()
    room.do(places.start_group, first, size=2)
    room.do(places.go_alone, first)
    assert room.status(first) is TAKEN
    second, third = room.rider(), room.rider()
    word = room.do(places.start_group, second, size=2).word
    room.sign_up(third, group_word=word)
    room.do(places.cancel, third)
    room.do(places.cancel, full)
    assert room.status(second) is OFFERED


def test_a_group_that_is_not_complete_a_day_before_is_those_who_are_there(room):
    first = room.rider()
    room.do(places.start_group, first, size=2)
    room.at = room.event.starts_at - timedelta(days=1)
    other = room.sign_up()
    assert [room.status(first), room.status(other)] == [OFFERED, TAKEN]


@pytest.mark.parametrize("size", [-1, 0, 1, 3, 7])
def test_a_group_that_could_never_sit_together_is_not_started(room, size):
    with pytest.raises(places.GroupWrong, match="2 to 2 people"):
        room.do(places.start_group, room.rider(), size=size)


def test_children_have_places_of_their_own(room_of):
    room = room_of(seats=3, child_places=3)
    two, other_two, none = room.sign_up(children=2), room.sign_up(children=2), room.sign_up()
    assert [room.status(one) for one in (two, other_two, none)] == [TAKEN, WAITING, TAKEN]
    assert room.counts() == (2, 1, 2)
    for children in (4, -1):
        with pytest.raises(places.TooManyChildren, match="At most 3"):
            room.sign_up(children=children)
    room.do(places.cancel, two)
    assert room.status(other_two) is OFFERED
    assert room.counts() == (2, 0, 2)


def test_near_the_start_the_list_closes_and_what_is_free_is_for_whoever_asks(room):
    first, second, waiting = (room.sign_up() for _ in range(3))
    room.at = room.event.starts_at - timedelta(minutes=70)
    room.do(places.cancel, first)
    assert room.place(waiting).offered_until == room.event.starts_at - timedelta(minutes=60)
    room.at = room.event.starts_at - timedelta(minutes=60)
    with pytest.raises(places.OfferOver):
        room.do(places.accept, waiting)
    room.sign_up()
    with pytest.raises(places.ListClosed):
        room.sign_up()
    room.do(places.cancel, second)
    room.sign_up(waiting)
    assert room.status(waiting) is TAKEN
    room.at = room.event.starts_at
    for act in (places.sign_up, places.cancel):
        with pytest.raises(places.SessionBegun):
            room.do(act, waiting)


def test_an_offer_that_ran_out_is_the_next_ones_and_its_owner_may_ask_again(room):
    first, _, third, fourth = (room.sign_up() for _ in range(4))
    room.do(places.cancel, first)
    room.at += timedelta(minutes=room.rules.places.accept_minutes)
    room.sign_up(third)
    assert [room.status(third), room.status(fourth)] == [WAITING, OFFERED]


def test_what_was_cancelled_or_never_published_takes_nobody(room):
    for status, broken in ((EventStatus.CANCELLED, places.SessionCancelled), (EventStatus.PROPOSED, places.NotFound)):
        room.event = room.training.event(status=status)
        with pytest.raises(broken):
            room.sign_up()


def test_who_leaves_gives_every_place_to_the_next(room):
    first, _, third = (room.sign_up() for _ in range(3))
    room.make.database.write(places.leave_places, room.rules, first.rider_id, room.at)
    assert [room.status(first), room.status(third)] == [None, OFFERED]


def test_an_offer_is_news_until_it_is_looked_at(room):
    first, _, third = (room.sign_up() for _ in range(3))
    room.do(places.cancel, first)
    with room.make.database.reading() as session:
        assert places.training_news(session, third.rider_id) == 1
    room.make.database.write(places.mark_seen, third, room.event.id)
    with room.make.database.reading() as session:
        assert places.training_news(session, third.rider_id) == 0
        assert places.training_news(session, None) == 0


def test_the_alarm_is_the_offers_end_then_what_comes_next(room):
    first, _, third, fourth = (room.sign_up() for _ in range(4))
    day_before = room.event.starts_at - timedelta(days=1)
    assert room.training.get(room.event.id).wake_at == day_before
    room.do(places.cancel, first)
    assert room.training.get(room.event.id).wake_at == room.place(third).offered_until
    with room.make.database.reading() as session:
        assert places.count_before(session, room.place(fourth)) == 0


def test_a_group_stands_where_its_last_member_would_stand(room):
    full, offered = [room.sign_up(), room.sign_up()], [room.sign_up(), room.sign_up()]
    first, last = room.rider(), room.rider()
    word = room.do(places.start_group, first, size=2).word
    between = room.sign_up()
    room.sign_up(last, group_word=word)
    for rider in full:
        room.do(places.cancel, rider)
    room.tend(room.place(offered[0]).offered_until)
    assert [room.status(one) for one in (*offered, between, first, last)] == [None, None, OFFERED, WAITING, WAITING]
