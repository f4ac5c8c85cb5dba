"""Sentences that a person will read: marked here, translated where they are shown."""

from dataclasses import dataclass, field


def N_(sentence: str) -> str:
    """Mark `sentence` (English, with named places such as `{row}`) for the translation catalogue."""
    return sentence


@dataclass(frozen=True, slots=True)
class Sentence:
    """One clear sentence with its values; the reader's language is chosen where it is shown."""

    text: str
    values: dict[str, object] = field(default_factory=dict[str, object])

    def __str__(self) -> str:
        return self.text.format(**self.values)
