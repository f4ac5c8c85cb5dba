"""What a rider agrees to: versioned texts in both languages (PIPL articles 13, 14, 15, 17)."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from models.errors import NotFound
from models.protocol.schema import Title

CONSENTS = Path(__file__).parents[1] / "consents"
CURRENT = "enrolment-1"


@dataclass(frozen=True, slots=True)
class Section:
    """One paragraph with its heading."""

    title: Title
    words: Title


@dataclass(frozen=True, slots=True)
class ConsentText:
    """A text as it is agreed to; `sha256`: of its file, in hex."""

    version: str
    since: date
    title: Title
    sections: tuple[Section, ...]
    sha256: str


def current_consent() -> ConsentText:
    """The text that is agreed to now."""
    return consent_text(CURRENT)


@cache
def consent_text(version: str) -> ConsentText:
    """The text of that version, old ones too. Raises `NotFound`."""
    path = CONSENTS / f"{version}.yaml"
    if path not in set(CONSENTS.glob("*.yaml")):
        raise NotFound()
    content = path.read_bytes()
    told: dict[str, Any] = yaml.safe_load(content)
    sections = tuple(Section(Title(**one["title"]), Title(**one["words"])) for one in told["sections"])
    digest = hashlib.sha256(content).hexdigest()
    return ConsentText(told["version"], told["since"], Title(**told["title"]), sections, digest)
