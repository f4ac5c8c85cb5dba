"""What I can do now with a matter, and nothing else: for the page's buttons and for programs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from models.consultation.tables import SigningPlace
from models.matter import Matter
from models.officer import Identity
from models.protocol.schema import Title
from models.views.standing import Standing


class Doing(StrEnum):
    """What can be done."""

    ANSWER = "answer"
    CHANGE = "change"
    SAVE_DRAFT = "save_draft"
    TAKE_BACK = "take_back"
    ADD_SIGNER = "add_signer"
    REMOVE_SIGNER = "remove_signer"
    TRANSFER = "transfer"
    DELEGATE = "delegate"
    GIVE_BACK = "give_back"
    CALL_BACK = "call_back"
    RETURN = "return"
    WITHDRAW = "withdraw"
    URGE = "urge"
    COMMENT = "comment"
    ASK = "ask"
    REPLY = "reply"
    ATTACH = "attach"
    ON_BEHALF = "on_behalf"
    SUBMIT_AGAIN = "submit_again"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of those to choose from. An officer's name is the same in both languages."""

    id: UUID
    title: Title


@dataclass(frozen=True, slots=True)
class ReturnChoice:
    """Where the matter may be returned to: "filer" or a stage's key. `is_rerun`: the stages between run again."""

    to: str
    title: Title
    is_rerun: bool


@dataclass(frozen=True, slots=True)
class SeatDoings:
    """What I can do with one seat of mine, and with whom. `successors`: organisations that it can be transferred to."""

    seat_id: UUID
    seat_version: int
    organisation: Title
    may: frozenset[Doing]
    colleagues: tuple[Choice, ...] = ()
    signers: tuple[Choice, ...] = ()
    signing_places: tuple[SigningPlace, ...] = ()
    successors: tuple[Choice, ...] = ()
    returns: tuple[ReturnChoice, ...] = ()
    removable: tuple[Choice, ...] = ()
    holder: str | None = None
    delegated_by: str | None = None


@dataclass(frozen=True, slots=True)
class Doings:
    """What I can do with the matter. `urge_from`: when it may next be urged; `on_behalf`: seats that I may record for."""

    may: frozenset[Doing]
    seats: tuple[SeatDoings, ...] = ()
    urge_from: datetime | None = None
    on_behalf: tuple[Choice, ...] = ()


def doings_of(session: Session, who: Identity, matter: Matter, standing: Standing, at: datetime) -> Doings:
    """What `who` can do with the matter at `at`, as `standing_of` shows it to them."""
    mine = tuple(
        SeatDoings(
            seat.id, seat.version, seat.organisation, frozenset({Doing.ANSWER if seat.answer is None else Doing.CHANGE})
        )
        for seat in standing.seats
        if seat.can_answer
    )
    return Doings(frozenset({Doing.COMMENT}), mine)
