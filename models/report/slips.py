"""Slips: a kept photo on its way into a report, as a word that only the officer who sent it can use, for a day.

Nothing is remembered for it: the word is sealed, so nobody can make one, and no digest that somebody has seen elsewhere
brings a photo into a report of theirs.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag

from models.crypto import Vault
from models.errors import RuleBroken
from models.report.collecting import MOST_PHOTOS, KeptPhoto, TooManyPhotos
from models.report.tables import PhotoMoment
from models.words import N_

VALID_FOR = timedelta(days=1)
KIND = "photo of a report"  # other things are sealed with the same key


class SlipUnknown(RuleBroken):
    """No slip of ours, one of somebody else, or one that is too old."""

    sentence = N_(
        "One of the photos is not known, or it was sent more than a day ago. Send it again and name the new one."
    )
    status = 422


def write_slip(vault: Vault, kept: KeptPhoto, officer_id: UUID, at: datetime) -> str:
    """The word for a photo that the officer has sent at `at`."""
    said = [KIND, str(officer_id), at.isoformat(), kept.digest, kept.thumbnail, kept.width, kept.height]
    return vault.seal(json.dumps(said))


def photos_on(
    vault: Vault, slips: Sequence[str], officer_id: UUID, at: datetime, moment: PhotoMoment = PhotoMoment.BEFORE
) -> tuple[KeptPhoto, ...]:
    """The photos that the officer's words stand for. Raises `SlipUnknown`, `TooManyPhotos`."""
    if len(slips) > MOST_PHOTOS:
        raise TooManyPhotos(limit=MOST_PHOTOS)
    return tuple(_read(vault, slip, officer_id, at, moment) for slip in slips)


def _read(vault: Vault, slip: str, officer_id: UUID, at: datetime, moment: PhotoMoment) -> KeptPhoto:
    try:
        kind, whose, sent_at, digest, thumbnail, width, height = json.loads(vault.open(slip))
        is_good = kind == KIND and whose == str(officer_id) and at < datetime.fromisoformat(sent_at) + VALID_FOR
    except (InvalidTag, KeyError, ValueError, TypeError):
        raise SlipUnknown() from None
    if not is_good:
        raise SlipUnknown()
    return KeptPhoto(digest, thumbnail, width, height, moment)
