"""A real mail server on this machine (aiosmtpd), which answers by a script and keeps what it took."""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

DROP = "drop"  # the connection, in the place of a reply
HANG = "hang"


@dataclass
class Script:
    """What is answered next to each command; where nothing is left, all is well."""

    mail: deque[str] = field(default_factory=deque)
    rcpt: deque[str] = field(default_factory=deque)
    data: deque[str] = field(default_factory=deque)
    taken: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)  # sender, recipients, letter
    connections: int = 0
    was_secret: bool = False  # the last letter came over TLS
    log_ins: list[str] = field(default_factory=list)
    port: int = 0


class Handler:
    """aiosmtpd's hooks."""

    def __init__(self, script: Script) -> None:
        self.script = script

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:
        self.script.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        said = await self._next(self.script.mail, server)
        if said.startswith("250"):
            envelope.mail_from = address
        return said

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        said = await self._next(self.script.rcpt, server)
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        script = self.script
        answer = script.data[0] if script.data else "250"
        if answer in {DROP, HANG} or answer.startswith("250"):
            letter = message_from_bytes(envelope.content, policy=policy.default)
            script.taken.append((envelope.mail_from, list(envelope.rcpt_tos), letter))
            script.was_secret = session.ssl is not None or isinstance(
                server.transport.get_extra_info("ssl_object"), ssl.SSLObject
            )
        return await self._next(script.data, server)

    async def _next(self, answers: deque[str], server: Any) -> str:
        said = answers.popleft() if answers else "250 OK"
        if said == HANG:
            await asyncio.sleep(30)
        if said in {DROP, HANG}:
            server.transport.abort()
            return "421 gone"
        return said


@contextmanager
def fake_smtp(password: str = "", tls: ssl.SSLContext | None = None, *, is_starttls: bool = False) -> Iterator[Script]:
    """The server while it runs. With a password log-ins are checked; with a context it speaks TLS, at once or after STARTTLS."""
    script = Script()

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, told: LoginPassword) -> AuthResult:
        script.log_ins.append(told.login.decode())
        return AuthResult(success=told.password.decode() == password, handled=False)

    with socket.create_server(("127.0.0.1", 0)) as probe:
        script.port = probe.getsockname()[1]
    more: dict[str, Any] = {"authenticator": authenticate, "auth_require_tls": False} if password else {}
    more |= {"tls_context": tls, "require_starttls": True} if is_starttls else {"ssl_context": tls}
    server = Controller(Handler(script), hostname="127.0.0.1", port=script.port, **more)
    server.start()
    try:
        yield script
    finally:
        server.stop()
