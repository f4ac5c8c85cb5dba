"""A local HTTP server that answers as the robots of WeCom, DingTalk and Feishu do, and keeps what it was sent.

What is refused is answered with status 200 and an error number, as the three of them do.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKENS = {
    "wecom": "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
    "dingtalk": "ff6cd723bdb4455fe18a51dbe30ba5",
    "feishu": "f1977d3c-1b2a-4f3e-9a1c-abcdefabcdef",
}
ADDRESSES = {
    "wecom": f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={TOKENS['wecom']}",
    "dingtalk": f"https://oapi.dingtalk.com/robot/send?access_token={TOKENS['dingtalk']}",
    "feishu": f"https://open.feishu.cn/open-apis/bot/v2/hook/{TOKENS['feishu']}",
}
SECRET = "SEC8977ad824079c46935488be99fb3bc87f"
LONGEST = {"wecom": 2048, "dingtalk": 20_000, "feishu": 20_000}  # bytes of a text
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered next instead. `status` 0: the connection is dropped; `hang`: nothing comes until closing."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False


DROPPED, HANGING = Answer(0), Answer(0, hang=True)


@dataclass(frozen=True, slots=True)
class Received:
    """A text that a robot's room shows."""

    kind: str
    text: str


class FakeRobots:
    """The server's state. `signed`: kinds whose robots ask for a signature with `SECRET`."""

    def __init__(self) -> None:
        self.answers: deque[Answer] = deque()
        self.taken: list[Received] = []
        self.asked: list[str] = []  # every path
        self.signed: set[str] = set()
        self.closing = threading.Event()
        self.host = ""

    def then(self, *answers: Answer) -> None:
        """Answer the next requests so."""
        self.answers.extend(answers)


def kind_of(path: str, query: dict[str, list[str]]) -> tuple[str, str]:
    """Whose robot, and the token that was sent."""
    if path == "/cgi-bin/webhook/send":
        return "wecom", query.get("key", [""])[0]
    if path == "/robot/send":
        return "dingtalk", query.get("access_token", [""])[0]
    return ("feishu", path.removeprefix("/open-apis/bot/v2/hook/")) if path.startswith("/open-apis/") else ("", "")


def says(kind: str, code: int, why: str) -> dict[str, Any]:
    """An answer in the vendor's form."""
    return {"code": code, "data": {}, "msg": why} if kind == "feishu" else {"errcode": code, "errmsg": why}


def judged(state: FakeRobots, kind: str, token: str, query: dict[str, list[str]], body: Any) -> dict[str, Any]:
    """What the vendor would say."""
    if token != TOKENS.get(kind):
        wrong = {"wecom": (93000, "invalid webhook url"), "dingtalk": (300001, "token is not exist")}
        return says(kind, *wrong.get(kind, (19001, "param invalid: incoming webhook access token invalid")))
    if kind in state.signed and not is_signed(kind, query, body):
        return says(kind, *((310000, "sign not match") if kind == "dingtalk" else (19021, "sign match fail")))
    text = text_of(kind, body)
    if not text:
        return says(kind, 40035 if kind != "feishu" else 9499, "Bad Request")
    if len(text.encode()) > LONGEST[kind]:
        return says(kind, 40058, "content exceed max length")
    state.taken.append(Received(kind, text))
    return says(kind, 0, "success" if kind == "feishu" else "ok")


def text_of(kind: str, body: Any) -> str:
    """The text of a message in the vendor's form; empty for anything else."""
    if kind == "feishu":
        return body["content"]["text"] if body.get("msg_type") == "text" else ""
    return body["text"]["content"] if body.get("msgtype") == "text" else ""


def is_signed(kind: str, query: dict[str, list[str]], body: Any) -> bool:
    """Whether the signature is that of `SECRET` and of this hour, as the vendors' documents describe it."""
    if kind == "dingtalk":
        stamp, sign = query.get("timestamp", ["0"])[0], query.get("sign", [""])[0]
        key, said, at = SECRET, f"{stamp}\n{SECRET}", int(stamp) / 1000
    else:
        stamp, sign = str(body.get("timestamp", "0")), body.get("sign", "")
        key, said, at = f"{stamp}\n{SECRET}", "", int(stamp)
    made = base64.b64encode(hmac.new(key.encode(), said.encode(), hashlib.sha256).digest()).decode()
    return abs(time.time() - at) < HOUR and hmac.compare_digest(made, sign)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    state: FakeRobots


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        state, parts = self.server.state, urlsplit(self.path)
        state.asked.append(parts.path)
        if state.answers:
            self._give(state.answers.popleft())
            return
        query = parse_qs(parts.query)
        kind, token = kind_of(parts.path, query)
        self._give(Answer(200, judged(state, kind, token, query, body)))

    def _give(self, answer: Answer) -> None:
        if answer.hang:
            self.server.state.closing.wait()
        if not answer.status:
            self.close_connection = True
            return
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name it has in the library)
        """A test's output is not the place for a log of requests."""


@contextmanager
def fake_robots() -> Iterator[FakeRobots]:
    """The server while it runs, on a free port of this machine."""
    state = FakeRobots()
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
