"""Reading the events of SendGrid's webhook: what is not about a letter of ours, or not understood, is passed over.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event says what there is. One event spoils no other.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid5

from models.mail_event.taking import News
from models.notice.receiving import without_addresses
from models.notice.tables import NewsKind

KINDS: dict[str, NewsKind] = {
    "processed": NewsKind.PROCESSED,
    "deferred": NewsKind.DEFERRED,
    "delivered": NewsKind.DELIVERED,
    "bounce": NewsKind.BOUNCE,  # unless its type is "blocked"
    "dropped": NewsKind.DROPPED,  # unless the mailbox is not the reason
    "spamreport": NewsKind.SPAM,
}  # open, click, unsubscribe and those of groups say nothing of the delivery
MAILBOX_REASONS = (
    "bounced",
    "invalid",
    "unsubscribed",
    "spam reporting",
)  # how the reasons begin that are the mailbox's
EARLY = timedelta(days=1)  # an event from beyond tomorrow is none


def read_news(body: bytes, now: datetime) -> list[News]:
    """The news of one post, in its order."""
    try:
        listed = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return list(_all(cast("list[Any]", listed), now)) if isinstance(listed, list) else []


def _all(listed: list[Any], now: datetime) -> Iterator[News]:
    for event in listed:
        try:
            if event["event"] in KINDS and "notice_id" in event:
                yield _news(event, now)
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError, OSError):
            continue


def _news(event: dict[str, Any], now: datetime) -> News:
    """One event. Raises what a wrong form raises."""
    at = datetime.fromtimestamp(int(event["timestamp"]), UTC)
    if at > now + EARLY:
        raise ValueError("an event of the future")
    notice_id, kind = UUID(event["notice_id"]), _kind(event)
    reason = event.get("reason") or event.get("response")
    return News(
        _same(notice_id, event),
        notice_id,
        kind,
        at,
        str(event.get("email", "")).strip().lower(),
        without_addresses(str(reason)) if reason and kind is not NewsKind.DELIVERED else None,
    )


def _same(notice_id: UUID, event: dict[str, Any]) -> UUID:
    """What all repeats of an event have in common. `sg_event_id` is not: it changes when SendGrid tells it again."""
    parts = (event["event"], event["timestamp"], event.get("attempt", ""), event.get("sg_message_id", ""))
    return uuid5(notice_id, " ".join(str(one) for one in parts))


def _kind(event: dict[str, Any]) -> NewsKind:
    kind = KINDS[event["event"]]
    if kind is NewsKind.BOUNCE and event.get("type") == "blocked":
        return NewsKind.BLOCKED
    if kind is NewsKind.DROPPED and not str(event.get("reason", "")).lower().startswith(MAILBOX_REASONS):
        return NewsKind.GIVEN_UP
    return kind
