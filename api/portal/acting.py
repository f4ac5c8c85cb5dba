"""What an officer does with a matter beside the opinion: one form for each act, one address, one way back to the page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from api.downloads import saved_as
from api.pictures import decoders_of
from api.portal.answering import PageRoute
from api.portal.drafting import Typed, read_lines
from api.portal.filing import Shown, address_of, matter_of, read, seen_of, show
from api.portal.guarding import Form, number_in, text_of, texts_of
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of, settings_of, vault_of
from api.rate_limits import Often, hold_back
from models import attachment, record
from models.calendars import district_calendar
from models.comment import ENTRIES, CommentKind, add_comment
from models.consultation.acting import digest_of
from models.consultation.adding import add_signer, remove_signer
from models.consultation.drafting import DraftWords, save_draft
from models.consultation.extending import answer_extension, ask_extension
from models.consultation.handing import call_back, delegate, give_back, transfer_to_colleague, transfer_to_organisation
from models.consultation.on_behalf import Evidence, EvidenceKind, give_on_behalf
from models.consultation.opinions import Draft, LineException
from models.consultation.returning import return_to_filer, return_to_stage
from models.consultation.tables import OpinionKind, SigningPlace
from models.consultation.taking_back import take_back
from models.consultation.urging import urge
from models.consultation.withdrawing import withdraw
from models.district import Organisation
from models.errors import NotFound, RuleBroken
from models.protocol.schema import FILER
from models.words import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class ChoiceMissing(RuleBroken):
    """A form without the one thing that it asks for."""

    sentence = N_("Choose one of the list, then send it again.")
    status = 422


class FileMissing(RuleBroken):
    """An upload without a file."""

    sentence = N_("Choose a file, then send it again.")
    status = 422


class DayMissing(RuleBroken):
    """Not a date."""

    sentence = N_("Write the day as year, month and day, such as 2026-11-24.")
    status = 422


def read_id(text: str) -> UUID:
    """The id of what was chosen. Raises `ChoiceMissing`."""
    try:
        return UUID(text)
    except ValueError:
        raise ChoiceMissing() from None


@dataclass(frozen=True, slots=True)
class Acting:
    """One act as its form came."""

    request: Request
    desk: Desk
    matter_id: UUID
    form: FormData

    def text(self, name: str) -> str:
        """A field's text."""
        return text_of(self.form, name)

    def chosen(self, name: str) -> UUID:
        """The id that a list's entry has. Raises `ChoiceMissing`."""
        return read_id(self.text(name))

    @property
    def seat(self) -> UUID:
        """The seat that the form stood at. Raises `NotFound`."""
        try:
            return UUID(self.text("seat"))
        except ValueError:
            raise NotFound() from None

    @property
    def version(self) -> int | None:
        """The version of the seat, or of the matter, that the officer read."""
        return number_in(self.text("version"))

    @property
    def seen(self) -> int:
        """The newest entry of the record that the form's page knew."""
        return seen_of(self.form) or 0

    def named(self, names: Sequence[str]) -> set[str]:
        """What the record would name for these fields: ids, codes of organisations, digests of words."""
        found = {name: self.text(name).removeprefix("officer:") for name in names}
        if found.get("words"):
            found["words"] = digest_of(found["words"])
        if "evidence" in names:
            found["for_seat"], shown = found["for_seat"].partition(":")[0], _evidence(self)
            found["evidence"] = shown.digest if shown else "unread"
        for name in found.keys() & {"organisation", "to"}:
            found[name] = self._code(found[name])
        return set(filter(None, found.values()))

    def _code(self, text: str) -> str:
        """The code of the organisation that was chosen, as the record names it; anything else as it is."""
        try:
            chosen = UUID(text.removeprefix("organisation:"))
        except ValueError:
            return text
        with database_of(self.request).reading() as session:
            found = session.get(Organisation, chosen)
            return found.code if found else str(chosen)

    def has_done(self, kinds: frozenset[str], named: set[str]) -> bool:
        """Whether the visitor has done just this since the form's page was opened: the second of two clicks."""
        with database_of(self.request).reading() as session:
            newer = [one for one in record.entries(session, self.matter_id) if one.position > self.seen]
        own = [one for one in newer if one.kind in kinds and one.officer_id == self.desk.who.officer_id]
        return any(named <= {str(value) for value in one.body.values()} for one in own)

    def write(self, command: Callable[..., Any], *args: Any) -> Any:
        """Do it for the visitor, now."""
        return database_of(self.request).write(command, self.desk.who, *args, now_of(self.request))


