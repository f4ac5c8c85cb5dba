"""街道吹哨 The form with which a street whistles for departments about a report, and whistles again where it came back."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.portal.acting import ChoiceMissing
from api.portal.answering import PageRoute
from api.portal.filing import address_of
from api.portal.guarding import Form, number_in, text_of, texts_of
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of
from models.calendars import district_calendar
from models.errors import RuleBroken
from models.report.categories import report_rules
from models.views.matters import reference_of
from models.views.whistles import WhistleForm, whistle_form
from models.whistle.blowing import NotByThen, Whistling, blow, blow_again, rules_of_today

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was typed. `main`: the department with the main part; `others`: those that help it."""

    main: str = ""
    others: tuple[str, ...] = ()
    settle_by: str = ""
    words: str = ""
    compound: str = ""
    version: str = ""

    @classmethod
    def of(cls, form: FormData) -> "Typed":
        """What was sent."""
        names = ("main", "settle_by", "words", "compound", "version")
        return cls(others=tuple(texts_of(form, "others")), **{name: text_of(form, name) for name in names})

    @classmethod
    def before(cls, form: WhistleForm) -> "Typed":
        """What the form shows at first: nothing, or what the returned whistle says."""
        if form.again is None:
            return cls()
        main, *others = (str(one) for one in form.again.department_ids)
        return cls(main, tuple(others), form.again.settle_by.isoformat(), form.again.words, "", str(form.version))

    def whistling(self) -> Whistling:
        """What is asked. Raises `ChoiceMissing`, `NotByThen`."""
        ids = [_id(one) for one in (self.main, *(one for one in self.others if one != self.main))]
        return Whistling(tuple(ids), self.words, _day(self.settle_by), _id(self.compound) if self.compound else None)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ChoiceMissing() from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotByThen(days=rules_of_today().longest_days) from None


@router.get("/reports/{reference}/whistle")
def ask_for_departments(request: Request, desk: AtDesk, reference: str) -> Response:
    """The form. Raises what `whistle_form` does."""
    form = _form(request, desk, reference)
    return _show(request, desk, form, Typed.before(form))


@router.post("/reports/{reference}/whistle")
def whistle(request: Request, desk: AtDesk, reference: str, form: Form) -> Response:
    """Blow the whistle, or blow it again; what is refused stands on the form with what was typed."""
    known, typed = _form(request, desk, reference), Typed.of(form)
    try:
        matter_id = _blow(request, desk, known, typed)
    except RuleBroken as broken:
        return _show(request, desk, known, typed, broken)
    with database_of(request).reading() as session:
        blown = reference_of(session, matter_id)
    return RedirectResponse(address_of(blown, "again" if known.again else "submitted"), 303)


def _blow(request: Request, desk: Desk, known: WhistleForm, typed: Typed) -> UUID:
    write, at, calendar = database_of(request).write, now_of(request), district_calendar()
    whistling = typed.whistling()
    if known.matter_id is None:
        return write(blow, report_rules(), desk.who, known.report_id, whistling, at, calendar).matter_id
    version = number_in(typed.version)
    write(blow_again, desk.who, known.matter_id, whistling, version, at, calendar)
    return known.matter_id


def _form(request: Request, desk: Desk, reference: str) -> WhistleForm:
    with database_of(request).reading() as session:
        return whistle_form(session, report_rules(), desk.who, reference, now_of(request))


def _show(request: Request, desk: Desk, form: WhistleForm, typed: Typed, broken: RuleBroken | None = None) -> Response:
    return render(
        request, desk, "pages/whistle", broken.status if broken else 200, form=form, typed=typed, broken=broken
    )
