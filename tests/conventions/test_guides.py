"""What the guides say about protocols is what the reader of protocols takes."""

import re
from pathlib import Path

import pytest

from models.protocol import loading
from models.protocol.checking import FUNCTIONS
from models.protocol.schema import (
    FILER,
    Answering,
    Between,
    CopyTime,
    LapseWay,
    Level,
    Mode,
    ObjectionWay,
    Party,
    Rule,
    StageAct,
    UnseenAct,
)
from models.working_time import UNITS

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guide-protocol.md").read_text(encoding="utf-8")
KEYS = set(re.findall(r'"([a-z_]+)": ', Path(loading.__file__).read_text(encoding="utf-8")))
KINDS = (Mode, Rule, ObjectionWay, Answering, Level, LapseWay, CopyTime, Party, StageAct, Between, UnseenAct)
WORDS = {member.value for kind in KINDS for member in kind} | set(FUNCTIONS) | set(UNITS) | {FILER}


@pytest.mark.parametrize("word", sorted(WORDS | KEYS - {"zh", "en", "stages"}))
def test_the_guide_speaks_of_every_word_that_a_protocol_may_use(word):
    assert re.search(rf"\b{word}\b", GUIDE)


def test_the_guide_names_no_word_that_is_not_there():
    table = "\n".join(re.findall(r"^\| `.*$", GUIDE, re.MULTILINE))
    said = {word for code in re.findall(r"`([^`]+)`", table) for word in re.findall(r"[a-z_]{3,}", code)}
    assert said <= WORDS | KEYS | {"true"}


def test_what_the_guides_link_is_there():
    for path in sorted((ROOT / "docs").rglob("*.md")):
        links = re.findall(r"\]\((?!http)([^)#]+)\)", path.read_text(encoding="utf-8"))
        assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_is_short_and_numbered(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 50
    assert lines[0].startswith(f"# {int(path.stem[:4])}. ")
