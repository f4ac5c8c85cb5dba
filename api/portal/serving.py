"""Serving style sheets and scripts: addresses carry the content's hash, so browsers keep them for a year."""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import FileResponse

from models.errors import NotFound

STATIC = Path(__file__).resolve().parent.parent.parent / "static"
KEPT = "public, max-age=31536000, immutable"
ASKED_AGAIN = "no-cache"


def address_of(name: str) -> str:
    """The address of a file under `static/`, with the hash of its content; without, where it is not laid out yet."""
    return _hashed(name) if (STATIC / name).is_file() else f"/static/{name}"


@cache
def _hashed(name: str) -> str:
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def serve(request: Request, name: str) -> Response:
    """A file under `static/`, packed where a packed one lies beside and the browser takes it. Raises `NotFound`."""
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or not path.is_file():
        raise NotFound()
    headers = {"Cache-Control": KEPT if "v" in request.query_params else ASKED_AGAIN, "Vary": "Accept-Encoding"}
    packed = path.with_name(path.name + ".gz")
    if packed.is_file() and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return FileResponse(packed, headers=headers, media_type=_kind(path))
    return FileResponse(path, headers=headers, media_type=_kind(path))


def _kind(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
