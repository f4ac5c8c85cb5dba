"""Returning a matter 退回: to the filer, or to a stage before this one.

What becomes of the stages between, once it is put right, is the protocol's word: they run again, or are skipped and the
matter comes straight back to the stage that returned it.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.consultation.acting import Acted, Ground, check_words, ground_of
from models.consultation.settling import close, end
from models.consultation.tables import StageOutcome
from models.errors import RuleBroken
from models.matter import Result
from models.officer import Identity
from models.protocol.schema import FILER, Between, Returns, StageAct
from models.words import N_


class NoWayBack(RuleBroken):
    """A place that the protocol does not let this stage return to."""

    sentence = N_("This stage cannot return the matter there. Choose one of the ways back that the page shows.")
    status = 422


def return_to_filer(
    session: Session, who: Identity, seat_id: UUID, reason: str, expected_version: int | None, at: datetime
) -> Acted:
    """Send the matter back to the filer, who may put it right and submit again.

    Raises what `ground_of` does, `NotInProtocol`, `HeardOnly`, `NoWayBack`, `WordsMissing`, `TextTooLong`.
    """
    ground, returns = _ground(session, who, seat_id, FILER, reason, expected_version, at)
    _close(ground, FILER, returns, reason, StageOutcome.RETURNED)
    end(session, ground.matter, ground.consultation, Result.RETURNED, at, ground.actor)
    if returns.between is Between.SKIP:
        ground.consultation.skip_to = ground.stage.key
    return ground.acted(is_stage_settled=True)


def return_to_stage(
    session: Session,
    who: Identity,
    seat_id: UUID,
    stage_key: str,
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> Acted:
    """Send the matter back to a stage before this one; the next round opens it anew, all its seats are asked again.

    Raises what `return_to_filer` does.
    """
    ground, returns = _ground(session, who, seat_id, stage_key, reason, expected_version, at)
    _close(ground, stage_key, returns, reason, StageOutcome.SENT_BACK)
    consultation = ground.consultation
    consultation.next_stage, consultation.resume_after = stage_key, None
    is_skipping = returns.between is Between.SKIP
    consultation.skip_to = ground.stage.key if is_skipping else None
    _let_lines_in(ground, stage_key, is_skipping=is_skipping)
    ground.matter.wake_at = at
    return ground.acted(is_stage_settled=True)


def _ground(
    session: Session, who: Identity, seat_id: UUID, to: str, reason: str, expected_version: int | None, at: datetime
) -> tuple[Ground, Returns]:
    ground = ground_of(session, who, seat_id, expected_version, at)
    ground.check_asked()
    ground.check_hold()
    ground.check_permitted(StageAct.RETURN)
    returns = ground.rule.returns
    if returns is None or to not in returns.to:
        raise NoWayBack()
    check_words(reason, is_needed=True)
    return ground, returns


def _close(ground: Ground, to: str, returns: Returns, reason: str, outcome: StageOutcome) -> None:
    ground.note("sent_back", {"back_to": to, "between": returns.between.value}, reason)
    close(ground.session, ground.matter, ground.consultation, ground.stage, outcome, ground.at, ground.actor)


def _let_lines_in(ground: Ground, stage_key: str, *, is_skipping: bool) -> None:
    """Lines that the stages excepted that now run again are looked at again."""
    keys = [stage.key for stage in ground.protocol.stages if not stage.is_conciliation]
    again = {stage_key} if is_skipping else set(keys[keys.index(stage_key) :])
    out = ground.consultation.lines_out
    ground.consultation.lines_out = {line: why for line, why in out.items() if why.get("stage") not in again}
