"""What an officer does with a matter beside the opinion: one form for each act, one address, one way back to the page."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from api.portal.answering import PageRoute
from api.portal.drafting import Typed, read_lines
from api.portal.filing import Shown, address_of, matter_of, read, show
from api.portal.guarding import Form, text_of, texts_of
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of, settings_of, vault_of
from models import attachment
from models.comment import CommentKind, add_comment
from models.consultation.adding import add_signer, remove_signer
from models.consultation.drafting import DraftWords, save_draft
from models.consultation.handing import call_back, delegate, give_back, transfer_to_colleague, transfer_to_organisation
from models.consultation.on_behalf import Evidence, EvidenceKind, give_on_behalf
from models.consultation.opinions import Draft, LineException
from models.consultation.returning import return_to_filer, return_to_stage
from models.consultation.tables import OpinionKind, SigningPlace
from models.consultation.taking_back import take_back
from models.consultation.urging import urge
from models.consultation.withdrawing import withdraw
from models.errors import NotFound, RuleBroken
from models.protocol.schema import FILER
from models.words import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)

FORM_ONLY = frozenset({"seat", "version", "seen"})


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
        try:
            return UUID(self.text(name))
        except ValueError:
            raise ChoiceMissing() from None

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
        version = self.text("version")
        return int(version) if version.isdigit() else None

    def write(self, command: Callable[..., Any], *args: Any) -> Any:
        """Do it for the visitor, now."""
        return database_of(self.request).write(command, self.desk.who, *args, now_of(self.request))


def _draft(act: Acting) -> str:
    typed = Typed.of(act.form)
    kind = OpinionKind(typed.kind) if typed.kind in set(OpinionKind) else None
    words = DraftWords(kind, typed.reason, typed.conditions, tuple(pair for pair in typed.exceptions if any(pair)))
    act.write(save_draft, act.seat, words)
    return "draft"


def _take_back(act: Acting) -> str:
    act.write(take_back, act.seat, act.version)
    return "taken-back"


def _add_signer(act: Acting) -> str:
    place = act.text("place")
    if place not in set(SigningPlace):
        raise ChoiceMissing()
    act.write(add_signer, act.seat, act.chosen("organisation"), SigningPlace(place), act.text("words"), act.version)
    return "signer-added"


def _remove_signer(act: Acting) -> str:
    act.write(remove_signer, act.chosen("signer"))
    return "signer-removed"


def _transfer(act: Acting) -> str:
    """The list has colleagues and organisations: `officer:<id>` or `organisation:<id>`."""
    kind, _, chosen = act.text("to").partition(":")
    command = {"officer": transfer_to_colleague, "organisation": transfer_to_organisation}.get(kind)
    try:
        to = UUID(chosen)
    except ValueError:
        raise ChoiceMissing() from None
    if command is None:
        raise ChoiceMissing()
    act.write(command, act.seat, to, act.text("words"), act.version)
    return "transferred"


def _delegate(act: Acting) -> str:
    act.write(delegate, act.seat, act.chosen("officer"), act.text("words"), act.version)
    return "delegated"


def _give_back(act: Acting) -> str:
    act.write(give_back, act.seat, act.text("words"), act.version)
    return "given-back"


def _call_back(act: Acting) -> str:
    act.write(call_back, act.seat, act.version)
    return "called-back"


def _return(act: Acting) -> str:
    to, words = act.text("to"), act.text("words")
    if not to:
        raise ChoiceMissing()
    if to == FILER:
        act.write(return_to_filer, act.seat, words, act.version)
    else:
        act.write(return_to_stage, act.seat, to, words, act.version)
    return "returned"


def _withdraw(act: Acting) -> str:
    act.write(withdraw, act.matter_id, act.text("words"), act.version)
    return "withdrawn"


def _urge(act: Acting) -> str:
    act.write(urge, act.matter_id)
    return "urged"


def _comment(act: Acting) -> str:
    kind = act.text("kind")
    if kind not in set(CommentKind):
        raise ChoiceMissing()
    answers = act.chosen("answers") if kind == CommentKind.REPLY else None
    act.write(add_comment, act.matter_id, CommentKind(kind), act.text("words"), answers)
    return "commented"


def _on_behalf(act: Acting) -> str:
    kind, way = act.text("kind"), act.text("way")
    if kind not in set(OpinionKind) or way not in set(EvidenceKind):
        raise ChoiceMissing()
    why = act.text("why")
    exceptions = tuple(LineException(line, why) for line in sorted(set(read_lines(act.text("lines")))))
    draft = Draft(OpinionKind(kind), act.text("reason"), act.text("conditions"), exceptions)
    try:
        said_on = date.fromisoformat(act.text("said_on"))
        files = tuple(UUID(one) for one in texts_of(act.form, "file"))
    except ValueError:
        raise DayMissing() from None
    evidence = Evidence(EvidenceKind(way), act.text("said_by"), act.text("words"), said_on, files)
    act.write(give_on_behalf, act.chosen("for_seat"), draft, evidence, None)
    return "on-behalf"


def _attach(act: Acting) -> str:
    sent = act.form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise FileMissing()
    readied = attachment.make_ready(sent.filename, sent.file.read(attachment.MOST_BYTES + 1))
    vault, folder = vault_of(act.request), settings_of(act.request).state_dir / "attachments"
    digest = attachment.keep(folder, vault, readied)
    at, write = now_of(act.request), database_of(act.request).write
    write(attachment.attach, vault, act.desk.who, act.matter_id, readied, digest, at)
    return "attached"


ACTS: dict[str, Callable[[Acting], str]] = {
    "draft": _draft,
    "take-back": _take_back,
    "add-signer": _add_signer,
    "remove-signer": _remove_signer,
    "transfer": _transfer,
    "delegate": _delegate,
    "give-back": _give_back,
    "call-back": _call_back,
    "return": _return,
    "withdraw": _withdraw,
    "urge": _urge,
    "comment": _comment,
    "on-behalf": _on_behalf,
    "attach": _attach,
}


@router.post("/filings/{reference}/acts/{act}")
def do(request: Request, desk: AtDesk, reference: str, act: str, form: Form) -> Response:
    """Do one act; what was refused stands on the page again, with everything that was typed."""
    if act not in ACTS:
        raise NotFound()
    matter_id = matter_of(request, desk, reference)
    try:
        done = ACTS[act](Acting(request, desk, matter_id, form))
    except RuleBroken as broken:
        if "hx-request" in request.headers:
            return Response(status_code=204)  # a draft that saves itself: its reader is typing
        return show(request, desk, read(request, desk, reference, 0), _refused(act, form, broken))
    if act == "draft" and "hx-request" in request.headers:
        return render(request, desk, "pages/draft_saved")
    return RedirectResponse(address_of(reference, done), 303)


def _refused(act: str, form: FormData, broken: RuleBroken) -> Shown:
    fields = {name: texts_of(form, name) for name in form}
    seen = text_of(form, "seen")
    shown = Shown(broken=broken, act=act, fields=fields, seen=int(seen) if seen.isdigit() else None)
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
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "Cache-Control": "no-store",
        "Content-Security-Policy": "sandbox",
    }
    return Response(file.content, media_type=file.media_type, headers=headers)
