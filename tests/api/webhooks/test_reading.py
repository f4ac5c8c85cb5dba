"""Reading SendGrid's events: what each means, what is the same in its repeats, and that one bad event spoils no other."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.webhooks.reading import read_news
from models.notice.tables import NewsKind
from tests.sendgrid_events import event

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NOTICE = UUID("0193f000-0000-7000-8000-000000000001")
EMAIL = "officer@dinghe.example"


def read(*events):
    return read_news(json.dumps(events).encode(), NOW)


@pytest.mark.parametrize(
    ("kind", "more", "means"),
    [
        ("processed", {}, NewsKind.PROCESSED),
        ("deferred", {"response": "451 later", "attempt": "2"}, NewsKind.DEFERRED),
        ("delivered", {"response": "250 OK"}, NewsKind.DELIVERED),
        ("bounce", {"type": "bounce", "reason": "550 5.1.1"}, NewsKind.BOUNCE),
        ("bounce", {"type": "blocked", "reason": "452 4.2.2 full"}, NewsKind.BLOCKED),
        ("bounce", {}, NewsKind.BOUNCE),
        ("dropped", {"reason": "Bounced Address"}, NewsKind.DROPPED),
        ("dropped", {"reason": "Invalid"}, NewsKind.DROPPED),
        ("dropped", {"reason": "Spam Reporting Address"}, NewsKind.DROPPED),
        ("dropped", {"reason": "Unsubscribed Address"}, NewsKind.DROPPED),
        ("dropped", {"reason": "Recipient List over Package Quota"}, NewsKind.GIVEN_UP),
        ("dropped", {"reason": "Spam Content (if Spam Checker app is enabled)"}, NewsKind.GIVEN_UP),
        ("spamreport", {}, NewsKind.SPAM),
    ],
)
def test_each_event_has_its_meaning(kind, more, means):
    [one] = read(event(kind, NOTICE, NOW, EMAIL.upper(), **more))
    assert (one.notice_id, one.kind, one.at, one.to) == (NOTICE, means, NOW, EMAIL)


@pytest.mark.parametrize("kind", ["open", "click", "unsubscribe", "group_unsubscribe", "account_status_change", "new"])
def test_what_says_nothing_of_the_delivery_is_passed_over(kind):
    assert read(event(kind, NOTICE, NOW)) == []


def test_a_repeat_is_the_same_though_its_number_is_another():
    first, again = event("delivered", NOTICE, NOW), event("delivered", NOTICE, NOW)
    assert first["sg_event_id"] != again["sg_event_id"]
    assert len({one.id for one in read(first, again)}) == 1


@pytest.mark.parametrize(
    "other",
    [
        event("delivered", UUID(int=5), NOW),
        event("delivered", NOTICE, NOW + timedelta(seconds=1)),
        event("delivered", NOTICE, NOW, number="m2"),
        event("processed", NOTICE, NOW),
        event("deferred", NOTICE, NOW, attempt="3"),
    ],
)
def test_another_event_is_another(other):
    listed = read(event("delivered", NOTICE, NOW), event("deferred", NOTICE, NOW, attempt="2"), other)
    assert len({one.id for one in listed}) == 3


def test_reasons_carry_no_address():
    [one] = read(event("bounce", NOTICE, NOW, reason=f"550 5.1.1 <{EMAIL}>: no such user {EMAIL}"))
    assert one.reason == "550 5.1.1 <…>: no such user …"


GOOD = event("processed", NOTICE, NOW, EMAIL)
BAD = [
    None,
    "processed",
    7,
    [],
    {},
    {"event": "processed"},
    GOOD | {"event": ["processed"]},
    GOOD | {"event": {"a": 1}},
    GOOD | {"notice_id": "x"},
    GOOD | {"notice_id": 5},
    GOOD | {"notice_id": None},
    GOOD | {"timestamp": "soon"},
    GOOD | {"timestamp": None},
    GOOD | {"timestamp": 10**30},
    GOOD | {"timestamp": float("nan")},
    GOOD | {"timestamp": int((NOW + timedelta(days=2)).timestamp())},
]


@pytest.mark.parametrize("bad", BAD, ids=repr)
def test_one_bad_event_spoils_no_other(bad):
    assert [one.kind for one in read(bad, GOOD, bad)] == [NewsKind.PROCESSED]


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[", b"\xff\xfe", b"[" * 100_000, b'"x"'])
def test_a_post_that_is_no_list_says_nothing(body):
    assert read_news(body, NOW) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(st.sampled_from(list(GOOD)), JSON).map(lambda changed: GOOD | changed)))
def test_whatever_is_sent_is_read_or_passed_over(events):
    read_news(json.dumps(events).encode(), NOW)
