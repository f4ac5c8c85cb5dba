"""Who came: by the code on the wall, by the code on the phone, by hand; what it leads to: certificates and feedback."""

from datetime import timedelta

import pytest

from models.errors import IllegalMove, NotFound
from models.report.recording import ReasonMissing
from models.rounds import MOST_TRIES
from models.training import cancelling, certificates, check_in, feedback, places, tending
from models.training.place_tables import PlaceStatus
from models.training.tables import Course, CourseStatus, Event, EventStatus

ATTENDED, MISSED, TAKEN = PlaceStatus.ATTENDED, PlaceStatus.MISSED, PlaceStatus.TAKEN


def by_wall(room, rider, code):
    return room.make.database.write(check_in.check_in, room.rules, room.make.vault, rider, code, room.at)


def by_phone(room, who, digits):
    write = room.make.database.write
    return write(check_in.check_in_by_pass, room.rules, room.make.vault, who, room.event.id, digits, room.at).id


def by_hand(room, who, place):
    return room.make.database.write(check_in.mark_came, room.rules, who, place.id, room.at)


def missed(room, who, place):
    return room.make.database.write(check_in.mark_missed, who, place.id, room.at)


def course_of(room):
    with room.make.database.reading() as session:
        return session.get_one(Course, room.event.course_id)


def certificates_of(room, rider):
    with room.make.database.reading() as session:
        return [one for one, _ in certificates.certificates_of(session, rider.rider_id)]


def test_the_code_on_the_wall_opens_around_the_start_and_only_for_who_has_a_place(any_room):
    room = any_room
    code = room.open()
    rider, _, waiting = (room.sign_up() for _ in range(3))
    room.at = room.event.starts_at - timedelta(minutes=31)
    with pytest.raises(check_in.CheckInClosed):
        by_wall(room, rider, code)
    room.at += timedelta(minutes=1)
    for _ in range(2):
        assert by_wall(room, rider, f" {code.lower()} ") == room.event.id
    assert [room.place(rider).status, room.place(rider).came_by] == [ATTENDED, "code"]
    for broken, who, said in (
        (check_in.NoPlaceHere, waiting, code),
        (check_in.SessionCodeWrong, rider, "NOTACODE"),
        (places.EnrolFirst, room.riders.phone(), code),
    ):
        with pytest.raises(broken):
            by_wall(room, who, said)
    room.at = room.event.starts_at + timedelta(minutes=30)
    with pytest.raises(check_in.CheckInClosed):
        by_wall(room, rider, code)
    assert room.counts() == (2, 1, 0)


def test_the_code_on_the_phone_is_good_for_this_minute_and_the_next(room):
    worker = room.training.world.who(room.training.world.community)
    rider, other = room.sign_up(), room.sign_up()
    room.at = room.event.starts_at
    digits, until = check_in.pass_code(room.make.vault, room.place(rider), room.at)
    assert until == room.at + timedelta(minutes=1)
    assert digits != check_in.pass_code(room.make.vault, room.place(other), room.at)[0]
    room.at += timedelta(minutes=2)
    with pytest.raises(check_in.PassWrong):
        by_phone(room, worker, digits)
    room.at -= timedelta(seconds=1)
    with pytest.raises(NotFound):
        by_phone(room, room.training.world.who(room.training.world.council), digits)
    assert by_phone(room, worker, digits) == room.place(rider).id
    assert [room.place(rider).came_by, room.place(rider).marked_by_id] == ["pass", worker.officer_id]
    assert room.status(other) is TAKEN


def test_host_and_department_write_down_who_came_and_put_it_right_later(any_room):
    room = any_room
    world = room.training.world
    worker, lead = world.who(world.community), world.who(world.lead)
    rider, other = room.sign_up(), room.sign_up()
    with pytest.raises(check_in.CheckInClosed):
        by_hand(room, worker, room.place(rider))
    with pytest.raises(check_in.NotBegun):
        missed(room, worker, room.place(rider))
    room.at = room.event.starts_at
    by_hand(room, worker, room.place(rider))
    missed(room, lead, room.place(other))
    with pytest.raises(IllegalMove):
        missed(room, lead, room.place(rider))
    with pytest.raises(NotFound):
        by_hand(room, world.who(world.street), room.place(other))
    room.at = room.event.ends_at + timedelta(days=2)
    room.tend()
    by_hand(room, lead, room.place(other))
    assert [room.status(rider), room.status(other)] == [ATTENDED, ATTENDED]
    room.at = room.event.ends_at + timedelta(days=30)
    with pytest.raises(check_in.CorrectionOver, match="30 days"):
        by_hand(room, lead, room.place(other))


