"""Telling the administrators of organisations in which nobody can be reached: when that changes, else once a week."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import local_date
from models.district import District, Organisation
from models.notice import writing
from models.notice.tables import Letter
from models.reach import GapSeen, administrators, gaps


def tell_administrators(session: Session, at: datetime) -> int:
    """One letter to each administrator of a district with gaps, naming the organisations. Returns how many were new."""
    written = 0
    for district in session.scalars(select(District).order_by(District.code)).all():
        query = select(Organisation).where(Organisation.district_id == district.id)
        organisations = {one.id: one for one in session.scalars(query)}
        seen = gaps(session, organisations, at)
        if not seen:
            continue
        named = [organisations[one.organisation_id].name for one in seen]
        for officer in administrators(session, district.id):
            own = organisations[officer.organisation_id].name
            facts = {
                "organisation": {"zh": own.zh, "en": own.en},
                "unreached": [{"zh": one.zh, "en": one.en} for one in named],
            }
            written += writing.write(session, _cause(seen, at), None, Letter.UNREACHED, facts, [officer], at)
    return written


def _cause(seen: Sequence[GapSeen], at: datetime) -> str:
    """The same for the same gaps in the same week."""
    year, week, _ = local_date(at).isocalendar()
    said = "|".join(sorted(f"{one.organisation_id}:{one.gap}" for one in seen))
    return f"{year}-W{week:02d}:{hashlib.sha256(said.encode()).hexdigest()[:16]}"
