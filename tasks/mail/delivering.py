"""Delivering one letter, and what came of it as a value: what is expected to fail never raises."""

from dataclasses import dataclass

from models.mailbox import Message
from tasks.mail.transport import Receipt, Refused, Transport, TryLater, Unclear


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider has taken it."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Permanent:
    """It will never be taken."""

    reason: str


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


def deliver(transport: Transport, message: Message) -> Outcome:
    """Send one letter and say what came of it."""
    try:
        return Sent(transport.send(message))
    except Refused as error:
        return Permanent(str(error))
    except TryLater as error:
        return Later(error.after_seconds, str(error))
    except Unclear as error:
        return Ambiguous(str(error))
