"""The desk of training: what comes up by week, what waits for me, what riders need."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.portal import training_looks
from api.portal.answering import PageRoute
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of
from models.clock import local_date
from models.errors import NotFound, RuleBroken
from models.training.ruling import training_rules
from models.views.training_desk import desk_view
from models.views.training_entering import may_plan

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page of training shows besides its rows: what was done, or what was refused with what was typed.

    `about`: the row whose form it was, by id; empty: the form for something new.
    """

    done: str = ""
    broken: RuleBroken | None = None
    about: str = ""
    typed: FormData | None = field(default=None, repr=False)

    @property
    def status(self) -> int:
        """Of the answer."""
        return self.broken.status if self.broken else 200

    def is_of(self, about: str) -> bool:
        """Whether the form that was refused is this one."""
        return self.broken is not None and self.about == about

    def form(self, about: str, kept: FormData) -> FormData:
        """The fields of a form: as they were typed where it was refused, else as they are kept."""
        return self.typed if self.typed and self.is_of(about) else kept


Showing = Callable[[Shown], Response]


def act(
    request: Request, going_to: str, about: str, typed: FormData, showing: Showing, command: Callable[[Session], object]
) -> Response:
    """Do one act and go on; what is refused stands on the page with what was typed. Raises `NotFound`."""
    try:
        database_of(request).write(lambda session: command(session) and None)
    except NotFound:
        raise
    except RuleBroken as broken:
        return showing(Shown(broken=broken, about=about, typed=typed))
    return RedirectResponse(going_to, 303)


def show_page(request: Request, desk: Desk, page: str, shown: Shown, /, **more: object) -> Response:
    """A page of training."""
    rules = training_rules()
    fixed = {"shown": shown, "looks": training_looks, "rules": rules, "today": local_date(now_of(request))}
    return render(request, desk, f"pages/{page}", shown.status, **(fixed | more))


@router.get("/training")
def show_desk(request: Request, desk: AtDesk) -> Response:
    """What comes up, what waits, what is wanted."""
    with database_of(request).reading() as session:
        view = desk_view(session, training_rules(), desk.who, now_of(request))
        is_planner = may_plan(session, desk.who)
    return show_page(request, desk, "training", Shown(), view=view, is_planner=is_planner)
