"""A local HTTP server that answers as SendGrid's v3 `mail/send` does, with its errors, and keeps what it was sent."""

import json
import random
import re
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from typing import Any
from uuid import uuid4

KEY = "SG.a-key-for-tests"
PATH = "/v3/mail/send"
MOST_PEOPLE = 1000
MOST_CATEGORIES = 10
LARGEST = 30 * 1024 * 1024  # bytes; SendGrid's limit
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
WRONG_KEY = "The provided authorization grant is invalid, expired, or revoked"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered next. `status` 0: the connection is dropped; `hang`: nothing comes until the server closes.

    `is_taken`: SendGrid delivers it, whatever it answers; by default where it says 202 or nothing at all.
    """

    status: int
    errors: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    raw: bytes | None = None
    is_taken: bool | None = None


ACCEPTED = Answer(202)
DROPPED = Answer(0)  # after the whole request was read: it may well be delivered
HANGING = Answer(0, hang=True)


@dataclass(frozen=True, slots=True)
class Plan:
    """Faults by chance, the same for the same seed: which share of the requests is answered how."""

    seed: int
    shares: tuple[tuple[float, Answer], ...]

    def answers(self) -> Iterator[Answer]:
        """Without an end."""
        chance = random.Random(self.seed)
        while True:
            drawn = chance.random()
            for share, answer in self.shares:
                drawn -= share
                if drawn < 0:
                    yield answer
                    break
            else:
                yield ACCEPTED


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came. `taken`: SendGrid would deliver it, whatever it answered."""

    body: dict[str, Any]
    headers: dict[str, str]
    taken: bool
    message_id: str
    answer: Answer
    port: int  # of the connection's other end


class FakeSendGrid:
    """The server's state: answers to give (those of the plan, or 202, when none is left) and requests received."""

    def __init__(self, plan: Plan | None = None) -> None:
        self.answers: deque[Answer] = deque()
        self._planned = plan.answers() if plan else repeat(ACCEPTED)
        self._lock = threading.Lock()
        self.received: list[Received] = []
        self.closing = threading.Event()
        self.host = ""

    def then(self, *answers: Answer) -> None:
        """Answer the next requests so."""
        self.answers.extend(answers)

    def next_answer(self) -> Answer:
        """What the next request is answered."""
        with self._lock:
            return self.answers.popleft() if self.answers else next(self._planned)

    @property
    def taken(self) -> list[Received]:
        """What would be delivered."""
        return [one for one in self.received if one.taken]


def faults(body: Any) -> Iterator[tuple[str, str]]:
    """What SendGrid would find wrong with a body: field and words."""
    if not isinstance(body, dict):
        yield "", "Bad Request"
        return
    people = body.get("personalizations", [])
    if not people:
        yield "personalizations", "The personalizations field is required and must have at least one personalization."
    if len(people) > MOST_PEOPLE:
        yield "personalizations", "Personalization field has a maximum of 1000 elements."
    for place, person in enumerate(people):
        yield from _faults_of(place, person)
    if not ADDRESS.fullmatch(body.get("from", {}).get("email", "")):
        yield "from.email", "Does not contain a valid address."
    if not body.get("subject"):
        yield "subject", "The subject is required. You can get around this requirement if you use a template."
    yield from _faults_of_content(body.get("content", []))
    if len(body.get("categories", [])) > MOST_CATEGORIES:
        yield "categories", "There are too many categories."


def _faults_of_content(content: Any) -> Iterator[tuple[str, str]]:
    kinds = [one.get("type") for one in content]
    if kinds[:1] != ["text/plain"]:
        yield "content", "If present, text/plain and text/html may only be provided once, text/plain first."
    if not all(one.get("value") for one in content):
        yield "content", "The content value must be a string at least one character in length."


def _faults_of(place: int, person: Any) -> Iterator[tuple[str, str]]:
    field = f"personalizations.{place}"
    to = [one.get("email", "") for one in person.get("to", [])]
    if not to:
        yield (
            f"{field}.to",
            "The to array is required for all personalization objects, and must have at least one email.",
        )
    for number, one in enumerate(to):
        if not ADDRESS.fullmatch(one):
            yield f"{field}.to.{number}.email", "Does not contain a valid address."
    if any(not isinstance(value, str) for value in person.get("custom_args", {}).values()):
        yield f"{field}.custom_args", "Custom args must be strings."


class Server(ThreadingHTTPServer):
    daemon_threads = True
    state: FakeSendGrid


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer's head and body in one packet
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        answer, body = self._choose(raw)
        taken = answer.status in {0, 202} if answer.is_taken is None else answer.is_taken
        number = uuid4().hex[:22]
        self.server.state.received.append(
            Received(body, dict(self.headers.items()), taken, number, answer, self.client_address[1])
        )
        self._give(answer, number)

    def _choose(self, raw: bytes) -> tuple[Answer, Any]:
        if self.path != PATH:
            return Answer(404, ("Not Found",)), {}
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return Answer(401, (WRONG_KEY,)), {}
        if len(raw) > LARGEST:
            return Answer(413, ("Payload too large",)), {}
        body = json.loads(raw)
        if wrong := list(faults(body)):
            listed = [{"message": words, "field": field or None, "help": None} for field, words in wrong]
            return Answer(400, raw=json.dumps({"errors": listed}).encode()), body
        if body.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            return Answer(200), body
        return self.server.state.next_answer(), body

    def _give(self, answer: Answer, number: str) -> None:
        if answer.hang:
            self.server.state.closing.wait()
        if not answer.status:
            self.close_connection = True
            return
        errors = [{"message": one, "field": None, "help": None} for one in answer.errors]
        content = b"" if answer.status in {200, 202} else json.dumps({"errors": errors}).encode()
        content = content if answer.raw is None else answer.raw
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status == 202:
            self.send_header("X-Message-Id", number)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name it has in the library)
        """A test's output is not the place for a log of requests."""


@contextmanager
def fake_sendgrid(plan: Plan | None = None) -> Iterator[FakeSendGrid]:
    """The server while it runs, on a free port of this machine."""
    state = FakeSendGrid(plan)
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
