"""The record in words: nothing is written down for which there is no sentence."""

import re
from pathlib import Path

from models.views.entries import WORDINGS

MODELS = Path(__file__).parents[3] / "models"


def test_every_kind_of_entry_that_models_write_has_a_sentence() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in MODELS.rglob("*.py"))
    written = set(re.findall(r'(?:Act|step\.record|ground\.note|_record)\(\s*"(\w+)"', source))
    assert {"submitted", "stage_opened", "escalated", "looked", "signer_added", "withdrawn"} <= written
    assert written <= set(WORDINGS)
    assert {"opinion_given", "opinion_changed", "agreed", "refused", "returned"} <= set(WORDINGS)
