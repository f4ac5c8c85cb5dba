"""Attachments 附件 of a matter: known by their content and not by their name, sealed under their content's hash."""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from uuid import UUID

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models import matter as matters
from models import photo
from models.base import Base, uuid7
from models.crypto import Vault
from models.district import Organisation
from models.errors import NotFound, RuleBroken
from models.matter import Act, visible
from models.officer import Identity, Officer, acting_body, check_may_act
from models.picturing import MOST_PIXELS, Decode
from models.protocol.schema import Title
from models.record import Actor
from models.words import N_

MOST_BYTES = 10 * 1024 * 1024
MOST_OF_A_MATTER = 20
LONGEST_NAME = 120  # characters, the ending included
PICTURE_EDGE = 2400  # pixels: a page of print stays readable
MOST_PARTS = 2000  # entries of an office file
MOST_UNPACKED = 200 * 1024 * 1024  # bytes that an office file says it holds
PDF_TAIL = 1024  # bytes in which a PDF must end (ISO 32000-1, annex H)

PDF, JPEG = "application/pdf", "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ENDINGS = {PDF: ".pdf", JPEG: ".jpg", XLSX: ".xlsx", DOCX: ".docx"}
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069/\\:*?\"<>|]")


class AttachmentTooLarge(RuleBroken):
    """More than a scan needs."""

    sentence = N_("The file is larger than {megabytes} MB. Send a smaller one.")
    status = 413


class PictureTooLarge(RuleBroken):
    """A small file can unpack to a picture that fills the memory."""

    sentence = N_("The picture has more than {megapixels} million pixels. Scan it more coarsely and send it again.")
    status = 413


class NotAnAttachmentKind(RuleBroken):
    """A kind of file that a reader could not open safely."""

    sentence = N_(
        "This kind of file cannot be attached. Send a PDF, a JPEG, PNG or WebP picture, or a .xlsx or .docx without macros."
    )
    status = 415


class TooManyAttachments(RuleBroken):
    """A matter is no archive."""

    sentence = N_("This matter has {limit} attachments already. Put the rest into one file.")


class Attachment(Base):
    """A file of a matter. Its name is sealed, since people name files after persons; `digest` finds the sealed file."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_matter", "matter_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    name_sealed: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]  # bytes
    digest: Mapped[str]  # SHA-256 in hex
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Readied:
    """A file that may be attached: its safe name, its media type by content, and what is kept of it."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """An attachment with names."""

    id: UUID
    name: str
    media_type: str
    size: int
    officer: str
    organisation: Title
    at: datetime


def make_ready(name: str, content: bytes, decode: Decode) -> Readied:
    """Look into a file: pictures come out as plain JPEGs, other kinds as they are. Takes long; outside a transaction.

    `decode`: the decoders' processes. Raises `AttachmentTooLarge`, `PictureTooLarge`, `NotAnAttachmentKind`, `DecodersBusy`.
    """
    if len(content) > MOST_BYTES:
        raise AttachmentTooLarge(megabytes=MOST_BYTES // 1024 // 1024)
    media_type = _kind(content)
    if media_type == JPEG:
        try:
            content = photo.reduce(content, decode, PICTURE_EDGE, MOST_BYTES)
        except photo.NotAPhoto as broken:
            raise NotAnAttachmentKind() from broken
        except photo.PhotoTooLarge as broken:
            raise PictureTooLarge(megapixels=MOST_PIXELS // 1_000_000) from broken
    return Readied(safe_name(name, ENDINGS[media_type]), media_type, content)


def _kind(content: bytes) -> str:
    if content.startswith(PICTURES):
        return JPEG
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-PDF_TAIL:] and not zipfile.is_zipfile(io.BytesIO(content)):
        return PDF
    if content.startswith(b"PK"):
        return _office_kind(content)
    raise NotAnAttachmentKind()


def _office_kind(content: bytes) -> str:
    """By the parts that an office file must have; nothing of it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts, unpacked = packed.namelist(), sum(part.file_size for part in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise NotAnAttachmentKind() from error
    names = set(parts)
    is_bomb = len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED
    if is_bomb or "[Content_Types].xml" not in names or any("vbaproject" in name.lower() for name in names):
        raise NotAnAttachmentKind()
    for part, media_type in (("xl/workbook.xml", XLSX), ("word/document.xml", DOCX)):
        if part in names:
            return media_type
    raise NotAnAttachmentKind()


def safe_name(name: str, ending: str) -> str:
    """The file's own name without folders and signs that mislead, with the ending that its content has."""
    stem = PurePath(NOT_IN_NAMES.sub(" ", PurePath(name.replace("\\", "/")).name)).stem
    plain = " ".join(stem.split()).strip(" .") or "attachment"
    return plain[: LONGEST_NAME - len(ending)] + ending


def check_attaching(session: Session, who: Identity, matter_id: UUID) -> None:
    """Before a file is looked into. Raises `OnlyReads`, `NotFound`, `TooManyAttachments`."""
    check_may_act(who)
    visible(session, matter_id, who)
    if len(session.scalars(select(Attachment.id).where(Attachment.matter_id == matter_id)).all()) >= MOST_OF_A_MATTER:
        raise TooManyAttachments(limit=MOST_OF_A_MATTER)


def keep(folder: Path, vault: Vault, readied: Readied) -> str:
    """Write the file sealed under `folder`; returns its digest. Before the transaction that names it."""
    return photo.keep(folder, vault, readied.content)


def attach(
    session: Session, vault: Vault, who: Identity, matter_id: UUID, readied: Readied, digest: str, at: datetime
) -> UUID:
    """Attach a kept file to a matter that `who` may read; returns its id.

    Raises `NotFound`, `OnlyReads`, `TooManyAttachments`.
    """
    visible(session, matter_id, who)
    matter = matters.lock(session, matter_id)
    check_attaching(session, who, matter_id)
    added = Attachment(
        id=uuid7(),
        matter_id=matter_id,
        officer_id=who.officer_id,
        organisation_id=who.organisation_id,
        name_sealed=vault.seal(readied.name),
        media_type=readied.media_type,
        size=len(readied.content),
        digest=digest,
        at=at,
    )
    session.add(added)
    body = {"attachment": str(added.id), "file": digest} | acting_body(who)
    matters.append(session, matter, Act("attached", body), at, Actor(who.officer_id, who.organisation_id))
    return added.id


def attachments_of(session: Session, vault: Vault, matter_id: UUID) -> Sequence[AttachmentView]:
    """The attachments of a matter, oldest first."""
    query = (
        select(Attachment, Officer.name, Organisation)
        .join(Officer, Attachment.officer_id == Officer.id)
        .join(Organisation, Attachment.organisation_id == Organisation.id)
        .where(Attachment.matter_id == matter_id)
        .order_by(Attachment.id)
    )
    return [
        AttachmentView(
            one.id, vault.open(one.name_sealed), one.media_type, one.size, officer, organisation.name, one.at
        )
        for one, officer, organisation in session.execute(query)
    ]


def attachment_of(session: Session, who: Identity, matter_id: UUID, attachment_id: UUID) -> Attachment:
    """One attachment of a matter that `who` may read. Raises `NotFound`."""
    visible(session, matter_id, who)
    found = session.get(Attachment, attachment_id)
    if found is None or found.matter_id != matter_id:
        raise NotFound()
    return found


def fetch(folder: Path, vault: Vault, attachment: Attachment) -> Readied:
    """The file as it was kept. Raises `NotFound` where it is gone."""
    content = photo.fetch(folder, vault, attachment.digest)
    return Readied(vault.open(attachment.name_sealed), attachment.media_type, content)