def test_the_end_settles_who_came_ends_the_course_and_certifies_once(any_room):
    room = any_room
    lead = room.training.world.who(room.training.world.lead)
    code = room.open()
    came, away, waited = (room.sign_up() for _ in range(3))
    room.tend(room.event.starts_at)
    assert room.counts() == (2, 0, 0)
    assert room.status(waited) is None
    by_wall(room, came, code)
    room.tend(room.event.ends_at)
    event = room.training.get(room.event.id)
    assert [event.status, event.wake_at, event.trouble] == [EventStatus.HELD, None, None]
    assert [room.status(came), room.status(away)] == [ATTENDED, MISSED]
    assert course_of(room).status is CourseStatus.ENDED
    [certificate] = certificates_of(room, came)
    assert certificate.number == "训2026-000001"
    assert certificates_of(room, away) == []
    room.tend()
    by_hand(room, lead, room.place(away))
    assert [one.number for one in certificates_of(room, away)] == ["训2026-000002"]
    with room.make.database.reading() as session:
        said = certificates.checked(session, room.make.vault, certificate.check)
    assert [said.sessions, said.revoked_at, said.name[1:]] == [1, None, "*" * (len(said.name) - 1)]
    with pytest.raises(NotFound):
        room.make.database.write(certificates.revoke, room.riders.worker, certificate.number, room.at)
    room.make.database.write(certificates.revoke, lead, certificate.number, room.at)
    with room.make.database.reading() as session:
        assert certificates.checked(session, room.make.vault, certificate.check).revoked_at == room.at
        with pytest.raises(NotFound):
            certificates.checked(session, room.make.vault, "no such word")


def test_a_round_that_fails_for_one_session_puts_it_back_and_takes_the_others(room):
    room.open()
    other = room.event
    room.event = room.training.event()
    room.open()
    ids, at = [other.id, room.event.id], room.event.ends_at

    def spoil(session):
        session.get_one(Course, other.course_id).kind = "unknown"
        session.get_one(Event, other.id).tries = MOST_TRIES - 2

    room.make.database.write(spoil)
    stood = []
    for _ in range(2):
        done = room.make.database.write(a_round, room, ids, at)
        assert "CodeUnknown" in done[other.id]
        event = room.training.get(other.id)
        stood.append([event.status, event.tries, event.wake_at])
        at = event.wake_at or at
    assert stood == [[EventStatus.PUBLISHED, 5, at], [EventStatus.PUBLISHED, 6, None]]
    assert room.training.get(room.event.id).status is EventStatus.HELD


def a_round(session, room, ids, at):
    done = tending.take_step(session, room.rules, ids, at)
    assert tending.due(session, at, 5) == []
    return done


def test_riders_with_a_place_are_reminded_and_a_reminder_that_was_missed_is_not_sent_twice(room):
    room.open()
    rider, _, waiting = (room.sign_up() for _ in range(3))
    told = []
    for minutes in (1441, 1440, 1400, 119, 60):
        room.tend(room.event.starts_at - timedelta(minutes=minutes))
        told.append(room.place(rider).told)
    assert told == [0, 1, 1, 2, 2]
    assert [room.news(rider), room.news(waiting)] == [1, 0]


def test_a_session_that_is_called_off_ends_all_places_and_tells_everybody(any_room):
    room = any_room
    world = room.training.world
    first, _, waiting = (room.sign_up() for _ in range(3))
    call_off = cancelling.cancel_event

    def do(who, reason="师资临时有事"):
        room.make.database.write(call_off, room.rules, who, room.event.id, reason, room.at)

    for who, broken in ((world.who(world.community), NotFound), (world.who(world.lead), ReasonMissing)):
        with pytest.raises(broken):
            do(who, "")
    do(world.who(world.lead))
    event = room.training.get(room.event.id)
    assert [event.status, event.sequence, event.wake_at] == [EventStatus.CANCELLED, 1, None]
    assert [room.status(first), room.news(first), room.news(waiting)] == [None, 1, 1]
    assert room.counts() == (0, 0, 0)
    assert course_of(room).status is CourseStatus.PROPOSED
    with pytest.raises(places.SessionCancelled):
        do(world.who(world.lead))


def test_who_came_says_how_it_was_once(room):
    code = room.open()
    came, away = room.sign_up(), room.sign_up()
    room.at = room.event.starts_at
    by_wall(room, came, code)

    def say(rider, stars=5, words="  讲得清楚 "):
        room.make.database.write(feedback.give_feedback, room.make.vault, rider, room.event.id, stars, words, room.at)

    with pytest.raises(feedback.FeedbackOver):
        say(came)
    room.tend(room.event.ends_at)
    for stars in (0, 6):
        with pytest.raises(feedback.StarsMissing):
            say(came, stars)
    with pytest.raises(feedback.OnlyWhoCame):
        say(away)
    with pytest.raises(NotFound):
        say(room.rider())
    say(came)
    with pytest.raises(feedback.SaidAlready):
        say(came)
    with room.make.database.reading() as session:
        said = feedback.feedback_of(session, room.make.vault, room.riders.worker, room.event.id)
        assert [said.average, said.words] == [5, ["讲得清楚"]]
        council = room.training.world.who(room.training.world.council)
        with pytest.raises(NotFound):
            feedback.feedback_of(session, room.make.vault, council, room.event.id)
