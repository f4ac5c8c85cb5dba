"""Who I am: the token's officer, organisation, and the compounds that it may file for."""

from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.orm import Session

from api.asking import Asked
from api.v1.describing import problems
from api.v1.shapes import Name, Out
from models.district import compounds_of, get_organisation
from models.officer import Identity, get_officer
from models.protocol.schema import Party
from models.views.matters import count_waiting

router = APIRouter(tags=["me"])


class CompoundOut(Out):
    """A compound that my company manages."""

    id: UUID
    code: str
    name: Name


class WaitingCountOut(Out):
    """How many seats wait for my organisation; of these late, and not yet looked at."""

    waiting: int
    late: int
    unseen: int


class MeOut(Out):
    """The officer whom the token acts for."""

    officer_id: UUID
    name: str
    language: str
    is_administrator: bool
    organisation_id: UUID
    organisation: Name
    party: Party
    compounds: list[CompoundOut]
    waiting: WaitingCountOut


@router.get("/me", responses=problems(), operation_id="readMe", summary="Who I am")
def read_me(ask: Asked) -> MeOut:
    """The token's officer and organisation; for a property company, the compounds it may file for."""

    def view(session: Session, who: Identity) -> MeOut:
        own = compounds_of(session, who.organisation_id)
        return MeOut(
            officer_id=who.officer_id,
            name=get_officer(session, who.officer_id).name,
            language=who.language,
            is_administrator=who.is_administrator,
            organisation_id=who.organisation_id,
            organisation=Name.model_validate(get_organisation(session, who.organisation_id).name),
            party=who.party,
            compounds=[CompoundOut.model_validate(one) for one in own],
            waiting=WaitingCountOut.model_validate(count_waiting(session, who, ask.at)),
        )

    return ask.read(view)
