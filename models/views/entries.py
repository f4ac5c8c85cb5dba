"""The record 记录 in words: one sentence for each kind of entry, on pages, on paper and in what is taken out."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from models.comment import CommentView
from models.consultation.tables import OpinionKind, StageOutcome
from models.protocol.schema import FILER
from models.views.timeline import EntryView
from models.words import N_, Sentence

Wording = Callable[[EntryView], Sentence]


def entry_said(entry: EntryView) -> Sentence:
    """What an entry of the record says; a kind without words of its own is named."""
    say = WORDINGS.get(entry.kind)
    return say(entry) if say else Sentence(N_("Entry in the record: {kind}."), {"kind": entry.kind})


def comment_behind(entry: EntryView, comments: Mapping[str, CommentView]) -> CommentView | None:
    """The comment, question or reply that an entry tells of; `comments` by their id."""
    return comments.get(str(entry.body.get("comment")))


def _plain(text: str, **values: Callable[[EntryView], object]) -> Wording:
    def said(entry: EntryView) -> Sentence:
        return Sentence(text, {name: value(entry) for name, value in values.items()})

    return said


def _who(entry: EntryView) -> object:
    return entry.organisation or ""


def _about(entry: EntryView) -> object:
    return list(entry.about)


def _stage(entry: EntryView) -> object:
    return entry.stage or str(entry.body.get("stage", ""))


def _hand(entry: EntryView) -> object:
    return entry.hand or ""


def _due(entry: EntryView) -> object:
    return datetime.fromisoformat(entry.body["due_at"])


def _body(name: str) -> Callable[[EntryView], object]:
    return lambda entry: entry.body.get(name, "")


def _submitted(entry: EntryView) -> Sentence:
    if "report" in entry.body:
        return Sentence(WHISTLED_SAID, _whistle(entry))
    if "timetable" in entry.body:
        return Sentence(AMENDED_SAID if "amends" in entry.body else PLANNED_SAID, _planned(entry))
    return Sentence(N_("{who} filed {lines} riders."), {"who": _who(entry), "lines": entry.body["lines"]})


def _whistle(entry: EntryView) -> dict[str, object]:
    """What an entry says of a whistle: the departments, the report, the day."""
    by = date.fromisoformat(entry.body["settle_by"])
    return {"who": _who(entry), "about": _about(entry), "report": entry.body["report"], "by": by}


def _planned(entry: EntryView) -> dict[str, object]:
    """What an entry says of a timetable: its sessions and courses, from when until when, which one it amends."""
    days = {name: date.fromisoformat(entry.body[name]) for name in ("first_on", "last_on")}
    counts = {name: entry.body[name] for name in ("sessions", "courses")}
    return {"who": _who(entry), "amends": entry.body.get("amends", "")} | days | counts


def _sessions_published(entry: EntryView) -> Sentence:
    values = {name: entry.body[name] for name in ("published", "moved", "dropped")}
    if not (entry.body["moved"] or entry.body["dropped"]):
        return Sentence(N_("{published} sessions were published."), values)
    text = N_(
        "{published} sessions were published; {moved} find another place, {dropped} have none under the conditions."
    )
    return Sentence(text, values)


def _bound(text: str) -> Wording:
    return lambda entry: Sentence(text, _whistle(entry))


WHISTLED_SAID = N_("{who} whistled for {about} about report {report}, to be settled by {by}.")
PLANNED_SAID = N_("{who} proposed {sessions} sessions of {courses} courses, from {first_on} to {last_on}.")
PLANNED_AGAIN_SAID = N_("{who} proposed anew: {sessions} sessions of {courses} courses, from {first_on} to {last_on}.")
AMENDED_SAID = N_(
    "{sessions} sessions of {amends} find another place because of conditions; whom it concerns is asked."
)
WHISTLED_AGAIN_SAID = N_("{who} whistled again, now for {about}, about report {report}, to be settled by {by}.")


def _submitted_again(entry: EntryView) -> Sentence:
    if "report" in entry.body:
        return Sentence(WHISTLED_AGAIN_SAID, _whistle(entry))
    if "timetable" in entry.body:
        return Sentence(PLANNED_AGAIN_SAID, _planned(entry))
    values = {"who": _who(entry), "lines": entry.body.get("dropped", [])}
    if entry.body.get("dropped"):
        return Sentence(N_("{who} submitted again, without rider {lines}."), values)
    return Sentence(N_("{who} submitted again."), values)


OPINION_SAID: dict[OpinionKind, str] = {
    OpinionKind.AGREE: N_("{who} agreed."),
    OpinionKind.AGREE_WITH_CONDITIONS: N_("{who} agreed with conditions."),
    OpinionKind.OBJECT: N_("{who} objected."),
    OpinionKind.ABSTAIN: N_("{who} abstained."),
}
EXCEPTING_SAID = N_("{who} agreed, except line {lines}.")
DECLARED_SAID = N_("{who} declared its agreement by filing.")
CHANGED_SAID = N_("{who} changed its opinion. {now}")


def _opinion(entry: EntryView) -> Sentence:
    kind, lines = OpinionKind(entry.body["kind"]), entry.body.get("lines_out")
    values = {"who": _who(entry), "lines": lines}
    if entry.body.get("declared"):
        return Sentence(DECLARED_SAID, values)
    return Sentence(EXCEPTING_SAID if lines else OPINION_SAID[kind], values)


def _changed(entry: EntryView) -> Sentence:
    return Sentence(CHANGED_SAID, {"who": _who(entry), "now": _opinion(entry)})


def _reminded(entry: EntryView) -> Sentence:
    values = {"about": _about(entry)}
    if not entry.about:
        return Sentence(N_("Nobody had to be reminded."))
    if entry.body.get("unseen"):
        return Sentence(N_("Reminded, since nobody had looked at it: {about}."), values)
    if entry.body.get("late"):
        return Sentence(N_("Reminded after the deadline: {about}."), values)
    return Sentence(N_("Reminded before the deadline: {about}."), values)


def _stepped_in(entry: EntryView) -> Sentence:
    absent, above = (*entry.about, "", "")[:2]
    text = N_("Nobody of {absent} can be reached; {above} is asked beside it and may answer in its stead.")
    return Sentence(text, {"absent": absent, "above": above})


def _escalated(entry: EntryView) -> Sentence:
    late, above = (*entry.about, "", "")[:2]
    values: dict[str, object] = {"late": late, "superior": above}
    if entry.body.get("in_stead"):
        return Sentence(N_("{late} did not answer in time. Escalated: {superior} answers in its stead."), values)
    return Sentence(N_("{late} did not answer in time. Escalated: {superior} may answer too."), values)


def _informed(entry: EntryView) -> Sentence:
    unseen, above = (*entry.about, "", "")[:2]
    text = N_("Nobody of {unseen} had looked at it: {superior} was told so.")
    return Sentence(text, {"unseen": unseen, "superior": above})


def _until(entry: EntryView) -> object:
    return datetime.fromisoformat(entry.body["until"])


def _deemed(entry: EntryView) -> Sentence:
    is_consent = OpinionKind(entry.body["kind"]).is_agreement
    text = (
        N_("No answer from {about}: by the protocol this counts as consent.")
        if is_consent
        else N_("No answer from {about}: by the protocol this counts as refusal.")
    )
    return Sentence(text, {"about": _about(entry)})


SETTLED_SAID: dict[StageOutcome, str] = {
    StageOutcome.AGREED: N_("Stage “{stage}” ended in agreement."),
    StageOutcome.REFUSED: N_("Stage “{stage}” ended in refusal."),
    StageOutcome.RETURNED: N_("Stage “{stage}” returned the matter to the filer."),
    StageOutcome.CONCILIATE: N_("Stage “{stage}” ended with an objection: a conciliation follows."),
    StageOutcome.SENT_BACK: N_("Stage “{stage}” sent the matter back to an earlier stage."),
    StageOutcome.WITHDRAWN: N_("Stage “{stage}” ended with the withdrawal."),
}
DECIDED_SAID: dict[str, str] = {
    "agreed": N_("The parties have decided: agreed."),
    "refused": N_("The parties have decided: refused."),
    "returned": N_("The parties have decided: back to the filer."),
}


ADDED_SAID: dict[str, str] = {
    "before": N_("{who} added {about} as a signer, to be heard before itself."),
    "beside": N_("{who} added {about} as a signer beside itself."),
    "after": N_("{who} added {about} as a signer after itself."),
}


def _added(entry: EntryView) -> Sentence:
    return Sentence(ADDED_SAID[entry.body["place"]], {"who": _who(entry), "about": _about(entry)})


def _handed_over(entry: EntryView) -> Sentence:
    own, successor = (*entry.about, "", "")[:2]
    return Sentence(N_("{own} transferred its seat to {successor}."), {"own": own, "successor": successor})


def _sent_back(entry: EntryView) -> Sentence:
    if entry.body.get("back_to") == FILER:
        return Sentence(N_("{who} returned the matter to the filer."), {"who": _who(entry)})
    return Sentence(N_("{who} returned the matter to the stage “{back}”."), {"who": _who(entry), "back": entry.back_to})


def _settled(entry: EntryView) -> Sentence:
    return Sentence(SETTLED_SAID[StageOutcome(entry.body["outcome"])], {"stage": _stage(entry)})


def _decided(entry: EntryView) -> Sentence:
    return Sentence(DECIDED_SAID[entry.body["result"]])


def _on_behalf(entry: EntryView) -> Sentence:
    values: dict[str, object] = {
        "who": _who(entry),
        "about": _about(entry),
        "kind": Sentence(RECORDED[entry.body["kind"]]),
    }
    return Sentence(N_("{who} recorded the answer of {about}, with evidence: {kind}"), values)


RECORDED: dict[str, str] = {
    "agree": N_("agreed."),
    "agree_with_conditions": N_("agreed with conditions."),
    "object": N_("objected."),
    "abstain": N_("abstained."),
}
WORDINGS: dict[str, Wording] = {
    "submitted": _submitted,
    "submitted_again": _submitted_again,
    "opened": _plain(N_("The consultation opened.")),
    "stage_opened": _plain(
        N_("Stage “{stage}” opened, to be answered by {due}. Asked: {about}."), stage=_stage, due=_due, about=_about
    ),
    "asked": _plain(N_("Nobody is waited for any more; asked now: {about}."), about=_about),
    "signer_added": _added,
    "signer_removed": _plain(N_("{who} removed a signer that had not answered: {about}."), who=_who, about=_about),
    "transferred": _plain(N_("{who} put its seat into the hands of {hand}."), who=_who, hand=_hand),
    "handed_over": _handed_over,
    "inherited": _plain(
        N_("{who} put what a leaving colleague had in hand into the hands of {hand}."), who=_who, hand=_hand
    ),
    "delegated": _plain(N_("{who} asked {hand} for advice."), who=_who, hand=_hand),
    "given_back": _plain(N_("{who} gave the seat back to {hand}, with advice."), who=_who, hand=_hand),
    "called_back": _plain(N_("{who} called the seat back to {hand}, without advice."), who=_who, hand=_hand),
    "sent_back": _sent_back,
    "withdrawn": _plain(N_("{who} withdrew it."), who=_who),
    "taken_back": _plain(N_("{who} took its answer back."), who=_who),
    "turn_passed": _plain(N_("Next in turn, until {due}: {about}."), due=_due, about=_about),
    "looked": _plain(N_("{who} opened it for the first time."), who=_who),
    "opinion_given": _opinion,
    "opinion_changed": _changed,
    "reminded": _reminded,
    "escalated": _escalated,
    "stepped_in": _stepped_in,
    "urged": _plain(N_("Urged again: {about}."), about=_about),
    "extended": _plain(N_("The deadline was extended once, to {due}."), due=_due),
    "informed": _informed,
    "released": _plain(N_("Answered for by another of the same place, so no longer asked: {about}."), about=_about),
    "extension_asked": _plain(
        N_("{who} asked {about} for more time, until {until}."), who=_who, about=_about, until=_until
    ),
    "extension_granted": _plain(
        N_("{who} granted more time to {about}: the deadline of the stage is now {due}."),
        who=_who,
        about=_about,
        due=_due,
    ),
    "extension_refused": _plain(N_("{who} refused more time to {about}."), who=_who, about=_about),
    "extension_lapsed": _plain(
        N_("The request of {about} for more time was not answered before the deadline: it counts as refused."),
        about=_about,
    ),
    "extension_withdrawn": _plain(
        N_("The request of {about} for more time came to nothing: it is no longer needed."), about=_about
    ),
    "deemed": _deemed,
    "stage_settled": _settled,
    "decided": _decided,
    "agreed": _plain(N_("Resolution {number}: agreed."), number=_body("number")),
    "refused": _plain(N_("Resolution {number}: refused."), number=_body("number")),
    "returned": _plain(N_("Returned to the filer, who may put it right and submit again.")),
    "departments_bound": _bound(N_("Bound to settle report {report} by {by}: {about}.")),
    "nobody_bound": _bound(N_("Report {report} was over by then, so nobody is bound.")),
    "passes_issued": _plain(N_("{passes} passes were issued."), passes=_body("passes")),
    "sessions_published": _sessions_published,
    "commented": _plain(N_("{who} commented."), who=_who),
    "asked_filer": _plain(N_("{who} asked the filer a question."), who=_who),
    "replied": _plain(N_("{who} replied to a question."), who=_who),
    "attached": _plain(N_("{who} attached a file."), who=_who),
    "urged_on": _plain(N_("{who} urged: {about}."), who=_who, about=_about),
    "recorded_on_behalf": _on_behalf,
    "identities_taken_out": _plain(
        N_("{who} took out the whole identities of {count} riders."), who=_who, count=_body("count")
    ),
    "photo_added": _plain(N_("{who} added a photo of rider {line}."), who=_who, line=_body("line")),
    "stuck": _plain(N_("The system could not go on by itself and called the district.")),
    "freed": _plain(N_("{who} let the system try again."), who=_who),
}
