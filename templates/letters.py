"""Letters: what a notice says, rendered in the reader's language as subject, text and HTML.

A letter takes only the facts that its kind names (a reference, organisations, counts, instants), so no name, phone or
plate of a person can slip into it (decision 9 of the design). The templates stand in `templates/email/<letter>/`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import quote
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import escape
from pydantic import AwareDatetime, BaseModel, ConfigDict

from models.protocol.schema import Title
from templates.language import Translator, translator

ROOT = Path(__file__).resolve().parent / "email"
MOST_COMPOUNDS = 6  # named in a letter; the page has all of them


class UnknownLetter(ValueError):
    """A letter that has no templates; there are `LETTERS`."""


class SecretMissing(ValueError):
    """A letter with a one-time link is rendered only by who can work out its secret."""


class Named(BaseModel):
    """A name in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    zh: str
    en: str

    def of(self, language: str) -> str:
        """The name in a language."""
        return Title(self.zh, self.en).of(language)


class Facts(BaseModel):
    """What every letter says. Facts beyond those of its kind are refused, never passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    organisation: Named  # the one that the letter goes to


class LetterFacts(Facts):
    """What every letter of a matter says. `as_deputy`: it goes to the deputy of an officer who is away.

    `instead_of`: it goes to an organisation above that one, since nobody of that one can be reached.
    """

    as_deputy: bool = False
    instead_of: Named | None = None
    reference: str
    title: Named
    compounds: tuple[Named, ...]
    line_count: int


class AskingFacts(LetterFacts):
    """A letter that asks for an opinion by an instant."""

    stage: Named
    due_at: AwareDatetime


class InvitationFacts(AskingFacts):
    """A letter to those who are asked first. `sent_back`: the later stage that sent the matter back to theirs."""

    sent_back: Named | None = None


class HandedFacts(AskingFacts):
    """A letter about a seat that was handed on `by` an organisation: to a colleague, to another one, or for advice."""

    way: Literal["colleague", "organisation", "advice"]
    by: Named


class UrgedFacts(AskingFacts):
    """A letter that `by` has caused, who waits for the answer."""

    by: Named


class TalkFacts(LetterFacts):
    """A letter about a question or a reply of `by`; the words themselves stand on the page only."""

    by: Named


class OnBehalfFacts(AskingFacts):
    """A letter to a party on whose behalf `by` has recorded an opinion."""

    by: Named
    kind: Literal["agree", "agree_with_conditions", "object", "abstain"]


class ReleasedFacts(LetterFacts):
    """A letter to who is no longer asked.

    `way`: a signer that was removed, a colleague whose advice is not needed any more, or one for whose place
    `answered_by` has answered.
    """

    stage: Named
    way: Literal["signer", "advice", "place"] = "signer"
    answered_by: Named | None = None


class UnseenFacts(LetterFacts):
    """A letter to the superior of an organisation, `unseen`, of which nobody has looked at what it is asked."""

    stage: Named
    due_at: AwareDatetime
    unseen: Named


class ExtensionAskedFacts(AskingFacts):
    """A letter to who decides on more time: `asker` asks for it before `due_at`, until `until`."""

    asker: Named
    until: AwareDatetime


class ExtensionAnsweredFacts(LetterFacts):
    """A letter about what `by` has answered to the request of `asker`; `due_at` is the deadline as it now is."""

    stage: Named
    due_at: AwareDatetime
    asker: Named
    by: Named
    answer: Literal["granted", "refused", "lapsed"]


class WithdrawnFacts(LetterFacts):
    """A letter about a filing that its filer has withdrawn."""

    filer: Named


class EscalationFacts(AskingFacts):
    """A letter about a late seat. `in_stead`: the superior answers for it; otherwise beside it."""

    late: Named
    superior: Named
    in_stead: bool


class ResultFacts(LetterFacts):
    """A letter about the end. `resolution`: its number, empty where the filing went back."""

    result: Literal["agreed", "refused", "returned"]
    resolution: str
    passes: int
    lines_out: int


class CopyFacts(LetterFacts):
    """A copy 抄送 for information, at the opening or, with the result, at the end."""

    moment: Literal["opening", "end"]
    result: Literal["agreed", "refused", "returned"] | None = None
    resolution: str = ""
    passes: int = 0
    lines_out: int = 0


class LinkFacts(Facts):
    """A letter with a one-time link, whose secret is worked out when the letter is sent."""

    link_id: UUID
    expires_at: AwareDatetime


class ChangedFacts(Facts):
    """A letter about a password that was changed."""

    changed_at: AwareDatetime


class DeputyFacts(Facts):
    """A letter to the deputy of an officer of `organisation`; `ends_at` is exclusive. `is_cancelled`: not any more."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    is_cancelled: bool = False


class HandOverFacts(Facts):
    """A letter to whom a leaving colleague's work was handed over: how many of each."""

    seats: int
    drafts: int
    duties: int


class UnreachedFacts(Facts):
    """A letter to an administrator about organisations in which nobody can be reached, now or soon."""

    unreached: tuple[Named, ...]


class MailFailedFacts(Facts):
    """A letter to an administrator: so many letters to an officer of `failing` did not arrive."""

    failing: Named
    count: int


