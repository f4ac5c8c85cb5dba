"""What officers do with a report: one POST for each act, with the report's version."""

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from api.asking import Asked
from api.conditions import ExpectedVersion
from api.replaying import Creating, Made
from api.v1.describing import problems
from api.v1.report_shapes import (
    AnswerIn,
    ClosingIn,
    DispatchIn,
    FileReportIn,
    MergeIn,
    ParkingAnswerIn,
    ParkingIn,
    ReasonIn,
    ReportDoneOut,
    address_of,
)
from models.calendars import district_calendar
from models.officer import Identity
from models.report import checking, handling, merging, parking, triaging
from models.report.authority import visible
from models.report.categories import report_rules
from models.report.parking import end_of
from models.report.recording import by_reference
from models.report.slips import photos_on
from models.report.tables import PhotoMoment, Report

PROBLEMS = problems(400, 403, 404, 409, 412, 422, 428)
router = APIRouter(prefix="/reports/{reference}", tags=["reports"], responses=PROBLEMS)

Doing = Callable[[Session, Identity, UUID], object]


def _id_of(session: Session, who: Identity, reference: str) -> UUID:
    """The report, where `who` may read it. Raises `NotFound`."""
    return visible(session, who, by_reference(session, reference)).id


async def _do(creating: Creating, reference: str, act: Doing) -> JSONResponse:
    """Act once, however often the request comes with its key."""

    def command(session: Session, who: Identity) -> Made:
        report_id = _id_of(session, who, reference)
        act(session, who, report_id)
        session.flush()
        done = ReportDoneOut.model_validate(session.get_one(Report, report_id))
        return Made(done, address_of(reference), 200)

    return await creating.create(command)


@router.post("/filing", response_model=ReportDoneOut, operation_id="fileReport", summary="File it and send it")
async def post_filing(
    reference: str, body: FileReportIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """立案 and 派遣 in one: its handler's time to take it up begins."""
    filing = triaging.Filing(body.category, body.level, body.handler_id, body.words)
    said = (filing, version, ask.at, district_calendar())
    return await _do(
        creating, reference, lambda s, who, id_: triaging.file(s, ask.vault, report_rules(), who, id_, *said)
    )


@router.post("/decline", response_model=ReportDoneOut, operation_id="declineReport", summary="Do not file it")
async def post_decline(
    reference: str, body: ReasonIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """不予立案, for a reason that the reporter reads."""
    said = (body.words, version, ask.at)
    return await _do(creating, reference, lambda s, who, id_: triaging.decline(s, ask.vault, who, id_, *said))


@router.post("/confirmation", response_model=ReportDoneOut, operation_id="confirmDeed", summary="Confirm a deed")
async def post_confirmation(reference: str, ask: Asked, creating: Creating, version: ExpectedVersion) -> JSONResponse:
    """Its evidence is good: it is closed and can be credited."""
    said = (version, ask.at)
    return await _do(creating, reference, lambda s, who, id_: triaging.confirm_deed(s, report_rules(), who, id_, *said))


@router.post("/dispatch", response_model=ReportDoneOut, operation_id="dispatchReport", summary="Send it to another")
async def post_dispatch(
    reference: str, body: DispatchIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """Whose time begins anew."""
    said = (body.handler_id, body.words, version, ask.at, district_calendar())
    act = triaging.dispatch
    return await _do(creating, reference, lambda s, who, id_: act(s, ask.vault, report_rules(), who, id_, *said))


@router.post("/taking-up", response_model=ReportDoneOut, operation_id="takeReportUp", summary="Take it up")
async def post_taking_up(reference: str, ask: Asked, creating: Creating, version: ExpectedVersion) -> JSONResponse:
    """By its handler, or by whoever it came up to or was bound to it; the time to settle it begins."""
    said = (version, ask.at, district_calendar())
    return await _do(creating, reference, lambda s, who, id_: handling.take_up(s, report_rules(), who, id_, *said))


@router.post("/answer", response_model=ReportDoneOut, operation_id="answerReport", summary="Say that it is settled")
async def post_answer(
    reference: str, body: AnswerIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """With photos of how it is now; somebody else checks it."""

    def act(session: Session, who: Identity, report_id: UUID) -> object:
        photos = photos_on(ask.vault, body.photos, who.officer_id, ask.at, PhotoMoment.AFTER)
        said = (body.words, photos, version, ask.at, district_calendar())
        return handling.answer(session, ask.vault, report_rules(), who, report_id, *said)

    return await _do(creating, reference, act)


@router.post("/giving-back", response_model=ReportDoneOut, operation_id="giveReportBack", summary="Give it back")
async def post_giving_back(
    reference: str, body: ReasonIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """To the community that filed it, since it is not one's own."""
    said = (body.words, version, ask.at, district_calendar())
    act = handling.give_back
    return await _do(creating, reference, lambda s, who, id_: act(s, ask.vault, report_rules(), who, id_, *said))


@router.post("/parking", response_model=ReportDoneOut, operation_id="askToPark", summary="Ask that it may rest")
async def post_parking(
    reference: str, body: ParkingIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """挂账. Until the next level up has decided, the deadline stands."""
    said = (body.words, end_of(body.until), version, ask.at)
    act = parking.ask_to_park
    return await _do(creating, reference, lambda s, who, id_: act(s, ask.vault, report_rules(), who, id_, *said))


@router.post(
    "/parking-answer", response_model=ReportDoneOut, operation_id="answerParking", summary="Let it rest or not"
)
async def post_parking_answer(
    reference: str, body: ParkingAnswerIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """By the level above the asker."""

    def act(session: Session, who: Identity, report_id: UUID) -> object:
        said = (body.words, version, ask.at, district_calendar())
        answer = parking.answer_parking
        return answer(session, ask.vault, report_rules(), who, report_id, *said, is_granted=body.is_granted)

    return await _do(creating, reference, act)


@router.post("/closing", response_model=ReportDoneOut, operation_id="closeReport", summary="Close it")
async def post_closing(
    reference: str, body: ClosingIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """核查 and 结案, by somebody else than the one who settled it."""
    said = (body.words, version, ask.at)
    return await _do(creating, reference, lambda s, who, id_: checking.close(s, ask.vault, who, id_, *said))


@router.post("/sending-back", response_model=ReportDoneOut, operation_id="sendReportBack", summary="Send it back")
async def post_sending_back(
    reference: str, body: ReasonIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """It is not settled yet: what is missing."""
    said = (body.words, version, ask.at, district_calendar())
    act = checking.send_back
    return await _do(creating, reference, lambda s, who, id_: act(s, ask.vault, report_rules(), who, id_, *said))


@router.post("/merge", response_model=ReportDoneOut, operation_id="mergeReport", summary="Merge it into another")
async def post_merge(
    reference: str, body: MergeIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """Whoever follows this one follows the other from now on."""

    def act(session: Session, who: Identity, report_id: UUID) -> object:
        return merging.merge(session, who, report_id, _id_of(session, who, body.into), version, ask.at)

    return await _do(creating, reference, act)
