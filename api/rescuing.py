"""What breaks is answered as a problem, with the request's id and all other headers, and is logged once."""

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import BROKEN_DOWN, problem
from models.words import Sentence

log = structlog.get_logger()


class Rescue:
    """Nothing of the inside leaves; the log has it under the request's id, without the values that were at hand."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. What breaks after its answer has begun breaks the connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def send_noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_noting)
        except Exception:
            if has_begun:
                raise
            log.exception("request failed", request_id=scope["request_id"], path=scope["path"])
            said = Sentence(BROKEN_DOWN, {"id": scope["request_id"]})
            await problem(Request(scope, receive), 500, said, "BrokenDown")(scope, receive, send)
