"""The embedded way: letters go to the mailbox folder that the portal shows."""

from pathlib import Path

from models.mailbox import PROVIDER, Message, write_letter
from tasks.mail.transport import Receipt, TryLater


class MailboxTransport:
    """Keeps letters as files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message) -> Receipt:
        """Keep the letter; again is as good as once. Raises `TryLater` where the folder cannot be written."""
        try:
            write_letter(self._folder, message)
        except OSError as error:
            reason = f"The mailbox folder cannot be written: {error.strerror or error}"
            raise TryLater(reason) from error
        return Receipt(PROVIDER, str(message.notice_id))
