"""Who I am: the token's officer, organisation, the compounds that it may file for, and where I am logged in."""

from datetime import datetime, time
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy.orm import Session

from api.asking import Asked
from api.v1.describing import problems
from api.v1.sending import In
from api.v1.shapes import Name, Out
from models.authority import sessions
from models.authority.second_factor import has_one
from models.district import compounds_of, get_organisation
from models.notice.choosing import choose
from models.notice.tables import Letter
from models.officer import Identity, Role, get_officer
from models.preference import OPTIONAL_LETTERS, Chosen, Pace, chosen_by, quiet_hours
from models.protocol.schema import Party
from models.views.waiting import count_waiting

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
    role: Role
    is_administrator: bool
    has_second_factor: bool
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
            role=who.role,
            is_administrator=who.is_administrator,
            has_second_factor=has_one(session, who.officer_id),
            organisation_id=who.organisation_id,
            organisation=Name.model_validate(get_organisation(session, who.organisation_id).name),
            party=who.party,
            compounds=[CompoundOut.model_validate(one) for one in own],
            waiting=WaitingCountOut.model_validate(count_waiting(session, who, ask.at)),
        )

    return ask.read(view)


class PreferenceIn(In):
    """How my letters come. Quiet hours are times of day in Shanghai, both or neither, across midnight as well."""

    pace: Pace = Field(examples=["daily"])
    quiet_from: time | None = Field(None, examples=["20:00"])
    quiet_until: time | None = Field(None, description="Exclusive", examples=["07:30"])
    without: list[Letter] = Field([], description="Optional letters that I do without", examples=[["copy"]])

    def chosen(self) -> Chosen:
        """For the rules. Raises `QuietUnclear`."""
        return Chosen(self.pace, quiet_hours(self.quiet_from, self.quiet_until), frozenset(self.without))


class PreferenceOut(Out):
    """How my letters come; `optional` lists all that I could do without."""

    pace: Pace
    quiet_from: time | None
    quiet_until: time | None
    without: list[Letter]
    optional: list[Letter]


def _preference(chosen: Chosen) -> PreferenceOut:
    begins, ends = chosen.quiet or (None, None)
    return PreferenceOut(
        pace=chosen.pace,
        quiet_from=begins,
        quiet_until=ends,
        without=sorted(chosen.without),
        optional=list(OPTIONAL_LETTERS),
    )


@router.get("/me/preference", responses=problems(), operation_id="readMyPreference", summary="How my letters come")
def read_preference(ask: Asked) -> PreferenceOut:
    """At once, hourly or daily; my quiet hours; what I do without."""
    return ask.read(lambda session, who: _preference(chosen_by(session, who.officer_id)))


@router.put(
    "/me/preference", responses=problems(422), operation_id="setMyPreference", summary="Choose how my letters come"
)
async def put_preference(body: PreferenceIn, ask: Asked) -> PreferenceOut:
    """It holds for letters that wait already, too. Letters that ask for my opinion always come."""
    chosen = body.chosen()
    await ask.write(lambda session, who: choose(session, who.officer_id, chosen, ask.at))
    return _preference(chosen)


class SessionOut(Out):
    """A browser that is logged in as me. `network`: where it logged in, such as "203.0.113.0/24"."""

    id: UUID
    device: str
    network: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@router.get("/me/sessions", responses=problems(), operation_id="listMySessions", summary="Where I am logged in")
def list_sessions(ask: Asked) -> list[SessionOut]:
    """My open sessions in the portal, the newest first. Tokens are no sessions."""

    def view(session: Session, who: Identity) -> list[SessionOut]:
        return [
            SessionOut(
                id=one.id,
                device=one.origin.device,
                network=one.origin.network,
                created_at=one.created_at,
                last_seen_at=one.last_seen_at,
                expires_at=one.expires_at,
            )
            for one in sessions.sessions_of(session, who.officer_id, None, ask.at)
        ]

    return ask.read(view)


@router.delete(
    "/me/sessions", status_code=204, responses=problems(), operation_id="endMySessions", summary="Log me out everywhere"
)
async def end_sessions(ask: Asked) -> None:
    """End all my sessions in the portal."""
    await ask.write(lambda session, who: sessions.revoke_others(session, who.officer_id, None, ask.at))


@router.delete(
    "/me/sessions/{session_id}",
    status_code=204,
    responses=problems(404),
    operation_id="endMySession",
    summary="End one session",
)
async def end_session(ask: Asked, session_id: UUID) -> None:
    """End one of my sessions in the portal."""
    await ask.write(lambda session, who: sessions.revoke(session, who.officer_id, session_id, ask.at))
