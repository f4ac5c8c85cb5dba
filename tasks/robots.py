"""Chat robots through apprise: the one module that imports it.

Apprise knows the three vendors' tokens, formats and signatures, but takes every answer of HTTP status 200 for a success,
while the vendors say no with 200 and an error number in the body. So each robot is a subclass whose `send` reads the
answer. Besides, it follows no redirect, sends through the district's gateway where there is one, and signs as the
vendors ask: apprise encodes DingTalk's signature twice and has none for Feishu.
"""

import base64
import hashlib
import hmac
import json
import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import unquote

import httpx
from apprise import NotifyFormat
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from models.chat import RoomKind

TIMEOUT_SECONDS = 8.0
LONGEST_REASON = 200  # signs of the vendor's own words
TOO_FAST = frozenset({45009, 130101, 410100, 9499, 11232})  # of WeCom, DingTalk (two), Feishu (two)
BAN = timedelta(minutes=10)  # how long DingTalk shuts a robot up that was too fast; the others a minute
OK = 200
TOO_MANY = 429

for _name in ("apprise", "httpx"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below, they write addresses with tokens


@dataclass(frozen=True, slots=True)
class Answer:
    """Why a message was not taken (None: it was), and how long the vendor wants to be left alone."""

    trouble: str | None = None
    wait: timedelta = timedelta(0)


TAKEN = Answer()


class _Robot:
    """What the three have in common: where the message goes, and what the answer means."""

    vendor: ClassVar[str]
    host: ClassVar[str]
    number: ClassVar[tuple[str, str]] = ("errcode", "errmsg")  # the answer's fields; number 0 is yes
    gateway = ""
    answer = Answer("Nothing was sent.")

    def send(self, body: str, title: str = "", notify_type: Any = None, **kwargs: Any) -> bool:  # noqa: ARG002 (apprise's)
        """Post one message; `answer` says what came of it."""
        path, params, payload = self._request(body)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        content = json.dumps(payload, ensure_ascii=False).encode()
        address = (self.gateway.rstrip("/") or self.host) + path
        try:
            answered = httpx.post(address, params=params, content=content, headers=headers, timeout=TIMEOUT_SECONDS)
            self.answer = self._read(answered)
        except httpx.HTTPError as error:
            self.answer = Answer(f"{self.vendor} cannot be reached: {type(error).__name__}")
        return self.answer.trouble is None

    def _request(self, body: str) -> tuple[str, dict[str, str], dict[str, Any]]:
        """Path, query and JSON body of a message."""
        raise NotImplementedError

    def _read(self, answered: httpx.Response) -> Answer:
        field, words = self.number
        try:
            said = answered.json()
            code, why = said[field], str(said.get(words, ""))[:LONGEST_REASON]
        except (ValueError, KeyError, TypeError, AttributeError):
            code, why = None, "an answer that is not theirs"
        if answered.status_code == OK and code == 0:
            return TAKEN
        is_too_fast = answered.status_code == TOO_MANY or code in TOO_FAST
        known = code if code is not None else answered.status_code
        return Answer(f"{self.vendor} answered {known}: {why}", BAN if is_too_fast else timedelta(0))


class WeComRobot(_Robot, NotifyWeComBot):
    """企业微信."""

    vendor, host = "WeCom", "https://qyapi.weixin.qq.com"

    def _request(self, body: str) -> tuple[str, dict[str, str], dict[str, Any]]:
        return "/cgi-bin/webhook/send", {"key": str(self.key)}, {"msgtype": "text", "text": {"content": body}}


class DingTalkRobot(_Robot, NotifyDingTalk):
    """钉钉."""

    vendor, host = "DingTalk", "https://oapi.dingtalk.com"

    def _request(self, body: str) -> tuple[str, dict[str, str], dict[str, Any]]:
        params = {"access_token": str(self.token)}
        if self.secret:
            timestamp, sign = self.get_signature()
            params |= {"timestamp": timestamp, "sign": unquote(sign)}  # the client encodes it once more
        return "/robot/send", params, {"msgtype": "text", "text": {"content": body}}


class FeishuRobot(_Robot, NotifyFeishu):
    """飞书."""

    vendor, host, number = "Feishu", "https://open.feishu.cn", ("code", "msg")
    secret = ""

    def _request(self, body: str) -> tuple[str, dict[str, str], dict[str, Any]]:
        signed = _feishu_signature(self.secret) if self.secret else {}
        return f"/open-apis/bot/v2/hook/{self.token}", {}, signed | {"msg_type": "text", "content": {"text": body}}


def _feishu_signature(secret: str) -> dict[str, str]:
    """HMAC-SHA256 of nothing, with timestamp (seconds) and secret as the key."""
    timestamp = str(int(time.time()))
    made = hmac.new(f"{timestamp}\n{secret}".encode(), digestmod=hashlib.sha256).digest()
    return {"timestamp": timestamp, "sign": base64.b64encode(made).decode()}


def tell(kind: RoomKind, token: str, secret: str, text: str, gateway: str = "") -> Answer:
    """Send `text` to the robot of this token; `gateway`: instead of the vendor's own host. Never raises for an answer."""
    robot = _robot(kind, token, secret)
    robot.gateway = gateway
    robot.notify(body=text, body_format=NotifyFormat.TEXT)
    return Answer(robot.answer.trouble and robot.answer.trouble.replace(token, "…"), robot.answer.wait)


def _robot(kind: RoomKind, token: str, secret: str) -> Any:
    if kind is RoomKind.WECOM:
        return WeComRobot(token)
    if kind is RoomKind.DINGTALK:
        return DingTalkRobot(token, secret=secret or None)
    robot = FeishuRobot(token)
    robot.secret = secret
    return robot
