"""Who speaks for which sites: a party for its own ground, a street for its communities, a department for all."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.district import Organisation, get_organisation
from models.errors import RuleBroken
from models.protocol.schema import Party
from models.training.saying import lines_of, table_of
from models.training.tables import Event, Site
from models.words import N_


class NotYourSession(RuleBroken):
    """A party excepts what is on its own ground."""

    sentence = N_("Session {line} is at a site that is not yours to speak for. Except sessions at your own sites only.")
    status = 403


class NotYourSite(RuleBroken):
    """A party speaks for its own ground."""

    sentence = N_(
        "Condition {number} is about a site that is not yours to speak for. Name your own sites or their sessions."
    )
    status = 403


def check_exceptions(session: Session, organisation_id: UUID, matter_id: UUID, lines: Collection[int]) -> None:
    """A party excepts sessions at its own sites. Raises `NotYourSession`; lines that there are not are another rule's."""
    own = get_organisation(session, organisation_id)
    events = lines_of(session, table_of(session, matter_id).id)
    sites = sites_of(session, own, events)
    for one in events:
        if one.line in lines and one.site_id not in sites:
            raise NotYourSession(line=one.line)


def sites_of(session: Session, own: Organisation, events: Sequence[Event]) -> set[UUID]:
    """The sites of these sessions for which an organisation may speak."""
    sites = session.scalars(select(Site).where(Site.id.in_({one.site_id for one in events}))).all()
    if own.party is Party.DEPARTMENT:
        return {one.id for one in sites}
    if own.party is Party.STREET:
        ours = set(session.scalars(select(Organisation.id).where(Organisation.parent_id == own.id)))
        return {one.id for one in sites if one.community_id in ours}
    return {one.id for one in sites if own.id in {one.community_id, one.owner_id} or own.parent_id == one.community_id}
