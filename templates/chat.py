"""What a chat room is told: one plain text for all that is due, each thing with its link.

The first line names the system, so that a robot which asks for a key word in each message ("山阳五方") has it. What does
not fit a vendor's limit is counted, with the way to the inbox; what is urgent comes first.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from pydantic import ValidationError

from models.chat import RoomKind, Said
from models.preference import MANNERS
from templates.language import Translator, translator
from templates.letters import Entry, entry_of

# A text's bytes. WeCom takes 2,048; DingTalk and Feishu some 20,000 for the whole request, but nobody reads so much.
MOST_BYTES = {RoomKind.WECOM: 2000, RoomKind.DINGTALK: 6000, RoomKind.FEISHU: 6000}

log = structlog.get_logger()


def compose(said: Sequence[Said], language: str, address: str, at: datetime, most_bytes: int) -> str:
    """The text, at most `most_bytes` of UTF-8; empty where nothing that is due can be said."""
    words = translator(language)
    trials = (
        [words.gettext("This is a trial: the room gets messages.")] if any(one.letter is None for one in said) else []
    )
    entries = _entries(said, language, address, at)
    if not trials and not entries:
        return ""
    head = words.ngettext("{name}: {count} message", "{name}: {count} messages", len(trials) + len(entries))
    lines = [head.format(name=words.gettext("Shanyang Five Parties"), count=len(trials) + len(entries)), *trials]
    return _fit(lines, entries, words, f"{address}/", most_bytes)


def _entries(said: Iterable[Said], language: str, address: str, at: datetime) -> list[Entry]:
    """Their lines: first what passes every digest, then what is asked by its deadline, then the rest."""
    made: list[tuple[tuple[bool, bool, datetime], Entry]] = []
    for one in said:
        if one.letter is None:
            continue
        try:
            entry = entry_of(one.letter.value, one.facts, language, address, at)
        except ValidationError:
            log.exception("message cannot be said", message=str(one.message_id), letter=one.letter.value)
            continue
        made.append(((not MANNERS[one.letter].passes, not entry.asks, entry.due_at or at), entry))
    return [entry for _, entry in sorted(made, key=lambda both: both[0])]


def _fit(lines: list[str], entries: Sequence[Entry], words: Translator, inbox: str, most_bytes: int) -> str:
    """As many entries as fit together with the line that counts the others."""
    text = "\n".join(lines)
    for number, entry in enumerate(entries):
        longer = f"{text}\n\n{number + 1}. {entry.subject}\n{entry.link}"
        left = len(entries) - number - 1
        if len((longer + _more(left, words, inbox)).encode()) > most_bytes:
            return text + _more(left + 1, words, inbox)
        text = longer
    return text


def _more(count: int, words: Translator, inbox: str) -> str:
    if not count:
        return ""
    said = words.ngettext("{count} more in the inbox:", "{count} more in the inbox:", count).format(count=count)
    return f"\n\n{said}\n{inbox}"
