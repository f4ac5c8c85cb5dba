"""No request is larger than a workbook may be: memory and disk stay small whoever sends."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 24 * 1024 * 1024


class BodyLimit:
    """Ends the reading of a body with 413 once it is too large, whether its length was told or not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        is_told_too_large = _told_length(scope) > MOST_BYTES
        taken = 0

        async def receive_limited() -> Message:
            nonlocal taken
            if is_told_too_large:
                raise HTTPException(413)
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST_BYTES:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_limited, send)


def _told_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
