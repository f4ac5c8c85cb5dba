"""The Chinese catalogue: `python -m wufang.catalogue update` brings it up to date, `check` says what is missing.

Entries stand sorted, one line each, without places, line numbers or dates, so that two people's additions rarely meet.
"""

import string
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import typer
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import PoFileError, read_po, write_po

from templates.language import catalogue_path

ROOT = Path(__file__).resolve().parents[1]
LANGUAGE = "zh"
ROOMS = ("api", "flows", "models", "tasks", "templates", "wufang")
TEMPLATE_ENDS = (".html", ".txt")
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
TEMPLATE_OPTIONS = {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
HEADER = """\
# Chinese translations 中文译文. Words follow the table of words: 单位, 经办人, 事项, 议事规则, 协商, 环节, 席位, 意见, 决议.
# Translate an empty msgstr by hand; `python -m wufang.catalogue update` does the rest.
msgid ""
msgstr ""
"Language: zh\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""

Msgid = str | tuple[str, ...]
application = typer.Typer(add_completion=False, help=__doc__)


@dataclass(slots=True)
class Said:
    """A sentence that the code or a template says: its msgid, with the plural where it has one, and the files."""

    msgid: Msgid
    files: set[str] = field(default_factory=set[str])

    @property
    def key(self) -> str:
        """What the catalogue finds it by."""
        return key_of(self.msgid)


def key_of(msgid: str | Sequence[str]) -> str:
    """The singular: a catalogue has one entry for it."""
    return msgid if isinstance(msgid, str) else msgid[0]


def sources(root: Path) -> Iterator[Path]:
    """Every file that may say something, in a stable order."""
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            is_template = path.suffix in TEMPLATE_ENDS and room == "templates"
            if path.is_file() and (path.suffix == ".py" or is_template):
                yield path


def sentences(root: Path) -> dict[str, Said]:
    """Every sentence that is marked for translation, by its key."""
    found: dict[str, Said] = {}
    for path in sources(root):
        for msgid in _marked(path):
            said = found.setdefault(key_of(msgid), Said(msgid))
            said.files.add(path.relative_to(root).as_posix())
            if isinstance(msgid, tuple):
                said.msgid = msgid
    return found


def _marked(path: Path) -> Iterator[Msgid]:
    method, options = ("python", {}) if path.suffix == ".py" else ("jinja2", TEMPLATE_OPTIONS)
    for _line, message, _comments, _context in extract_from_file(method, path, keywords=KEYWORDS, options=options):
        if message:
            yield message if isinstance(message, str) else tuple(message)


def read(path: Path) -> Catalog:
    """The catalogue as it lies there; an empty one where there is none. Raises `PoFileError`."""
    if not path.exists():
        return Catalog(locale=LANGUAGE)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, abort_invalid=True)


def updated(known: Catalog, said: Iterable[Said]) -> bytes:
    """The catalogue's text with exactly these sentences; translations and translators' comments that exist are kept."""
    fresh = Catalog(locale=LANGUAGE)
    for one in said:
        old = known.get(one.key)
        flags = [flag for flag in old.flags if flag == "fuzzy"] if old else []
        comments = old.user_comments if old else []
        fresh.add(one.msgid, _carried(one.msgid, old), flags=flags, user_comments=comments)
    for message in fresh:
        message.flags.discard("python-brace-format")  # every sentence is one: the mark says nothing
        message.flags.discard("python-format")
    text = BytesIO()
    write_po(text, fresh, width=0, no_location=True, omit_header=True, sort_output=True)
    return HEADER.encode() + text.getvalue().rstrip(b"\n") + b"\n"


def _carried(msgid: Msgid, old: Message | None) -> str | tuple[str, ...]:
    """The old translation in the shape that `msgid` asks for."""
    first, *_ = _forms(old) if old else ("",)
    return first if isinstance(msgid, str) else (first,)


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def places(text: str) -> set[str]:
    """The names of the places in a sentence, e.g. {"row"}. Raises `ValueError` where its braces do not fit."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def problems(known: Catalog, said: dict[str, Said]) -> Iterator[str]:
    """What is wrong with the catalogue: a line each, naming the entry, and the file that says the sentence."""
    for key, one in said.items():
        entry = known.get(key)
        if entry is None:
            yield f"{key!r} ({', '.join(sorted(one.files))}) is missing"
        else:
            yield from (f"{key!r} ({', '.join(sorted(one.files))}) {fault}" for fault in _faults(one, entry))
    for entry in known:
        if entry.id and key_of(entry.id) not in said:
            yield f"{key_of(entry.id)!r} is obsolete: nothing says it any more"
    for entry in known.obsolete.values():
        yield f"{key_of(entry.id)!r} is obsolete: it is commented out"


def _faults(said: Said, entry: Message) -> Iterator[str]:
    forms = _forms(entry)
    if not all(form.strip() for form in forms):
        yield "is not translated"
        return
    if entry.fuzzy:
        yield "is fuzzy: look at the translation, then take the mark away"
    whole = said.msgid if isinstance(said.msgid, str) else said.msgid[-1]
    for form in forms:
        yield from _misplaced(whole, form)


def _misplaced(text: str, form: str) -> Iterator[str]:
    try:
        asked, given = places(text), places(form)
    except ValueError as error:
        yield f"has braces that do not fit: {error}"
        return
    if lacking := asked - given:
        yield f"lacks in its translation: {', '.join(sorted(lacking))}"
    if invented := given - asked:
        yield f"invents in its translation: {', '.join(sorted(invented))}"


@application.command()
def update() -> None:
    """Bring the catalogue up to date: new sentences untranslated, dropped ones gone, translations kept."""
    path = catalogue_path(LANGUAGE)
    text = updated(read(path), sentences(ROOT).values())
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_bytes(text)
    beside.replace(path)
    open_ones = [entry for entry in read(path) if entry.id and not all(_forms(entry))]
    typer.echo(f"{path.relative_to(ROOT)}: {len(open_ones)} to translate")


@application.command()
def check() -> None:
    """Exit 1 with a line for each entry that is missing, untranslated, fuzzy, obsolete or misplaced."""
    path = catalogue_path(LANGUAGE)
    name = path.relative_to(ROOT)
    try:
        found = list(problems(read(path), sentences(ROOT)))
    except PoFileError as error:
        found = [str(error)]
    if found:
        typer.echo("\n".join(f"{name}: {one}" for one in found), err=True)
        sys.exit(1)
    typer.echo(f"{name}: complete")


if __name__ == "__main__":
    application()