def _draft(act: Acting) -> None:
    typed = Typed.of(act.form)
    kind = OpinionKind(typed.kind) if typed.kind in set(OpinionKind) else None
    words = DraftWords(kind, typed.reason, typed.conditions, tuple(pair for pair in typed.exceptions if any(pair)))
    act.write(save_draft, act.seat, words)


def _take_back(act: Acting) -> None:
    act.write(take_back, act.seat, act.version)


def _add_signer(act: Acting) -> None:
    place = act.text("place")
    if place not in set(SigningPlace):
        raise ChoiceMissing()
    act.write(add_signer, act.seat, act.chosen("organisation"), SigningPlace(place), act.text("words"), act.version)


def _remove_signer(act: Acting) -> None:
    act.write(remove_signer, act.chosen("signer"))


def _transfer(act: Acting) -> None:
    """The list has colleagues and organisations: `officer:<id>` or `organisation:<id>`."""
    kind, _, chosen = act.text("to").partition(":")
    command = {"officer": transfer_to_colleague, "organisation": transfer_to_organisation}.get(kind)
    if command is None:
        raise ChoiceMissing()
    act.write(command, act.seat, read_id(chosen), act.text("words"), act.version)


def _delegate(act: Acting) -> None:
    act.write(delegate, act.seat, act.chosen("officer"), act.text("words"), act.version)


def _give_back(act: Acting) -> None:
    act.write(give_back, act.seat, act.text("words"), act.version)


def _call_back(act: Acting) -> None:
    act.write(call_back, act.seat, act.version)


def _return(act: Acting) -> None:
    to, words = act.text("to"), act.text("words")
    if not to:
        raise ChoiceMissing()
    if to == FILER:
        act.write(return_to_filer, act.seat, words, act.version)
    else:
        act.write(return_to_stage, act.seat, to, words, act.version)


def _ask_extension(act: Acting) -> None:
    act.write(ask_extension, act.seat, act.text("words"), district_calendar(), act.version)


def _answer_extension(act: Acting) -> None:
    answer = act.text("answer")
    if answer not in ANSWERED:
        raise ChoiceMissing()
    act.write(answer_extension, act.chosen("request"), answer == "granted", act.text("words"), district_calendar())


ANSWERED = ("granted", "refused")


def _withdraw(act: Acting) -> None:
    act.write(withdraw, act.matter_id, act.text("words"), act.version)


def _urge(act: Acting) -> None:
    act.write(urge, act.matter_id)


def _comment(act: Acting) -> None:
    kind = act.text("kind")
    if kind not in set(CommentKind):
        raise ChoiceMissing()
    answers = act.chosen("answers") if kind == CommentKind.REPLY else None
    if act.has_done(frozenset({ENTRIES[CommentKind(kind)]}), {digest_of(act.text("words"))}):
        return
    act.write(add_comment, act.matter_id, CommentKind(kind), act.text("words"), answers)


def _evidence(act: Acting) -> Evidence | None:
    """What was typed as evidence; None where day or files cannot be read."""
    way, day = act.text("way"), act.text("said_on")
    try:
        files = tuple(UUID(one) for one in texts_of(act.form, "file"))
        return Evidence(EvidenceKind(way), act.text("said_by"), act.text("words"), date.fromisoformat(day), files)
    except ValueError:
        return None


def _on_behalf(act: Acting) -> None:
    """The list has seats in the version that was read: `<id>:<version>`."""
    kind, (seat, _, version) = act.text("kind"), act.text("for_seat").partition(":")
    if kind not in set(OpinionKind) or act.text("way") not in set(EvidenceKind) or not seat:
        raise ChoiceMissing()
    why = act.text("why")
    exceptions = tuple(LineException(line, why) for line in sorted(set(read_lines(act.text("lines")))))
    draft = Draft(OpinionKind(kind), act.text("reason"), act.text("conditions"), exceptions)
    evidence = _evidence(act)
    if evidence is None:
        raise DayMissing()
    act.write(give_on_behalf, read_id(seat), draft, evidence, number_in(version))


