"""SendGrid's own client against a local server that answers as SendGrid does."""

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

import pytest

from models.mailbox import Message
from tasks.mail.delivering import Ambiguous, Later, Permanent, Sent, deliver
from tasks.mail.sendgrid_mail import LONGEST_WAIT_SECONDS, SendGridTransport
from tests.fake_sendgrid import DROPPED, HANGING, KEY, Answer, FakeSendGrid, fake_sendgrid

SENDER = "wufang@shanyang.example"
MESSAGE = Message(
    notice_id=UUID("0193f000-0000-7000-8000-000000000001"),
    to="officer@dinghe.example",
    subject="督办：新兴社区逾期未答复",
    text="新兴社区尚未答复。\n",
    html="<p>新兴社区尚未答复。</p>",
    language="zh",
    letter="escalation",
    at=datetime(2026, 11, 23, 1, 0, tzinfo=UTC),
)


@pytest.fixture
def server() -> Iterator[FakeSendGrid]:
    with fake_sendgrid() as running:
        yield running


@pytest.fixture
def transport(server: FakeSendGrid) -> SendGridTransport:
    return SendGridTransport(KEY, server.host, SENDER, timeout_seconds=0.5)


def test_a_letter_is_taken_and_its_number_comes_back(server, transport):
    outcome = deliver(transport, MESSAGE)
    assert isinstance(outcome, Sent)
    [received] = server.taken
    assert outcome.receipt.provider == "sendgrid"
    assert outcome.receipt.message_id == received.message_id
    body = received.body
    assert body["personalizations"] == [{"to": [{"email": MESSAGE.to}]}]
    assert body["from"] == {"email": SENDER}
    assert body["subject"] == MESSAGE.subject
    assert [one["value"] for one in body["content"]] == [MESSAGE.text, MESSAGE.html]
    assert body["custom_args"] == {"notice_id": str(MESSAGE.notice_id)}
    assert body["categories"] == ["escalation"]


def test_neither_links_nor_openings_are_tracked(server, transport):
    deliver(transport, MESSAGE)
    tracking = server.received[0].body["tracking_settings"]
    assert tracking["open_tracking"] == {"enable": False}
    assert tracking["click_tracking"] == {"enable": False, "enable_text": False}


@pytest.mark.parametrize("status", [400, 413, 415])
def test_what_never_heals_is_permanent(server, transport, status):
    server.then(Answer(status, ("No good.", "Never.")))
    assert deliver(transport, MESSAGE) == Permanent(f"SendGrid answered {status}: No good.; Never.")


def test_an_address_that_is_none_is_refused_for_good(server, transport):
    outcome = deliver(
        transport, Message(**{name: getattr(MESSAGE, name) for name in MESSAGE.__slots__} | {"to": "nobody"})
    )
    assert outcome == Permanent("SendGrid answered 400: Does not contain a valid address.")
    assert server.taken == []


@pytest.mark.parametrize("status", [403, 404, 500, 502, 503])
def test_what_an_administrator_or_time_can_heal_is_tried_later(server, transport, status):
    server.then(Answer(status, ("Not now.",)))
    assert deliver(transport, MESSAGE) == Later(None, f"SendGrid answered {status}: Not now.")
    assert isinstance(deliver(transport, MESSAGE), Sent)


def test_a_wrong_key_is_said_and_the_letter_waits(server):
    outcome = deliver(SendGridTransport("SG.wrong", server.host, SENDER), MESSAGE)
    assert isinstance(outcome, Later)
    assert "401" in outcome.reason
    assert "authorization" in outcome.reason
    assert "SG.wrong" not in outcome.reason


def test_an_answer_without_json_is_told_by_its_status_line(server, transport):
    server.then(Answer(503, raw=b"<html>upstream</html>"))
    assert deliver(transport, MESSAGE) == Later(None, "SendGrid answered 503: Service Unavailable")


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "7"}, 7, 7),
        (lambda: {"X-RateLimit-Reset": str(int(time.time()) + 100)}, 30, 100),
        (lambda: {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)}, 30, 90),
        ({"Retry-After": "999999"}, LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS),
        ({"X-RateLimit-Reset": "1"}, 0, 0),
    ],
)
def test_too_many_requests_say_when_to_come_back(server, transport, headers, least, most):
    said = (
        headers() if callable(headers) else headers
    )  # a clock time is said when it is sent, not when tests are collected
    server.then(Answer(429, ("too many requests",), said))
    outcome = deliver(transport, MESSAGE)
    assert isinstance(outcome, Later)
    assert outcome.after_seconds is not None
    assert least <= outcome.after_seconds <= most


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "soon"}, {"X-RateLimit-Reset": "never"}])
def test_too_many_requests_may_come_without_a_time(server, transport, headers):
    said = (
        headers() if callable(headers) else headers
    )  # a clock time is said when it is sent, not when tests are collected
    server.then(Answer(429, ("too many requests",), said))
    assert deliver(transport, MESSAGE) == Later(None, "SendGrid answered 429: too many requests")


def test_a_port_that_nobody_serves_is_tried_later():
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    outcome = deliver(SendGridTransport(KEY, f"http://127.0.0.1:{port}", SENDER), MESSAGE)
    assert isinstance(outcome, Later)
    assert "cannot be reached" in outcome.reason


def test_a_hanging_answer_is_ambiguous_and_soon_over(server, transport):
    server.then(HANGING)
    started = time.monotonic()
    outcome = deliver(transport, MESSAGE)
    assert isinstance(outcome, Ambiguous)
    assert time.monotonic() - started < 5
    assert len(server.taken) == 1


def test_a_connection_dropped_after_the_letter_was_read_is_ambiguous(server, transport):
    server.then(DROPPED)
    assert isinstance(deliver(transport, MESSAGE), Ambiguous)
    assert len(server.taken) == 1


def test_a_gateway_that_gave_up_waiting_is_ambiguous(server, transport):
    server.then(Answer(504, ("Gateway timeout",)))
    assert deliver(transport, MESSAGE) == Ambiguous("SendGrid answered 504: Gateway timeout")
