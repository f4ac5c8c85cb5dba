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
from api.portal.guarding import PhotoForm, number_in, text_of
from api.portal.report_page import show
from api.portal.visiting import AtDesk, Desk, database_of, now_of, vault_of
from models.calendars import district_calendar
from models.crypto import Vault
from models.errors import NotFound, RuleBroken
from models.officer import Identity
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

    @property
    def who(self) -> Identity:
        """The officer."""
        return self.desk.who

    @property
    def vault(self) -> Vault:
        """For words and letters."""
        return vault_of(self.request)

    def write(self, act: Callable[..., object], *values: object) -> None:
        """Do it in one transaction, at the version that was read."""
        database_of(self.request).write(act, *values, self.version, self.at)

    def by_rules(self, act: Callable[..., object], *values: object, **named: object) -> None:
        """The same for an act that starts a clock by the district's rules and calendar."""
        fixed = (self.vault, report_rules(), self.who, self.report_id)
        calendar = district_calendar()
        database_of(self.request).write(act, *fixed, *values, self.version, self.at, calendar, **named)


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
    sent.by_rules(triaging.file, filing)


def _confirm(sent: Sent) -> None:
    sent.write(triaging.confirm_deed, report_rules(), sent.who, sent.report_id)


def _dispatch(sent: Sent) -> None:
    sent.by_rules(triaging.dispatch, _chosen(sent, "handler"), sent.text("words"))


def _take_up(sent: Sent) -> None:
    given = (report_rules(), sent.who, sent.report_id, sent.version, sent.at, district_calendar())
    database_of(sent.request).write(handling.take_up, *given)


def _answer(sent: Sent) -> None:
    photos = keep_pictures(sent.request, uploads_of(sent.form), PhotoMoment.AFTER)
    sent.by_rules(handling.answer, sent.text("words"), photos)


def _saying(act: Callable[..., object]) -> Callable[[Sent], None]:
    """An act that ends something, with words."""
    return lambda sent: sent.write(act, sent.vault, sent.who, sent.report_id, sent.text("words"))


def _back(act: Callable[..., object]) -> Callable[[Sent], None]:
    """An act that gives it back to somebody, whose clock begins, with words."""
    return lambda sent: sent.by_rules(act, sent.text("words"))


def _park(sent: Sent) -> None:
    until = _end_of(sent.text("until"))
    given = (sent.vault, report_rules(), sent.who, sent.report_id, sent.text("words"), until)
    sent.write(parking.ask_to_park, *given)


def _end_of(day: str) -> datetime:
    """The end of a day in Shanghai. Raises `ParkedTooLong`."""
    try:
        return parking.end_of(date.fromisoformat(day))
    except ValueError:
        raise ParkedTooLong(days=LONGEST_DAYS) from None


def _decide_parking(sent: Sent) -> None:
    answer = sent.text("answer")
    if answer not in {"granted", "refused"}:
        raise ChoiceMissing()
    sent.by_rules(parking.answer_parking, sent.text("words"), is_granted=answer == "granted")


def _merge(sent: Sent) -> None:
    into = sent.text("into")
    with database_of(sent.request).reading() as session:
        other = _id_of(session, sent.desk, into)
    sent.write(merging.merge, sent.who, sent.report_id, other)


ACTS: dict[str, Callable[[Sent], None]] = {
    "file": _file,
    "decline": _saying(triaging.decline),
    "confirm": _confirm,
    "dispatch": _dispatch,
    "take_up": _take_up,
    "answer": _answer,
    "give_back": _back(handling.give_back),
    "park": _park,
    "parking": _decide_parking,
    "close": _saying(checking.close),
    "send_back": _back(checking.send_back),
    "merge": _merge,
}


@router.post("/reports/{reference}/acts/{act}")
def do(request: Request, desk: AtDesk, form: PhotoForm, reference: str, act: str) -> Response:
    """Do one act; what is refused stands on the page with what was typed."""
    if act not in ACTS:
        raise NotFound()
    with database_of(request).reading() as session:
        report_id = _id_of(session, desk, reference)
    version = number_in(text_of(form, "version"))
    try:
        ACTS[act](Sent(request, desk, form, report_id, version))
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
