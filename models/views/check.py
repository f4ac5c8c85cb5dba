"""The public check view: what anybody may know of a resolution whose printed code they hold. No people, no texts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from models import resolution
from models.consultation.tables import Consultation
from models.errors import NotFound
from models.filing.tables import Filing
from models.matter import Matter, MatterKind, Result
from models.protocol.schema import Party, Title
from models.protocol.storing import load_stored
from models.training.saying import Planned
from models.views.naming import compound_names, organisation_names
from models.whistle.saying import Asked


@dataclass(frozen=True, slots=True)
class PartyAnswer:
    """What one organisation answered. `answer` None: settled without it. `is_deemed`: by lapse of time."""

    stage: Title
    party: Party
    organisation: Title
    answer: str | None
    at: datetime | None
    is_deemed: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class CheckView:
    """A resolution as the public sees it. The period's days are inclusive; None where a matter has no period.

    `whistle`: what a street's whistle asked; `training`: what a timetable planned; both None for a filing.
    """

    number: str
    result: Result
    at: datetime
    reference: str
    kind: MatterKind
    title: Title
    filer: Title
    compounds: tuple[Title, ...]
    line_count: int
    lines_out: int
    starts_on: date | None
    ends_on: date | None
    whistle: Asked | None
    training: Planned | None
    parties: tuple[PartyAnswer, ...]


def check_view(session: Session, word: str) -> CheckView:
    """The resolution whose check word is `word`. Raises `NotFound`."""
    found = resolution.by_check(session, word)
    if found is None:
        raise NotFound()
    matter = session.get_one(Matter, found.matter_id)
    filing = session.get(Filing, matter.id)
    run = session.get_one(Consultation, found.consultation_id)
    protocol = load_stored(session, run.protocol_name, run.protocol_version)
    titles = {stage.key: stage.title for stage in protocol.stages}
    return CheckView(
        number=found.number,
        result=found.result,
        at=found.at,
        reference=matter.reference,
        kind=matter.kind,
        title=protocol.title,
        filer=organisation_names(session, [matter.organisation_id])[matter.organisation_id],
        compounds=compound_names(session, [matter.id]).get(matter.id, ()),
        line_count=matter.line_count,
        lines_out=len(found.body["lines_out"]),
        starts_on=filing and filing.starts_on,
        ends_on=filing and filing.ends_on,
        training=Planned.from_data(found.body["training"]) if "training" in found.body else None,
        whistle=Asked.from_data(found.body["whistle"]) if "whistle" in found.body else None,
        parties=tuple(_answer(said, titles) for said in found.body["parties"]),
    )


def _answer(said: dict[str, Any], titles: dict[str, Title]) -> PartyAnswer:
    return PartyAnswer(
        stage=titles[said["stage"]],
        party=Party(said["party"]),
        organisation=Title(**said["name"]),
        answer=said["answer"],
        at=datetime.fromisoformat(said["at"]) if said["at"] else None,
        is_deemed=said["deemed"],
        is_late=said["late"],
    )