def _attach(act: Acting) -> None:
    sent = act.form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise FileMissing()
    hold_back(act.request, Often.UPLOAD, str(act.desk.own.officer_id))
    readied = attachment.make_ready(
        sent.filename, sent.file.read(attachment.MOST_BYTES + 1), decoders_of(act.request).decode
    )
    vault, folder = vault_of(act.request), settings_of(act.request).state_dir / "attachments"
    digest = attachment.keep(folder, vault, readied)
    if act.has_done(frozenset({"attached"}), {digest}):
        return
    at, write = now_of(act.request), database_of(act.request).write
    write(attachment.attach, vault, act.desk.who, act.matter_id, readied, digest, at)


@dataclass(frozen=True, slots=True)
class Way:
    """How one act is done, what the page says afterwards, and the entries of the record that tell of it.

    `names`: the fields that an entry of it must name, so that it is this act and not another of the kind.
    """

    do: Callable[[Acting], None]
    done: str
    entries: frozenset[str] = frozenset()
    names: tuple[str, ...] = ("seat",)


ACTS: dict[str, Way] = {
    "draft": Way(_draft, "draft"),
    "take-back": Way(_take_back, "taken-back", frozenset({"taken_back"})),
    "add-signer": Way(
        _add_signer, "signer-added", frozenset({"signer_added"}), ("seat", "organisation", "place", "words")
    ),
    "remove-signer": Way(_remove_signer, "signer-removed", frozenset({"signer_removed"}), ("signer",)),
    "transfer": Way(_transfer, "transferred", frozenset({"transferred", "handed_over"}), ("seat", "to", "words")),
    "delegate": Way(_delegate, "delegated", frozenset({"delegated"}), ("seat", "officer", "words")),
    "give-back": Way(_give_back, "given-back", frozenset({"given_back"}), ("seat", "words")),
    "call-back": Way(_call_back, "called-back", frozenset({"called_back"})),
    "return": Way(_return, "returned", frozenset({"sent_back"}), ("seat", "to", "words")),
    "ask-extension": Way(_ask_extension, "extension-asked", frozenset({"extension_asked"}), ("seat", "words")),
    "answer-extension": Way(
        _answer_extension,
        "extension-answered",
        frozenset({"extension_granted", "extension_refused"}),
        ("request", "words"),
    ),
    "withdraw": Way(_withdraw, "withdrawn", frozenset({"withdrawn"}), ("words",)),
    "urge": Way(_urge, "urged", frozenset({"urged_on"}), ()),
    "comment": Way(_comment, "commented"),
    "on-behalf": Way(_on_behalf, "on-behalf", frozenset({"recorded_on_behalf"}), ("for_seat", "kind", "evidence")),
    "attach": Way(_attach, "attached"),
}


@router.post("/filings/{reference}/acts/{act}")
def do(request: Request, desk: AtDesk, reference: str, act: str, form: Form) -> Response:
    """Do one act; what was refused stands on the page again, with everything that was typed.

    The second of two clicks finds the act done and is told so.
    """
    if act not in ACTS:
        raise NotFound()
    way, acting = ACTS[act], Acting(request, desk, matter_of(request, desk, reference), form)
    try:
        way.do(acting)
    except RuleBroken as broken:
        if "hx-request" in request.headers:
            return Response(status_code=204)  # a draft that saves itself: its reader is typing
        if not acting.has_done(way.entries, acting.named(way.names)):
            return show(request, desk, read(request, desk, reference, 0), _refused(act, form, broken))
    if act == "draft" and "hx-request" in request.headers:
        return render(request, desk, "pages/draft_saved")
    return RedirectResponse(address_of(reference, way.done), 303)


def _refused(act: str, form: FormData, broken: RuleBroken) -> Shown:
    fields = {name: texts_of(form, name) for name in form}
    shown = Shown(broken=broken, act=act, fields=fields, seen=seen_of(form))
    return replace(shown, typed=Typed.of(form)) if act == "draft" else shown


@router.get("/filings/{reference}/attachments/{attachment_id}")
def send_attachment(request: Request, desk: AtDesk, reference: str, attachment_id: UUID) -> Response:
    """A file as it was attached, to be saved and not to be shown: what it holds is not ours."""
    matter_id = matter_of(request, desk, reference)
    with database_of(request).reading() as session:
        found = attachment.attachment_of(session, desk.who, matter_id, attachment_id)
    vault, folder = vault_of(request), settings_of(request).state_dir / "attachments"
    return download(attachment.fetch(folder, vault, found))


def download(file: attachment.Readied) -> Response:
    """A file as a download under its own name."""
    headers = saved_as(file.name) | {"Content-Security-Policy": "sandbox"}
    return Response(file.content, media_type=file.media_type, headers=headers)
