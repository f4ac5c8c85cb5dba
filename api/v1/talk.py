"""What goes on beside the opinions: looks, comments, attachments, drafts, urging, on behalf, and agreeing in bulk."""

import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.asking import Ask, Asked
from api.conditions import ExpectedVersion
from api.downloads import saved_as
from api.pictures import decoders_of
from api.problems import language_of
from api.replaying import Creating, Made
from api.v1.acts import ActedOut, do_once
from api.v1.describing import problems
from api.v1.sending import In, OpinionIn, Words
from api.v1.shapes import Name, Out
from models import attachment
from models.comment import CommentKind, CommentView, add_comment, comment_of, comments_of
from models.consultation.drafting import DraftWords, SavedDraft, draft_of, drop_draft, save_draft
from models.consultation.in_bulk import MOST_IN_BULK, BulkAnswer, agree_in_bulk, parts
from models.consultation.looking import mark_looked
from models.consultation.on_behalf import Evidence, EvidenceKind, give_on_behalf
from models.consultation.tables import OpinionKind
from models.consultation.urging import urge
from models.errors import NotFound
from models.matter import visible
from models.officer import Identity
from templates.pages import words_in

BINARY = {"schema": {"type": "string", "format": "binary"}}
FILE = {200: {"content": dict.fromkeys(attachment.ENDINGS, BINARY), "description": "The file, as a download"}}

seats = APIRouter(prefix="/seats", tags=["acts"])
filings = APIRouter(prefix="/filings/{filing_id}", tags=["talk"])
router = APIRouter()


class CommentIn(In):
    """What is said: a comment to all readers, a question to the filer, or the filer's reply to a question."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "question", "words": "7号骑手的工牌什么时候换？"}]}
    )
    kind: CommentKind = CommentKind.COMMENT
    words: Words
    answers_id: UUID | None = Field(None, description="The question; of a reply only")


class CommentOut(Out):
    """Something said. `answers_id`: the question that a reply answers; `is_open`: a question without a reply."""

    id: UUID
    kind: CommentKind
    words: str
    officer: str
    organisation: Name
    answers_id: UUID | None
    is_open: bool
    at: datetime


class AttachmentOut(Out):
    """A file of the filing. `media_type` is what its content is; `size` in bytes."""

    id: UUID
    name: str
    media_type: str
    size: int
    officer: str
    organisation: Name
    at: datetime


class TypedExceptionIn(In):
    """Line numbers as typed, and the reason."""

    lines: Words = Field("", examples=["7, 31"])
    reason: Words = ""


class DraftIn(In):
    """What stands in my form; nothing of it has to be complete."""

    kind: OpinionKind | None = None
    reason: Words = ""
    conditions: Words = ""
    exceptions: list[TypedExceptionIn] = Field([], max_length=2000)

    def words(self) -> DraftWords:
        """The draft as it is kept."""
        pairs = tuple((one.lines, one.reason) for one in self.exceptions)
        return DraftWords(self.kind, self.reason, self.conditions, pairs)


class DraftOut(Out):
    """My draft for a seat."""

    seat_id: UUID
    kind: OpinionKind | None
    reason: str
    conditions: str
    exceptions: list[TypedExceptionIn]
    saved_at: datetime


class EvidenceIn(In):
    """How the party answered, who said it when (the day in Shanghai), and what was said."""

    kind: EvidenceKind
    said_by: Words = Field(examples=["王主任"])
    words: Words = Field(examples=["同意，无意见"])
    said_on: date
    attachments: list[UUID] = Field([], max_length=20, description="Attachments of the filing; needed for `paper`")


class OnBehalfIn(In):
    """A party's answer that was given elsewhere."""

    opinion: OpinionIn
    evidence: EvidenceIn


class SeatReadIn(In):
    """A seat and its version as it was read."""

    seat_id: UUID
    version: int = Field(ge=1)


class BulkIn(In):
    """The seats on which my organisation agrees."""

    seats: list[SeatReadIn] = Field(max_length=MOST_IN_BULK)


class BulkAnswerOut(Out):
    """What came of one seat. `refusal`: why not, null where it is agreed."""

    seat_id: UUID
    reference: str
    is_agreed: bool
    is_stage_settled: bool
    refusal: str | None


class BulkOut(Out):
    """Seat by seat, in the order in which they were sent; one that was sent twice stands here once."""

    answers: list[BulkAnswerOut]


