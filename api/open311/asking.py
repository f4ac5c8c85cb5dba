"""What the addresses of Open311 ask for, read and checked: jurisdiction, dates with their zone, pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi import Request
from sqlalchemy.orm import Session

from models.district import District, only_district
from models.errors import NotFound, RuleBroken
from models.views.public_requests import Window
from models.words import N_

SPAN = timedelta(days=90)
MOST = 1000
DEEPEST = 10_000  # reports that pages reach: beyond, a narrower window is quicker for both sides
MOST_IDS = 1000
STATUSES = {"open": True, "closed": False}
FIRST_YEAR, LAST_YEAR = 2000, 2999


class JurisdictionUnknown(RuleBroken):
    """Another city's identifier."""

    sentence = N_("There is no jurisdiction_id “{code}” here. Leave it out, or send {ours}.")
    status = 404


class DateUnclear(RuleBroken):
    """Not a W3C date and time with its zone."""

    sentence = N_("{name} is a date and time with its zone, such as 2026-11-23T09:00:00+08:00.")
    status = 400


class SpanUnfit(RuleBroken):
    """More than the standard lets one ask for, or backwards."""

    sentence = N_("From {begins} to {ends} there may be 90 days at most, and not backwards.")
    status = 400


class StatusUnknown(RuleBroken):
    """Neither of the two."""

    sentence = N_("status is open or closed, or both with a comma.")
    status = 400


class PageUnclear(RuleBroken):
    """Not a page that there can be."""

    sentence = N_(
        "page is a number from 1 and page_size one from 1 to {most}; pages reach to the {deepest}th report. "
        "For older ones narrow the dates."
    )
    status = 400

    def __init__(self) -> None:
        super().__init__(most=MOST, deepest=DEEPEST)


class TooManyNames(RuleBroken):
    """A list that nobody reads."""

    sentence = N_("At most {most} service_request_id at once.")
    status = 400


@dataclass(frozen=True, slots=True)
class Turned:
    """A page: its number from 1 and its size."""

    page: int
    size: int

    @property
    def offset(self) -> int:
        """How many reports lie before it."""
        return (self.page - 1) * self.size


def district_for(session: Session, fields: Mapping[str, str]) -> District:
    """The one district. Raises `JurisdictionUnknown`, `NotFound` in an empty database."""
    district = only_district(session)
    if district is None:
        raise NotFound()
    asked = fields.get("jurisdiction_id", "").strip()
    if asked and asked != district.code:
        raise JurisdictionUnknown(code=asked[:60], ours=district.code)
    return district


def listed(request: Request, name: str) -> list[str]:
    """The values of a parameter, with commas or given several times; none for an empty one."""
    said = request.query_params.getlist(name)
    return [one.strip() for each in said for one in each.split(",") if one.strip()]


def names_asked(request: Request) -> list[str]:
    """The references that are asked for by name. Raises `TooManyNames`."""
    names = listed(request, "service_request_id")
    if len(names) > MOST_IDS:
        raise TooManyNames(most=MOST_IDS)
    return names


def turn_asked(request: Request) -> Turned:
    """The page. Raises `PageUnclear`."""
    page, size = (request.query_params.get(name, "").strip() for name in ("page", "page_size"))
    turned = Turned(_number(page, 1), _number(size, MOST))
    if not (1 <= turned.size <= MOST and turned.page >= 1 and turned.offset + turned.size <= DEEPEST):
        raise PageUnclear()
    return turned


def _number(text: str, otherwise: int) -> int:
    if not text:
        return otherwise
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(DEEPEST))):
        raise PageUnclear()
    return int(text)


def window_asked(request: Request, at: datetime) -> Window:
    """The window: of changes where those are asked for, else of reports. Raises `DateUnclear`, `SpanUnfit`, `StatusUnknown`."""
    reported = _instant(request, "start_date"), _instant(request, "end_date")
    changed = _instant(request, "updated_after"), _instant(request, "updated_before")
    codes = listed(request, "service_code")
    categories = frozenset(codes) if codes else None
    if changed == (None, None):
        begins_at, ends_at = _span("start_date", "end_date", reported, at)
        return Window(begins_at, ends_at, categories=categories, is_open=_is_open(request))
    begins_at, ends_at = _span("updated_after", "updated_before", changed, at)
    return Window(begins_at, ends_at, True, reported, categories, _is_open(request))


def _span(
    begins: str, ends: str, said: tuple[datetime | None, datetime | None], at: datetime
) -> tuple[datetime, datetime]:
    """Both ends; one that is not said lies 90 days from the other, and without any the last 90 days are meant."""
    begins_at, ends_at = said
    if begins_at is None:
        ends_at = ends_at or at
        return ends_at - SPAN, ends_at
    ends_at = ends_at or begins_at + SPAN
    if not timedelta(0) <= ends_at - begins_at <= SPAN:
        raise SpanUnfit(begins=begins, ends=ends)
    return begins_at, ends_at


def _instant(request: Request, name: str) -> datetime | None:
    """An instant in UTC; a plus sign that the address has made a blank is one again."""
    said = request.query_params.get(name, "").strip().replace(" ", "+")
    if not said:
        return None
    try:
        instant = datetime.fromisoformat(said)
    except ValueError:
        raise DateUnclear(name=name) from None
    if instant.tzinfo is None or not FIRST_YEAR <= instant.year < LAST_YEAR:
        raise DateUnclear(name=name)
    return instant.astimezone(UTC)


def _is_open(request: Request) -> bool | None:
    """Whether only open ones, or only closed ones; None for both."""
    wanted = {one.lower() for one in listed(request, "status")}
    if not wanted <= set(STATUSES):
        raise StatusUnknown()
    return STATUSES[wanted.pop()] if len(wanted) == 1 else None
