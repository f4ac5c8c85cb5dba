"""Reading the XML parts of a workbook as a stream: rows of values, in small memory whatever the part holds.

openpyxl's read-only mode builds a tree of every row and string and believes the sheet's declared size; here nothing is
kept but the row at hand. Element and attribute names are compared without their namespaces, so that workbooks in the
strict form of ISO/IEC 29500 are read as well.
"""

import re
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Protocol
from xml.parsers.expat import ExpatError, ParserCreate

from models.errors import RuleBroken
from models.rider_rules import Unreadable
from models.words import N_, Sentence

CHUNK_BYTES = 64 * 1024
SILENT_CHUNKS = 16  # a tag or comment of over 1 MB is no list of riders
DEPTH_LIMIT = 100
NAMES_LIMIT = 5_000
ELEMENTS_LIMIT = 2_000_000  # a million formatted rows without a value pass; each costs the reader a microsecond
STRINGS_LIMIT = 1_000_000
TEXT_LONGEST = 32_767  # characters of a cell, Excel's own limit
COLUMNS_LIMIT = 256
ROWS_LIMIT = 1_048_576  # Excel's own limit

FORMULA = Sentence(N_("A value is needed here: formulas are not evaluated. Write the value itself."))
ERROR_VALUE = N_("This cell holds the error {value}. Write the value itself.")


class DamagedWorkbook(RuleBroken):
    """The package or its XML breaks off or contradicts itself."""

    sentence = N_("This workbook is damaged and cannot be read. Open it in Excel or WPS and save it again as .xlsx.")
    status = 422


class HoldsTooMuch(RuleBroken):
    """The parts hold far more than any list of riders."""

    sentence = N_("This workbook holds far more than a list of riders. Copy the list alone into a new workbook.")
    status = 422


Value = str | float | Unreadable


class Listener(Protocol):
    """What hears the elements of a part, by their local names."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Hear an element begin."""
        ...

    def end(self, name: str) -> None:
        """Hear an element end."""
        ...

    def text(self, data: str) -> None:
        """Hear a piece of text."""
        ...


def scan(part: IO[bytes], listener: Listener) -> Iterator[None]:
    """Tell `listener` what `part` holds, a chunk at each step. Raises `DamagedWorkbook`, `HoldsTooMuch`."""
    parser = ParserCreate(namespace_separator="\n")
    parser.buffer_text = True
    gauge = _Gauge(listener)
    parser.StartElementHandler = gauge.start
    parser.EndElementHandler = gauge.end
    parser.CharacterDataHandler = gauge.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    while chunk := part.read(CHUNK_BYTES):
        _feed(parser.Parse, chunk, False)
        gauge.end_chunk()
        if len(parser.intern) > NAMES_LIMIT:  # the parser keeps every name it has met
            raise HoldsTooMuch
        yield
    _feed(parser.Parse, b"", True)
    yield


