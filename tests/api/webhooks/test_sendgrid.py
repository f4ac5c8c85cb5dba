"""The signed webhook over HTTP: who is heard, what is written, and that it never breaks."""

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from httpx import post
from pydantic import ValidationError
from sqlalchemy import select

from api.app import create_app
from api.webhooks.sendgrid import MOST_BYTES, SIGNATURE_AGE
from models.mail_event.tables import MailEvent
from models.notice import receiving, writing
from models.notice.tables import Letter, Notice, NoticeStatus
from models.officer import Officer
from models.settings import Settings
from tests.live import serving
from tests.sendgrid_events import PATH, Signer, event, posts, repeated

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


@pytest.fixture
def settings(tmp_path, signer) -> Settings:
    return Settings(state_dir=tmp_path, prefect_api_url="http://127.0.0.1:9/api", sendgrid_webhook_key=signer.public)


@pytest.fixture
def address(settings, database, at) -> Iterator[str]:
    with serving(create_app(settings, lambda: at)) as address:
        yield address


def sent(make, count):
    """So many letters that the provider has taken."""
    officer = make.neighbourhood().clerk.officer_id
    return make.database.write(_send, officer, count, make.at)


def _send(session, officer_id, count, at):
    officer = session.get_one(Officer, officer_id)
    for number in range(count):
        writing.write(session, str(number), None, Letter.REPLY, {}, [officer], at)
    ids = list(session.scalars(select(Notice.id).order_by(Notice.id)))
    attempts = [receiving.Attempt(one, NoticeStatus.SENDING, "sendgrid", "m1") for one in ids]
    receiving.record(session, attempts, at)
    return ids


def statuses(make, ids):
    with make.database.reading() as session:
        return dict(session.execute(select(Notice.id, Notice.status).where(Notice.id.in_(ids))).all())


def test_a_signed_post_is_taken_in(address, signer, make, at):
    [notice_id] = sent(make, 1)
    assert signer.post(address, [event("delivered", notice_id, at)], at) == 204
    assert statuses(make, [notice_id]) == {notice_id: NoticeStatus.DELIVERED}


def test_repeats_and_disorder_change_nothing(address, signer, make, at):
    ids = sent(make, 20)
    ends = {one: ("delivered", "bounce")[number % 2] for number, one in enumerate(ids)}
    told = [event("processed", one, at) for one in ids]
    told += [event(kind, one, at + SECOND, type="bounce") for one, kind in ends.items()]
    chance = random.Random(1)
    for some in posts(repeated(told, 46, chance)):
        assert signer.post(address, some, at) == 204
    words = {"delivered": NoticeStatus.DELIVERED, "bounce": NoticeStatus.PERMANENT_FAILURE}
    assert statuses(make, ids) == {one: words[kind] for one, kind in ends.items()}
    assert make.count(MailEvent) == len(told)


@pytest.mark.parametrize("age", [SIGNATURE_AGE + SECOND, -SIGNATURE_AGE - SECOND, timedelta(days=300)])
def test_a_post_that_was_signed_at_another_time_is_a_copy(address, signer, make, at, age):
    [notice_id] = sent(make, 1)
    assert signer.post(address, [event("delivered", notice_id, at)], at - age) == 403
    assert statuses(make, [notice_id]) == {notice_id: NoticeStatus.SENDING}


def test_an_event_may_be_days_old_where_its_signature_is_not(address, signer, make, at):
    [notice_id] = sent(make, 1)
    assert signer.post(address, [event("delivered", notice_id, at - timedelta(days=2))], at - SIGNATURE_AGE) == 204
    assert statuses(make, [notice_id]) == {notice_id: NoticeStatus.DELIVERED}


def test_nobody_else_is_heard(address, signer, make, at):
    [notice_id] = sent(make, 1)
    body = json.dumps([event("delivered", notice_id, at)]).encode()
    right = signer.headers(body, at)
    stamp, seal = "X-Twilio-Email-Event-Webhook-Timestamp", "X-Twilio-Email-Event-Webhook-Signature"
    wrong = [
        (body + b" ", right),
        (body, Signer().headers(body, at)),
        (body, {}),
        (body, right | {seal: ""}),
        (body, right | {seal: "no base64 at all"}),
        (body, right | {seal: right[seal][:-8]}),
        (body, right | {stamp: str(int(right[stamp]) + 1)}),
        (body, right | {stamp: f"+{right[stamp]}"}),
        (body, right | {stamp: "٣" * 10}),
        (body, right | {stamp: "9" * 40}),
    ]
    for content, headers in wrong:
        assert posted(address, content, headers) == 403, headers
    assert statuses(make, [notice_id]) == {notice_id: NoticeStatus.SENDING}
    assert posted(address, body, right) == 204


def posted(address, body, headers):
    encoded = {name: value.encode() for name, value in headers.items()}
    return post(address + PATH, content=body, headers=encoded, timeout=20).status_code


def test_signed_nonsense_is_passed_over(address, signer, at):
    for body in (b"", b"[", b"{}", b'[{"event": {}}, 7]', b"\xff"):
        assert posted(address, body, signer.headers(body, at)) == 204


def test_what_is_too_large_is_not_read_to_its_end(address, signer, at):
    body = b"[" + b" " * MOST_BYTES
    assert posted(address, body, signer.headers(body, at)) == 413


def test_without_a_key_there_is_nothing(settings, signer, database, at):
    with serving(create_app(settings.model_copy(update={"sendgrid_webhook_key": ""}), lambda: at)) as address:
        assert signer.post(address, [], at) == 404


def test_it_is_no_page(address):
    with pytest.raises(HTTPError) as refused, urlopen(Request(address + PATH)):
        pass
    with refused.value as answer:
        assert answer.code == 405


@pytest.mark.parametrize("key", ["no base64", "AAAA", "MCowBQYDK2VwAyEA" + "A" * 43 + "="])
def test_a_key_that_is_none_is_said_at_the_start(tmp_path, key):
    with pytest.raises(ValidationError, match="sendgrid_webhook_key"):
        Settings(state_dir=tmp_path, sendgrid_webhook_key=key)
