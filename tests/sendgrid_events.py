"""What SendGrid's Event Webhook tells of letters that were taken: made, repeated, shuffled, signed and posted as it does."""

import base64
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.fake_sendgrid import Received

PATH = "/webhooks/sendgrid"
A_POST = 500  # events


@dataclass(frozen=True, slots=True)
class Signer:
    """SendGrid's side of the signed webhook."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def public(self) -> str:
        """The public key as SendGrid's page shows it."""
        told = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(told).decode()

    def headers(self, body: bytes, at: datetime) -> dict[str, str]:
        """The headers of a post that leaves at `at`."""
        timestamp = str(int(at.timestamp()))
        signature = self.key.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))
        return {
            "Content-Type": "application/json",
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        }

    def post(self, address: str, events: Sequence[dict[str, Any]], at: datetime) -> int:
        """Post events to the application at `address`; its answer's status."""
        body = json.dumps(events).encode()
        try:
            with urlopen(Request(address + PATH, body, self.headers(body, at)), timeout=30) as answer:
                return answer.status
        except HTTPError as error:
            with error:
                return error.code


def event(
    kind: str, notice_id: object, at: datetime | float, email: str = "", number: str = "m1", **more: Any
) -> dict[str, Any]:
    """One event as it is told."""
    seconds = at if isinstance(at, int | float) else at.timestamp()
    told = {"email": email, "timestamp": int(seconds), "event": kind, "notice_id": str(notice_id)}
    return (
        told
        | {"sg_message_id": f"{number}.recvd-1", "sg_event_id": base64.b64encode(random.randbytes(16)).decode()}
        | more
    )


def story(one: Received, at: datetime, chance: random.Random, bounces: float = 0.0) -> Iterator[dict[str, Any]]:
    """What is told of the letters of a call that was taken: processed, and delivered or bounced within a minute."""
    for person in one.body["personalizations"]:
        notice_id, email = person["custom_args"]["notice_id"], person["to"][0]["email"]
        yield event("processed", notice_id, at, email, one.message_id)
        later = at.timestamp() + chance.randint(1, 60)
        if chance.random() < bounces:
            said = f"550 5.1.1 <{email}>: user unknown"
            yield event("bounce", notice_id, later, email, one.message_id, type="bounce", reason=said, status="5.1.1")
        else:
            yield event("delivered", notice_id, later, email, one.message_id, response="250 OK")


def repeated(events: Iterable[dict[str, Any]], times: int, chance: random.Random) -> list[dict[str, Any]]:
    """The same told so many times, each with a new number, in any order."""
    told = [
        one | {"sg_event_id": base64.b64encode(chance.randbytes(16)).decode()} for one in events for _ in range(times)
    ]
    chance.shuffle(told)
    return told


def posts(events: Sequence[dict[str, Any]], size: int = A_POST) -> Iterator[Sequence[dict[str, Any]]]:
    """As SendGrid batches them."""
    return (events[start : start + size] for start in range(0, len(events), size))
