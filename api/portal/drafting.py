"""The opinion form: what was typed, kept as it was typed, and the draft that it means."""

import re
from dataclasses import dataclass
from uuid import UUID

from starlette.datastructures import FormData

from api.portal.guarding import number_in, text_of
from models.consultation.drafting import SavedDraft
from models.consultation.opinions import Draft, LineException
from models.consultation.tables import OpinionKind
from models.errors import NotFound, RuleBroken
from models.views.standing import SeatView
from models.words import N_

GROUPS = 3  # rows for exceptions; each takes many lines with one reason
LONGEST_RANGE = 2000
BETWEEN = re.compile(r"[\s,，、;；]+")
RANGE = re.compile(r"([0-9]{1,6})(?:\s*[-–—~～至]\s*([0-9]{1,6}))?")


class OpinionMissing(RuleBroken):
    """None of the four was chosen."""

    sentence = N_("Choose one of the four opinions.")
    status = 422


class LinesUnreadable(RuleBroken):
    """Line numbers that cannot be read."""

    sentence = N_("“{text}” is not a line number. Write numbers such as 7, 31 or 40-45.")
    status = 422


class LinesMissing(RuleBroken):
    """A reason for exceptions without the lines."""

    sentence = N_("You gave a reason for excepting riders, but not which. Write their line numbers beside it.")
    status = 422


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of the form. `exceptions`: line numbers and reason, `GROUPS` of them."""

    seat: str = ""
    version: str = ""
    kind: str = ""
    reason: str = ""
    conditions: str = ""
    exceptions: tuple[tuple[str, str], ...] = (("", ""),) * GROUPS

    @classmethod
    def of(cls, form: FormData) -> "Typed":
        """What came with a form."""
        count = max(GROUPS, sum(name.startswith("lines-") for name in form))
        groups = tuple(
            (text_of(form, f"lines-{place}"), text_of(form, f"why-{place}")) for place in range(1, count + 1)
        )
        plain = {name: text_of(form, name) for name in ("seat", "version", "kind", "reason", "conditions")}
        return cls(**plain, exceptions=groups)

    @property
    def seat_id(self) -> UUID:
        """The seat that the form is for. Raises `NotFound`."""
        try:
            return UUID(self.seat)
        except ValueError:
            raise NotFound() from None

    @property
    def seat_version(self) -> int | None:
        """The version of the seat that the officer read."""
        return number_in(self.version)

    def draft(self) -> Draft:
        """What the officer wants to say. Raises `OpinionMissing`, `LinesMissing`, `LinesUnreadable`."""
        if self.kind not in set(OpinionKind):
            raise OpinionMissing()
        if any(why and not lines for lines, why in self.exceptions):
            raise LinesMissing()
        excepted = {line: why for lines, why in reversed(self.exceptions) for line in read_lines(lines)}
        exceptions = tuple(LineException(line, excepted[line]) for line in sorted(excepted))
        return Draft(OpinionKind(self.kind), self.reason, self.conditions, exceptions)


def typed_before(seat: SeatView, draft: SavedDraft | None = None) -> Typed:
    """The form as it stands when nothing was typed yet: with the officer's draft, or the opinion that the seat has."""
    if draft is not None:
        words = draft.words
        kept = words.exceptions + (("", ""),) * (GROUPS - len(words.exceptions))
        return Typed(str(seat.id), str(seat.version), words.kind or "", words.reason, words.conditions, kept)
    said: dict[str, list[int]] = {}
    for one in seat.exceptions:
        said.setdefault(one.reason, []).append(one.line)
    groups = [(", ".join(map(str, lines)), why) for why, lines in said.items()]
    padded = tuple(groups + [("", "")] * (GROUPS - len(groups)))
    return Typed(str(seat.id), str(seat.version), seat.answer or "", seat.reason, seat.conditions, padded)


def read_lines(text: str) -> list[int]:
    """Line numbers from `7, 31、40-45`. Raises `LinesUnreadable`."""
    found: list[int] = []
    for part in BETWEEN.split(re.sub(r"\s*([-–—~～至])\s*", r"\1", text.strip())):
        if not part:
            continue
        match = RANGE.fullmatch(part)
        if match is None:
            raise LinesUnreadable(text=part[:40])
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last < first + LONGEST_RANGE:
            raise LinesUnreadable(text=part[:40])
        found += range(first, last + 1)
    return found


def has_said(seat: SeatView, draft: Draft) -> bool:
    """Whether the seat already says just this: the second of two clicks on the same button."""
    said = {(one.line, one.reason) for one in seat.exceptions}
    return (
        seat.answer is draft.kind
        and seat.reason == draft.reason
        and seat.conditions == draft.conditions
        and said == {(one.line, one.reason) for one in draft.exceptions}
    )
