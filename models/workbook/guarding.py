"""What is let in: a plain .xlsx package of bounded size. Each refusal says what to do instead.

Nothing is believed that can be seen: the kind of file from its bytes, not its name; sizes from unpacking, not only
from what the package declares.
"""

import re
import struct
import zlib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

import olefile

from models.errors import RuleBroken
from models.words import N_
from models.workbook.scanning import CHUNK_BYTES, DamagedWorkbook, HoldsTooMuch

UNPACKED_LIMIT_MB = 50
DIRECTORY_LIMIT_BYTES = 1_000_000  # of a zip's own list of entries: some 10,000 of them
SEE_WIDE_FORM = 0xFFFFFFFF
CONTENT_TYPES = "[Content_Types].xml"


class EmptyFile(RuleBroken):
    """A file of no bytes."""

    sentence = N_("This file is empty. Choose the workbook (.xlsx) again.")
    status = 422


class NotAWorkbook(RuleBroken):
    """Some other kind of file."""

    sentence = N_("This file is not an Excel workbook. Save the list as .xlsx, or start from the template.")
    status = 422


class TextInsteadOfWorkbook(RuleBroken):
    """Comma-separated values, or a web page that was named .xls."""

    sentence = N_("This is a text file, such as CSV. Open it in Excel or WPS, save it as .xlsx and upload that.")
    status = 422


class EncryptedWorkbook(RuleBroken):
    """A workbook that opens with a password."""

    sentence = N_("This workbook is protected by a password. Remove the password, save it and upload it again.")
    status = 422


class OldWorkbook(RuleBroken):
    """The binary format of Excel 97 to 2003."""

    sentence = N_("This is an old .xls workbook. Open it in Excel or WPS, save it as .xlsx and upload that.")
    status = 422


class OtherSpreadsheet(RuleBroken):
    """A binary workbook (.xlsb) or an OpenDocument one (.ods)."""

    sentence = N_(
        "This spreadsheet is not in the .xlsx format. Open it in Excel or WPS, save it as .xlsx and upload that."
    )
    status = 422


class MacroWorkbook(RuleBroken):
    """A workbook that carries programs."""

    sentence = N_("This workbook holds macros (.xlsm). Save it as .xlsx without macros and upload that.")
    status = 422


class UnpacksTooLarge(RuleBroken):
    """The package unpacks to more than the limit."""

    sentence = N_("This workbook unpacks to more than {limit_mb} MB. Copy the list alone into a new workbook.")
    status = 413


# What the zip library raises on packages that were made to mislead it.
_MISLED = (BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, ValueError, OverflowError, OSError)


def open_package(path: Path) -> ZipFile:
    """Open the workbook at `path` once it has proved harmless. Raises a `RuleBroken` of this module otherwise."""
    _refuse_other_kinds(path)
    _check_directory_size(path)
    try:
        package = ZipFile(path)
    except _MISLED as error:
        raise DamagedWorkbook from error
    try:
        _check_sizes(package)
        _check_kind(package)
    except _MISLED as error:
        package.close()
        raise DamagedWorkbook from error
    except RuleBroken:
        package.close()
        raise
    return package


def _refuse_other_kinds(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise EmptyFile
    if head.startswith(olefile.MAGIC):
        _refuse_ole(path)
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return
    raise TextInsteadOfWorkbook if _is_text(head) else NotAWorkbook


def _refuse_ole(path: Path) -> None:
    """Tell an encrypted .xlsx, an old .xls and any other compound file apart by their streams."""
    try:
        with path.open("rb") as file:
            compound: olefile.OleFileIO[str] = olefile.OleFileIO(file)
            is_encrypted = compound.exists("EncryptedPackage")
            is_old = compound.exists("Workbook") or compound.exists("Book")
    except Exception as error:  # the parser of compound files raises anything on broken ones
        raise NotAWorkbook from error
    if is_encrypted:
        raise EncryptedWorkbook
    raise OldWorkbook if is_old else NotAWorkbook


_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f]")


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # Excel's "Unicode text"
        return True
    if head.startswith(b"%PDF") or _BINARY.search(head):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            head[:-4].decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(head) - 8:  # not merely a character that the cut divides
                continue
        return True
    return False


def _check_directory_size(path: Path) -> None:
    """Refuse a package of very many entries before the zip library lists them all in memory."""
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, 65_557 + 76), 2)
        tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 22:
        raise DamagedWorkbook
    sizes: list[int] = [size for size in struct.unpack_from("<L", tail, at + 12) if size != SEE_WIDE_FORM]
    wide = at - 20 - 56  # where the zip library looks for the 64-bit form
    if wide >= 0 and tail.startswith(b"PK\6\6", wide):
        sizes += struct.unpack_from("<Q", tail, wide + 40)
    if max(sizes, default=SEE_WIDE_FORM) > DIRECTORY_LIMIT_BYTES:
        raise HoldsTooMuch


def _check_sizes(package: ZipFile) -> None:
    limit = UNPACKED_LIMIT_MB * 1_000_000
    entries = package.infolist()
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise EncryptedWorkbook
    # Other methods than these two unpack without a bound in the zip library; the format (ECMA-376-2) has only these.
    if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
        raise DamagedWorkbook
    if sum(entry.file_size for entry in entries) > limit:
        raise UnpacksTooLarge(limit_mb=UNPACKED_LIMIT_MB)
    unpacked = 0
    for entry in entries:
        with package.open(entry) as part:  # reading to the end also compares the checksum
            while chunk := part.read(CHUNK_BYTES):
                unpacked += len(chunk)
                if unpacked > limit:
                    raise UnpacksTooLarge(limit_mb=UNPACKED_LIMIT_MB)


def _check_kind(package: ZipFile) -> None:
    names = set(package.namelist())
    if "mimetype" in names and "content.xml" in names:
        raise OtherSpreadsheet
    if CONTENT_TYPES not in names:
        raise NotAWorkbook
    if package.getinfo(CONTENT_TYPES).file_size > DIRECTORY_LIMIT_BYTES:
        raise HoldsTooMuch
    kinds = package.read(CONTENT_TYPES)
    if b"sheet.binary.macroEnabled.main" in kinds:
        raise OtherSpreadsheet
    if b"macroEnabled.main+xml" in kinds or any(name.endswith("vbaProject.bin") for name in names):
        raise MacroWorkbook
    if b"spreadsheetml" not in kinds:
        raise NotAWorkbook