LETTERS: dict[str, type[Facts]] = {
    "invitation": InvitationFacts,
    "reminder": AskingFacts,
    "escalation": EscalationFacts,
    "late": EscalationFacts,
    "handed": HandedFacts,
    "advice": AskingFacts,
    "urged": UrgedFacts,
    "question": TalkFacts,
    "reply": TalkFacts,
    "answered_for_you": OnBehalfFacts,
    "released": ReleasedFacts,
    "withdrawn": WithdrawnFacts,
    "unseen": UnseenFacts,
    "extension_asked": ExtensionAskedFacts,
    "extension_answered": ExtensionAnsweredFacts,
    "result": ResultFacts,
    "copy": CopyFacts,
    "account_invitation": LinkFacts,
    "password_reset": LinkFacts,
    "password_changed": ChangedFacts,
    "deputy_appointed": DeputyFacts,
    "seats_handed_over": HandOverFacts,
    "unreached": UnreachedFacts,
    "mail_failed": MailFailedFacts,
}
PAGES = {
    "password_changed": "/account",
    "deputy_appointed": "/account/absence",
    "seats_handed_over": "/",
    "unreached": "/admin/unreached",
    "mail_failed": "/admin/letters",
}  # they lead to
ASKING = frozenset(
    {"invitation", "reminder", "escalation", "handed", "advice", "urged", "answered_for_you"}
)  # their links lead to the form itself
DECIDED_AT = {"extension_asked": "#extension"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in one language. `subject` is one line; `text` says all that `html` says."""

    subject: str
    text: str
    html: str


def render_letter(
    letter: str,
    language: str,
    facts: Mapping[str, Any],
    address: str,
    at: datetime,
    secret_of: Callable[[UUID], str] | None = None,
) -> Letter:
    """A letter as it is sent at `at`; `address` is the portal's, without a closing slash.

    `secret_of` works out the secret of a one-time link, for letters that carry one.

    Raises `UnknownLetter`, `templates.language.UnknownLanguage`, and `pydantic.ValidationError` for facts that lack
    something, have a wrong form, or hold what a letter of this kind has no place for.
    """
    if letter not in LETTERS:
        raise UnknownLetter(letter)
    known = LETTERS[letter].model_validate(facts)
    shown: dict[str, object] = {
        "letter": letter,
        "facts": known,
        "link": _link(known, letter, address, secret_of),
        "at": at,
    }
    return Letter(
        subject=" ".join(_render(language, f"{letter}/subject.txt", shown).split()),
        text=_render(language, f"{letter}/body.txt", shown).strip() + "\n",
        html=_render(language, f"{letter}/body.html", shown).lstrip(),
    )


def link_to(address: str, reference: str, letter: str) -> str:
    """Address of the page that a letter leads to."""
    place = "#opinion" if letter in ASKING else DECIDED_AT.get(letter, "")
    return f"{address}/filings/{quote(reference)}{place}"


def _link(known: Facts, letter: str, address: str, secret_of: Callable[[UUID], str] | None) -> str:
    """Where the letter leads. Raises `SecretMissing`."""
    if isinstance(known, LetterFacts):
        return link_to(address, known.reference, letter)
    if isinstance(known, LinkFacts):
        if secret_of is None:
            raise SecretMissing(letter)
        return f"{address}/link/{secret_of(known.link_id)}"
    return address + PAGES[letter]


def _render(language: str, name: str, shown: Mapping[str, object]) -> str:
    return _environment(language, name.endswith(".html")).get_template(name).render(shown)


@cache
def _environment(language: str, is_html: bool) -> Environment:
    words = translator(language)
    environment = Environment(
        loader=FileSystemLoader(ROOT),
        autoescape=is_html,  # noqa: S701 (the other form is plain text, where escaping would show)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,  # templates change with the programme: no look at their files for each letter
    )
    said = _Said(words, is_html)
    shared = cast("dict[str, object]", environment.globals)
    shared |= {
        "_": said.gettext,
        "ngettext": said.ngettext,
        "instant": words.instant,
        "left": words.left,
        "compounds": said.compounds,
        "language": language,
    }
    return environment


class _Said:
    """Sentences in the form of a template: with their values in place, escaped where the form is HTML."""

    def __init__(self, words: Translator, is_html: bool) -> None:
        self._words = words
        self._is_html = is_html
        self._plain: dict[str, str] = {}  # sentences without places: most of a letter, the same in every one

    def gettext(self, text: str, /, **values: object) -> str:
        if values:
            return self._placed(self._words.gettext(text), values)
        if text not in self._plain:
            self._plain[text] = self._placed(self._words.gettext(text), {})
        return self._plain[text]

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        return self._placed(self._words.ngettext(one, many, count), values | {"count": count})

    def compounds(self, names: Sequence[Named]) -> str:
        """The compounds beside each other; of many only the first ones."""
        shown = self._words.listed(name.of(self._words.language) for name in names[:MOST_COMPOUNDS])
        more = len(names) - MOST_COMPOUNDS
        if more <= 0:
            return shown
        return self.ngettext("{names} and {count} more", "{names} and {count} more", more, names=shown)

    def _placed(self, text: str, values: Mapping[str, object]) -> str:
        named = {name: self._named(value) for name, value in values.items()}
        said = escape(text) if self._is_html else text
        return said.format(**named)

    def _named(self, value: object) -> object:
        if isinstance(value, Named):
            return value.of(self._words.language)
        return self._words.value(value)
