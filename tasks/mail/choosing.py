"""Which way letters take: SendGrid with a key, the mailbox without."""

from models.mailbox import folder_under
from models.settings import Settings
from tasks.mail.mailbox import MailboxTransport
from tasks.mail.sendgrid_mail import SendGridTransport
from tasks.mail.transport import Transport


def choose_transport(settings: Settings) -> Transport:
    """The transport that the settings ask for."""
    key = settings.sendgrid_api_key.get_secret_value()
    if key:
        return SendGridTransport(key, settings.sendgrid_host, settings.mail_from)
    return MailboxTransport(folder_under(settings.state_dir))
