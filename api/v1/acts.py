"""What officers do with a seat or a filing besides answering: one POST for each act."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from api.asking import Asked
from api.conditions import ExpectedVersion
from api.replaying import Creating, Made
from api.v1.describing import problems
from api.v1.sending import In, Words
from api.v1.shapes import Name, Out
from models.calendars import district_calendar
from models.consultation import handing, returning
from models.consultation.acting import Acted
from models.consultation.adding import add_signer, remove_signer
from models.consultation.extending import answer_extension, ask_extension
from models.consultation.tables import SigningPlace
from models.consultation.taking_back import take_back
from models.consultation.withdrawing import withdraw
from models.matter import Matter
from models.officer import Identity
from models.protocol.schema import FILER
from models.views.extensions import requests_for
from models.words import N_

PROBLEMS = problems(400, 403, 404, 409, 412, 422, 428)
seats = APIRouter(prefix="/seats/{seat_id}", tags=["acts"], responses=PROBLEMS)
extensions = APIRouter(prefix="/extensions", tags=["acts"], responses=PROBLEMS)
filings = APIRouter(prefix="/filings/{filing_id}", tags=["acts"], responses=PROBLEMS)
router = APIRouter()

ONE_OF_TWO = N_("name either an officer or an organisation")


class SignerIn(In):
    """Who is asked besides, and where: heard `before` the seat, or as one more place `beside` or `after` it."""

    organisation_id: UUID
    place: SigningPlace
    words: Words = Field("", examples=["请消防通道一并核查"])


class TransferIn(In):
    """Who answers from now on: a colleague of the own organisation, or another organisation of the party."""

    officer_id: UUID | None = None
    organisation_id: UUID | None = None
    words: Words = Field("", description="Needed where the seat goes to another organisation")

    @model_validator(mode="after")
    def _is_one(self) -> "TransferIn":
        if (self.officer_id is None) == (self.organisation_id is None):
            raise ValueError(ONE_OF_TWO)
        return self


class DelegationIn(In):
    """Which colleague is asked for advice."""

    officer_id: UUID
    words: Words = ""


class AdviceIn(In):
    """What the delegate advises."""

    advice: Words = Field(examples=["现场看过，建议同意"])


class ReturnIn(In):
    """Where the matter goes back to, `filer` or the key of an earlier stage, and why."""

    to: str = Field(max_length=40, examples=[FILER])
    reason: Words = Field(examples=["名单与工牌不符"])


class ExtensionIn(In):
    """Why more time is needed; the protocol says how much."""

    reason: Words = Field(examples=["须到现场核实"])


class ExtensionAnswerIn(In):
    """Whether more time is granted; a refusal needs words."""

    is_granted: bool
    words: Words = Field("", examples=["同意延期"])


class RequestOut(Out):
    """A request for more time that waits for my organisation's answer, until `due_at` (exclusive)."""

    id: UUID
    filing_id: UUID = Field(validation_alias="matter_id")
    reference: str
    compounds: list[Name]
    line_count: int
    organisation: Name
    due_at: datetime
    until: datetime
    asked_at: datetime


class WithdrawalIn(In):
    """Why the filing is withdrawn."""

    reason: Words = Field(examples=["名单有误"])


class ActedOut(Out):
    """The act is done. `version`: the seat's new one, for the next `If-Match`; of a withdrawn filing, the filing's."""

    filing_id: UUID
    seat_id: UUID | None
    version: int
    is_stage_settled: bool


Doing = Callable[[Session, Identity], Acted]


async def do_once(creating: Creating, act: Doing) -> JSONResponse:
    """Act once, however often the request comes with its key."""

    def command(session: Session, who: Identity) -> Made:
        acted = act(session, who)
        version = acted.seat_version or session.get_one(Matter, acted.matter_id).version
        said = {"filing_id": acted.matter_id, "seat_id": acted.seat_id, "version": version}
        shape = ActedOut.model_validate(said | {"is_stage_settled": acted.is_stage_settled})
        address = f"seats/{acted.seat_id}" if acted.seat_id else f"filings/{acted.matter_id}"
        return Made(shape, f"/api/v1/{address}", 200)

    return await creating.create(command)


