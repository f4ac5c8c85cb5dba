"""What every way of sending letters has in common: what goes in, what comes back, what can go wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from models.mailbox import Message
from models.notice.tables import NoticeStatus


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who took the letters, the number under which they know them (empty where they gave none), and what that means."""

    provider: str
    message_id: str
    status: NoticeStatus = NoticeStatus.SENDING


class Transport(Protocol):
    """A way of sending letters."""

    most: int  # letters of one text that go in one call

    def send(self, messages: Sequence[Message]) -> Receipt:
        """Send letters that differ in nothing but notice and address. Raises `Refused`, `TryLater` or `Unclear`."""
        ...

    def close(self) -> None:
        """Let go of what is kept open between two calls."""
        ...


class MailError(Exception):
    """Letters that did not surely leave, none of them; the text says why."""


class Refused(MailError):
    """The provider will never take them: sending them again is in vain.

    `places`: the letters of the call that are at fault, from 0, where that is known; the others may be sent without
    them. `is_mailbox`: the mailbox is at fault, not the letter.
    """

    def __init__(self, reason: str, places: frozenset[int] = frozenset(), *, is_mailbox: bool = False) -> None:
        super().__init__(reason)
        self.places, self.is_mailbox = places, is_mailbox


class TryLater(MailError):
    """They did not leave, and may another time. `after_seconds`: when the provider says so."""

    def __init__(self, reason: str, after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.after_seconds = after_seconds


class Unclear(MailError):
    """They were handed over but no answer came: they may have been taken. Look before sending them again."""
