"""How states look: a word, a tone and a sign for each; and how near a deadline is. Decisions that templates do not take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from models.chat import RoomKind
from models.consultation.on_behalf import EvidenceKind
from models.consultation.tables import ExtensionStatus, OpinionKind, SigningPlace
from models.export.kinds import KINDS
from models.export.tables import ExportKind
from models.filing.tables import LineStatus
from models.leaving import HeldKind
from models.mailbox import PILOT, SANDBOX
from models.matter import MatterKind, MatterStatus, Result
from models.notice.tables import Letter, NoticeStatus
from models.officer import Identity
from models.preference import Pace
from models.protocol.schema import Between, LapseWay, Level, Mode, ObjectionWay, Party, Rule, StageAct, Title
from models.staff_act import may_manage
from models.training.circle import showing
from models.training.tables import EventStatus
from models.views import people, report_states, states
from models.views.matters import Awaited
from models.words import N_, Sentence

sees_people = people.sees_people  # for the templates
sees_circle = showing.sees_circle
MEGABYTE = 1024 * 1024
SOON = timedelta(hours=24)
State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Look:
    """A state's word (a msgid), its tone (a style class after `is-`) and its sign (a drawing in `signs.html`)."""

    word: str
    tone: str
    sign: str


def _looks(words: dict[State, str], shown: dict[State, tuple[str, str]]) -> dict[State, Look]:
    """The states of a kind by their words, with tone and sign of each."""
    return {state: Look(word, *shown[state]) for state, word in words.items()}


