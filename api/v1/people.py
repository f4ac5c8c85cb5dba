"""Riders as people: enrolments to meet and confirmed, and the grid members that a community has appointed."""

from collections.abc import Callable
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from api.asking import Asked
from api.cursors import link_next, unpack_id
from api.replaying import Creating, Made
from api.v1.describing import problems
from api.v1.filings import Cursor, Limit
from api.v1.people_shapes import (
    AppointmentOut,
    CodeOut,
    EnrolmentDoneOut,
    EnrolmentPage,
    EnrolmentRowOut,
    IdentityOut,
    MeetingIn,
    MemberDoneOut,
    MemberPage,
    MemberRowOut,
    PeopleCountOut,
    PeopleCountsOut,
    TermIn,
)
from api.v1.report_shapes import ReasonIn
from models.officer import Identity
from models.people import codes, enrolment, members
from models.people.tables import Enrolment, EnrolmentStatus
from models.views import people as views
from models.views.paging import Turn

ACT_PROBLEMS = problems(403, 404, 409, 422)
ENROLMENTS = "/api/v1/enrolments"

router = APIRouter(tags=["riders"])
Doing = Callable[[Session, Identity], object]


@router.get("/enrolments", responses=problems(400, 403, 422), operation_id="listEnrolments", summary="List enrolments")
def list_enrolments(
    request: Request,
    response: Response,
    ask: Asked,
    status: Annotated[Literal["asked", "confirmed"], Query(description="`asked`: who waits to be met")] = "asked",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> EnrolmentPage:
    """Of the own community: who asks, the oldest first, or who is enrolled, the newest first."""
    turn, wanted = Turn(unpack_id(cursor), limit=limit), EnrolmentStatus(status)
    page = ask.read(lambda session, who: views.enrolment_rows(session, ask.vault, who, wanted, ask.at, turn))
    following = link_next(request, response, page.next)
    return EnrolmentPage(rows=[EnrolmentRowOut.model_validate(row) for row in page.rows], next=following)


@router.get("/enrolments/counts", responses=problems(403), operation_id="countPeople", summary="Count riders")
def count_people(ask: Asked) -> PeopleCountsOut:
    """By community: the own one, for a street those below it, for the lead department all. No more is shown to them."""
    rows = ask.read(lambda session, who: views.counts(session, who, ask.at))
    return PeopleCountsOut(rows=[PeopleCountOut.model_validate(row) for row in rows])


async def _do(creating: Creating, enrolment_id: UUID, act: Doing) -> JSONResponse:
    """Act once, however often the request comes with its key."""

    def command(session: Session, who: Identity) -> Made:
        act(session, who)
        session.flush()
        done = EnrolmentDoneOut.model_validate(session.get_one(Enrolment, enrolment_id))
        return Made(done, ENROLMENTS, 200)

    return await creating.create(command)


@router.post(
    "/enrolments/{enrolment_id}/confirmation",
    response_model=EnrolmentDoneOut,
    responses=ACT_PROBLEMS,
    operation_id="confirmEnrolment",
    summary="Confirm an enrolment",
)
async def post_confirmation(enrolment_id: UUID, body: MeetingIn, ask: Asked, creating: Creating) -> JSONResponse:
    """The person was met, and the phone shows this meeting number: it is the rider's from now on."""
    said = (enrolment_id, body.meeting.replace(" ", ""), body.is_same_person, ask.at)
    return await _do(creating, enrolment_id, lambda s, who: enrolment.confirm(s, ask.vault, who, *said))


@router.post(
    "/enrolments/{enrolment_id}/decline",
    response_model=EnrolmentDoneOut,
    responses=ACT_PROBLEMS,
    operation_id="declineEnrolment",
    summary="Decline an enrolment",
)
async def post_decline(enrolment_id: UUID, body: ReasonIn, ask: Asked, creating: Creating) -> JSONResponse:
    """With the reason that the asker reads."""
    said = (enrolment_id, body.words, ask.at)
    return await _do(creating, enrolment_id, lambda s, who: enrolment.decline(s, ask.vault, who, *said))


@router.post(
    "/enrolments/{enrolment_id}/ending",
    response_model=EnrolmentDoneOut,
    responses=ACT_PROBLEMS,
    operation_id="endEnrolment",
    summary="End an enrolment",
)
async def post_ending(enrolment_id: UUID, body: ReasonIn, ask: Asked, creating: Creating) -> JSONResponse:
    """With the reason that the rider reads. Appointment, squads and shifts to come end with it."""
    said = (enrolment_id, body.words, ask.at)
    return await _do(creating, enrolment_id, lambda s, who: enrolment.end(s, ask.vault, who, *said))


@router.post(
    "/enrolments/{enrolment_id}/identity",
    responses=problems(403, 404),
    operation_id="openIdentity",
    summary="Read whole name and number",
)
async def post_identity(enrolment_id: UUID, ask: Asked) -> IdentityOut:
    """For comparing with the person's paper. Every reading is written down, a repeated one too, and no answer is kept."""
    name, phone = await ask.write(
        lambda session, who: enrolment.open_identity(session, ask.vault, who, enrolment_id, ask.at)
    )
    return IdentityOut(name=name, phone=phone)


@router.post(
    "/enrolments/{enrolment_id}/code",
    responses=problems(403, 404),
    operation_id="issueCode",
    summary="Issue a one-time code",
)
async def post_code(enrolment_id: UUID, ask: Asked) -> CodeOut:
    """For the rider who stands here. A new one takes the place of the last, and no answer is kept."""
    code = await ask.write(lambda session, who: codes.issue_code(session, ask.vault, who, enrolment_id, ask.at))
    return CodeOut(code=code)


@router.post(
    "/enrolments/{enrolment_id}/appointment",
    status_code=201,
    response_model=MemberDoneOut,
    responses=ACT_PROBLEMS,
    operation_id="appointMember",
    summary="Appoint a grid member",
)
async def post_appointment(enrolment_id: UUID, body: TermIn, ask: Asked, creating: Creating) -> JSONResponse:
    """流动网格员: a confirmed rider, for a term and an area, with a letter of appointment."""

    def act(session: Session, who: Identity) -> Made:
        made = members.appoint(session, who, enrolment_id, body.term(), ask.at)
        return Made(MemberDoneOut.model_validate(made), address_of(made.number))

    return await creating.create(act)


@router.get("/members", responses=problems(400, 403, 422), operation_id="listMembers", summary="List grid members")
def list_members(
    request: Request, response: Response, ask: Asked, cursor: Cursor = None, limit: Limit = 50
) -> MemberPage:
    """The own community's appointments, those that are over too, the newest first."""
    turn = Turn(unpack_id(cursor), limit=limit)
    page = ask.read(lambda session, who: views.member_rows(session, ask.vault, who, ask.at, turn))
    following = link_next(request, response, page.next)
    return MemberPage(rows=[MemberRowOut.model_validate(row) for row in page.rows], next=following)


@router.get("/members/{number}", responses=problems(404), operation_id="readMember", summary="Read an appointment")
def read_member(number: str, ask: Asked) -> AppointmentOut:
    """The letter of appointment as its community prints it."""
    letter = ask.read(lambda session, who: members.appointment_for(session, ask.vault, who, number, ask.at))
    return AppointmentOut.model_validate(letter)


@router.post(
    "/members/{number}/ending",
    response_model=MemberDoneOut,
    responses=ACT_PROBLEMS,
    operation_id="endMember",
    summary="End an appointment",
)
async def post_member_ending(number: str, body: ReasonIn, ask: Asked, creating: Creating) -> JSONResponse:
    """With the reason that the rider reads."""

    def act(session: Session, who: Identity) -> Made:
        ended = members.dismiss(session, ask.vault, who, number, body.words, ask.at)
        return Made(MemberDoneOut.model_validate(ended), address_of(number), 200)

    return await creating.create(act)


def address_of(number: str) -> str:
    """Where a letter of appointment is read, as headers carry it: numbers are not ASCII."""
    return quote(f"/api/v1/members/{number}")
