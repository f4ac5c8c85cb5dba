"""Courses and services on the phone: what is held near me and soon, one session with my place, what I want to learn."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from api.phone.visiting import AnyHolder, Holder, PhoneRoute, PhonesForm, district_in, ensure, show, with_cookie
from api.portal import course_looks
from api.portal.course_month import drawn
from api.portal.guarding import text_of, texts_of
from api.portal.visiting import database_of, now_of, settings_of, vault_of
from models.clock import local_date
from models.district import only_district
from models.errors import RuleBroken
from models.training import feeds, needs
from models.training.places import mark_seen
from models.training.ruling import training_rules
from models.views.certificates import certificate_rows, my_certificate
from models.views.course_needs import my_needs
from models.views.course_rows import NEAR, EventFilter, coming, communities_with_sites
from models.views.courses import event_page
from models.words import N_
from templates.calendars import House, feed
from templates.language import WEEKDAYS as SHORT_WEEKDAYS

router = APIRouter(route_class=PhoneRoute, include_in_schema=False)
LONGEST_CODE = 40
TYPED = ("code", "children", "word", "size", "stars", "words")
DONE: dict[str, str] = {
    "sign-up": N_("You have signed up. How your place stands is shown here."),
    "start-group": N_("Your group is made. Pass its word on to your colleagues."),
    "go-alone": N_("You wait on your own now and keep your turn."),
    "cancel": N_("Given back. Whoever is next has it now."),
    "accept": N_("The place is yours."),
    "decline": N_("The place goes to the next one."),
    "check-in": N_("You are checked in. Welcome!"),
    "feedback": N_("Thank you for saying so."),
    "needs": N_("Thank you. The next timetable reckons with it."),
}


@router.get("/m/courses")
def show_courses(request: Request, holder: AnyHolder, topic: str = "", community: str = "", done: str = "") -> Response:
    """What is held in the next weeks, the reader's own first."""
    rules, at = training_rules(), now_of(request)
    with database_of(request).reading() as session:
        district = district_in(session)
        sites = communities_with_sites(session, district.id)
        narrowed = EventFilter(
            topic if topic in rules.by_topic else "",
            community if community == NEAR or community in {one.code for one in sites} else "",
        )
        found = coming(session, rules, district.id, holder.rider_id, narrowed, at)
        wanted = my_needs(session, rules, holder.phone_id, holder.rider_id)
        certificates = certificate_rows(session, holder.rider_id)
    shown: dict[str, Any] = {"certificates": certificates}
    shown |= {"coming": found, "narrowed": narrowed, "communities": sites, "rules": rules, "needs": wanted}
    shown |= {"looks": course_looks, "today": local_date(at), "holder": holder, "done": DONE.get(done, "")}
    return show(request, holder, "courses", **shown)


@router.get("/m/courses/{event_id}")
def show_one(request: Request, holder: AnyHolder, event_id: UUID, code: str = "", done: str = "") -> Response:
    """One session; looking at it marks its news as seen. `code`: what was scanned from its wall. Raises `NotFound`."""
    if holder.phone and holder.rider_id:
        database_of(request).submit(mark_seen, holder.phone, event_id)
    return show_event(request, holder, event_id, typed={"code": code[:LONGEST_CODE]}, done=done)


def show_event(
    request: Request,
    holder: Holder,
    event_id: UUID,
    broken: RuleBroken | None = None,
    typed: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    """The session's page, with why an act was refused and what was typed for it. Raises `NotFound`."""
    rules, at = training_rules(), now_of(request)
    with database_of(request).reading() as session:
        page = event_page(session, vault_of(request), rules, event_id, holder.rider_id, at)
    site = page.row.site.of(holder.language)
    shown: dict[str, Any] = {"page": page, "row": page.row, "rules": rules, "looks": course_looks, "holder": holder}
    shown |= {"was": dict.fromkeys(TYPED, "") | (typed or {}), "done": DONE.get(done, "")}
    shown |= {"way": course_looks.way_there(page.latitude, page.longitude, site)}
    shown |= {"said": broken.said if broken else None, "today": local_date(at)}
    return show(request, holder, "course", broken.status if broken else 200, **shown)


@router.get("/m/certificates/{number}")
def show_certificate(request: Request, holder: AnyHolder, number: str) -> Response:
    """The rider's certificate, to print. Raises `NotFound`."""
    with database_of(request).reading() as session:
        one = my_certificate(session, vault_of(request), holder.rider_id, number)
    address = f"{settings_of(request).address}/check/certificate/{one.check}"
    return show(request, holder, "certificate", one=one, address=address, code=drawn(address))


@router.get("/m/needs")
def show_needs(request: Request, holder: AnyHolder, done: str = "") -> Response:
    """What I want to learn and when I can."""
    return show_my_needs(request, holder, done=done)


def show_my_needs(
    request: Request,
    holder: Holder,
    broken: RuleBroken | None = None,
    typed: dict[str, list[str]] | None = None,
    done: str = "",
) -> Response:
    """The page, with why it was refused and what had been tapped."""
    rules = training_rules()
    with database_of(request).reading() as session:
        district = only_district(session)
        mine = my_needs(session, rules, holder.phone_id, holder.rider_id)
        sites = communities_with_sites(session, district.id) if district else ()
    chosen = {"topics": list(mine.topics), "slots": list(mine.slots), "community": [str(mine.community_id or "")]}
    shown = {"mine": mine, "rules": rules, "communities": sites, "chosen": chosen | (typed or {})}
    shown |= {
        "said": broken.said if broken else None,
        "done": DONE.get(done, ""),
        "weekdays": WEEKDAYS,
        "short_weekdays": SHORT_WEEKDAYS,
    }
    shown |= {"looks": course_looks}
    return show(request, holder, "needs", broken.status if broken else 200, **shown)


@router.post("/m/needs")
def say_needs(request: Request, holder: AnyHolder, form: PhonesForm) -> Response:
    """Keep what was tapped; what is refused stands on the page."""
    typed = {
        "topics": texts_of(form, "topic"),
        "slots": texts_of(form, "slot"),
        "community": texts_of(form, "community"),
    }
    said, rules, at = text_of(form, "community"), training_rules(), now_of(request)

    def write(session: Session) -> None:
        near = _id(said) if said else None
        phone = ensure(session, holder, request)
        needs.say(session, rules, phone, typed["topics"], typed["slots"], near, at)

    try:
        database_of(request).write(write)
    except RuleBroken as broken:
        return show_my_needs(request, holder, broken, typed)
    return with_cookie(request, holder, RedirectResponse("/m/needs?done=needs", 303))


def _id(text: str) -> UUID:
    """A community's id. Raises `NearUnknown`."""
    try:
        return UUID(text)
    except ValueError:
        raise needs.NearUnknown() from None


@router.get("/m/courses/{event_id}/session.ics")
def send_session(request: Request, holder: AnyHolder, event_id: UUID) -> Response:
    """The session for the phone's own calendar. Raises `NotFound`."""
    with database_of(request).reading() as session:
        row = event_page(session, vault_of(request), training_rules(), event_id, None, now_of(request)).row
        entry = feeds.one_entry(session, training_rules(), event_id)
    settings = settings_of(request)
    text = feed([entry], holder.language, row.title.of(holder.language), House(settings.address, settings.mail_from))
    headers = {"Content-Disposition": 'attachment; filename="session.ics"'}
    return Response(text, media_type="text/calendar; charset=utf-8", headers=headers)


WEEKDAYS: tuple[str, ...] = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
