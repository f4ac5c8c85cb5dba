"""Request ids: each request has one, in its answer and in the log."""

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.base import uuid7

HEADER = b"x-request-id"
OURS = re.compile(rb"[A-Za-z0-9._-]{8,64}")


class RequestIds:
    """Takes the id that a proxy in front has given, or makes one. Pure ASGI: it costs microseconds."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _given(scope) or uuid7().hex
        scope["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        await self.app(scope, receive, send_with_id)


def _given(scope: Scope) -> str | None:
    """The id that came with the request, where it is one: it is written to the log."""
    for name, value in scope["headers"]:
        if name == HEADER and OURS.fullmatch(value):
            return value.decode()
    return None
