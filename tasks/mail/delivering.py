"""Delivering letters, and what came of each as a value: what is expected to fail never raises."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.mailbox import Message
from tasks.mail.transport import Receipt, Refused, Transport, TryLater, Unclear


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider has taken it."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Permanent:
    """It will never be taken. `is_mailbox`: since the mailbox is no good."""

    reason: str
    is_mailbox: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """It did not leave; try again, after `after_seconds` where the provider says so."""

    after_seconds: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """It may have been taken: look at the provider's events before sending it again."""

    reason: str


Outcome = Sent | Permanent | Later | Ambiguous


def deliver(transport: Transport, messages: Sequence[Message]) -> list[Outcome]:
    """Send letters of one text in one call, and say what came of each.

    One that is refused takes no other with it: the others are sent again without it.
    """
    outcomes: dict[int, Outcome] = {}
    left = list(range(len(messages)))
    while left:
        came = _call(transport, [messages[place] for place in left])
        if isinstance(came, Refused) and len(came.places) < len(left):
            refused = [left[place] for place in came.places] or left
        else:
            refused = left
        outcomes |= dict.fromkeys(refused, _meant(came))
        left = [place for place in left if place not in outcomes]
    return [outcomes[place] for place in range(len(messages))]


def _call(transport: Transport, messages: Sequence[Message]) -> Receipt | Refused | TryLater | Unclear:
    try:
        return transport.send(messages)
    except (Refused, TryLater, Unclear) as error:
        return error


def _meant(came: Receipt | Refused | TryLater | Unclear) -> Outcome:
    match came:
        case Receipt():
            return Sent(came)
        case Refused():
            return Permanent(str(came), came.is_mailbox)
        case TryLater():
            return Later(came.after_seconds, str(came))
        case Unclear():
            return Ambiguous(str(came))
