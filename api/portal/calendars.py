"""Calendars to subscribe to: of communities and departments for anybody, a rider's or a trainer's under a secret word."""

import hashlib
from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from api.portal.answering import PageRoute
from api.portal.visiting import database_of, now_of, settings_of, vault_of
from api.rate_limits import Often, hold_back
from models.protocol.schema import Party
from models.training import calendar_links, feeds
from models.training.calendar_links import Owner
from models.training.feeds import Entry
from models.training.ruling import training_rules
from models.words import N_
from templates.calendars import House, feed
from templates.language import LANGUAGES, translator

KEPT_SECONDS = 900
FORM = "1"  # of what is written: another one makes every kept calendar stale

OF_PLACE = N_("Courses and services: {name}")
MINE = N_("My courses and services")
TAUGHT = N_("Sessions that I teach")

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.api_route("/calendars/communities/{code}.ics", methods=["GET", "HEAD"])
def send_community(request: Request, code: str, lang: str = "") -> Response:
    """The published sessions on a community's ground. Raises `NotFound`, `TooOften`."""
    return _send_place(request, Party.COMMUNITY, code, lang)


@router.api_route("/calendars/departments/{code}.ics", methods=["GET", "HEAD"])
def send_department(request: Request, code: str, lang: str = "") -> Response:
    """The published sessions that a department holds. Raises `NotFound`, `TooOften`."""
    return _send_place(request, Party.DEPARTMENT, code, lang)


@router.api_route("/calendars/{word}.ics", methods=["GET", "HEAD"])
def send_own(request: Request, word: str, lang: str = "") -> Response:
    """A rider's or a trainer's own calendar; the word is the key. Raises `NotFound`, `TooOften`."""
    hold_back(request, Often.CALENDAR)
    with database_of(request).reading() as session:
        owner = calendar_links.owner_of(session, vault_of(request), word)
        entries = _own(session, request, owner)
    language = _language(request, lang)
    return _answer(
        request, entries, language, translator(language).gettext(MINE if owner.rider_id else TAUGHT), "private"
    )


def _send_place(request: Request, party: Party, code: str, lang: str) -> Response:
    hold_back(request, Often.FEED)
    find = feeds.community_entries if party is Party.COMMUNITY else feeds.department_entries
    with database_of(request).reading() as session:
        place = feeds.place_of_feed(session, party, code)
        entries = find(session, training_rules(), place.id, now_of(request))
    language = _language(request, lang)
    name = translator(language).gettext(OF_PLACE).format(name=place.name.of(language))
    return _answer(request, entries, language, name, "public")


def _own(session: Session, request: Request, owner: Owner) -> list[Entry]:
    rules, at = training_rules(), now_of(request)
    if owner.rider_id is not None:
        return feeds.rider_entries(session, rules, owner.rider_id, at)
    assert owner.trainer_id is not None
    return feeds.trainer_entries(session, rules, owner.trainer_id, at)


def _language(request: Request, wanted: str) -> str:
    """What the address says, else the installation's: a calendar program sends no cookies."""
    return wanted if wanted in LANGUAGES else settings_of(request).language


def _answer(request: Request, entries: Sequence[Entry], language: str, name: str, kept: str) -> Response:
    """The calendar, or 304 where the asker has it already: then nothing is written."""
    settings = settings_of(request)
    house = House(settings.address, settings.mail_from)
    digest = hashlib.sha256(repr((FORM, language, name, house, entries)).encode()).hexdigest()[:32]
    headers = {"ETag": f'"{digest}"', "Cache-Control": f"{kept}, max-age={KEPT_SECONDS}", "Content-Language": language}
    if _has(request.headers.get("if-none-match", ""), digest):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="wufang.ics"'
    return Response(feed(entries, language, name, house), media_type="text/calendar; charset=utf-8", headers=headers)


def _has(none_match: str, digest: str) -> bool:
    """Whether `If-None-Match` names this version, compared weakly (RFC 9110, 13.1.2)."""
    tags = {one.strip().removeprefix("W/") for one in none_match.split(",")}
    return "*" in tags or f'"{digest}"' in tags
