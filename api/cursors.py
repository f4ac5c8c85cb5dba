"""Cursors: where the next page begins, as one opaque word."""

import base64
import binascii
from datetime import datetime
from typing import cast
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response

from models.errors import RuleBroken
from models.words import N_

LONGEST_NUMBER = 9  # digits


class CursorUnreadable(RuleBroken):
    """A cursor that no page of ours gave."""

    sentence = N_("This cursor cannot be read. Take the one that the last page gave as next.")
    status = 400


def pack(*parts: object) -> str:
    """The cursor of a key's parts."""
    text = "|".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in parts)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpack(cursor: str, count: int) -> list[str]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise CursorUnreadable() from error
    parts = text.split("|")
    if len(parts) != count:
        raise CursorUnreadable()
    return parts


def unpack_id(cursor: str | None) -> UUID | None:
    """The id in a cursor, None for the first page. Raises `CursorUnreadable`."""
    if cursor is None:
        return None
    try:
        return UUID(_unpack(cursor, 1)[0])
    except ValueError as error:
        raise CursorUnreadable() from error


def unpack_number(cursor: str | None) -> int:
    """The number in a cursor, 0 for the first page. Raises `CursorUnreadable`."""
    if cursor is None:
        return 0
    digits = _unpack(cursor, 1)[0]
    if not digits.isascii() or not digits.isdigit() or len(digits) > LONGEST_NUMBER:
        raise CursorUnreadable()
    return int(digits)


def unpack_instant_and_id(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The instant (aware) and id in a cursor, None for the first page. Raises `CursorUnreadable`."""
    if cursor is None:
        return None
    at, found = _unpack(cursor, 2)
    try:
        instant, key = datetime.fromisoformat(at), UUID(found)
    except ValueError as error:
        raise CursorUnreadable() from error
    if instant.tzinfo is None:
        raise CursorUnreadable()
    return instant, key


def link_next(request: Request, response: Response, key: object) -> str | None:
    """The cursor of the next page, named in a `Link` header as well (RFC 8288). `key`: its parts; None on the last page."""
    if key is None:
        return None
    cursor = pack(*cast("tuple[object, ...]", key)) if isinstance(key, tuple) else pack(key)
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    response.headers["Link"] = f'<{request.url.path}?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"'
    return cursor
