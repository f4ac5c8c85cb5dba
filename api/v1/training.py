"""Sites, trainers and courses: listed, entered, put right, closed, withdrawn."""

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from api.asking import Asked
from api.conditions import ExpectedVersion
from api.cursors import link_next, unpack_id
from api.replaying import Creating, Made
from api.v1.describing import problems
from api.v1.filings import Cursor, Limit
from api.v1.training_shapes import (
    CourseIn,
    CourseOut,
    CoursePage,
    DoneOut,
    OpenIn,
    SiteIn,
    SiteOut,
    SitesOut,
    TrainerIn,
    TrainerOut,
    TrainersOut,
)
from models.officer import Identity
from models.training import courses, sites, trainers
from models.training.ruling import training_rules
from models.training.tables import CourseStatus
from models.views import training_lists as views

SITES, TRAINERS, COURSES = "/api/v1/sites", "/api/v1/trainers", "/api/v1/courses"
ENTERED = problems(403, 404, 422)
CHANGED = problems(400, 403, 404, 409, 412, 422, 428)

router = APIRouter(tags=["training"])
Doing = Callable[[Session, Identity], object]


async def _do(creating: Creating, address: str, act: Doing, status: int = 200) -> JSONResponse:
    """Act once, however often the request comes with its key."""

    def command(session: Session, who: Identity) -> Made:
        done = act(session, who)
        session.flush()
        return Made(DoneOut.model_validate(done), address, status)

    return await creating.create(command)


@router.get("/sites", responses=problems(404, 422), operation_id="listSites", summary="List training sites")
def list_sites(ask: Asked, community: UUID | None = None) -> SitesOut:
    """Those of the district, or of one community."""
    rows = ask.read(lambda session, who: views.site_rows(session, who, community))
    return SitesOut(rows=[SiteOut.of(row) for row in rows])


@router.post(
    "/sites",
    status_code=201,
    response_model=DoneOut,
    responses=ENTERED,
    operation_id="makeSite",
    summary="Enter a site",
)
async def post_site(body: SiteIn, creating: Creating) -> JSONResponse:
    """For the community on whose ground it is, or the property company whose hall it is."""
    rules, entry = training_rules(), body.entry()
    return await _do(creating, SITES, lambda s, who: sites.make_site(s, rules, who, entry), 201)


@router.post(
    "/sites/{site_id}/entry",
    response_model=DoneOut,
    responses=CHANGED,
    operation_id="changeSite",
    summary="Put a site right",
)
async def post_site_entry(site_id: UUID, body: SiteIn, creating: Creating, version: ExpectedVersion) -> JSONResponse:
    """What is published stays as it is."""
    rules, entry = training_rules(), body.entry()
    return await _do(creating, SITES, lambda s, who: sites.change_site(s, rules, who, site_id, entry, version))


@router.post(
    "/sites/{site_id}/opening",
    response_model=DoneOut,
    responses=CHANGED,
    operation_id="openSite",
    summary="Close a site, or open it again",
)
async def post_opening(
    site_id: UUID, body: OpenIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """A closed one is in no new timetable; one with sessions to come is not closed."""
    is_open = body.is_open
    return await _do(creating, SITES, lambda s, who: sites.open_site(s, who, site_id, version, ask.at, is_open=is_open))


@router.get("/trainers", responses=problems(404), operation_id="listTrainers", summary="List trainers")
def list_trainers(ask: Asked) -> TrainersOut:
    """Those of the district."""
    rows = ask.read(views.trainer_rows)
    return TrainersOut(rows=[TrainerOut.of(row) for row in rows])


@router.post(
    "/trainers",
    status_code=201,
    response_model=DoneOut,
    responses=ENTERED,
    operation_id="makeTrainer",
    summary="Enter a trainer",
)
async def post_trainer(body: TrainerIn, creating: Creating) -> JSONResponse:
    """For departments."""
    entry = body.entry()
    return await _do(creating, TRAINERS, lambda s, who: trainers.make_trainer(s, who, entry), 201)


@router.post(
    "/trainers/{trainer_id}/entry",
    response_model=DoneOut,
    responses=CHANGED,
    operation_id="changeTrainer",
    summary="Put a trainer's entry right",
)
async def post_trainer_entry(
    trainer_id: UUID, body: TrainerIn, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """For the department that sends them, or the lead department."""
    entry = body.entry()
    return await _do(creating, TRAINERS, lambda s, who: trainers.change_trainer(s, who, trainer_id, entry, version))


@router.post(
    "/trainers/{trainer_id}/opening",
    response_model=DoneOut,
    responses=CHANGED,
    operation_id="keepTrainer",
    summary="Let a trainer go, or have them back",
)
async def post_keeping(
    trainer_id: UUID, body: OpenIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """One who is gone is in no new timetable; one with sessions to come stays."""
    is_active = body.is_open
    return await _do(
        creating,
        TRAINERS,
        lambda s, who: trainers.keep_trainer(s, who, trainer_id, version, ask.at, is_active=is_active),
    )


@router.get("/courses", responses=problems(400, 404, 422), operation_id="listCourses", summary="List courses")
def list_courses(
    request: Request,
    response: Response,
    ask: Asked,
    status: CourseStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CoursePage:
    """Those of the district, the newest first."""
    after = unpack_id(cursor)
    page = ask.read(lambda session, who: views.course_rows(session, who, status, after, limit))
    following = link_next(request, response, page.next)
    return CoursePage(rows=[CourseOut.of(row) for row in page.rows], next=following)


@router.post(
    "/courses",
    status_code=201,
    response_model=DoneOut,
    responses=ENTERED,
    operation_id="proposeCourse",
    summary="Propose a course",
)
async def post_course(body: CourseIn, ask: Asked, creating: Creating) -> JSONResponse:
    """For departments. It waits for a timetable."""
    rules, entry = training_rules(), body.entry()
    return await _do(creating, COURSES, lambda s, who: courses.propose(s, rules, who, entry, ask.at), 201)


@router.post(
    "/courses/{course_id}/entry",
    response_model=DoneOut,
    responses=CHANGED,
    operation_id="changeCourse",
    summary="Put a course right",
)
async def post_course_entry(
    course_id: UUID, body: CourseIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """Until it is in a timetable."""
    rules, entry = training_rules(), body.entry()
    return await _do(
        creating, COURSES, lambda s, who: courses.change_course(s, rules, who, course_id, entry, version, ask.at)
    )


@router.post(
    "/courses/{course_id}/withdrawal",
    response_model=DoneOut,
    responses=CHANGED,
    operation_id="withdrawCourse",
    summary="Withdraw a course",
)
async def post_course_withdrawal(course_id: UUID, creating: Creating, version: ExpectedVersion) -> JSONResponse:
    """Until it is in a timetable."""
    return await _do(creating, COURSES, lambda s, who: courses.withdraw_course(s, who, course_id, version))
