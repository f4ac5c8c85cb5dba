"""10,000 letters through a SendGrid that fails by chance: each in its right status, few twice, and how fast.

The server answers 429 to 5 % and 500 to 5 % of the calls, hangs on 1 % (and delivers nothing), and drops its answer
after taking 1 %. Every letter has a text of its own, so each is a call. The letters' flow runs as Prefect runs; later
rounds are given a later instant, as if the waits had passed. What the server took is told to the real webhook, signed,
three times each, shuffled; of one in fifty of the letters only after they might have been sent again. The peer posts
the same bodies, rendered beforehand, with SendGrid's own client in as many threads to the same server under the same
plan, and posts again at once what was answered with 429 or 5xx, until nothing is; it records nothing. The time-out, which hanging calls last
in both, is shortened from 20 s to 1 s, and a round takes 5,000 letters.
"""

import json
import os
import random
import sys
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from benchmarks.staging import Row, free_port, process, row, state, web
from benchmarks.thousand_filings import Stopwatch, with_prefect
from tests.fake_sendgrid import KEY
from tests.sendgrid_events import Signer, event, posts, repeated

LETTERS = 10_000
HALVES = 2  # ours and the peer take turns
THREADS = 16
ROUND = 1000  # matters; so many letters for each of them
RETRIES = 4  # instants at which those come back that were told to
OFFICERS = 200
SEED = 20261123
TIMEOUT_SECONDS = 1.0
TOLD_TIMES = 3
LATE = 0.02  # of the letters are told of after the unclear were sent again
BOUNCES = 0.01
LEAST_RATIO = 0.7
MOST_TWICE = 0.1  # of the dropped answers


def measure(letters: int = LETTERS) -> Row:
    """Letters a second against the bare client; an assertion stops the run where a letter ends wrongly."""
    signer, port = Signer(), free_port()
    settings = {
        "WUFANG_DEMO": "false",
        "WUFANG_SENDGRID_API_KEY": KEY,
        "WUFANG_SENDGRID_HOST": f"http://127.0.0.1:{port}",
        "WUFANG_SENDGRID_WEBHOOK_KEY": signer.public,
        "WUFANG_MAIL_THREADS": str(THREADS),
        "WUFANG_ROUND_SIZE": str(ROUND),
        "WUFANG_MAIL_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
        "BENCH_SIGNER": hex(signer.key.private_numbers().private_value),
    }
    serve = [sys.executable, "-m", "benchmarks.sendgrid_server", str(port), str(SEED)]
    with state(**settings) as environment, process(serve, environment, f"http://127.0.0.1:{port}/"):
        said = with_prefect(environment, "benchmarks.letters_10k", str(letters))
    return row("letters_10k", said.pop("ours"), said.pop("bare"), "letters/s", **said)