MATTERS = _looks(
    states.MATTERS,
    {
        MatterStatus.SUBMITTED: ("work", "clock"),
        MatterStatus.CONSULTING: ("wait", "talk"),
        MatterStatus.DECIDED: ("work", "seal"),
        MatterStatus.AGREED: ("good", "check"),
        MatterStatus.REFUSED: ("bad", "cross"),
        MatterStatus.RETURNED: ("up", "back"),
        MatterStatus.WITHDRAWN: ("plain", "dash"),
    },
)
RESULTS: dict[Result, Look] = {
    Result.AGREED: MATTERS[MatterStatus.AGREED],
    Result.REFUSED: MATTERS[MatterStatus.REFUSED],
    Result.RETURNED: MATTERS[MatterStatus.RETURNED],
}
VERDICTS: dict[Result, str] = {
    Result.AGREED: N_("Agreed. {count} riders receive passes."),
    Result.REFUSED: N_("Refused. No passes are issued."),
    Result.RETURNED: N_("Returned to the filer."),
}
WHISTLE_VERDICTS: dict[Result, str] = {
    Result.AGREED: N_("Agreed. The departments named settle it by the day that was set."),
    Result.REFUSED: N_("Refused. Nobody is bound, and the report stays with the street."),
    Result.RETURNED: N_("Returned to the filer."),
}
TRAINING_VERDICTS: dict[Result, str] = {
    Result.AGREED: N_("Agreed. The sessions are held as planned, or as conditions ask."),
    Result.REFUSED: N_("Refused. None of the sessions is held."),
    Result.RETURNED: N_("Returned to the filer."),
}
VERDICTS_OF: dict[MatterKind, dict[Result, str]] = {
    MatterKind.ACCESS_FILING: VERDICTS,
    MatterKind.STREET_WHISTLE: WHISTLE_VERDICTS,
    MatterKind.TRAINING_SCHEDULE: TRAINING_VERDICTS,
}
MATTER_KINDS: dict[MatterKind, str] = {
    MatterKind.ACCESS_FILING: N_("Access filing"),
    MatterKind.STREET_WHISTLE: N_("Street whistle"),
    MatterKind.TRAINING_SCHEDULE: N_("Training timetable"),
}
EVENTS = _looks(
    states.EVENTS,
    {
        EventStatus.PROPOSED: ("wait", "clock"),
        EventStatus.PUBLISHED: ("good", "check"),
        EventStatus.CANCELLED: ("bad", "cross"),
        EventStatus.DROPPED: ("plain", "dash"),
        EventStatus.HELD: ("plain", "check"),
    },
)
OPINIONS = _looks(
    states.OPINIONS,
    {
        OpinionKind.AGREE: ("good", "check"),
        OpinionKind.AGREE_WITH_CONDITIONS: ("good", "check"),
        OpinionKind.OBJECT: ("bad", "cross"),
        OpinionKind.ABSTAIN: ("plain", "dash"),
    },
)
LINES = _looks(
    states.LINES,
    {
        LineStatus.FILED: ("wait", "clock"),
        LineStatus.DROPPED: ("plain", "dash"),
        LineStatus.EXCEPTED: ("bad", "cross"),
        LineStatus.REFUSED: ("bad", "cross"),
        LineStatus.PASSED: ("good", "check"),
        LineStatus.WITHDRAWN: ("plain", "dash"),
    },
)
NOTICES = _looks(
    states.NOTICES,
    {
        NoticeStatus.CREATED: ("plain", "clock"),
        NoticeStatus.SENDING: ("work", "letter"),
        NoticeStatus.DELIVERED: ("good", "check"),
        NoticeStatus.TEMPORARY_FAILURE: ("wait", "warn"),
        NoticeStatus.PERMANENT_FAILURE: ("bad", "cross"),
        NoticeStatus.TECHNICAL_FAILURE: ("bad", "warn"),
        NoticeStatus.CANCELLED: ("plain", "dash"),
    },
)
PACES: dict[Pace, str] = {
    Pace.AT_ONCE: N_("At once: each as soon as it is written"),
    Pace.HOURLY: N_("Hourly: what has come, as one letter at the full hour"),
    Pace.DAILY: N_("Daily: what has come, as one letter at 08:30 on working days"),
}
OPTIONAL: dict[Letter, str] = {
    Letter.COPY: N_("Copies: that a matter has opened or how it ended, for information"),
    Letter.QUESTION: N_("Questions about what we filed"),
    Letter.REPLY: N_("Replies to our questions"),
    Letter.TRAINING_PUBLISHED: N_("Timetables that are published, for information"),
}  # letters that can be done without
ROOMS: dict[RoomKind, str] = {
    RoomKind.WECOM: N_("WeCom"),
    RoomKind.DINGTALK: N_("DingTalk"),
    RoomKind.FEISHU: N_("Feishu"),
}
LETTERS = states.LETTERS
STAFF_ACTS = states.STAFF_ACTS
REPORTS = report_states.REPORTS
NOTICES_SAID: dict[NoticeStatus, str] = {
    NoticeStatus.CREATED: N_("It is about to be sent."),
    NoticeStatus.SENDING: N_("The mail provider has it; whether it arrived is not known yet."),
    NoticeStatus.DELIVERED: N_("It has arrived."),
    NoticeStatus.TEMPORARY_FAILURE: N_("It has not arrived yet and will be tried again."),
    NoticeStatus.PERMANENT_FAILURE: N_("It cannot be delivered and is not tried again."),
    NoticeStatus.TECHNICAL_FAILURE: N_("Every try failed; an administrator can have it sent again."),
    NoticeStatus.CANCELLED: N_("It waited, and when it would have left nobody needed it any more."),
}
UNCLEAR_SAID = N_(
    "No answer came from the mail provider, so it may have arrived. It waits for news before it is sent again."
)
KEPT_SAID: dict[str, str] = {
    PILOT: N_("Not sent: in this pilot only the team gets letters. It lies in the mailbox."),
    SANDBOX: N_("Not sent: the mail provider checked it in its sandbox and delivered it to nobody."),
}
HELD: dict[HeldKind, str] = {
    HeldKind.SEAT: N_("Seat in hand"),
    HeldKind.DELEGATION: N_("Seat given to a colleague for advice"),
    HeldKind.DRAFT: N_("Draft of an opinion"),
    HeldKind.QUESTION: N_("Question without a reply"),
    HeldKind.DUTY: N_("Stands in as a deputy"),
}
SIGNING_PLACES: dict[SigningPlace, str] = {
    SigningPlace.BEFORE: N_("Before us: we wait until they have answered; their word is heard and decides nothing"),
    SigningPlace.BESIDE: N_("Beside us: they are asked at once, and their answer counts"),
    SigningPlace.AFTER: N_("After us: they are asked once we have answered, and their answer counts"),
}
EVIDENCES: dict[EvidenceKind, str] = {
    EvidenceKind.PHONE: N_("By phone"),
    EvidenceKind.PAPER: N_("On paper"),
    EvidenceKind.MEETING: N_("In a meeting"),
}
PARTIES = states.PARTIES
GAPS = states.GAPS
MODES: dict[Mode, str] = {
    Mode.COUNTERSIGN: N_("Countersign: all are asked at once"),
    Mode.OR_SIGN: N_("Or-sign: the first answer decides"),
    Mode.IN_TURN: N_("In turn: one after another"),
}
RULES: dict[Rule, str] = {
    Rule.ALL: N_("All must agree"),
    Rule.MAJORITY: N_("More must agree than object"),
    Rule.AT_LEAST: N_("At least {k} must agree"),
}
OBJECTIONS: dict[ObjectionWay, str] = {
    ObjectionWay.REFUSE: N_("An objection refuses the matter"),
    ObjectionWay.RETURN: N_("An objection returns the matter to the filer"),
    ObjectionWay.CONCILIATE: N_("An objection opens a conciliation"),
}
LAPSES: dict[LapseWay, str] = {
    LapseWay.ESCALATE: N_("the matter goes to the district, which is urged every working day"),
    LapseWay.EXTEND: N_("the deadline is extended once, then the matter goes to the district"),
    LapseWay.CONSENT: N_("silence counts as consent, marked as the system's"),
    LapseWay.REFUSAL: N_("silence counts as refusal, marked as the system's"),
}
ACTS: dict[StageAct, str] = {
    StageAct.ADD: N_("add a signer"),
    StageAct.TRANSFER: N_("transfer the seat"),
    StageAct.DELEGATE: N_("ask a colleague for advice"),
    StageAct.RETURN: N_("return the matter"),
}
BETWEEN: dict[Between, str] = {
    Between.RERUN: N_("after that, the stages between run again"),
    Between.SKIP: N_("after that, it comes straight back to this stage"),
}
EXTENSIONS: dict[ExtensionStatus, Look] = {
    ExtensionStatus.ASKED: Look(N_("Waits for a decision"), "wait", "clock"),
    ExtensionStatus.GRANTED: Look(N_("Granted"), "good", "check"),
    ExtensionStatus.REFUSED: Look(N_("Not granted"), "bad", "cross"),
    ExtensionStatus.LAPSED: Look(N_("Not decided in time, so not granted"), "bad", "clock"),
    ExtensionStatus.WITHDRAWN: Look(N_("No longer needed"), "plain", "dash"),
}
LEVELS: dict[Level, str] = {
    Level.SUPERIOR: N_("the next level up"),
    Level.DISTRICT: N_("the district"),
}
ROLES = states.ROLES
EXPORTS: dict[ExportKind, str] = {kind: listing.title for kind, listing in KINDS.items()}
DUES: dict[str, str] = {
    "late": N_("Late"),
    "today": N_("Due today"),
    "soon": N_("Due within three working days"),
}
THEMES: dict[str, str] = {
    "auto": N_("As the device"),
    "light": N_("Light"),
    "dark": N_("Dark"),
}
FIELDS: dict[str, str] = {
    "name": N_("Name"),
    "phone": N_("Phone"),
    "platform": N_("Platform"),
    "station": N_("Station"),
    "plate": N_("Plate"),
    "starts_on": N_("First day"),
    "ends_on": N_("Last day"),
    "note": N_("Note"),
}