@filings.put(
    "/look",
    status_code=204,
    response_class=Response,
    responses=problems(404),
    operation_id="lookAtFiling",
    summary="Say that an officer has looked at it",
)
async def put_look(filing_id: UUID, ask: Asked) -> Response:
    """For programs in which officers read: reading alone marks nothing, since programs also read for nobody.

    The first look of an organisation that is asked stands in the timeline; who has looked is reminded later.
    """
    await ask.write(lambda session, who: mark_looked(session, who, filing_id, ask.at))
    return Response(status_code=204)


@filings.get("/comments", responses=problems(404), operation_id="listComments", summary="What was said about a filing")
def list_comments(filing_id: UUID, ask: Asked) -> list[CommentOut]:
    """The oldest first."""

    def view(session: Session, who: Identity) -> list[CommentOut]:
        visible(session, filing_id, who)
        return [CommentOut.model_validate(one) for one in comments_of(session, filing_id)]

    return ask.read(view)


@filings.post(
    "/comments",
    status_code=201,
    response_model=CommentOut,
    responses=problems(403, 404, 409, 422),
    operation_id="addComment",
    summary="Comment, ask the filer, or reply",
)
async def post_comment(filing_id: UUID, body: CommentIn, creating: Creating) -> JSONResponse:
    """Whoever may read the filing may comment. A question is told to the filer, a reply to the one who asked."""

    def act(session: Session, who: Identity) -> Made:
        said = (body.kind, body.words, body.answers_id)
        added = add_comment(session, who, filing_id, *said, creating.ask.at)
        session.flush()
        found: CommentView = comment_of(session, who, filing_id, added)
        return Made(CommentOut.model_validate(found), f"/api/v1/filings/{filing_id}/comments")

    return await creating.create(act)


@filings.get(
    "/attachments", responses=problems(404), operation_id="listAttachments", summary="The attachments of a filing"
)
def list_attachments(filing_id: UUID, ask: Asked) -> list[AttachmentOut]:
    """The oldest first."""

    def view(session: Session, who: Identity) -> list[AttachmentOut]:
        visible(session, filing_id, who)
        found = attachment.attachments_of(session, ask.vault, filing_id)
        return [AttachmentOut.model_validate(one) for one in found]

    return ask.read(view)


@filings.post(
    "/attachments",
    status_code=201,
    response_model=AttachmentOut,
    responses=problems(400, 403, 404, 409, 413, 415, 422),
    operation_id="addAttachment",
    summary="Attach a file",
)
async def post_attachment(
    filing_id: UUID,
    file: Annotated[UploadFile, File(description="PDF, JPEG, PNG, WebP, .xlsx or .docx, at most 10 MB")],
    ask: Asked,
    creating: Creating,
) -> JSONResponse:
    """Known by its content, whatever its name says. Pictures are kept as plain JPEGs, without metadata."""
    sent, name = await file.read(attachment.MOST_BYTES + 1), file.filename or ""
    readied, digest = await run_in_threadpool(_keep, ask, filing_id, name, sent)

    def act(session: Session, who: Identity) -> Made:
        added = attachment.attach(session, ask.vault, who, filing_id, readied, digest, ask.at)
        session.flush()
        found = next(one for one in attachment.attachments_of(session, ask.vault, filing_id) if one.id == added)
        return Made(AttachmentOut.model_validate(found), f"/api/v1/filings/{filing_id}/attachments/{added}")

    return await creating.create(act, name.encode(), hashlib.sha256(sent).digest())


def _keep(ask: Ask, filing_id: UUID, name: str, sent: bytes) -> tuple[attachment.Readied, str]:
    """The file as it is kept, once its sender has proved to be allowed."""
    ask.read(lambda session, who: attachment.check_attaching(session, who, filing_id))
    readied = attachment.make_ready(name, sent, decoders_of(ask.request).decode)
    return readied, attachment.keep(_folder(ask), ask.vault, readied)


def _folder(ask: Ask) -> Path:
    return ask.settings.state_dir / "attachments"


@filings.get(
    "/attachments/{attachment_id}",
    response_class=Response,
    responses=problems(404) | FILE,
    operation_id="readAttachment",
    summary="Download an attachment",
)
def read_attachment(filing_id: UUID, attachment_id: UUID, ask: Asked) -> Response:
    """For those who may read the filing; to be saved and not to be shown."""
    found = ask.read(lambda session, who: attachment.attachment_of(session, who, filing_id, attachment_id))
    kept = attachment.fetch(_folder(ask), ask.vault, found)
    headers = saved_as(kept.name) | {"X-Content-Type-Options": "nosniff"}
    return Response(kept.content, media_type=kept.media_type, headers=headers)


