"""The next channel: where a letter goes whose mailbox is no good. Each channel is one function, asked in this order."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from models import chat
from models.notice.tables import KEYS, Notice

Channel = Callable[[Session, Notice, datetime], bool]

# A channel takes a notice that no letter can tell, in the transaction that finds this out: it writes rows and sends
# nothing. It returns whether it took it.
CHANNELS: tuple[Channel, ...] = (chat.pass_on,)


def pass_on(session: Session, notice: Notice, at: datetime) -> bool:
    """Hand a notice to the first channel that takes it. False: there is none, or it must not leave the mailbox."""
    if notice.letter in KEYS:
        return False
    return any(take(session, notice, at) for take in CHANNELS)