@seats.post("/signers", response_model=ActedOut, operation_id="addSigner", summary="Add a signer")
async def post_signer(
    seat_id: UUID, body: SignerIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """Before, beside or after the seat, where the protocol allows it; `beside` and `after` only where all must agree."""
    said = (body.organisation_id, body.place, body.words)
    return await do_once(creating, lambda s, who: add_signer(s, who, seat_id, *said, version, ask.at))


@seats.post("/removal", response_model=ActedOut, operation_id="removeSigner", summary="Remove a signer")
async def post_removal(seat_id: UUID, ask: Asked, creating: Creating) -> JSONResponse:
    """The seat of a signer that one's own organisation added and that has not answered; answers with the adder's seat."""
    return await do_once(creating, lambda s, who: remove_signer(s, who, seat_id, ask.at))


@seats.post("/transfer", response_model=ActedOut, operation_id="transferSeat", summary="Transfer a seat")
async def post_transfer(
    seat_id: UUID, body: TransferIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """To a colleague, who then has it in hand, or to another organisation: then the answer names the new seat."""

    def act(session: Session, who: Identity) -> Acted:
        if body.officer_id is not None:
            said = (body.officer_id, body.words)
            return handing.transfer_to_colleague(session, who, seat_id, *said, version, ask.at)
        assert body.organisation_id is not None
        to = (body.organisation_id, body.words)
        return handing.transfer_to_organisation(session, who, seat_id, *to, version, ask.at)

    return await do_once(creating, act)


@seats.post("/delegation", response_model=ActedOut, operation_id="delegateSeat", summary="Ask a colleague for advice")
async def post_delegation(
    seat_id: UUID, body: DelegationIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """The seat is in the colleague's hands until the advice is given, or the seat is called back."""
    said = (body.officer_id, body.words)
    return await do_once(creating, lambda s, who: handing.delegate(s, who, seat_id, *said, version, ask.at))


@seats.post("/advice", response_model=ActedOut, operation_id="giveSeatBack", summary="Give a seat back, with advice")
async def post_advice(
    seat_id: UUID, body: AdviceIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """By the delegate, into the hands of the one who asked."""
    return await do_once(creating, lambda s, who: handing.give_back(s, who, seat_id, body.advice, version, ask.at))


@seats.post("/recall", response_model=ActedOut, operation_id="callSeatBack", summary="Call a delegated seat back")
async def post_recall(seat_id: UUID, ask: Asked, creating: Creating, version: ExpectedVersion) -> JSONResponse:
    """By the one who delegated it, or a manager of the organisation; no advice is waited for."""
    return await do_once(creating, lambda s, who: handing.call_back(s, who, seat_id, version, ask.at))


@seats.post("/return", response_model=ActedOut, operation_id="returnFiling", summary="Return the filing")
async def post_return(
    seat_id: UUID, body: ReturnIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """To the filer or to an earlier stage, as the stage's protocol allows. The stage ends with it."""

    def act(session: Session, who: Identity) -> Acted:
        if body.to == FILER:
            return returning.return_to_filer(session, who, seat_id, body.reason, version, ask.at)
        return returning.return_to_stage(session, who, seat_id, body.to, body.reason, version, ask.at)

    return await do_once(creating, act)


@seats.post("/taking-back", response_model=ActedOut, operation_id="takeAnswerBack", summary="Take the answer back")
async def post_taking_back(seat_id: UUID, ask: Asked, creating: Creating, version: ExpectedVersion) -> JSONResponse:
    """One's own, until somebody answers after it or the stage settles."""
    return await do_once(creating, lambda s, who: take_back(s, who, seat_id, version, ask.at))


@seats.post("/extension", response_model=ActedOut, operation_id="askExtension", summary="Ask for more time")
async def post_extension(
    seat_id: UUID, body: ExtensionIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """For everybody who is asked in the stage, before its deadline, where the protocol allows it."""
    said = (body.reason, district_calendar())
    return await do_once(creating, lambda s, who: ask_extension(s, who, seat_id, *said, version, ask.at))


@extensions.get("", operation_id="listExtensions", summary="List requests for more time that wait for my answer")
def list_extensions(ask: Asked) -> list[RequestOut]:
    """Those that my organisation grants or refuses, what lapses next first; the fifty nearest."""
    return [RequestOut.model_validate(one) for one in ask.read(lambda s, who: requests_for(s, who, ask.at))]


@extensions.post(
    "/{request_id}/answer",
    response_model=ActedOut,
    responses=PROBLEMS,
    operation_id="answerExtension",
    summary="Grant or refuse more time",
)
async def post_extension_answer(
    request_id: UUID, body: ExtensionAnswerIn, ask: Asked, creating: Creating
) -> JSONResponse:
    """By the level above the asker, before the deadline that it asks to move. Once answered it stays answered."""
    said = (body.is_granted, body.words, district_calendar())
    return await do_once(creating, lambda s, who: answer_extension(s, who, request_id, *said, ask.at))


@filings.post("/withdrawal", response_model=ActedOut, operation_id="withdrawFiling", summary="Withdraw a filing")
async def post_withdrawal(
    filing_id: UUID, body: WithdrawalIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """By the company that filed it, until the parties have decided. `If-Match`: the filing's version."""
    return await do_once(creating, lambda s, who: withdraw(s, who, filing_id, body.reason, version, ask.at))


router.include_router(seats)
router.include_router(extensions)
router.include_router(filings)
