"""A local HTTP server that answers as SendGrid's v3 `mail/send` does, with its errors, and keeps what it was sent."""

import json
import re
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

KEY = "SG.a-key-for-tests"
PATH = "/v3/mail/send"
LARGEST = 30 * 1024 * 1024  # bytes; SendGrid's limit
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
WRONG_KEY = "The provided authorization grant is invalid, expired, or revoked"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered next. `status` 0: the connection is dropped; `hang`: nothing comes until the server closes."""

    status: int
    errors: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    raw: bytes | None = None


ACCEPTED = Answer(202)
DROPPED = Answer(0)  # after the whole request was read: it may well be delivered
HANGING = Answer(0, hang=True)


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came. `taken`: SendGrid would deliver it, whatever it answered."""

    body: dict[str, Any]
    headers: dict[str, str]
    taken: bool
    message_id: str


class FakeSendGrid:
    """The server's state: answers to give (202 when none is left) and requests received."""

    def __init__(self) -> None:
        self.answers: deque[Answer] = deque()
        self.received: list[Received] = []
        self.closing = threading.Event()
        self.host = ""

    def then(self, *answers: Answer) -> None:
        """Answer the next requests so."""
        self.answers.extend(answers)

    @property
    def taken(self) -> list[Received]:
        """What would be delivered."""
        return [one for one in self.received if one.taken]


def faults(body: Any) -> Iterator[str]:
    """What SendGrid would find wrong with a body."""
    if not isinstance(body, dict):
        yield "Bad Request"
        return
    to = [to.get("email", "") for one in body.get("personalizations", []) for to in one.get("to", [])]
    if not to:
        yield "The personalizations field is required and must have at least one personalization."
    if any(not ADDRESS.fullmatch(one) for one in [*to, body.get("from", {}).get("email", "")]):
        yield "Does not contain a valid address."
    if not body.get("subject"):
        yield "The subject is required. You can get around this requirement if you use a template."
    kinds = [one.get("type") for one in body.get("content", [])]
    if kinds[:1] != ["text/plain"]:
        yield "If present, text/plain and text/html may only be provided once, text/plain first."
    if not all(one.get("value") for one in body.get("content", [])):
        yield "The content value must be a string at least one character in length."
    if any(not isinstance(value, str) for value in body.get("custom_args", {}).values()):
        yield "Custom args must be strings."


class Server(ThreadingHTTPServer):
    daemon_threads = True
    state: FakeSendGrid


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        answer, body = self._choose(raw)
        taken = answer.status in {0, 202}
        number = uuid4().hex[:22]
        self.server.state.received.append(Received(body, dict(self.headers.items()), taken, number))
        self._give(answer, number)

    def _choose(self, raw: bytes) -> tuple[Answer, Any]:
        if self.path != PATH:
            return Answer(404, ("Not Found",)), {}
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return Answer(401, (WRONG_KEY,)), {}
        if len(raw) > LARGEST:
            return Answer(413, ("Payload too large",)), {}
        body = json.loads(raw)
        if wrong := tuple(faults(body)):
            return Answer(400, wrong), body
        return (self.server.state.answers.popleft() if self.server.state.answers else ACCEPTED), body

    def _give(self, answer: Answer, number: str) -> None:
        if answer.hang:
            self.server.state.closing.wait()
        if not answer.status:
            self.close_connection = True
            return
        errors = [{"message": one, "field": None, "help": None} for one in answer.errors]
        content = b"" if answer.status == 202 else json.dumps({"errors": errors}).encode()
        content = content if answer.raw is None else answer.raw
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status == 202:
            self.send_header("X-Message-Id", number)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name it has in the library)
        """A test's output is not the place for a log of requests."""


@contextmanager
def fake_sendgrid() -> Iterator[FakeSendGrid]:
    """The server while it runs, on a free port of this machine."""
    state = FakeSendGrid()
    with Server(("127.0.0.1", 0), Handler) as server:
        server.state = state
        state.host = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield state
        finally:
            state.closing.set()
            server.shutdown()
            thread.join()
