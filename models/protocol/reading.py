"""Reading YAML so that every mistake keeps its line: a thin layer over PyYAML's nodes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from models.errors import RuleBroken
from models.words import N_, Sentence

Choice = TypeVar("Choice", bound=StrEnum)
MOST_BYTES = 256 * 1024


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

    def mapping(self, needed: Sequence[str], optional: Sequence[str] = ()) -> dict[str, "Place"]:
        """The values by key; unknown, doubled and missing keys are noted. Raises `Unread` where a needed one is missing."""
        if not isinstance(self.node, MappingNode):
            raise self.fault(N_("a mapping is needed here"))
        found: dict[str, Place] = {}
        for key_node, value_node in self.node.value:
            key = str(key_node.value)
            if key not in (*needed, *optional):
                self.at(key_node).fault(N_("unknown key {key}{hint}"), key=key, hint=_hint(key, (*needed, *optional)))
            elif key in found:
                self.at(key_node).fault(N_("key {key} stands here twice"), key=key)
            else:
                found[key] = self.at(value_node)
        missing = [key for key in needed if key not in found]
        for key in missing:
            self.fault(N_("key {key} is missing"), key=key)
        if missing:
            raise Unread
        return found

    def items(self) -> Iterator["Place"]:
        """The elements of a list."""
        if not isinstance(self.node, SequenceNode):
            raise self.fault(N_("a list is needed here"))
        return map(self.at, self.node.value)

    def text(self) -> str:
        """A text that is not empty."""
        if not isinstance(self.node, ScalarNode) or not self.node.value.strip():
            raise self.fault(N_("a text is needed here"))
        return str(self.node.value).strip()

    def whole(self, least: int) -> int:
        """A whole number of at least `least`."""
        value = self.scalar()
        if type(value) is not int or value < least:
            raise self.fault(N_("a whole number from {least} on is needed here"), least=least)
        return value

    def share(self) -> float:
        """A number between 0 and 1, both excluded."""
        value = self.scalar()
        if not isinstance(value, float) or not 0 < value < 1:
            raise self.fault(N_("a share is a number between 0 and 1, such as 0.5"))
        return value

    def truth(self) -> bool:
        """`true` or `false`."""
        value = self.scalar()
        if not isinstance(value, bool):
            raise self.fault(N_("true or false is needed here"))
        return value

    def choice(self, kind: type[Choice]) -> Choice:
        """One of the words of `kind`."""
        said = str(self.node.value) if isinstance(self.node, ScalarNode) else ""
        words = [member.value for member in kind]
        if said not in words:
            known = ", ".join(words)
            raise self.fault(N_("{said} is none of: {known}{hint}"), said=said, known=known, hint=_hint(said, words))
        return kind(said)

    def scalar(self) -> object:
        """The plain value as YAML 1.1 reads it."""
        if not isinstance(self.node, ScalarNode):
            raise self.fault(N_("a value is needed here"))
        return yaml.safe_load(self.node.value) if self.node.style is None else self.node.value


def read(file: str, text: str) -> Place:
    """The root of a YAML text. Raises `ProtocolWrong` for what is no YAML, too long, or uses anchors."""
    faults = Faults(file)
    if len(text.encode()) > MOST_BYTES:
        faults.add(1, N_("the file is longer than {limit} bytes"), limit=MOST_BYTES)
        faults.stop()
    root = None
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            faults.add(1, N_("aliases (*name) are not allowed; write the value out"))
        else:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        faults.add(mark.line + 1 if mark else 1, N_("this is no YAML: {problem}"), problem=error.problem)
    except yaml.YAMLError as error:
        faults.add(1, N_("this is no YAML: {problem}"), problem=str(error).splitlines()[0])
    if root is None:
        if not faults.found:
            faults.add(1, N_("the file is empty"))
        raise ProtocolWrong(faults.found)
    return Place(root, faults)


def _hint(said: str, known: Sequence[str]) -> str:
    close = get_close_matches(said, known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""