def verdict(kind: MatterKind, result: Result) -> str:
    """What a result means for a matter of that kind (a msgid; a filing's names `count`)."""
    return VERDICTS_OF[kind][result]


def line_look(line: LineStatus, matter: MatterStatus) -> Look:
    """How a line looks: while its filing lies with the filer, an undecided line does too."""
    is_back = line is LineStatus.FILED and matter is MatterStatus.RETURNED
    return MATTERS[matter] if is_back else LINES[line]


def letter_said(status: NoticeStatus, provider: str | None, *, is_unclear: bool) -> str:
    """What a letter's status means for whoever waits for it (a msgid)."""
    if status is NoticeStatus.CREATED and provider in KEPT_SAID:
        return KEPT_SAID[provider]
    return UNCLEAR_SAID if is_unclear else NOTICES_SAID[status]


def without_doubles(awaiting: Sequence[Awaited]) -> list[Awaited]:
    """Those who are awaited, each once: after escalations one organisation may answer for several."""
    found: dict[Title, Awaited] = {}
    for one in awaiting:
        found.setdefault(one.organisation, one)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near a deadline is: a sentence with its figures, and whether it is past or within a day."""

    said: Sentence
    is_late: bool
    is_soon: bool


def nearness(due_at: datetime, now: datetime) -> Nearness:
    """How long until `due_at` (exclusive: at that instant it is late), by the clock on the wall."""
    left = due_at - now
    is_late = left <= timedelta(0)
    days, seconds = divmod(int(abs(left).total_seconds()), 86400)
    hours, minutes = divmod(seconds // 60, 60)
    if days:
        text = N_("late by {days} d {hours} h") if is_late else N_("{days} d {hours} h left")
    elif hours:
        text = N_("late by {hours} h {minutes} min") if is_late else N_("{hours} h {minutes} min left")
    else:
        text = N_("late by {minutes} min") if is_late else N_("{minutes} min left")
    values: dict[str, object] = {"days": days, "hours": hours, "minutes": minutes}
    return Nearness(Sentence(text, values), is_late, not is_late and left < SOON)


OVER = frozenset(set(MatterStatus) - {MatterStatus.SUBMITTED, MatterStatus.CONSULTING})


def late_word(status: MatterStatus) -> str:
    """What a matter is called whose deadline has passed: while it is open, and once it is settled."""
    return N_("Settled late") if status in OVER else N_("Overdue")


def size_said(size: int) -> str:
    """The size of a file in the unit that people use."""
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE else f"{max(1, size // 1024)} KB"


def may_look_after(who: Identity) -> bool:
    """Whether the pages about people are for this officer."""
    return may_manage(who, who.organisation_id)


def plans_training(who: Identity) -> bool:
    """Whether the pages of training are for this officer; councils read its matters."""
    return who.party is not Party.COUNCIL
