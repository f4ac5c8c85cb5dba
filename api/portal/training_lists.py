"""Sites, trainers and courses in the portal: listed, entered, put right, closed, withdrawn; and whether a room is free."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.portal import training_forms as forms
from api.portal.answering import PageRoute
from api.portal.guarding import Form, number_in, text_of
from api.portal.training import Shown, act, show_page
from api.portal.visiting import AtDesk, Desk, database_of, now_of
from models.clock import SHANGHAI
from models.errors import RuleBroken
from models.training import clashes, courses, sites, trainers
from models.training.ruling import training_rules
from models.training.tables import CourseStatus
from models.views import training_entering as entering
from models.views import training_lists as lists
from models.words import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SITES, TRAINERS, COURSES = "/training/sites", "/training/trainers", "/training/courses"
NOTHING = FormData()
DONE: dict[str, str] = {
    "site-made": N_("The site is entered. New timetables can use it."),
    "site-changed": N_("Changed. What is published stays as it is."),
    "site-closed": N_("Closed. No new timetable uses it."),
    "site-opened": N_("Open again. New timetables can use it."),
    "trainer-made": N_("The trainer is entered. Courses can name them."),
    "trainer-changed": N_("Changed. What is published stays as it is."),
    "trainer-gone": N_("No new timetable names them."),
    "trainer-back": N_("Back at work. Courses can name them."),
    "course-made": N_("Proposed. It waits for a timetable."),
    "course-changed": N_("Changed."),
    "course-withdrawn": N_("Withdrawn. It is in no timetable any more."),
}


@router.get("/training/sites")
def show_sites(request: Request, desk: AtDesk, done: str = "") -> Response:
    """The district's sites, the own ones first; with `site`, `day`, `from` and `to`: whether that one is free."""
    return _sites(request, desk, Shown(DONE.get(done, "")))


def _sites(request: Request, desk: Desk, shown: Shown) -> Response:
    with database_of(request).reading() as session:
        rows = sorted(lists.site_rows(session, desk.who), key=lambda one: not one.may_change)
        more: dict[str, Any] = {
            "rows": rows,
            "grounds": entering.grounds(session, desk.who),
            "coming": entering.coming_of(session, desk.who, now_of(request)),
            "trainers": entering.trainers_at_work(session, desk.who),
        } | _look(session, request)
    return show_page(request, desk, "training_sites", shown, forms=forms, new_site=_new_site(more["grounds"]), **more)


def _new_site(grounds: Sequence[entering.Ground]) -> FormData:
    """Where a new site probably is: about the community's house."""
    if not grounds or grounds[0].community.latitude is None:
        return NOTHING
    home = grounds[0].community
    return FormData([("latitude", str(home.latitude)), ("longitude", str(home.longitude))])


def _look(session: Session, request: Request) -> dict[str, Any]:
    """What is in the way at a site in a period, where that is asked for."""
    asked = {name: request.query_params.get(name, "") for name in ("site", "trainer", "day", "from", "to")}
    site, trainer = forms.identifier(asked["site"]), forms.identifier(asked["trainer"])
    found: dict[str, Any] = {"asked": asked, "clashes": None, "unclear": None}
    if site is None:
        return found
    try:
        wish = clashes.Wish(_instant(asked["day"], asked["from"]), _instant(asked["day"], asked["to"]))
        rules = training_rules().timetable
        found["clashes"] = (
            clashes.clashes(session, rules, site, trainer, wish)
            if trainer
            else clashes.site_clashes(session, site, wish)
        )
    except RuleBroken as broken:
        found["unclear"] = broken.said
    return found


def _instant(on: str, time: str) -> datetime:
    """Raises `PeriodBackwards` where it is none."""
    try:
        return datetime.fromisoformat(f"{on}T{time}").replace(tzinfo=SHANGHAI)
    except ValueError:
        raise clashes.PeriodBackwards() from None


@router.post("/training/sites")
def make_site(request: Request, desk: AtDesk, form: Form) -> Response:
    """A new site."""
    rules, entry = training_rules(), forms.site_entry(form)
    return act(
        request,
        f"{SITES}?done=site-made",
        "",
        form,
        lambda shown: _sites(request, desk, shown),
        lambda session: sites.make_site(session, rules, desk.who, entry),
    )


@router.post("/training/sites/{site_id}/entry")
def change_site(request: Request, desk: AtDesk, form: Form, site_id: UUID) -> Response:
    """Put it right."""
    rules, entry, version = training_rules(), forms.site_entry(form), number_in(text_of(form, "version"))
    return act(
        request,
        f"{SITES}?done=site-changed#row-{site_id}",
        str(site_id),
        form,
        lambda shown: _sites(request, desk, shown),
        lambda session: sites.change_site(session, rules, desk.who, site_id, entry, version),
    )


@router.post("/training/sites/{site_id}/opening")
def open_site(request: Request, desk: AtDesk, form: Form, site_id: UUID) -> Response:
    """Close it, or open it again."""
    is_open, version = text_of(form, "open") == "yes", number_in(text_of(form, "version"))
    done = "site-opened" if is_open else "site-closed"
    return act(
        request,
        f"{SITES}?done={done}#row-{site_id}",
        str(site_id),
        NOTHING,
        lambda shown: _sites(request, desk, shown),
        lambda session: sites.open_site(session, desk.who, site_id, version, now_of(request), is_open=is_open),
    )


