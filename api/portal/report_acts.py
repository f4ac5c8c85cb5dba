"""What an officer does with a report: one form for each act, one address, one way back to the page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.pictures import keep_pictures, uploads_of
from api.portal.acting import ChoiceMissing
from api.portal.answering import PageRoute
from api.portal.guarding import PhotoForm, text_of
from api.portal.report_page import show
from api.portal.visiting import AtDesk, Desk, database_of, now_of, vault_of
from models.calendars import district_calendar
from models.errors import NotFound, RuleBroken
from models.report import checking, handling, merging, parking, triaging
from models.report.authority import may_read, visible
from models.report.categories import report_rules
from models.report.parking import LONGEST_DAYS, ParkedTooLong
from models.report.recording import by_reference
from models.report.tables import Level, PhotoMoment

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """One act as its form sends it. `version`: of the report as its page showed it."""

    request: Request
    desk: Desk
    form: FormData
    report_id: UUID
    version: int | None

    @property
    def at(self) -> datetime:
        """The instant."""
        return now_of(self.request)

    def text(self, name: str) -> str:
        """A field."""
        return text_of(self.form, name)

    def write(self, act: Callable[..., object], *values: object, **named: object) -> None:
        """Do it in one transaction."""
        database_of(self.request).write(act, *values, **named)


def _chosen(sent: Sent, name: str) -> UUID:
    try:
        return UUID(sent.text(name))
    except ValueError:
        raise ChoiceMissing() from None


def _file(sent: Sent) -> None:
    level, handler = sent.text("level"), sent.text("handler")
    filing = triaging.Filing(
        sent.text("category") or None,
        Level(level) if level in set(Level) else None,
        _chosen(sent, "handler") if handler else None,
        sent.text("words"),
    )
    vault, who = vault_of(sent.request), sent.desk.who
    sent.write(
        triaging.file, vault, report_rules(), who, sent.report_id, filing, sent.version, sent.at, district_calendar()
    )


def _decline(sent: Sent) -> None:
    vault, who = vault_of(sent.request), sent.desk.who
    sent.write(triaging.decline, vault, who, sent.report_id, sent.text("words"), sent.version, sent.at)


def _confirm(sent: Sent) -> None:
    sent.write(triaging.confirm_deed, report_rules(), sent.desk.who, sent.report_id, sent.version, sent.at)


def _dispatch(sent: Sent) -> None:
    to, words = _chosen(sent, "handler"), sent.text("words")
    vault, who, calendar = vault_of(sent.request), sent.desk.who, district_calendar()
    sent.write(
        triaging.dispatch, vault, report_rules(), who, sent.report_id, to, words, sent.version, sent.at, calendar
    )


def _take_up(sent: Sent) -> None:
    who, calendar = sent.desk.who, district_calendar()
    sent.write(handling.take_up, report_rules(), who, sent.report_id, sent.version, sent.at, calendar)


def _answer(sent: Sent) -> None:
    photos = keep_pictures(sent.request, uploads_of(sent.form), PhotoMoment.AFTER)
    vault, who, words = vault_of(sent.request), sent.desk.who, sent.text("words")
    calendar = district_calendar()
    sent.write(
        handling.answer, vault, report_rules(), who, sent.report_id, words, photos, sent.version, sent.at, calendar
    )


def _give_back(sent: Sent) -> None:
    _with_words(sent, handling.give_back)


def _send_back(sent: Sent) -> None:
    _with_words(sent, checking.send_back)


def _with_words(sent: Sent, act: Callable[..., object]) -> None:
    vault, who, words = vault_of(sent.request), sent.desk.who, sent.text("words")
    sent.write(act, vault, report_rules(), who, sent.report_id, words, sent.version, sent.at, district_calendar())


def _close(sent: Sent) -> None:
    vault, who = vault_of(sent.request), sent.desk.who
    sent.write(checking.close, vault, who, sent.report_id, sent.text("words"), sent.version, sent.at)


def _park(sent: Sent) -> None:
    vault, who, words = vault_of(sent.request), sent.desk.who, sent.text("words")
    until = _end_of(sent.text("until"))
    sent.write(parking.ask_to_park, vault, report_rules(), who, sent.report_id, words, until, sent.version, sent.at)


def _end_of(day: str) -> datetime:
    """The end of a day in Shanghai. Raises `ParkedTooLong`."""
    try:
        return parking.end_of(date.fromisoformat(day))
    except ValueError:
        raise ParkedTooLong(days=LONGEST_DAYS) from None


def _decide_parking(sent: Sent) -> None:
    answer, vault, who = sent.text("answer"), vault_of(sent.request), sent.desk.who
    if answer not in {"granted", "refused"}:
        raise ChoiceMissing()
    sent.write(
        parking.answer_parking,
        vault,
        report_rules(),
        who,
        sent.report_id,
        sent.text("words"),
        sent.version,
        sent.at,
        district_calendar(),
        is_granted=answer == "granted",
    )


def _merge(sent: Sent) -> None:
    into = sent.text("into")
    with database_of(sent.request).reading() as session:
        other = _id_of(session, sent.desk, into)
    sent.write(merging.merge, sent.desk.who, sent.report_id, other, sent.version, sent.at)


ACTS: dict[str, Callable[[Sent], None]] = {
    "file": _file,
    "decline": _decline,
    "confirm": _confirm,
    "dispatch": _dispatch,
    "take_up": _take_up,
    "answer": _answer,
    "give_back": _give_back,
    "park": _park,
    "parking": _decide_parking,
    "close": _close,
    "send_back": _send_back,
    "merge": _merge,
}


@router.post("/reports/{reference}/acts/{act}")
def do(request: Request, desk: AtDesk, form: PhotoForm, reference: str, act: str) -> Response:
    """Do one act; what is refused stands on the page with what was typed."""
    if act not in ACTS:
        raise NotFound()
    with database_of(request).reading() as session:
        report_id = _id_of(session, desk, reference)
    version = text_of(form, "version")
    try:
        ACTS[act](Sent(request, desk, form, report_id, int(version) if version.isdigit() else None))
    except RuleBroken as broken:
        typed = {name: value for name, value in form.items() if isinstance(value, str)} | {"act": act}
        return show(request, desk, reference, broken, typed)
    going_to = text_of(form, "into") if act == "merge" else reference
    return RedirectResponse(_after(request, desk, form, going_to, act), 303)


def _after(request: Request, desk: Desk, form: FormData, reference: str, act: str) -> str:
    """Back to the board where the act was done there, or where the report has left our sight with it, else to the report."""
    with database_of(request).reading() as session:
        is_ours = may_read(session, desk.who, by_reference(session, reference))
    if text_of(form, "back") == "board" or not is_ours:
        return f"/reports?done={act}"
    return f"/reports/{reference}?done={act}"


def _id_of(session: Session, desk: Desk, reference: str) -> UUID:
    return visible(session, desk.who, by_reference(session, reference)).id
