"""SendGrid's Event Webhook: what became of letters after they were taken.

The signature is over the timestamp and the raw bytes of the body, so it is checked before anything is read. It is made
when the post is sent, also when the post is sent again after hours: an old one is somebody else's copy.
"""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.portal.visiting import database_of, now_of, settings_of
from api.webhooks.reading import read_news
from models.database import Database
from models.errors import NotFound, RuleBroken
from models.mail_event import tables as mail_events
from models.mail_event.taking import News, take
from models.signatures import is_signed, read_public_key
from models.words import N_

PROVIDER = "sendgrid"
SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
SIGNATURE_AGE = timedelta(minutes=10)  # in either direction: clocks differ, and posts queue
MOST_BYTES = 4 * 1024 * 1024  # a post of SendGrid's has 768 KB at the most

router = APIRouter(prefix="/webhooks", include_in_schema=False)


class NotSigned(RuleBroken):
    """Nobody but the provider tells what became of letters."""

    sentence = N_("The signature is missing, wrong or too old.")
    status = 403


class PostTooLarge(RuleBroken):
    """More than the provider ever sends at once."""

    sentence = N_("What you sent is larger than {megabytes} MB. Send less at once.")
    status = 413


@router.post("/sendgrid")
async def hear(request: Request) -> Response:
    """Take in a post of events. Raises `NotFound` where no key is set, `NotSigned`, `PostTooLarge`."""
    key = settings_of(request).sendgrid_webhook_key
    if not key:
        raise NotFound()
    body, now = await _read(request), now_of(request)
    timestamp = request.headers.get(TIMESTAMP, "")
    signed = timestamp.encode() + body
    if not _is_fresh(timestamp, now) or not is_signed(read_public_key(key), request.headers.get(SIGNATURE, ""), signed):
        raise NotSigned()
    await run_in_threadpool(_take, database_of(request), body, now)
    return Response(status_code=204)


async def _read(request: Request) -> bytes:
    """The raw body, up to the bound."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise PostTooLarge(megabytes=MOST_BYTES // 1024 // 1024)
        parts.append(part)
    return b"".join(parts)


def _is_fresh(timestamp: str, now: datetime) -> bool:
    """Whether the post was signed about now."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > len("9999999999"):
        return False
    return abs(now - datetime.fromtimestamp(int(timestamp), UTC)) <= SIGNATURE_AGE


def _take(database: Database, body: bytes, now: datetime) -> None:
    """Write down what is new. Most of what comes in was told before, and is found so without writing."""
    news = {one.id: one for one in read_news(body, now)}
    if news:
        with database.reading() as session:
            for told in mail_events.known(session, list(news)):
                del news[told]
    if news:
        database.write(take, PROVIDER, list[News](news.values()), now)