class _Gauge:
    """Passes events on, and stops what would make the parser itself grow: depth, numbers, tags without end."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._depth = self._elements = self._silent_chunks = 0
        self._is_silent = True

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._is_silent = False
        self._depth += 1
        self._elements += 1
        if self._depth > DEPTH_LIMIT or self._elements > ELEMENTS_LIMIT:
            raise HoldsTooMuch
        self._listener.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        self._is_silent = False
        self._depth -= 1
        self._listener.end(_local(name))

    def text(self, data: str) -> None:
        self._is_silent = False
        self._listener.text(data)

    def end_chunk(self) -> None:
        self._silent_chunks = self._silent_chunks + 1 if self._is_silent else 0
        self._is_silent = True
        if self._silent_chunks > SILENT_CHUNKS:
            raise HoldsTooMuch


def _feed(parse: Callable[[bytes, bool], object], chunk: bytes, is_last: bool) -> None:
    try:
        parse(chunk, is_last)
    except (ExpatError, LookupError, ValueError) as error:  # the last two: encodings that the parser does not know
        raise DamagedWorkbook from error


def _refuse_doctype(*_: object) -> None:
    """Refuse a document type: no workbook has one, and entities that unfold without end begin there."""
    raise DamagedWorkbook


def _local(name: str) -> str:
    return name.rpartition("\n")[2]


class _Elements:
    """Gathers elements and their attributes."""

    def __init__(self, limit: int) -> None:
        self.found: list[tuple[str, dict[str, str]]] = []
        self._limit = limit

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.found) >= self._limit:
            raise HoldsTooMuch
        self.found.append((name, attributes))

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


def scan_elements(part: IO[bytes], limit: int) -> list[tuple[str, dict[str, str]]]:
    """Give all elements of a small part with their attributes, in order. Raises `HoldsTooMuch` over `limit`."""
    elements = _Elements(limit)
    for _ in scan(part, elements):
        pass
    return elements.found


class SharedStrings:
    """The texts that cells refer to by number, as bytes in one block: a Python string each would take many times it."""

    def __init__(self) -> None:
        self._block = bytearray()
        self._ends = array("Q")

    def append(self, text: str) -> None:
        """Add the next text. Raises `HoldsTooMuch`."""
        if len(self._ends) >= STRINGS_LIMIT:
            raise HoldsTooMuch
        self._block += text.encode()
        self._ends.append(len(self._block))

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self._ends):
            raise DamagedWorkbook
        begins = self._ends[number - 1] if number else 0
        return self._block[begins : self._ends[number]].decode()


@dataclass(slots=True)
class _Text:
    """Text that is being gathered, cut at the longest a cell may hold; phonetic readings (rPh) are left out."""

    pieces: list[str] = field(default_factory=list[str])
    length: int = 0
    is_open: bool = False
    is_phonetic: bool = False

    def begin(self) -> None:
        self.pieces.clear()
        self.length = 0

    def hear_start(self, name: str) -> None:
        self.is_open = name in ("v", "t")
        self.is_phonetic = self.is_phonetic or name == "rPh"

    def hear_end(self, name: str) -> None:
        self.is_open = False
        if name == "rPh":
            self.is_phonetic = False

    def add(self, data: str) -> None:
        if self.is_open and not self.is_phonetic and self.length < TEXT_LONGEST:
            self.pieces.append(data)
            self.length += len(data)

    def taken(self) -> str:
        """The text, with escapes such as `_x000D_` resolved."""
        return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), "".join(self.pieces)[:TEXT_LONGEST])


_ESCAPE = re.compile(r"_x(00[0-7][0-9A-Fa-f])_")


class _StringListener:
    """Gathers the shared strings."""

    def __init__(self) -> None:
        self.strings = SharedStrings()
        self._text = _Text()

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - a listener hears them
        if name == "si":
            self._text.begin()
        self._text.hear_start(name)

    def end(self, name: str) -> None:
        self._text.hear_end(name)
        if name == "si":
            self.strings.append(self._text.taken())

    def text(self, data: str) -> None:
        self._text.add(data)


def read_shared_strings(part: IO[bytes]) -> SharedStrings:
    """Read the part of shared strings."""
    listener = _StringListener()
    for _ in scan(part, listener):
        pass
    return listener.strings


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that holds anything: sheet row number (1-based) and values by column (1-based)."""

    row: int
    values: Mapping[int, Value]


class _RowListener:
    """Gathers the rows of a sheet part; `rows` holds those that are complete."""

    def __init__(self, strings: SharedStrings) -> None:
        self.rows: list[SheetRow] = []
        self._strings = strings
        self._text = _Text()
        self._values: dict[int, Value] = {}
        self._row = self._column = 0
        self._kind = "n"
        self._has_formula = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._row = read_number(attributes.get("r"), self._row + 1, ROWS_LIMIT)
            self._column = 0
            self._values = {}
        elif name == "c":
            self._column = column_number(attributes.get("r"), self._column + 1)
            self._kind = attributes.get("t", "n")
            self._has_formula = False
            self._text.begin()
        elif name == "f":
            self._has_formula = True
        self._text.hear_start(name)

    def end(self, name: str) -> None:
        self._text.hear_end(name)
        if name == "c" and self._column <= COLUMNS_LIMIT:
            value = self._cell_value()
            if not (isinstance(value, str) and not value.strip()):
                self._values[self._column] = value
        elif name == "row" and self._values:
            self.rows.append(SheetRow(self._row, self._values))

    def text(self, data: str) -> None:
        self._text.add(data)

    def _cell_value(self) -> Value:
        if self._has_formula:
            return Unreadable(FORMULA)
        text = self._text.taken()
        if self._kind == "s":
            return self._strings[read_number(text, -1, STRINGS_LIMIT)] if text else ""
        if self._kind == "e":
            return Unreadable(Sentence(ERROR_VALUE, {"value": text}))
        return _cell_number(text) if self._kind == "n" else text


def scan_rows(part: IO[bytes], strings: SharedStrings) -> Iterator[SheetRow]:
    """Give the rows of a sheet part that hold anything. Stop asking and nothing more is unpacked."""
    listener = _RowListener(strings)
    for _ in scan(part, listener):
        yield from listener.rows
        listener.rows.clear()


def read_number(text: str | None, otherwise: int, limit: int) -> int:
    """Read a whole number that may be left out. Raises `DamagedWorkbook` when it is none or far over `limit`."""
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(limit))):
        raise DamagedWorkbook
    return int(text)


_CELL_NAME = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")


def column_number(name: str | None, otherwise: int) -> int:
    """Read the column, 1-based, out of a cell's name such as C9, which may be left out."""
    if name is None:
        return otherwise
    found = _CELL_NAME.fullmatch(name)
    if found is None:
        raise DamagedWorkbook
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def _cell_number(text: str) -> Value:
    """Give the number of a cell; a whole one as an integer, so that it reads as it was typed."""
    if not text.strip():
        return ""
    try:
        number = float(text)
    except ValueError as error:
        raise DamagedWorkbook from error
    return int(number) if number.is_integer() else number
