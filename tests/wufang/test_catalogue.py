"""The catalogue's upkeep: what code and templates say, what is kept, and what is found wrong."""

from pathlib import Path

import pytest

from wufang.catalogue import HEADER, problems, read, sentences, updated

PYTHON = """
class Rule:
    sentence = N_("Row {row} is wrong.")
said = Sentence(N_("Two " "halves."), {"value": rule["row"]})
words.ngettext("{count} rider", "{count} riders", 3)
"""
PAGE = "<title>{{ _('A page') }}</title>{% if x %}{{ _(\"Row {row} is wrong.\", row=_('Mon')) }}{% endif %}"
LETTER = "{{ _('A letter') }}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small repository that says seven things."""
    for name, text in {
        "models/rule.py": PYTHON,
        "templates/pages/a.html": PAGE,
        "templates/email/a/body.txt": LETTER,
        "models/protocols/p.yaml": "title: _('not this')",
        "tests/test_it.py": "N_('nor this')",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def entry(msgid: str, msgstr: str) -> str:
    return f'msgid "{msgid}"\nmsgstr "{msgstr}"\n\n'


RIDERS = 'msgid "{count} rider"\nmsgid_plural "{count} riders"\nmsgstr[0] "{count} 名骑手"\n\n'
ROW = entry("Row {row} is wrong.", "第{row}行有误。")
COMPLETE = (
    HEADER
    + entry("A letter", "信")
    + entry("A page", "页")
    + entry("Mon", "周一")
    + ROW
    + entry("Two halves.", "两半。")
    + RIDERS
)


def said_of(root: Path, text: str) -> list[str]:
    path = root / "wufang.po"
    path.write_text(text)
    return list(problems(read(path), sentences(root)))


def test_code_and_templates_are_read_tests_and_protocols_are_not(root):
    found = sentences(root)
    assert set(found) == {"Row {row} is wrong.", "Two halves.", "{count} rider", "A page", "Mon", "A letter"}
    assert found["{count} rider"].msgid == ("{count} rider", "{count} riders")
    assert found["Row {row} is wrong."].files == {"models/rule.py", "templates/pages/a.html"}


def test_an_update_keeps_translations_sorts_and_drops_what_nobody_says(root):
    path = root / "wufang.po"
    path.write_text(HEADER + RIDERS + "# 用敬语\n" + ROW + entry("Gone.", "没了。") + entry("A page", "页"))
    first = updated(read(path), sentences(root).values())
    path.write_bytes(first)
    assert updated(read(path), reversed(list(sentences(root).values()))) == first
    text = first.decode()
    assert text.startswith(HEADER)
    assert RIDERS.strip() in text
    assert "# 用敬语\n" + ROW.strip() in text
    assert 'msgid "A letter"\nmsgstr ""' in text
    assert "Gone." not in text
    msgids = [line for line in text.splitlines() if line.startswith('msgid "')][1:]
    assert msgids == sorted(msgids)
    assert "#:" not in text
    assert "Date" not in text


def test_a_long_sentence_stays_on_one_line(root):
    long = "A very long sentence that goes on and on " * 6
    (root / "models/long.py").write_text(f"N_({long!r})")
    assert f'msgid "{long}"' in updated(read(root / "none.po"), sentences(root).values()).decode()


def test_a_sentence_that_gains_a_plural_keeps_its_translation(root):
    path = root / "wufang.po"
    path.write_text(HEADER + entry("{count} rider", "{count} 名骑手"))
    assert RIDERS.strip() in updated(read(path), sentences(root).values()).decode()


def test_a_complete_catalogue_has_no_problems(root):
    assert said_of(root, COMPLETE) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (entry("A page", "页"), "", "'A page' (templates/pages/a.html) is missing"),
        ('"信"', '""', "'A letter' (templates/email/a/body.txt) is not translated"),
        ('msgid "Mon"', '#, fuzzy\nmsgid "Mon"', "'Mon' (templates/pages/a.html) is fuzzy"),
        ('msgid "Mon"', 'msgid "Tue"', "'Tue' is obsolete: nothing says it any more"),
        (RIDERS, RIDERS + '#~ msgid "Old"\n#~ msgstr "旧"\n', "'Old' is obsolete: it is commented out"),
        ("第{row}行", "此行", "(models/rule.py, templates/pages/a.html) lacks in its translation: row"),
        ("第{row}行", "第{row}行{cell}", "invents in its translation: cell"),
        ("第{row}行", "第{row行", "has braces that do not fit"),
        ("{count} 名骑手", "骑手", "'{count} rider' (models/rule.py) lacks in its translation: count"),
    ],
)
def test_each_fault_is_named_with_its_entry(root, old, new, said):
    assert old in COMPLETE
    found = said_of(root, COMPLETE.replace(old, new))
    assert any(said in one for one in found)
    assert len(found) <= 2