@router.get("/training/trainers")
def show_trainers(request: Request, desk: AtDesk, done: str = "") -> Response:
    """The district's trainers, the own department's first."""
    return _trainers(request, desk, Shown(DONE.get(done, "")))


def _trainers(request: Request, desk: Desk, shown: Shown) -> Response:
    with database_of(request).reading() as session:
        rows = sorted(lists.trainer_rows(session, desk.who), key=lambda one: not one.may_change)
        coming = entering.coming_of(session, desk.who, now_of(request))
        is_planner = entering.may_plan(session, desk.who)
        places = [(one.latitude, one.longitude) for one in entering.sites_open(session, desk.who)]
    middle = tuple(round(sum(one) / len(places), 4) for one in zip(*places, strict=True)) if places else ("", "")
    new = FormData([("latitude", str(middle[0])), ("longitude", str(middle[1]))])
    more = {"rows": rows, "coming": coming, "is_planner": is_planner, "forms": forms, "nothing": new}
    return show_page(request, desk, "training_trainers", shown, **more)


@router.post("/training/trainers")
def make_trainer(request: Request, desk: AtDesk, form: Form) -> Response:
    """A new trainer."""
    entry = forms.trainer_entry(form)
    return act(
        request,
        f"{TRAINERS}?done=trainer-made",
        "",
        form,
        lambda shown: _trainers(request, desk, shown),
        lambda session: trainers.make_trainer(session, desk.who, entry),
    )


@router.post("/training/trainers/{trainer_id}/entry")
def change_trainer(request: Request, desk: AtDesk, form: Form, trainer_id: UUID) -> Response:
    """Put it right."""
    entry, version = forms.trainer_entry(form), number_in(text_of(form, "version"))
    return act(
        request,
        f"{TRAINERS}?done=trainer-changed#row-{trainer_id}",
        str(trainer_id),
        form,
        lambda shown: _trainers(request, desk, shown),
        lambda session: trainers.change_trainer(session, desk.who, trainer_id, entry, version),
    )


@router.post("/training/trainers/{trainer_id}/opening")
def keep_trainer(request: Request, desk: AtDesk, form: Form, trainer_id: UUID) -> Response:
    """Let a trainer go, or have them back."""
    is_active, version = text_of(form, "open") == "yes", number_in(text_of(form, "version"))
    done, at = "trainer-back" if is_active else "trainer-gone", now_of(request)
    return act(
        request,
        f"{TRAINERS}?done={done}#row-{trainer_id}",
        str(trainer_id),
        NOTHING,
        lambda shown: _trainers(request, desk, shown),
        lambda session: trainers.keep_trainer(session, desk.who, trainer_id, version, at, is_active=is_active),
    )


@router.get("/training/courses")
def show_courses(request: Request, desk: AtDesk, done: str = "") -> Response:
    """The district's courses, the newest first; `status` narrows, `after` goes on."""
    return _courses(request, desk, Shown(DONE.get(done, "")))


def _courses(request: Request, desk: Desk, shown: Shown) -> Response:
    status = request.query_params.get("status", "")
    chosen = CourseStatus(status) if status in set(CourseStatus) else None
    after = forms.identifier(request.query_params.get("after", ""))
    with database_of(request).reading() as session:
        page = lists.course_rows(session, desk.who, chosen, after)
        trainers_known = entering.trainers_at_work(session, desk.who)
        is_planner = entering.may_plan(session, desk.who)
    names = {str(one.id): one.name for one in trainers_known}
    more = {"page": page, "trainers": trainers_known, "names": names, "is_planner": is_planner, "chosen": chosen}
    return show_page(request, desk, "training_courses", shown, forms=forms, nothing=NOTHING, **more)


@router.post("/training/courses")
def propose_course(request: Request, desk: AtDesk, form: Form) -> Response:
    """Propose a course."""
    rules, at = training_rules(), now_of(request)
    return act(
        request,
        f"{COURSES}?done=course-made",
        "",
        form,
        lambda shown: _courses(request, desk, shown),
        lambda session: courses.propose(session, rules, desk.who, forms.course_entry(rules, form), at),
    )


@router.post("/training/courses/{course_id}/entry")
def change_course(request: Request, desk: AtDesk, form: Form, course_id: UUID) -> Response:
    """Put it right."""
    rules, at, version = training_rules(), now_of(request), number_in(text_of(form, "version"))
    return act(
        request,
        f"{COURSES}?done=course-changed#row-{course_id}",
        str(course_id),
        form,
        lambda shown: _courses(request, desk, shown),
        lambda session: courses.change_course(
            session, rules, desk.who, course_id, forms.course_entry(rules, form), version, at
        ),
    )


@router.post("/training/courses/{course_id}/withdrawal")
def withdraw_course(request: Request, desk: AtDesk, form: Form, course_id: UUID) -> Response:
    """Take it back."""
    version = number_in(text_of(form, "version"))
    return act(
        request,
        f"{COURSES}?done=course-withdrawn#row-{course_id}",
        str(course_id),
        NOTHING,
        lambda shown: _courses(request, desk, shown),
        lambda session: courses.withdraw_course(session, desk.who, course_id, version),
    )
