"""What letters say: the facts of each kind, and no more.

A letter takes only the facts that its kind names (a reference, organisations, counts, instants), so no name, phone or
plate of a person can slip into it (decision 9 of the design).
"""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from models.notice.tables import Letter
from models.preference import OPTIONAL_LETTERS
from models.protocol.schema import Title


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


class SubjectFacts(Facts):
    """What every letter of a matter or a report says. `as_deputy`: it goes to the deputy of an officer who is away.

    `instead_of`: it goes to an organisation above that one, since nobody of that one can be reached. `compounds`: the
    places that it is about.
    """

    as_deputy: bool = False
    instead_of: Named | None = None
    reference: str
    title: Named
    compounds: tuple[Named, ...]


class WhistleFacts(BaseModel):
    """What a street's whistle asks: of which departments, the first with the main part, by the end of which day."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    report: str
    departments: tuple[Named, ...]
    settle_by: date


class TrainingFacts(BaseModel):
    """What a timetable plans: so many sessions of so many courses at so many sites; both days are those of sessions."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    sessions: int
    courses: int
    sites: int
    first_on: date
    last_on: date


class OutcomeFacts(BaseModel):
    """What became of a timetable's sessions. `amends`: the matter in which those that move are asked about; or empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    published: int
    moved: int
    dropped: int
    amends: str = ""


class LetterFacts(SubjectFacts):
    """What every letter of a matter says; `whistle` that of a street's whistle, `training` that of a timetable."""

    line_count: int
    whistle: WhistleFacts | None = None
    training: TrainingFacts | None = None


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
    passes: int = 0
    lines_out: int = 0
    outcome: OutcomeFacts | None = None


class CopyFacts(LetterFacts):
    """A copy 抄送 for information, at the opening or, with the result, at the end."""

    moment: Literal["opening", "end"]
    result: Literal["agreed", "refused", "returned"] | None = None
    resolution: str = ""
    passes: int = 0
    lines_out: int = 0
    outcome: OutcomeFacts | None = None


class TrainingPublishedFacts(LetterFacts):
    """A letter about published sessions: how many of them concern its reader, from when until when."""

    sessions: int
    first_on: date
    last_on: date


class ReportFacts(SubjectFacts):
    """What every letter of a report says; `title` is its category."""

    level: Literal["urgent", "high", "ordinary"]


class ReportTaskFacts(ReportFacts):
    """A letter that asks for the next step by `due_at`; None: no clock runs."""

    way: Literal[
        "file", "settle", "check", "returned", "reopened", "sent_back", "parking", "unparked", "bound", "not_bound"
    ]
    due_at: AwareDatetime | None


class ReportLateFacts(ReportFacts):
    """A letter about a missed deadline, `due_at`: it went from `late` up to `superior`."""

    clock: Literal["triage", "take_up", "settle", "check"]
    due_at: AwareDatetime
    late: Named
    superior: Named


class ReportParkedFacts(ReportFacts):
    """A letter about the answer to a request to park a report `until` an instant."""

    answer: Literal["granted", "refused"]
    until: AwareDatetime


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


class EnrolmentAskedFacts(Facts):
    """A letter to a community: so many riders have asked to be enrolled and wait to be met."""

    as_deputy: bool = False
    waiting: Annotated[int, Field(ge=1)]


class Told(BaseModel):
    """One of the letters that a digest tells. `is_settled`: what it asked has been answered meanwhile."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    letter: str
    facts: dict[str, Any]
    is_settled: bool = False

    @model_validator(mode="after")
    def _leads_to_a_page(self) -> "Told":
        kind = LETTERS.get(self.letter, Facts)
        if not issubclass(kind, SubjectFacts) and (self.letter not in PAGES or kind is DigestFacts):
            raise ValueError(f"{self.letter} leads to no page, or is a digest itself")
        LETTERS[self.letter].model_validate(self.facts)
        return self

    @property
    def known(self) -> Facts:
        """What that letter says."""
        return LETTERS[self.letter].model_validate(self.facts)


class DigestFacts(Facts):
    """Several letters in one."""

    told: Annotated[tuple[Told, ...], Field(min_length=1)]


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
    "result": ResultFacts,
    "copy": CopyFacts,
    "account_invitation": LinkFacts,
    "password_reset": LinkFacts,
    "password_changed": ChangedFacts,
    "deputy_appointed": DeputyFacts,
    "seats_handed_over": HandOverFacts,
    "unreached": UnreachedFacts,
    "mail_failed": MailFailedFacts,
    "unseen": UnseenFacts,
    "extension_asked": ExtensionAskedFacts,
    "extension_answered": ExtensionAnsweredFacts,
    "report_task": ReportTaskFacts,
    "report_escalation": ReportLateFacts,
    "report_late": ReportLateFacts,
    "report_parked": ReportParkedFacts,
    "enrolment_asked": EnrolmentAskedFacts,
    "training_published": TrainingPublishedFacts,
    "digest": DigestFacts,
}
PAGES = {
    "password_changed": "/account",
    "deputy_appointed": "/account/absence",
    "seats_handed_over": "/",
    "unreached": "/admin/unreached",
    "mail_failed": "/admin/undelivered",
    "enrolment_asked": "/people",
    "digest": "/",
}  # they lead to
ASKING = frozenset(
    {"invitation", "reminder", "escalation", "handed", "advice", "urged", "answered_for_you"}
)  # their links lead to the form itself
TO_DO = ASKING | {"question", "report_task", "report_escalation", "enrolment_asked"}  # ask something of their reader
CHOICE = "/account/letters"  # where an officer chooses which letters come, and how
OFFERS_CHOICE = frozenset({one.value for one in OPTIONAL_LETTERS} | {Letter.DIGEST.value})
DECIDED_AT = {"extension_asked": "#extension"}  # letters whose links lead to another form
