"""Conditions on a timetable's matter: what a party can state for its own sites, beside the words of its opinion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.portal import training_forms as forms
from api.portal.drafting import Typed
from api.portal.visiting import Desk, database_of
from models.consultation.opinions import Draft, Given, give_opinion
from models.consultation.tables import OpinionKind
from models.district import get_organisation
from models.officer import Identity
from models.protocol.schema import Title
from models.training.conditions import agree_under, conditions_of
from models.training.saying import lines_of
from models.training.tables import Site
from models.views.filing import FilingView
from models.views.training_entering import sites_open
from models.views.training_plan import spoken_for

FIRST_ROW = "for-1"


@dataclass(frozen=True, slots=True)
class Stating:
    """What the form for conditions needs. `kept`: by seat, the rows as they were stated before."""

    own_sites: Sequence[Site] = ()
    all_sites: Sequence[Site] = ()
    names: Mapping[str, Title] = field(default_factory=dict[str, Title])
    kept: Mapping[str, FormData] = field(default_factory=dict[str, FormData])
    refused: FormData | None = None

    def rows(self, seat_id: str, is_refused: bool) -> FormData:
        """The rows of a seat's form: as they were typed where it was refused, else as they are kept."""
        return self.refused if is_refused and self.refused is not None else self.kept.get(seat_id, FormData())


def stating_of(request: Request, desk: Desk, view: FilingView, refused: FormData | None) -> Stating:
    """Nothing for a matter that is no timetable."""
    if view.training is None:
        return Stating()
    with database_of(request).reading() as session:
        own = get_organisation(session, desk.who.organisation_id)
        all_sites = sites_open(session, desk.who)
        return Stating(
            own_sites=spoken_for(session, own, view.training.timetable_id),
            all_sites=all_sites,
            names=forms.named(all_sites),
            kept=_kept(session, view.training.timetable_id),
            refused=refused,
        )


def _kept(session: Session, timetable_id: UUID) -> dict[str, FormData]:
    lines = {(str(one.course_id), one.ordinal): one.line for one in lines_of(session, timetable_id)}
    by_seat: dict[str, list[tuple[str, str]]] = {}
    places: dict[str, int] = {}
    for one in conditions_of(session, timetable_id):
        if one.seat_id is None:
            continue
        seat = str(one.seat_id)
        places[seat] = places.get(seat, 0) + 1
        by_seat.setdefault(seat, []).extend(forms.row_said(places[seat], one, lines))
    return {seat: FormData([*said]) for seat, said in by_seat.items()}


def say(session: Session, who: Identity, typed: Typed, form: FormData, draft: Draft, at: datetime) -> Given:
    """Give the opinion; on a timetable with its conditions as the solver takes them. Raises what these do."""
    if draft.kind is not OpinionKind.AGREE_WITH_CONDITIONS or FIRST_ROW not in form:
        return give_opinion(session, who, typed.seat_id, draft, typed.seat_version, at)
    stated = forms.stated(form)
    return agree_under(session, who, typed.seat_id, draft.conditions, stated, typed.seat_version, at, draft.exceptions)
