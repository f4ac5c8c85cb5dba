"""The embedded way: letters go to the mailbox folder that the portal shows."""

from collections.abc import Sequence
from pathlib import Path

from models.mailbox import PROVIDER, Message, write_letter
from models.notice.tables import NoticeStatus
from tasks.mail.transport import Receipt, TryLater


class MailboxTransport:
    """Keeps letters as files in `folder`. What that means for them, its maker says: there they have arrived."""

    most = 1

    def __init__(self, folder: Path, provider: str = PROVIDER, status: NoticeStatus = NoticeStatus.DELIVERED) -> None:
        self._folder, self._provider, self._status = folder, provider, status

    def send(self, messages: Sequence[Message]) -> Receipt:
        """Keep the letter; again is as good as once. Raises `TryLater` where the folder cannot be written."""
        [message] = messages
        try:
            write_letter(self._folder, message)
        except OSError as error:
            reason = f"The mailbox folder cannot be written: {error.strerror or error}"
            raise TryLater(reason) from error
        return Receipt(self._provider, str(message.notice_id), self._status)

    def close(self) -> None:
        """Nothing is kept open."""
