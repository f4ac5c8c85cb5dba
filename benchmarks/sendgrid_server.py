"""A SendGrid in a process of its own, for measurements: faults by a plan, and a list of what it was sent.

`python -m benchmarks.sendgrid_server PORT SEED`; GET `/received` tells what came in, POST `/anew` begins the plan again.
"""

import json
import sys
from collections import deque
from typing import Any

from tests.fake_sendgrid import Answer, FakeSendGrid, Handler, Plan, Received, Server

SHARES = (
    (0.05, Answer(429, ("too many requests",))),
    (0.05, Answer(500, ("Internal error",))),
    (0.01, Answer(0, hang=True, is_taken=False)),
    (0.01, Answer(0)),  # taken, but its answer is dropped
)


def how(one: Received) -> str:
    """How it was answered, in a word."""
    if one.answer.status:
        return str(one.answer.status)
    return "hung" if one.answer.hang else "dropped"


def told(one: Received) -> dict[str, Any]:
    """One request: how it was answered, whether it is delivered, and to whom."""
    people = [(one["custom_args"]["notice_id"], one["to"][0]["email"]) for one in one.body.get("personalizations", [])]
    return {"how": how(one), "taken": one.taken, "number": one.message_id, "people": people}


class Listing(Handler):
    """Answers what was received besides."""

    def do_GET(self) -> None:
        """`/received`, or that the server is there."""
        state = self.server.state
        self._say([told(one) for one in list(state.received)] if self.path == "/received" else [])

    def do_POST(self) -> None:
        """`/anew`: begin the plan again, forget what was received."""
        if self.path != "/anew":
            super().do_POST()
            return
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.state = _state(int(sys.argv[2]))
        self._say([])

    def _say(self, listed: list[Any]) -> None:
        content = json.dumps(listed).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Busy(Server):
    """Takes many connections at once."""

    request_queue_size = 256


def _state(seed: int) -> FakeSendGrid:
    state = FakeSendGrid(Plan(seed, SHARES))
    state.answers = deque()
    return state


def main() -> None:
    """Serve until stopped."""
    with Busy(("127.0.0.1", int(sys.argv[1])), Listing) as server:
        server.state = _state(int(sys.argv[2]))
        server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
