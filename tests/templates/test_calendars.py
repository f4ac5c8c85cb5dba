"""Calendars as other programs read them: nothing lost, folded or not, in either language."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import icalendar
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from models.protocol.schema import Title
from models.training.feeds import Entry, Standing
from templates.calendars import House, feed, invitation

STARTS = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)  # 20:00 in Shanghai
CHANGED = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
HOUSE = House("https://wufang.example", "wufang@shanyang.example")
LONG = "带上自己的车，学会换刹车片、查线路；学会看图；不会骑车的也能来，工具由社区提供。" * 5


def entry(**changes) -> Entry:
    """A session in Chinese and English, with every sign that has to be escaped."""
    known = {
        "event_id": UUID(int=7),
        "uid": "0193-7@wufang",
        "sequence": 3,
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(minutes=90),
        "title": Title("电动车维修；保养，检查", "E-bike repair; care, checks"),
        "kind": Title("技能培训", "Skills course"),
        "words": LONG,
        "ordinal": 1,
        "count": 2,
        "site": Title("新兴社区实训室", "Xinxing training room"),
        "address": "新兴路1号, 2楼",
        "latitude": 35.2312345,
        "longitude": 113.25,
        "trainer": "王强",
        "department": Title("人力资源和社会保障局", 'Bureau of "Human Resources"'),
        "standing": Standing.CONFIRMED,
        "reason": None,
        "changed_at": CHANGED,
    }
    return Entry(**(known | changes))


def read(content: bytes):
    """The one session, as either reader gives it."""
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return event, vobject.readOne(content.decode()).vevent


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_readers_read_what_was_written(language):
    wanted = entry()
    content = feed([wanted], language, "课程", HOUSE)
    one, other = read(content)
    assert one["uid"] == other.uid.value == wanted.uid
    assert one["sequence"] == int(other.sequence.value) == 3
    assert one["dtstart"].dt == other.dtstart.value == wanted.starts_at
    assert one["dtend"].dt == other.dtend.value == wanted.ends_at
    assert other.dtstart.value.utcoffset() == timedelta(hours=8)
    assert one["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert one["summary"] == other.summary.value
    assert wanted.title.of(language) in one["summary"]
    assert one["description"] == other.description.value
    assert LONG in one["description"]
    assert "王强" in one["description"]
    assert one["location"] == other.location.value
    assert wanted.address in one["location"]
    assert (one["geo"].latitude, one["geo"].longitude) == (35.231234, 113.25)
    assert one["url"] == other.url.value == "https://wufang.example/m/courses/00000000-0000-0000-0000-000000000007"
    assert one["status"] == other.status.value == "CONFIRMED"
    assert one["dtstamp"].dt == one["last-modified"].dt == CHANGED


def test_a_calendar_says_its_zone_name_and_method():
    content = feed([entry()], "zh", "新兴社区课程", HOUSE)
    one, other = icalendar.Calendar.from_ical(content), vobject.readOne(content.decode())
    assert one["method"] == other.method.value == "PUBLISH"
    assert one["name"] == one["x-wr-calname"] == "新兴社区课程"
    assert other.vtimezone.tzid.value == "Asia/Shanghai"
    assert "ATTENDEE" not in content.decode()
    assert icalendar.Calendar.from_ical(feed([], "en", "Nothing", HOUSE)).walk("VEVENT") == []


def test_a_cancelled_session_stays_with_its_reason():
    one, other = read(feed([entry(standing=Standing.CANCELLED, reason="停电", sequence=4)], "zh", "课程", HOUSE))
    assert one["status"] == other.status.value == "CANCELLED"
    assert one["sequence"] == 4
    assert one["description"].startswith("已取消：停电\n")


def test_an_invitation_goes_to_one_address_and_is_taken_back_under_the_same_uid():
    later = CHANGED + timedelta(hours=1)
    asked = invitation(entry(), "en", HOUSE, "trainer@shanyang.example", later)
    gone = entry(standing=Standing.CANCELLED, sequence=4)
    ended = invitation(gone, "en", HOUSE, "trainer@shanyang.example", later)
    methods = [icalendar.Calendar.from_ical(one)["method"] for one in (asked, ended)]
    assert methods == ["REQUEST", "CANCEL"]
    (first, seen), (last, _) = read(asked), read(ended)
    assert first["uid"] == last["uid"]
    assert (first["sequence"], last["sequence"]) == (3, 4)
    assert first["attendee"] == seen.attendee.value == last["attendee"] == "mailto:trainer@shanyang.example"
    assert first["organizer"] == seen.organizer.value == "mailto:wufang@shanyang.example"
    assert first["dtstamp"].dt == later


def test_a_calendar_is_the_same_to_the_byte_until_something_changes():
    entries = [entry(), entry(uid="2@wufang")]
    assert feed(entries, "zh", "课程", HOUSE) == feed(list(entries), "zh", "课程", HOUSE)
    assert feed(entries, "zh", "课程", HOUSE) != feed([entry(sequence=4), entries[1]], "zh", "课程", HOUSE)


SIGNS = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" \n，;,:\\\"'"), max_size=300)


@given(words=SIGNS, title=SIGNS)
@settings(max_examples=60, deadline=None)
def test_no_line_is_longer_than_75_octets_and_no_sign_is_lost(words, title):
    content = feed([entry(words=words.strip(), title=Title(title, title), count=1)], "zh", "课程", HOUSE)
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert all(line.decode() is not None for line in content.split(b"\r\n"))  # folded between signs, not within one
    one, other = read(content)
    assert one["summary"] == title
    assert words.strip() in one["description"]
    assert other.summary.value == title
    assert other.description.value == one["description"]
