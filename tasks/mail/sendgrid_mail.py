"""Mail through SendGrid's own client: the one module that imports it.

What its answers mean: 202 is taken; a request that never got through, 429, 5xx and anything that an administrator can
heal (a key, a sender, an address of the API) may be tried later; 400, 413 and the like never heal; a time-out or a
connection lost after the request was handed over leaves the letter unclear, since `mail/send` has no idempotency key.
"""

import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, cast
from urllib.error import URLError

from python_http_client.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
    HTTPError,
)
from sendgrid import SendGridAPIClient  # pyright: ignore[reportMissingTypeStubs]

from models.mailbox import Message
from tasks.mail.transport import MailError, Receipt, Refused, TryLater, Unclear

PROVIDER = "sendgrid"
TIMEOUT_SECONDS = 20.0
LONGEST_WAIT_SECONDS = 3600.0
LONGEST_REASON = 300  # characters of the provider's own words
NEVER_HEAL = frozenset({400, 413, 415, 422})
GATEWAY_TIMEOUT = 504


class SendGridTransport:
    """Sends through the API at `host` (e.g. `https://api.sendgrid.com`) in the name of `sender`."""

    def __init__(self, api_key: str, host: str, sender: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._client = cast("Any", SendGridAPIClient(api_key=api_key, host=host.rstrip("/")))
        self._client.client.timeout = timeout_seconds  # the library's own default is to wait for ever
        self._sender = sender

    def send(self, message: Message) -> Receipt:
        """Hand the letter to SendGrid. Raises `Refused`, `TryLater`, `Unclear`."""
        try:
            response = self._client.send(body_of(message, self._sender))
        except HTTPError as error:
            raise _answered(error) from error
        except URLError as error:  # raised while connecting and sending only: SendGrid has no whole request
            raise TryLater(f"SendGrid cannot be reached: {error.reason}") from error
        except (OSError, HTTPException) as error:
            raise Unclear(f"No answer from SendGrid: {type(error).__name__} {error}".rstrip()) from error
        return Receipt(PROVIDER, response.headers.get("X-Message-Id", ""))


def body_of(message: Message, sender: str) -> dict[str, Any]:
    """The body of `POST /v3/mail/send`. Tracking is off: links stay ours and opening a letter tells nobody."""
    return {
        "personalizations": [{"to": [{"email": message.to}]}],
        "from": {"email": sender},
        "subject": message.subject,
        "content": [
            {"type": "text/plain", "value": message.text},
            {"type": "text/html", "value": message.html},
        ],
        "headers": {"Auto-Submitted": "auto-generated", "Content-Language": message.language},
        "categories": [message.letter],
        "custom_args": {"notice_id": str(message.notice_id)},
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
        },
    }


def _answered(error: Any) -> MailError:
    """What an answer other than 2xx means."""
    status: int = error.status_code
    reason = f"SendGrid answered {status}: {_words(error)}"
    if status in NEVER_HEAL:
        return Refused(reason)
    if status == GATEWAY_TIMEOUT:
        return Unclear(reason)
    return TryLater(reason, _after_seconds(error.headers or {}))


def _words(error: Any) -> str:
    """The errors in SendGrid's words, or the status line's where the body has none."""
    try:
        listed = json.loads(error.body)["errors"]
        said = "; ".join(str(one["message"]) for one in listed)
    except (ValueError, KeyError, TypeError):
        said = str(error.reason)
    return said[:LONGEST_REASON]


def _after_seconds(headers: Mapping[str, str]) -> float | None:
    """How long to wait, from `Retry-After` or `X-RateLimit-Reset` (epoch seconds); None where neither says so."""
    retry, reset = headers.get("Retry-After"), headers.get("X-RateLimit-Reset")
    try:
        if retry is not None:
            wait = float(retry) if retry.isdigit() else parsedate_to_datetime(retry).timestamp() - time.time()
        elif reset is not None:
            wait = float(reset) - time.time()
        else:
            return None
    except ValueError:
        return None
    return min(max(wait, 0.0), LONGEST_WAIT_SECONDS)
