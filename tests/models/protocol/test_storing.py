"""Versions in force and versions in use."""

from dataclasses import replace

import pytest
from sqlalchemy import event

from models.errors import NotFound
from models.protocol.canonical import digest_of
from models.protocol.reading import ProtocolWrong
from models.protocol.storing import (
    FOLDER,
    ProtocolChanged,
    ProtocolVersion,
    check_unchanged,
    current,
    load_all,
    load_stored,
    store,
    versions,
)

NEWEST = current("access_filing").version


def test_the_newest_version_is_in_force():
    assert current("access_filing") == versions("access_filing")[-1]
    with pytest.raises(NotFound):
        current("nothing_of_the_kind")


def test_versions_come_by_number_not_by_spelling(tmp_path):
    text = (FOLDER / "access_filing.v1.yaml").read_text(encoding="utf-8")
    for number in (10, 2, 1):
        changed = text.replace("\nversion: 1\n", f"\nversion: {number}\n")
        (tmp_path / f"access_filing.v{number}.yaml").write_text(changed, encoding="utf-8")
    listed = load_all(tmp_path)["access_filing"]
    assert [one.version for one in listed] == [1, 2, 10]
    assert len({one.digest for one in listed}) == 3


@pytest.mark.parametrize("name", ["access_filing.v01.yaml", "access_filing.v2.yaml", "access_filing.yaml"])
def test_a_file_is_named_after_what_it_says(tmp_path, name):
    (tmp_path / name).write_bytes((FOLDER / "access_filing.v1.yaml").read_bytes())
    with pytest.raises(ProtocolWrong, match=r"line 4: the file must be named access_filing\.v1\.yaml"):
        load_all(tmp_path)


def test_a_consultation_reads_the_version_it_opened_with(any_database, at):
    protocol = current("access_filing")
    any_database.write(store, protocol, at)
    any_database.write(store, protocol, at)
    with any_database.reading() as session:
        assert load_stored(session, "access_filing", NEWEST) == protocol
        with pytest.raises(NotFound):
            load_stored(session, "access_filing", 99)


def test_a_version_that_was_used_cannot_say_something_else(any_database, at):
    protocol = current("access_filing")
    any_database.write(store, protocol, at)
    changed = digest_of(replace(protocol, lines_limit=7))
    with pytest.raises(ProtocolChanged, match=f"Give the changed rules version {NEWEST + 1}"):
        any_database.write(store, changed, at)


def test_what_was_rolled_back_is_stored_again_the_next_time(database, at):
    def fail(session):
        store(session, current("access_filing"), at)
        load_stored(session, "access_filing", NEWEST)
        raise KeyError

    with pytest.raises(KeyError):
        database.write(fail)
    database.write(store, current("access_filing"), at)
    with database.reading() as session:
        assert session.get(ProtocolVersion, ("access_filing", NEWEST)) is not None


def test_the_second_reading_asks_the_database_nothing(database, at):
    database.write(store, current("access_filing"), at)
    asked = []
    with database.reading() as session:
        load_stored(session, "access_filing", NEWEST)
        event.listen(session.get_bind(), "before_cursor_execute", lambda *_: asked.append(1))
        load_stored(session, "access_filing", NEWEST)
    assert asked == []


def test_a_file_changed_after_its_use_is_told_before_a_filing_meets_it(database, at):
    with database.reading() as session:
        check_unchanged(session)  # never used: may still be changed
    database.write(store, digest_of(replace(current("access_filing"), lines_limit=7)), at)
    with database.reading() as session, pytest.raises(ProtocolChanged, match="has changed since it was used"):
        check_unchanged(session)
