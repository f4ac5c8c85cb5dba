"""Versions on the wire: `ETag` on what is read, `If-Match` on every change of what is there (RFC 9110, 13.1.1)."""

import re
from typing import Annotated

from fastapi import Depends, Header, Response

from models.errors import ChangedMeanwhile, RuleBroken
from models.words import N_

TAG = re.compile(r'"([0-9]{1,18})"')


class VersionMissing(RuleBroken):
    """A change without saying which version it changes (RFC 6585, 3)."""

    sentence = N_("Say which version you change: send the ETag that you read as If-Match, or * for any version.")
    status = 428


class VersionUnreadable(RuleBroken):
    """An `If-Match` that is none of our tags."""

    sentence = N_('If-Match must be one ETag as it was read, such as "3", or *.')
    status = 400


def etag(version: int) -> str:
    """The tag of a version, e.g. `"3"`."""
    return f'"{version}"'


def put_etag(response: Response, version: int) -> None:
    """Say which version the answer shows."""
    response.headers["ETag"] = etag(version)


async def expected(
    if_match: Annotated[
        str | None, Header(description="The ETag that was read, or `*` for any version.", examples=['"1"'])
    ] = None,
) -> int | None:
    """The version that was read, None for any. Raises `VersionMissing`, `VersionUnreadable`, `ChangedMeanwhile`."""
    return read_version(if_match)


def read_version(if_match: str | None) -> int | None:
    """The version that an `If-Match` names, None for any. Raises what `expected` raises."""
    if if_match is None:
        raise VersionMissing()
    said = if_match.strip()
    if said == "*":
        return None
    if said.startswith("W/"):  # a weak tag never matches (RFC 9110, 13.1.1)
        raise ChangedMeanwhile()
    found = TAG.fullmatch(said)
    if found is None:
        raise VersionUnreadable()
    return int(found[1])


ExpectedVersion = Annotated[int | None, Depends(expected)]
