"""An application behind a real server on this machine, for as long as a test needs it."""

import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

PATIENCE_SECONDS = 10


@contextmanager
def serving(app: FastAPI) -> Generator[str]:
    """The address at which `app` answers, e.g. `http://127.0.0.1:43210`; a free port is taken."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        _wait_for(server)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE_SECONDS)


def _wait_for(server: uvicorn.Server) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        assert time.monotonic() < limit, "the server did not start"
        time.sleep(0.01)
