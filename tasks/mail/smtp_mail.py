"""Mail through a mail server of one's own, by SMTP (RFC 5321).

What its replies mean: 250 after the letter's end is taken; before that end nothing has left, whatever breaks, and 4xx may
be tried later anywhere; 5xx to the recipient or the letter never heals, but a refused log-in or sender an administrator
can put right. A connection that is lost between the end and the reply leaves the letter unclear.

A mail server tells nothing afterwards: its letters stay "sending", and an unclear one is sent again after its wait under
the same Message-ID, so that the reader's mail program shows it once.
"""

import re
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from threading import Lock
from urllib.parse import parse_qs, unquote, urlsplit

from models.mailbox import Message
from models.notice.receiving import without_addresses
from tasks.mail.transport import MailError, Receipt, Refused, TryLater, Unclear

PROVIDER = "smtp"
LETTERS_A_CONNECTION = 50  # more, and many servers end it
OK, FORWARDED, GO_AHEAD = 250, 251, 354
PERMANENT = range(500, 600)
ENHANCED = re.compile(r"\b5\.(\d{1,3}\.\d{1,3})\b")  # RFC 3463
NO_MAILBOX = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
NO_MAILBOX_PLAIN = frozenset({550, 551, 553})  # of a server that says no more
DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where and how: `smtp://user:password@host:25`, with `?starttls=1`, or `smtps://…`."""

    host: str
    port: int
    is_tls: bool
    is_starttls: bool
    user: str
    password: str

    @classmethod
    def of(cls, url: str) -> "MailServer":
        """The server of an address that the settings have checked."""
        parts = urlsplit(url)
        is_tls = parts.scheme == "smtps"
        is_starttls = parse_qs(parts.query).get("starttls") == ["1"]
        port = parts.port or (465 if is_tls else 587 if is_starttls else 25)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname or "", port, is_tls, is_starttls, user, password)


@dataclass(slots=True)
class Line:
    """A connection, and how many letters went over it."""

    smtp: smtplib.SMTP
    letters: int = 0


class SmtpTransport:
    """Sends through `server` in the name of `sender`. May be used by several threads at once."""

    most = 1  # a letter that names one address only; a server's word about one is then about that one

    def __init__(self, server: MailServer, sender: str, timeout_seconds: float = 20.0) -> None:
        self._server, self._sender, self._timeout = server, sender, timeout_seconds
        self._trust = ssl.create_default_context() if server.is_tls or server.is_starttls else None
        self._idle: list[Line] = []
        self._lock = Lock()

    def send(self, messages: Sequence[Message]) -> Receipt:
        """Hand the letter to the server. Raises `Refused`, `TryLater`, `Unclear`."""
        [message] = messages
        if not message.to.isascii():
            raise Refused("The address has signs that mail servers do not agree on.", is_mailbox=True)
        letter = letter_of(message, self._sender)
        content = DOT.sub(b"..", letter.as_bytes(policy=SMTP_POLICY)) + b".\r\n"
        line = self._line()
        try:
            self._hand_over(line.smtp, message.to, content)
        except BaseException:
            line.smtp.close()
            raise
        self._keep(line)
        return Receipt(PROVIDER, letter["Message-ID"])

    def _line(self) -> Line:
        """A connection that is kept and still answers, or a new one. Raises `TryLater`."""
        with self._lock:
            kept = self._idle.pop() if self._idle else None
        if kept is not None:
            with suppress(smtplib.SMTPException, OSError):
                if kept.smtp.noop()[0] == OK:
                    return kept
            kept.smtp.close()
        return Line(self._connect())

    def _connect(self) -> smtplib.SMTP:
        try:
            smtp = self._open()
            try:
                self._introduce(smtp)
            except BaseException:
                smtp.close()
                raise
        except smtplib.SMTPResponseException as error:
            raise TryLater(_told(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise TryLater(f"The mail server cannot be reached: {type(error).__name__} {error}".rstrip()) from error
        return smtp

    def _introduce(self, smtp: smtplib.SMTP) -> None:
        if self._server.is_starttls:
            smtp.starttls(context=self._trust)
        if self._server.user:
            smtp.login(self._server.user, self._server.password)
        smtp.ehlo_or_helo_if_needed()

    def _open(self) -> smtplib.SMTP:
        name = self._sender.rpartition("@")[2]
        if self._server.is_tls:
            return smtplib.SMTP_SSL(
                self._server.host, self._server.port, name, timeout=self._timeout, context=self._trust
            )
        return smtplib.SMTP(self._server.host, self._server.port, name, timeout=self._timeout)

    def _hand_over(self, smtp: smtplib.SMTP, to: str, content: bytes) -> None:
        try:
            _check(*smtp.mail(self._sender), good=(OK,), is_ours=True)
            _check(*smtp.rcpt(to), good=(OK, FORWARDED), is_recipient=True)
            _check(*smtp.docmd("DATA"), good=(GO_AHEAD,))
            smtp.send(content)
        except (smtplib.SMTPException, OSError) as error:
            raise TryLater(f"The mail server went away: {type(error).__name__} {error}".rstrip()) from error
        try:
            code, said = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise Unclear(f"No answer from the mail server: {type(error).__name__} {error}".rstrip()) from error
        _check(code, said, good=(OK,))

    def _keep(self, line: Line) -> None:
        line.letters += 1
        if line.letters >= LETTERS_A_CONNECTION:
            _end(line)
            return
        with self._lock:
            self._idle.append(line)

    def close(self) -> None:
        """End the connections that are kept."""
        with self._lock:
            lines, self._idle = self._idle, []
        for line in lines:
            _end(line)


def letter_of(message: Message, sender: str) -> EmailMessage:
    """The letter as text and as HTML; its Message-ID is the notice's, the same whenever it is sent."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, message.to, message.subject
    letter["Date"] = format_datetime(message.at)
    letter["Message-ID"] = f"<{message.notice_id}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text, cte="base64")
    letter.add_alternative(message.html, subtype="html", cte="base64")
    letter["Content-Language"] = message.language
    return letter


def _check(code: int, said: bytes, good: tuple[int, ...], *, is_ours: bool = False, is_recipient: bool = False) -> None:
    """Raise what a reply means that is none of the good ones. `is_ours`: about the sender, which can be put right."""
    if code not in good:
        raise _meaning(code, said, is_ours=is_ours, is_recipient=is_recipient)


def _meaning(code: int, said: bytes, *, is_ours: bool, is_recipient: bool) -> MailError:
    reason = _told(code, said)
    if code not in PERMANENT or is_ours:
        return TryLater(reason)
    return Refused(reason, is_mailbox=is_recipient and _is_mailbox(code, reason))


def _is_mailbox(code: int, reason: str) -> bool:
    """Whether the mailbox is at fault, and not what the server thinks of us."""
    detail = ENHANCED.search(reason)
    return detail[1] in NO_MAILBOX if detail else code in NO_MAILBOX_PLAIN


def _told(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"The mail server answered {code}: {without_addresses(' '.join(text.split()))}"


def _end(line: Line) -> None:
    with suppress(smtplib.SMTPException, OSError):
        line.smtp.quit()
    line.smtp.close()
