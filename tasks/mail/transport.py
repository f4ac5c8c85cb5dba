"""What every way of sending letters has in common: what goes in, what comes back, what can go wrong."""

from dataclasses import dataclass
from typing import Protocol

from models.mailbox import Message


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who took the letter, and the number under which they know it (empty where they gave none)."""

    provider: str
    message_id: str


class Transport(Protocol):
    """A way of sending letters."""

    def send(self, message: Message) -> Receipt:
        """Send one letter. Raises `Refused`, `TryLater` or `Unclear`."""
        ...


class MailError(Exception):
    """A letter that did not surely leave; the text says why."""


class Refused(MailError):
    """The provider will never take this letter: sending it again is in vain."""


class TryLater(MailError):
    """The letter did not leave, and may another time. `after_seconds`: when the provider says so."""

    def __init__(self, reason: str, after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.after_seconds = after_seconds


class Unclear(MailError):
    """The letter was handed over but no answer came: it may have been taken. Look before sending it again."""
