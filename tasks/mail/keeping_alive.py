"""Connections of SendGrid's client that stay open from one call to the next.

Its library opens a connection for each call, and for `https` a set of trusted certificates each time: 40 ms of one core
and two or three ways to the other side of the world a letter. Here the place where it posts keeps a connection for each
thread. One that lay idle for longer than a server may keep it is not used again: a request
lost in it would leave its letters unclear.
"""

import json
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, cast
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import Request, getproxies, proxy_bypass

from python_http_client.client import Client, Response  # pyright: ignore[reportMissingTypeStubs]
from python_http_client.exceptions import handle_error  # pyright: ignore[reportMissingTypeStubs]

IDLE_SECONDS = 2.0
FAULT = 400


class Connections:
    """One connection a thread to one host."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        self._own = threading.local()
        self._open: set[HTTPConnection] = set()
        self._lock = threading.Lock()
        self._trust: ssl.SSLContext | None = None

    def ask(self, request: Request) -> HTTPResponse:
        """Send a request and have the head of its answer.

        Raises `URLError` where the request did not get out as a whole, `OSError` or `HTTPException` where no answer came.
        """
        connection = self._connection(request)
        try:
            connection.request(request.get_method(), request.selector, request.data, dict(request.header_items()))  # pyright: ignore[reportArgumentType] - bytes
        except (OSError, HTTPException) as error:
            self._drop(connection)
            raise URLError(error) from error
        try:
            answer = connection.getresponse()
        except (OSError, HTTPException):
            self._drop(connection)
            raise
        self._own.used_at = time.monotonic()
        return answer

    def _connection(self, request: Request) -> HTTPConnection:
        kept: HTTPConnection | None = getattr(self._own, "connection", None)
        if kept is not None:
            if kept.sock is not None and time.monotonic() - self._own.used_at < IDLE_SECONDS:
                return kept
            self._drop(kept)
        made = self._own.connection = self._connect(request.full_url)
        with self._lock:
            self._open.add(made)
        return made

    def _connect(self, url: str) -> HTTPConnection:
        parts = urlsplit(url)
        if parts.scheme != "https":
            return HTTPConnection(parts.netloc, timeout=self._timeout)
        with self._lock:
            self._trust = self._trust or ssl.create_default_context()
        proxy = urlsplit(getproxies().get("https", ""))
        if not proxy.hostname or proxy_bypass(parts.netloc):
            return HTTPSConnection(parts.netloc, timeout=self._timeout, context=self._trust)
        through = HTTPSConnection(proxy.hostname, proxy.port, timeout=self._timeout, context=self._trust)
        through.set_tunnel(parts.netloc, headers=_authority(proxy))
        return through

    def _drop(self, connection: HTTPConnection) -> None:
        connection.close()
        self._own.connection = None
        with self._lock:
            self._open.discard(connection)

    def close(self) -> None:
        """Close all, when no thread asks any more."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()


def _authority(proxy: SplitResult) -> dict[str, str]:
    """What a proxy wants to be told of whoever uses it."""
    if proxy.username is None:
        return {}
    said = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(said.encode()).decode()}"}


class KeptClient(Client):
    """The library's client over kept connections. Its parts, such as `client.mail.send`, share them."""

    connections: Connections

    @classmethod
    def over(cls, client: Any, timeout_seconds: float) -> "KeptClient":
        """The same client with its connections kept."""
        return cls._of(client, client._url_path, Connections(timeout_seconds))  # noqa: SLF001 - the library's own

    @classmethod
    def _of(cls, client: Any, url_path: Sequence[str], connections: Connections) -> "KeptClient":
        version = client._version  # noqa: SLF001 - the library's own
        made = cls(host=client.host, request_headers=client.request_headers, version=version, url_path=list(url_path))
        made.connections = connections
        return made

    def _build_client(self, name: str | None = None) -> "KeptClient":
        path = cast("list[str]", self._url_path)
        return self._of(self, [*path, name] if name else path, self.connections)

    def post(self, request_body: object) -> Response:
        """The library's own way of posting, but for the opener that it makes for each call."""
        headers = {"Content-Type": "application/json", **self.request_headers}
        url: str = cast("Any", self)._build_url(None)  # noqa: SLF001 - the library's own
        request = Request(url, json.dumps(request_body).encode(), headers, method="POST")  # noqa: S310 - https or a test
        answer = self.connections.ask(request)
        if answer.status >= FAULT:
            raise handle_error(HTTPError(request.full_url, answer.status, answer.reason, answer.headers, answer))
        return Response(answer)

    def close(self) -> None:
        """Close what is kept."""
        self.connections.close()
