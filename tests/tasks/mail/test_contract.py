"""What every way out of the house promises, tried on each: SendGrid's client and a mail server, both against real servers."""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from models.mailbox import Message
from models.notice.tables import NoticeStatus
from tasks.mail.delivering import Ambiguous, Later, Outcome, Permanent, Sent, deliver
from tasks.mail.sendgrid_mail import SendGridTransport
from tasks.mail.smtp_mail import MailServer, SmtpTransport
from tasks.mail.transport import Transport
from tests.fake_sendgrid import DROPPED, HANGING, KEY, Answer, fake_sendgrid
from tests.fake_smtp import DROP, HANG, fake_smtp

SENDER = "wufang@shanyang.example"
MESSAGE = Message(
    notice_id=UUID("0193f000-0000-7000-8000-000000000001"),
    to="officer@dinghe.example",
    subject="督办：新兴社区逾期未答复，请于今日内处理并在平台上说明理由（山协〔2026〕12号）",
    text="新兴社区尚未答复。\n.\n..一行以点开头\n\n-- \n山阳五方\n",
    html="<p>新兴社区尚未答复。</p>\n.\n",
    language="zh",
    letter="escalation",
    at=datetime(2026, 11, 23, 1, 0, tzinfo=UTC),
)


@dataclass(frozen=True)
class Arrived:
    """A letter as the server has it."""

    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    names_notice: bool
    is_automatic: bool


@dataclass(frozen=True)
class House:
    """A transport, its server's letters, and ways to make the server answer so."""

    transport: Transport
    arrived: Callable[[], Sequence[Arrived]]
    then: dict[str, Callable[[], object]]
    nowhere: Callable[[int], Transport]  # the same to a port that nobody serves


def _sendgrid() -> Iterator[House]:
    def arrived(state):
        for one in state.taken:
            text, html = (part["value"] for part in one.body["content"])
            for person in one.body["personalizations"]:
                to = tuple(address["email"] for address in person["to"])
                names = person["custom_args"]["notice_id"] == str(MESSAGE.notice_id)
                automatic = one.body["headers"]["Auto-Submitted"] == "auto-generated"
                yield Arrived(to, one.body["subject"], text, html, names, automatic)

    bad = b'{"errors": [{"message": "No.", "field": "personalizations.0.to.0.email"}]}'
    with fake_sendgrid() as state, closing(SendGridTransport(KEY, state.host, SENDER, 0.5)) as transport:
        then = {
            "no mailbox": lambda: state.then(Answer(400, raw=bad)),
            "not this letter": lambda: state.then(Answer(413, ("Too large.",))),
            "later": lambda: state.then(Answer(503, ("Later.",))),
            "sender refused": lambda: state.then(Answer(403, ("The from address is not yours.",))),
            "dropped after the end": lambda: state.then(DROPPED),
            "hanging after the end": lambda: state.then(HANGING),
        }
        yield House(
            transport,
            lambda: list(arrived(state)),
            then,
            lambda port: SendGridTransport(KEY, f"http://127.0.0.1:{port}", SENDER, 0.5),
        )


def _smtp() -> Iterator[House]:
    def arrived(script):
        for _, to, letter in script.taken:
            text, html = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))
            names = str(MESSAGE.notice_id) in letter["Message-ID"]
            yield Arrived(tuple(to), letter["Subject"], text, html, names, letter["Auto-Submitted"] == "auto-generated")

    with fake_smtp() as script:
        server = MailServer.of(f"smtp://127.0.0.1:{script.port}")
        with closing(SmtpTransport(server, SENDER, 0.5)) as transport:
            then = {
                "no mailbox": lambda: script.rcpt.append("550 5.1.1 No such user"),
                "not this letter": lambda: script.data.append("554 5.6.0 Content refused"),
                "later": lambda: script.rcpt.append("451 4.7.1 Greylisted"),
                "sender refused": lambda: script.mail.append("553 5.7.1 Sender not yours"),
                "dropped after the end": lambda: script.data.append(DROP),
                "hanging after the end": lambda: script.data.append(HANG),
            }
            yield House(
                transport,
                lambda: list(arrived(script)),
                then,
                lambda port: SmtpTransport(replace(server, port=port), SENDER, 0.5),
            )


@pytest.fixture(params=[_sendgrid, _smtp], ids=["sendgrid", "smtp"])
def house(request) -> Iterator[House]:
    yield from request.param()


def send(house, *messages) -> list[Outcome]:
    return [one for message in messages or (MESSAGE,) for one in deliver(house.transport, [message])]


def test_a_letter_arrives_as_it_was_written(house):
    [outcome] = send(house)
    assert isinstance(outcome, Sent)
    assert outcome.receipt.status is NoticeStatus.SENDING
    assert outcome.receipt.message_id
    [arrived] = house.arrived()
    assert (arrived.to, arrived.subject) == ((MESSAGE.to,), MESSAGE.subject)
    assert arrived.text.replace("\r\n", "\n") == MESSAGE.text
    assert arrived.html.replace("\r\n", "\n").rstrip() == MESSAGE.html.rstrip()
    assert arrived.names_notice
    assert arrived.is_automatic


def test_many_letters_arrive_each_to_its_own(house):
    messages = [replace(MESSAGE, notice_id=UUID(int=one), to=f"officer-{one}@dinghe.example") for one in range(60)]
    assert {type(one) for one in send(house, *messages)} == {Sent}
    assert [one.to for one in house.arrived()] == [(one.to,) for one in messages]


@pytest.mark.parametrize(
    ("how", "kind", "is_mailbox"),
    [("no mailbox", Permanent, True), ("not this letter", Permanent, False)],
)
def test_what_never_heals_is_permanent_and_says_whose_fault_it_is(house, how, kind, is_mailbox):
    house.then[how]()
    [outcome] = send(house)
    assert isinstance(outcome, kind)
    assert outcome.is_mailbox is is_mailbox
    assert house.arrived() == []
    assert isinstance(send(house)[0], Sent)


@pytest.mark.parametrize("how", ["later", "sender refused"])
def test_what_time_or_an_administrator_can_heal_is_tried_later(house, how):
    house.then[how]()
    [outcome] = send(house)
    assert isinstance(outcome, Later)
    assert house.arrived() == []
    assert isinstance(send(house)[0], Sent)


@pytest.mark.parametrize("how", ["dropped after the end", "hanging after the end"])
def test_a_letter_whose_answer_is_lost_is_unclear(house, how):
    house.then[how]()
    started = time.monotonic()
    [outcome] = send(house)
    assert isinstance(outcome, Ambiguous)
    assert time.monotonic() - started < 5
    assert len(house.arrived()) == 1
    assert isinstance(send(house)[0], Sent)


def test_a_server_that_is_not_there_is_tried_later(house):
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    with closing(house.nowhere(port)) as nowhere:
        [outcome] = deliver(nowhere, [MESSAGE])
    assert isinstance(outcome, Later)
    assert "cannot be reached" in outcome.reason


def test_no_reason_carries_an_address(house):
    house.then["no mailbox"]()
    [outcome] = send(house, MESSAGE)
    assert "@" not in outcome.reason
