"""SendGrid's own client against a local server that answers as SendGrid does."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

import pytest

from models.mailbox import Message
from models.notice.tables import NoticeStatus
from tasks.mail.delivering import Ambiguous, Later, Permanent, Sent, deliver
from tasks.mail.keeping_alive import IDLE_SECONDS
from tasks.mail.sendgrid_mail import LONGEST_WAIT_SECONDS, SendGridTransport
from tasks.mail.transport import Receipt
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
def transport(server: FakeSendGrid) -> Iterator[SendGridTransport]:
    with closing(SendGridTransport(KEY, server.host, SENDER, timeout_seconds=0.5)) as made:
        yield made


def send(transport, message=MESSAGE):
    """One letter by itself."""
    [outcome] = deliver(transport, [message])
    return outcome


def test_a_letter_is_taken_and_its_number_comes_back(server, transport):
    outcome = send(transport)
    assert isinstance(outcome, Sent)
    [received] = server.taken
    assert outcome.receipt.provider == "sendgrid"
    assert outcome.receipt.message_id == received.message_id
    body = received.body
    arguments = {"notice_id": str(MESSAGE.notice_id)}
    assert body["personalizations"] == [{"to": [{"email": MESSAGE.to}], "custom_args": arguments}]
    assert body["from"] == {"email": SENDER}
    assert body["subject"] == MESSAGE.subject
    assert [one["value"] for one in body["content"]] == [MESSAGE.text, MESSAGE.html]
    assert body["categories"] == ["escalation"]


def several(count):
    """Letters of one text to so many."""
    return [
        replace(MESSAGE, notice_id=UUID(int=number), to=f"officer-{number}@dinghe.example") for number in range(count)
    ]


def test_one_text_goes_to_many_in_one_call_and_nobody_sees_another(server, transport):
    assert {type(one) for one in deliver(transport, several(1000))} == {Sent}
    [received] = server.received
    people = received.body["personalizations"]
    assert [(len(one["to"]), len(one["custom_args"])) for one in people] == [(1, 1)] * 1000
    assert len({one["to"][0]["email"] for one in people}) == 1000
    assert len({one["custom_args"]["notice_id"] for one in people}) == 1000
    assert {frozenset(one) for one in people} == {frozenset({"to", "custom_args"})}


def test_one_address_that_is_none_takes_no_other_with_it(server, transport):
    messages = several(5)
    messages[1], messages[4] = replace(messages[1], to="nobody"), replace(messages[4], to="nowhere")
    outcomes = deliver(transport, messages)
    assert [type(one) for one in outcomes] == [Sent, Permanent, Sent, Sent, Permanent]
    assert [len(one.body["personalizations"]) for one in server.received] == [5, 3]


def test_what_is_wrong_with_the_letter_is_wrong_for_all(server, transport):
    outcomes = deliver(transport, [replace(one, subject="") for one in several(3)])
    assert {type(one) for one in outcomes} == {Permanent}
    assert not any(one.is_mailbox for one in outcomes)
    assert len(server.received) == 1


def test_connections_are_kept_but_not_for_longer_than_a_server_may(server, transport):
    for _ in range(3):
        assert isinstance(send(transport), Sent)
    assert len({one.port for one in server.received}) == 1
    time.sleep(IDLE_SECONDS)
    assert isinstance(send(transport), Sent)
    assert len({one.port for one in server.received}) == 2


def test_a_connection_that_was_dropped_is_not_used_again(server, transport):
    server.then(DROPPED)
    assert isinstance(send(transport), Ambiguous)
    assert isinstance(send(transport), Sent)


def test_in_the_sandbox_nothing_is_delivered_and_the_receipt_says_so(server):
    with closing(SendGridTransport(KEY, server.host, SENDER, is_sandbox=True)) as transport:
        outcome = send(transport)
    assert outcome == Sent(Receipt("sandbox", "", NoticeStatus.CREATED))
    assert (len(server.received), server.taken) == (1, [])


def test_neither_links_nor_openings_are_tracked(server, transport):
    send(transport)
    tracking = server.received[0].body["tracking_settings"]
    assert tracking["open_tracking"] == {"enable": False}
    assert tracking["click_tracking"] == {"enable": False, "enable_text": False}


@pytest.mark.parametrize("status", [400, 413, 415])
def test_what_never_heals_is_permanent(server, transport, status):
    server.then(Answer(status, ("No good.", "Never.")))
    assert send(transport) == Permanent(f"SendGrid answered {status}: No good.; Never.")


def test_an_address_that_is_none_is_refused_for_good(server, transport):
    outcome = send(transport, replace(MESSAGE, to="nobody"))
    assert outcome == Permanent("SendGrid answered 400: Does not contain a valid address.", is_mailbox=True)
    assert server.taken == []


@pytest.mark.parametrize("status", [403, 404, 500, 502, 503])
def test_what_an_administrator_or_time_can_heal_is_tried_later(server, transport, status):
    server.then(Answer(status, ("Not now.",)))
    assert send(transport) == Later(None, f"SendGrid answered {status}: Not now.")
    assert isinstance(send(transport), Sent)


def test_a_wrong_key_is_said_and_the_letter_waits(server):
    with closing(SendGridTransport("SG.wrong", server.host, SENDER)) as wrong:
        outcome = send(wrong)
    assert isinstance(outcome, Later)
    assert "401" in outcome.reason
    assert "authorization" in outcome.reason
    assert "SG.wrong" not in outcome.reason


def test_an_answer_without_json_is_told_by_its_status_line(server, transport):
    server.then(Answer(503, raw=b"<html>upstream</html>"))
    assert send(transport) == Later(None, "SendGrid answered 503: Service Unavailable")


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
    outcome = send(transport)
    assert isinstance(outcome, Later)
    assert outcome.after_seconds is not None
    assert least <= outcome.after_seconds <= most


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "soon"}, {"X-RateLimit-Reset": "never"}])
def test_too_many_requests_may_come_without_a_time(server, transport, headers):
    said = (
        headers() if callable(headers) else headers
    )  # a clock time is said when it is sent, not when tests are collected
    server.then(Answer(429, ("too many requests",), said))
    assert send(transport) == Later(None, "SendGrid answered 429: too many requests")


def test_a_port_that_nobody_serves_is_tried_later():
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    outcome = send(SendGridTransport(KEY, f"http://127.0.0.1:{port}", SENDER))
    assert isinstance(outcome, Later)
    assert "cannot be reached" in outcome.reason


def test_a_hanging_answer_is_ambiguous_and_soon_over(server, transport):
    server.then(HANGING)
    started = time.monotonic()
    outcome = send(transport)
    assert isinstance(outcome, Ambiguous)
    assert time.monotonic() - started < 5
    assert len(server.taken) == 1


def test_a_connection_dropped_after_the_letter_was_read_is_ambiguous(server, transport):
    server.then(DROPPED)
    assert isinstance(send(transport), Ambiguous)
    assert len(server.taken) == 1


def test_a_gateway_that_gave_up_waiting_is_ambiguous(server, transport):
    server.then(Answer(504, ("Gateway timeout",)))
    assert send(transport) == Ambiguous("SendGrid answered 504: Gateway timeout")