def run(letters: int) -> dict[str, Any]:
    """Send by halves in turn with the peer, let news and later rounds come, and look."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from benchmarks.filled import fill
    from flows.letters import letters as flow
    from models.clock import utcnow
    from models.settings import Settings

    settings = Settings()
    filled = fill(settings.state_dir, utcnow())
    world = Sending(filled, settings)
    with (
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
        web("api.app:create_app", dict(os.environ), settings.port, "/livez"),
    ):
        flow(at=utcnow())  # the first run of a process loads things
        halves = [world.half(letters // HALVES) for _ in range(HALVES)]
        world.let_time_pass()
    return {"ours": [one for one, _ in halves], "bare": [two for _, two in halves]} | world.looked()


class Sending:
    """The measured installation, its SendGrid, and what both know."""

    def __init__(self, filled: Any, settings: Any) -> None:
        self.filled, self.settings = filled, settings
        self.officers = [filled.maker.officer(filled.world.community) for _ in range(OFFICERS)]
        self.received: list[dict[str, Any]] = []  # by SendGrid from us
        self.numbers = count()
        self.chance = random.Random(SEED)
        self.late: list[dict[str, Any]] = []
        self.ends: dict[str, str] = {}
        self.heard = 0
        self.rounds = 0
        self.at = filled.at

    def half(self, letters: int) -> tuple[float, float]:
        """Letters a second of ours, then of the peer, on as many."""
        from flows.letters import letters as flow
        from models.clock import utcnow
        from models.notice.receiving import FIRST_DELAY

        self.at = utcnow()
        facts = [self._facts() for _ in range(letters)]
        self.filled.database.write(self._write, facts)
        bodies = self._bodies(facts)
        self._begin_anew()
        watch = Stopwatch(flow)
        moment = self.at
        for _ in range(RETRIES):
            self._rounds(watch, moment)
            moment += 4 * FIRST_DELAY
        self.received += self._received()
        ours = letters / watch.seconds
        self._begin_anew()
        bare = Stopwatch(self._post_bare)
        bare(bodies)
        assert sum(call["taken"] for call in self._received()) > letters * 0.98
        self._begin_anew()
        return ours, letters / bare.seconds

    def _rounds(self, flow: Callable[..., Any], at: datetime) -> None:
        """Rounds while anything is due, as the engine looks before it calls one."""
        from models.notice import claiming

        def is_due() -> bool:
            with self.filled.database.reading() as session:
                return claiming.is_due(session, at)

        while is_due():
            flow(at=at)
            self.rounds += 1

    def _facts(self) -> dict[str, Any]:
        number = next(self.numbers)

        def named(text: str) -> dict[str, str]:
            return {"zh": text, "en": text}

        return {
            "organisation": named("新兴社区"),
            "reference": f"备2026-{number:06}",
            "title": named("骑手通行备案"),
            "compounds": [named("锦绣花园"), named("和谐家园")],
            "line_count": number % 120 + 1,
            "stage": named("小区与社区会签"),
            "due_at": (self.at + timedelta(days=2)).isoformat(),
        }

    def _write(self, session: Any, listed: Sequence[dict[str, Any]]) -> None:
        from models.notice import writing
        from models.notice.tables import Letter

        for number, facts in enumerate(listed):
            officer = self.officers[number % OFFICERS]
            writing.write(session, facts["reference"], None, Letter.INVITATION, facts, [officer], self.at)

    def _bodies(self, listed: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the peer posts: the same letters, rendered before its time is taken."""
        from models.mailbox import Message
        from tasks.mail.sendgrid_mail import body_of
        from templates.letters import render_letter

        bodies: list[dict[str, Any]] = []
        for number, facts in enumerate(listed):
            said = render_letter("invitation", "zh", facts, self.settings.address, self.at)
            message = Message(
                UUID(int=number), "one@two.example", said.subject, said.text, said.html, "zh", "invitation", self.at
            )
            bodies.append(body_of([message], self.settings.mail_from))
        return bodies

    def _post_bare(self, bodies: Sequence[dict[str, Any]]) -> None:
        from python_http_client.exceptions import HTTPError
        from sendgrid import SendGridAPIClient

        client = SendGridAPIClient(api_key=KEY, host=self.settings.sendgrid_host)
        client.client.timeout = TIMEOUT_SECONDS

        def is_to_come_back(body: dict[str, Any]) -> bool:
            try:
                client.send(body)
            except HTTPError:
                return True
            except OSError:
                return False  # nobody knows
            return False

        with ThreadPoolExecutor(THREADS) as pool:
            while bodies:
                came_back = pool.map(is_to_come_back, bodies)
                bodies = [body for body, again in zip(bodies, came_back, strict=True) if again]

    def let_time_pass(self) -> None:
        """News comes in, the unclear are sent again, late news comes in, and so on until nothing is due."""
        from flows.letters import letters as flow

        moment = self.at
        for hours in range(1, 13):
            self._tell(self._events() if hours > 1 else self._events(LATE))
            if hours > 1:
                self._tell(self.late)
                self.late = []
            moment = self.at + timedelta(hours=hours)
            self._rounds(flow, moment)
            self.received += self._received()
            self._begin_anew()
        self._tell(self._events())

    def _events(self, late: float = 0.0) -> list[dict[str, Any]]:
        """What is told of the letters that were taken since the last time."""
        told: list[dict[str, Any]] = []
        now = time.time()
        for call in self.received[self.heard :]:
            for notice_id, email in call["people"] if call["taken"] else ():
                end = self.ends.setdefault(notice_id, "bounce" if self.chance.random() < BOUNCES else "delivered")
                both = [event("processed", notice_id, now, email, call["number"])]
                both.append(event(end, notice_id, now + 1, email, call["number"], type="bounce", reason="550 5.1.1"))
                (self.late if self.chance.random() < late else told).extend(both)
        self.heard = len(self.received)
        return told

    def _tell(self, events: Sequence[dict[str, Any]]) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec

        from models.clock import utcnow

        signer = Signer(ec.derive_private_key(int(os.environ["BENCH_SIGNER"], 16), ec.SECP256R1()))
        for some in posts(repeated(events, TOLD_TIMES, self.chance)):
            status = signer.post(self.settings.address, some, utcnow())
            assert status == 204, status

    def _received(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.settings.sendgrid_host}/received", timeout=60) as answer:
            return json.load(answer)

    def _begin_anew(self) -> None:
        urllib.request.urlopen(f"{self.settings.sendgrid_host}/anew", b"", timeout=60).close()

    def looked(self) -> dict[str, Any]:
        """Assert that every letter is where it belongs, and say what happened."""
        from sqlalchemy import select

        from models.notice.tables import Letter, Notice

        with self.filled.database.reading() as session:
            rows = session.execute(select(Notice.id, Notice.status).where(Notice.letter == Letter.INVITATION))
            stood = {str(one): status.value for one, status in rows}
        right = {"delivered": "delivered", "bounce": "permanent-failure"}
        assert stood == {one: right[end] for one, end in self.ends.items()}, Counter(stood.values())
        answers: dict[str, list[str]] = defaultdict(list)
        for one, how in self._taken():
            answers[one].append(how)
        twice = [hows for hows in answers.values() if len(hows) > 1]
        dropped = sum(how == "dropped" for hows in answers.values() for how in hows)
        assert all("dropped" in hows[:-1] for hows in twice), twice
        assert len(twice) < MOST_TWICE * dropped, (len(twice), dropped)
        return {
            "letters": len(stood),
            "ends": dict(Counter(stood.values())),
            "calls": dict(Counter(call["how"] for call in self.received)),
            "answers_dropped": dropped,
            "twice": len(twice),
            "rounds": self.rounds,
            "threads": THREADS,
            "timeout_seconds": TIMEOUT_SECONDS,
        }

    def _taken(self) -> Iterator[tuple[str, str]]:
        """Each delivery, in its order, with how the call was answered."""
        for call in self.received:
            for notice_id, _ in call["people"] if call["taken"] else ():
                yield notice_id, call["how"]


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        print(json.dumps(run(int(sys.argv[2]))))
        sys.stdout.flush()
        os._exit(0)  # Prefect's exit handlers wait for its server
    print(measure(*map(int, sys.argv[1:])))
