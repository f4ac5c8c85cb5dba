"""Riders' photos: optional, made small and plain, sealed at rest."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.asking import Ask, Asked
from api.conditions import ExpectedVersion, etag
from api.pictures import decoders_of
from api.v1.describing import problems
from models import photo
from models.filing.photos import add_photo, check_photo_place, photo_of

PICTURE = {"schema": {"type": "string", "format": "binary"}}
SENT = {
    "requestBody": {
        "required": True,
        "description": f"At most {photo.MOST_BYTES // 1024 // 1024} MB; kept as a JPEG of at most "
        f"{photo.EDGE_PIXELS} pixels an edge, without metadata.",
        "content": dict.fromkeys(("image/jpeg", "image/png", "image/webp"), PICTURE),
    }
}

router = APIRouter(prefix="/filings/{filing_id}/lines/{number}/photo", tags=["filings"])


@router.put(
    "",
    status_code=204,
    response_class=Response,
    responses=problems(400, 403, 404, 409, 412, 413, 415, 428),
    operation_id="putPhoto",
    summary="Give a rider a photo",
    openapi_extra=SENT,
)
async def put_photo(filing_id: UUID, number: int, request: Request, ask: Asked, version: ExpectedVersion) -> Response:
    """For the company that filed, until the filing is concluded. `If-Match` is the filing's version."""
    sent = await request.body()
    digest = await run_in_threadpool(_keep, ask, filing_id, number, sent)
    now = await ask.write(lambda session, who: add_photo(session, who, filing_id, number, digest, version, ask.at))
    return Response(status_code=204, headers={"ETag": etag(now)})


def _keep(ask: Ask, filing_id: UUID, number: int, sent: bytes) -> str:
    """The photo's digest, once its sender has proved to be allowed."""
    ask.read(lambda session, who: check_photo_place(session, who, filing_id, number))
    return photo.keep(ask.photos, ask.vault, photo.reduce(sent, decoders_of(ask.request).decode))


@router.get(
    "",
    response_class=Response,
    responses=problems(404) | {200: {"content": {"image/jpeg": PICTURE}, "description": "The photo"}},
    operation_id="readPhoto",
    summary="Read a rider's photo",
)
def read_photo(filing_id: UUID, number: int, ask: Asked) -> Response:
    """For those who may read the filing."""
    digest = ask.read(lambda session, who: photo_of(session, who, filing_id, number))
    content = photo.fetch(ask.photos, ask.vault, digest)
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "no-store"})
