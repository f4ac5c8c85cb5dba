"""Reading YAML so that every mistake keeps its line: a thin layer over PyYAML's nodes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from models.errors import RuleBroken
from models.words import N_, Sentence

T = TypeVar("T")
Choice = TypeVar("Choice", bound=StrEnum)
MOST_BYTES = 256 * 1024
MOST_DEPTH = 20  # PyYAML's time grows with the square of the depth: 200 kB of brackets took it four minutes
MOST_WHOLE = 1_000_000
WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")  # YAML 1.1 takes 010 for eight and 2:30 for 150; nobody means that here
SHARE = re.compile(r"0?\.[0-9]{1,6}")
WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class ProtocolFault:
    """One mistake: file, line (from 1) and what is wrong."""

    file: str
    line: int
    said: Sentence

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.said}"


class ProtocolWrong(RuleBroken):
    """A protocol file with mistakes; `faults` has all of them."""

    sentence = N_("{faults}")
    status = 422

    def __init__(self, faults: Sequence[ProtocolFault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__(faults="; ".join(map(str, self.faults)))


@dataclass(slots=True)
class Faults:
    """Collects the mistakes of one file."""

    file: str
    found: list[ProtocolFault] = field(default_factory=list[ProtocolFault])

    def add(self, line: int, text: str, **values: object) -> None:
        """Note one mistake."""
        self.found.append(ProtocolFault(self.file, line, Sentence(text, values)))

    def stop(self) -> None:
        """Raise `ProtocolWrong` where anything was found."""
        if self.found:
            raise ProtocolWrong(self.found)


class Unread(Exception):
    """This value cannot be used; what is wrong was noted."""


@dataclass(frozen=True, slots=True)
class Place:
    """One YAML node with the collector of its file."""

    node: Node
    faults: Faults

    @property
    def line(self) -> int:
        """The line on which it begins, from 1."""
        return self.node.start_mark.line + 1

    def fault(self, text: str, **values: object) -> Unread:
        """Note a mistake here; the answer can be raised where nothing can go on."""
        self.faults.add(self.line, text, **values)
        return Unread()

    def at(self, node: Node) -> "Place":
        """Another node of the same file."""
        return Place(node, self.faults)

    def part(self, key: str) -> "Place":
        """The value under `key`, to say a mistake there; this place itself where there is no such key."""
        pairs = self.node.value if isinstance(self.node, MappingNode) else ()
        return next((self.at(value) for name, value in pairs if name.value == key), self)

    def record(self, needed: Mapping[str, "Reader"], optional: Mapping[str, "Reader"] | None = None) -> dict[str, Any]:
        """The values by key, each read by its reader; keys that may be left out are left out.

        Every mistake inside is noted before `Unread` is raised: one must not hide another.
        """
        readers = {**needed, **(optional or {})}
        places = self._places(tuple(readers))
        missing = [key for key in needed if key not in places]
        for key in missing:
            self.fault(N_("key {key} is missing"), key=key)
        found: dict[str, Any] = {}
        for key, place in places.items():
            try:
                found[key] = readers[key](place)
            except Unread:
                missing.append(key)
        if missing:
            raise Unread
        return found

    def _places(self, known: Sequence[str]) -> dict[str, "Place"]:
        """The places under the known keys; unknown and doubled keys are noted."""
        if not isinstance(self.node, MappingNode):
            raise self.fault(N_("a mapping is needed here"))
        found: dict[str, Place] = {}
        for key_node, value_node in self.node.value:
            place, key = self.at(key_node), key_node.value if isinstance(key_node, ScalarNode) else None
            if key is None:
                place.fault(N_("a key is a plain word"))
            elif key not in known:
                place.fault(N_("unknown key {key}{hint}"), key=key, hint=_hint(key, known))
            elif key in found:
                place.fault(N_("key {key} stands here twice"), key=key)
            else:
                found[key] = self.at(value_node)
        return found

    def items(self) -> list["Place"]:
        """The elements of a list."""
        if not isinstance(self.node, SequenceNode):
            raise self.fault(N_("a list is needed here"))
        return [self.at(node) for node in self.node.value]

    def each(self, read_one: Callable[["Place"], T]) -> tuple[T, ...]:
        """Every element, read. All are looked at before `Unread` is raised."""
        places, found = self.items(), list[T]()
        for place in places:
            try:
                found.append(read_one(place))
            except Unread:
                continue
        if len(found) < len(places):
            raise Unread
        return tuple(found)

    def text(self) -> str:
        """A text that is not empty."""
        if not isinstance(self.node, ScalarNode) or not self.node.value.strip():
            raise self.fault(N_("a text is needed here"))
        if self._plain("str") is None:
            raise self.fault(N_("{said} is no text to YAML; put it in quotes"), said=self.node.value)
        return str(self.node.value).strip()

    def word(self) -> str:
        """A name for programs: it stands in addresses and in the database."""
        said = self.text()
        if not WORD.fullmatch(said):
            raise self.fault(N_("{said} must be of small letters, digits and _, at most 40"), said=said)
        return said

    def whole(self, least: int = 0, most: int = MOST_WHOLE) -> int:
        """A whole number in [least, most], in plain decimal figures."""
        said = self._plain("int")
        if said is None or not WHOLE.fullmatch(said) or not least <= int(said) <= most:
            raise self.fault(N_("a whole number from {least} to {most} is needed here"), least=least, most=most)
        return int(said)

    def share(self) -> float:
        """A number between 0 and 1, both excluded."""
        said = self._plain("float")
        if said is None or not SHARE.fullmatch(said) or float(said) == 0:
            raise self.fault(N_("a share is a number between 0 and 1, such as 0.5"))
        return float(said)

    def truth(self) -> bool:
        """`true` or `false`."""
        said = self._plain("bool")
        if said not in {"true", "false"}:
            raise self.fault(N_("true or false is needed here"))
        return said == "true"

    def choice(self, kind: type[Choice]) -> Choice:
        """One of the words of `kind`."""
        return kind(self.one_of([member.value for member in kind]))

    def one_of(self, known: Sequence[str]) -> str:
        """One of the words `known`."""
        said = str(self.node.value) if isinstance(self.node, ScalarNode) else "…"
        if said not in known:
            listed = ", ".join(known)
            hint = _hint(said, known)
            raise self.fault(N_("{said} is none of: {known}{hint}"), said=said, known=listed, hint=hint)
        return said

    def choices(self, kind: type[Choice]) -> frozenset[Choice]:
        """A list of words of `kind`, each once."""
        found = self.each(lambda place: place.choice(kind))
        for index, place in enumerate(self.items()):
            if found[index] in found[:index]:
                place.fault(N_("{said} stands here twice"), said=found[index].value)
        return frozenset(found)

    def _plain(self, kind: str) -> str | None:
        """The written value where YAML takes it for this kind, else None."""
        is_kind = isinstance(self.node, ScalarNode) and self.node.tag == f"tag:yaml.org,2002:{kind}"
        return str(self.node.value) if is_kind else None


Reader = Callable[[Place], object]


def read_file(path: Path) -> Place:
    """The root of a YAML file in UTF-8. Raises `ProtocolWrong` as `read` does."""
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    _refuse_long(path.name, data)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ProtocolWrong([ProtocolFault(path.name, line, Sentence(N_("this is no text in UTF-8")))]) from None
    return read(path.name, text)


def read(file: str, text: str) -> Place:
    """The root of a YAML text. Raises `ProtocolWrong` for what is no YAML, too long, too deep, or uses anchors."""
    _refuse_long(file, text.encode())
    faults = Faults(file)
    try:
        _refuse_bombs(faults, text)
        root = None if faults.found else yaml.compose(text, Loader=yaml.SafeLoader)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        faults.add(line, N_("this is no YAML: {problem}"), problem=error.reason)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.add(mark.line + 1 if mark else 1, N_("this is no YAML: {problem}"), problem=error.problem)
    else:
        if root is not None:
            return Place(root, faults)
        if not faults.found:
            faults.add(1, N_("the file is empty"))
    raise ProtocolWrong(faults.found)


def _refuse_long(file: str, data: bytes) -> None:
    if len(data) > MOST_BYTES:
        said = Sentence(N_("the file is longer than {limit} bytes"), {"limit": MOST_BYTES})
        raise ProtocolWrong([ProtocolFault(file, 1, said)])


def _refuse_bombs(faults: Faults, text: str) -> None:
    """Note what would make a small text a large tree, or a deep one; and a second document."""
    depth, documents = 0, 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            faults.add(line, N_("anchors (&name) and aliases (*name) are not allowed; write the value out"))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            faults.add(line, N_("lists and mappings stand more than {limit} deep"), limit=MOST_DEPTH)
            return
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            faults.add(line, N_("a second document begins here; a file holds one protocol"))
            return


def _hint(said: str, known: Sequence[str]) -> Sentence | str:
    close = get_close_matches(said, known, n=1)
    return Sentence(N_(" (did you mean {close}?)"), {"close": close[0]}) if close else ""