@filings.post(
    "/urging",
    response_model=ActedOut,
    responses=problems(403, 404, 409, 422),
    operation_id="urgeFiling",
    summary="Urge those who are awaited",
)
async def post_urging(filing_id: UUID, creating: Creating) -> JSONResponse:
    """A letter to everybody whom the open stage waits for; at most once in four hours, whoever urges."""
    return await do_once(creating, lambda session, who: urge(session, who, filing_id, creating.ask.at))


@seats.get("/{seat_id}/draft", responses=problems(404), operation_id="readDraft", summary="My draft for a seat")
def read_draft(seat_id: UUID, ask: Asked) -> DraftOut:
    """My own; nobody else's is ever shown. 404 where I have none."""
    found = ask.read(lambda session, who: draft_of(session, who, seat_id))
    if found is None:
        raise NotFound()
    return _draft(found)


@seats.put(
    "/{seat_id}/draft",
    responses=problems(403, 404, 409, 422),
    operation_id="saveDraft",
    summary="Keep what I have typed for a seat",
)
async def put_draft(seat_id: UUID, body: DraftIn, ask: Asked) -> DraftOut:
    """In place of an older one. It goes when I give the opinion."""
    words = body.words()
    saved_at = await ask.write(lambda session, who: save_draft(session, who, seat_id, words, ask.at))
    return _draft(SavedDraft(seat_id, words, saved_at))


@seats.delete(
    "/{seat_id}/draft",
    status_code=204,
    response_class=Response,
    responses=problems(),
    operation_id="dropDraft",
    summary="Throw my draft away",
)
async def delete_draft(seat_id: UUID, ask: Asked) -> Response:
    """Nothing happens where I have none."""
    await ask.write(lambda session, who: drop_draft(session, who, seat_id))
    return Response(status_code=204)


def _draft(saved: SavedDraft) -> DraftOut:
    words = saved.words
    exceptions = [TypedExceptionIn(lines=lines, reason=why) for lines, why in words.exceptions]
    said: dict[str, Any] = {"kind": words.kind, "reason": words.reason, "conditions": words.conditions}
    return DraftOut(seat_id=saved.seat_id, exceptions=exceptions, saved_at=saved.saved_at, **said)


@seats.post(
    "/{seat_id}/opinion-on-behalf",
    response_model=ActedOut,
    responses=problems(400, 403, 404, 409, 412, 422, 428),
    operation_id="giveOpinionOnBehalf",
    summary="Record a party's answer on its behalf",
)
async def post_on_behalf(seat_id: UUID, body: OnBehalfIn, creating: Creating, version: ExpectedVersion) -> JSONResponse:
    """With evidence. The party is told, and may answer otherwise itself while the stage is open."""
    draft, shown = body.opinion.draft(), body.evidence
    evidence = Evidence(shown.kind, shown.said_by, shown.words, shown.said_on, tuple(shown.attachments))
    at = creating.ask.at
    return await do_once(
        creating, lambda session, who: give_on_behalf(session, who, seat_id, draft, evidence, version, at)
    )


@seats.post(
    "/agreements", responses=problems(403, 422), operation_id="agreeInBulk", summary="Agree on many seats at once"
)
async def post_agreements(body: BulkIn, request: Request, ask: Asked) -> BulkOut:
    """Where the protocol allows it; what cannot be is told and stops none of the others. Never an objection."""
    told: list[BulkAnswer] = []
    for part in parts([(one.seat_id, one.version) for one in body.seats]):
        told += await ask.write(lambda session, who, seats=part: agree_in_bulk(session, who, seats, ask.at))
    say = words_in(language_of(request)).plain
    return BulkOut(answers=[_bulk(one, one.refusal and say(one.refusal)) for one in told])


def _bulk(one: BulkAnswer, refusal: str | None) -> BulkAnswerOut:
    return BulkAnswerOut(
        seat_id=one.seat_id,
        reference=one.reference,
        is_agreed=one.is_agreed,
        is_stage_settled=one.is_stage_settled,
        refusal=refusal,
    )


router.include_router(seats)
router.include_router(filings)
