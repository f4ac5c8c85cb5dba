"""Mail through SendGrid's own client: the one module that imports it.

What its answers mean: 202 is taken; a request that never got through, 429, 5xx and anything that an administrator can
heal (a key, a sender, an address of the API) may be tried later; 400, 413 and the like never heal; a time-out or a
connection lost after the request was handed over leaves the letters unclear, since `mail/send` has no idempotency key.
"""

import json
import re
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, cast
from urllib.error import URLError

from python_http_client.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
    HTTPError,
)
from sendgrid import SendGridAPIClient  # pyright: ignore[reportMissingTypeStubs]

from models.mailbox import SANDBOX, Message
from models.notice.receiving import without_addresses
from models.notice.tables import NoticeStatus
from tasks.mail.keeping_alive import KeptClient
from tasks.mail.transport import MailError, Receipt, Refused, TryLater, Unclear

PROVIDER = "sendgrid"
TIMEOUT_SECONDS = 20.0
LONGEST_WAIT_SECONDS = 3600.0
NEVER_HEAL = frozenset({400, 413, 415, 422})
GATEWAY_TIMEOUT = 504
ADDRESS_FIELD = re.compile(r"personalizations\.(\d+)\.to\.\d+\.email")


class SendGridTransport:
    """Sends through the API at `host` (e.g. `https://api.sendgrid.com`) in the name of `sender`.

    In the sandbox SendGrid looks at the letters and throws them away. May be used by several threads at once.
    """

    most = 1000  # personalizations of one call, by SendGrid's own limit

    def __init__(
        self,
        api_key: str,
        host: str,
        sender: str,
        timeout_seconds: float = TIMEOUT_SECONDS,
        *,
        is_sandbox: bool = False,
    ) -> None:
        client = SendGridAPIClient(api_key=api_key, host=host.rstrip("/"))
        self._kept = KeptClient.over(client.client, timeout_seconds)
        client.client = self._kept
        self._client = cast("Any", client)
        self._sender, self._is_sandbox = sender, is_sandbox

    def send(self, messages: Sequence[Message]) -> Receipt:
        """Hand the letters to SendGrid in one call. Raises `Refused`, `TryLater`, `Unclear`."""
        try:
            response = self._client.send(body_of(messages, self._sender, is_sandbox=self._is_sandbox))
        except HTTPError as error:
            raise _answered(error) from error
        except URLError as error:  # raised while connecting and sending only: SendGrid has no whole request
            raise TryLater(f"SendGrid cannot be reached: {error.reason}") from error
        except (OSError, HTTPException) as error:
            raise Unclear(f"No answer from SendGrid: {type(error).__name__} {error}".rstrip()) from error
        if self._is_sandbox:
            return Receipt(SANDBOX, "", NoticeStatus.CREATED)
        return Receipt(PROVIDER, response.headers.get("X-Message-Id", ""))

    def close(self) -> None:
        """Close the connections that were kept."""
        self._kept.close()


def body_of(messages: Sequence[Message], sender: str, *, is_sandbox: bool = False) -> dict[str, Any]:
    """The body of `POST /v3/mail/send`: one letter, and for each notice an address of its own, which no other sees.

    Tracking is off: links stay ours and opening a letter tells nobody. Categories and arguments are kept by SendGrid for
    long: they hold the letter's kind and the notice's id only.
    """
    first = messages[0]
    body: dict[str, Any] = {
        "personalizations": [
            {"to": [{"email": one.to}], "custom_args": {"notice_id": str(one.notice_id)}} for one in messages
        ],
        "from": {"email": sender},
        "subject": first.subject,
        "content": [
            {"type": "text/plain", "value": first.text},
            {"type": "text/html", "value": first.html},
        ],
        "headers": {"Auto-Submitted": "auto-generated", "Content-Language": first.language},
        "categories": [first.letter],
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
        },
    }
    return body | ({"mail_settings": {"sandbox_mode": {"enable": True}}} if is_sandbox else {})


def _answered(error: Any) -> MailError:
    """What an answer other than 2xx means."""
    status: int = error.status_code
    listed = _errors(error)
    said = "; ".join(str(one["message"]) for one in listed) or str(error.reason)
    reason = f"SendGrid answered {status}: {without_addresses(said)}"
    if status in NEVER_HEAL:
        fields = [ADDRESS_FIELD.match(str(one.get("field"))) for one in listed]
        return Refused(reason, frozenset(int(one[1]) for one in fields if one), is_mailbox=any(fields))
    if status == GATEWAY_TIMEOUT:
        return Unclear(reason)
    return TryLater(reason, _after_seconds(error.headers or {}))


def _errors(error: Any) -> list[dict[str, Any]]:
    """The errors that SendGrid lists; none where the body is not its own."""
    try:
        listed = json.loads(error.body)["errors"]
        return [one for one in listed if "message" in one]
    except (ValueError, KeyError, TypeError):
        return []


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
