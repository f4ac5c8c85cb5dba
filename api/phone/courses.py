"""Courses on the phone: sign up, alone or with colleagues, give back, take what is offered, check in, say how it was."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.phone.courses_pages import TYPED, show_event
from api.phone.visiting import AnyHolder, PhoneRoute, PhonesForm, ensure, is_script, with_cookie
from api.portal.guarding import text_of
from api.portal.visiting import database_of, now_of, vault_of
from models.crypto import Vault
from models.errors import NotFound, RuleBroken
from models.phone import PhoneIdentity
from models.training import check_in, feedback, places
from models.training.ruling import TrainingRules, training_rules

router = APIRouter(route_class=PhoneRoute, include_in_schema=False)
LONGEST_NUMBER = 3  # digits


@dataclass(frozen=True, slots=True)
class Asked:
    """What one act is told."""

    rules: TrainingRules
    vault: Vault
    event_id: UUID
    form: FormData
    at: datetime

    def number(self, name: str) -> int:
        """A typed number; an empty field is 0, and what is none is refused by the rule that it breaks."""
        text = text_of(self.form, name)
        return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else -1 if text else 0


Act = Callable[[Session, PhoneIdentity, Asked], object]


def _sign_up(session: Session, phone: PhoneIdentity, asked: Asked) -> object:
    word = text_of(asked.form, "word") or None
    return places.sign_up(session, asked.rules, phone, asked.event_id, asked.at, asked.number("children"), word)


def _start_group(session: Session, phone: PhoneIdentity, asked: Asked) -> object:
    size, children = asked.number("size"), asked.number("children")
    return places.start_group(session, asked.rules, phone, asked.event_id, size, asked.at, children)


def _plain(act: Callable[[Session, TrainingRules, PhoneIdentity, UUID, datetime], None]) -> Act:
    return lambda session, phone, asked: act(session, asked.rules, phone, asked.event_id, asked.at)


def _check_in(session: Session, phone: PhoneIdentity, asked: Asked) -> object:
    code = text_of(asked.form, "code")
    return check_in.check_in(session, asked.rules, asked.vault, phone, code, asked.at)


def _feedback(session: Session, phone: PhoneIdentity, asked: Asked) -> object:
    words, stars = text_of(asked.form, "words"), asked.number("stars")
    return feedback.give_feedback(session, asked.vault, phone, asked.event_id, stars, words, asked.at)


ACTS: dict[str, Act] = {
    "sign-up": _sign_up,
    "start-group": _start_group,
    "go-alone": _plain(places.go_alone),
    "cancel": _plain(places.cancel),
    "accept": _plain(places.accept),
    "decline": _plain(places.decline),
    "check-in": _check_in,
    "feedback": _feedback,
}


@router.post("/m/courses/{event_id}/{act}")
def do(request: Request, holder: AnyHolder, form: PhonesForm, event_id: UUID, act: str) -> Response:
    """Do one act; what is refused stands on the page with what was typed, or is a script's plain answer.

    A code on the wall says itself which session it is of. Raises `NotFound`.
    """
    if act not in ACTS:
        raise NotFound()
    asked = Asked(training_rules(), vault_of(request), event_id, form, now_of(request))

    def write(session: Session) -> UUID:
        found = ACTS[act](session, ensure(session, holder, request), asked)
        return found if isinstance(found, UUID) else event_id

    try:
        where = database_of(request).write(write)
    except NotFound:
        raise
    except RuleBroken as broken:
        if is_script(request):
            raise
        return show_event(request, holder, event_id, broken, {name: text_of(form, name) for name in TYPED})
    return with_cookie(request, holder, RedirectResponse(f"/m/courses/{where}?done={act}", 303))
