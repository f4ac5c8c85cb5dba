"""Which way each letter takes: SendGrid with a key, a mail server with its address, the mailbox without either.

A pilot (`WUFANG_MAIL_MODE`) sends to its team only, or to nobody; the other letters lie in the mailbox, and are shown as
not sent.
"""

from dataclasses import dataclass

from models.mailbox import PILOT, folder_under
from models.notice.tables import NoticeStatus
from models.settings import Settings
from tasks.mail.mailbox import MailboxTransport
from tasks.mail.sendgrid_mail import SendGridTransport
from tasks.mail.smtp_mail import MailServer, SmtpTransport
from tasks.mail.transport import Transport


@dataclass(frozen=True, slots=True)
class Ways:
    """How letters leave. `kept`: where those lie that are to nobody of the team; None: everybody gets theirs."""

    outside: Transport
    kept: Transport | None = None
    team: frozenset[str] = frozenset()  # addresses, and domains with an @ before them; lower case

    def of(self, address: str) -> Transport:
        """The way of a letter to this address."""
        if self.kept is None or self.team & {address, address[address.rfind("@") :]}:
            return self.outside
        return self.kept

    def close(self) -> None:
        """Let go of what is kept open."""
        self.outside.close()


def choose_ways(settings: Settings) -> Ways:
    """The ways that the settings ask for."""
    folder = folder_under(settings.state_dir)
    outside = _outside(settings)
    kept = MailboxTransport(folder, PILOT, NoticeStatus.CREATED)
    if outside is None:
        return Ways(MailboxTransport(folder))
    if settings.is_pilot:
        return Ways(outside, kept, settings.team if settings.mail_mode == "team" else frozenset())
    return Ways(outside)


def _outside(settings: Settings) -> Transport | None:
    """The way out of the house, where there is one."""
    key = settings.sendgrid_api_key.get_secret_value()
    if key:
        return SendGridTransport(
            key,
            settings.sendgrid_host,
            settings.mail_from,
            settings.mail_timeout_seconds,
            is_sandbox=settings.mail_mode == "sandbox",
        )
    url = settings.smtp_url.get_secret_value()
    if url:
        return SmtpTransport(MailServer.of(url), settings.mail_from, settings.mail_timeout_seconds)
    return None
