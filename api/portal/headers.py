"""Security headers of every answer: nothing from elsewhere, nothing inline, no framing, nothing kept on the way."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(  # noqa: FLY002 - a line each
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",  # the style sheet's own small signs are data addresses; photos before they are sent
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Cache-Control": "no-store",  # of whatever does not say how long it may be kept
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with `no-referrer` browsers would hide the origin of our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=()",
}
HSTS = "max-age=31536000"


class SecurityHeaders:
    """Adds the headers to every answer that does not set them itself; HSTS where the public address is https."""

    def __init__(self, app: ASGIApp, *, is_https: bool, map_tiles: str = "") -> None:
        self.app = app
        self.headers = HEADERS | ({"Strict-Transport-Security": HSTS} if is_https else {})
        if map_tiles:  # pictures from one more place
            host = urlsplit(map_tiles).netloc
            self.headers["Content-Security-Policy"] = POLICY.replace("blob:", f"blob: https://{host}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
