"""Publishing sessions: from now on riders sign up for them. Their parties are told how many there are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import local_date
from models.consultation import telling
from models.consultation.telling import Telling
from models.crypto import Vault
from models.matter import Matter
from models.notice.tables import Letter
from models.protocol.schema import Protocol
from models.training.check_in import open_sign_up
from models.training.ruling import TrainingRules
from models.training.tables import Event, EventStatus, Site, Trainer


def publish(session: Session, rules: TrainingRules, vault: Vault, events: Iterable[Event], at: datetime) -> None:
    """Each proposed session is published, with its code for the wall and its alarm."""
    for event in events:
        event.move(EventStatus.PUBLISHED, at)
        open_sign_up(session, rules, vault, event, at)
    session.flush()


def tell_published(session: Session, matter: Matter, protocol: Protocol, events: Sequence[Event], at: datetime) -> None:
    """A letter to the communities and owners of the halls, to the trainers' departments and to the one that proposed them."""
    counts = _counts(session, matter, events)
    telling.meet(session, counts, at)
    days = [local_date(one.starts_at) for one in events]
    shared = telling.facts_of(session, matter, protocol)
    for organisation_id, count in counts.items():
        facts = shared | {"sessions": count, "first_on": min(days).isoformat(), "last_on": max(days).isoformat()}
        told = Telling(Letter.TRAINING_PUBLISHED, f"{matter.id}:published")
        telling.tell_organisation(session, matter, organisation_id, facts, told, told.cause, at)


def _counts(session: Session, matter: Matter, events: Sequence[Event]) -> Mapping[UUID, int]:
    """How many of the sessions are the affair of each organisation, by its id."""
    sites = {one.id: one for one in session.scalars(select(Site).where(Site.id.in_({one.site_id for one in events})))}
    senders = select(Trainer.id, Trainer.organisation_id).where(Trainer.id.in_({one.trainer_id for one in events}))
    sent_by = {row.id: row.organisation_id for row in session.execute(senders)}
    found: Counter[UUID] = Counter({matter.organisation_id: len(events)})
    for event in events:
        site = sites[event.site_id]
        concerned = {site.community_id, site.owner_id, sent_by[event.trainer_id]} - {matter.organisation_id}
        found.update(sorted(concerned))
    return found
