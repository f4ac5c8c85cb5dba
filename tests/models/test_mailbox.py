"""The mailbox: one whole letter a notice, listed newest first."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from models.base import uuid7
from models.errors import NotFound
from models.mailbox import Message, list_letters, read_letter, write_letter


def a_message(notice_id: UUID | None = None, subject: str = "请提出意见") -> Message:
    return Message(
        notice_id or uuid7(),
        "officer@dinghe.example",
        subject,
        "文字\n",
        "<p>文字</p>",
        "zh",
        "invitation",
        datetime(2026, 11, 23, 1, 0, tzinfo=UTC),
    )


def test_a_letter_is_read_back_as_it_was_kept(tmp_path):
    message = a_message()
    assert write_letter(tmp_path / "mailbox", message)
    assert read_letter(tmp_path / "mailbox", message.notice_id) == message


def test_a_notice_sent_twice_leaves_one_letter_the_first(tmp_path):
    message = a_message()
    assert write_letter(tmp_path, message)
    assert not write_letter(tmp_path, replace(message, subject="again"))
    assert [path.name for path in tmp_path.iterdir()] == [f"{message.notice_id}.json"]
    assert list_letters(tmp_path, 10) == [message]


def test_writers_at_once_leave_one_whole_letter(tmp_path):
    notice_id = uuid7()
    messages = [a_message(notice_id, f"写信人 {number}") for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        news = list(pool.map(lambda one: write_letter(tmp_path, one), messages))
    assert news.count(True) == 1
    assert read_letter(tmp_path, notice_id) == messages[news.index(True)]
    assert len(list(tmp_path.iterdir())) == 1


def test_letters_are_listed_newest_first_page_by_page(tmp_path):
    ids = [uuid7() for _ in range(5)]
    for one in ids:
        write_letter(tmp_path, a_message(one))
    first = list_letters(tmp_path, 2)
    assert [one.notice_id for one in first] == ids[:2:-1]
    rest = list_letters(tmp_path, 10, before=first[-1].notice_id)
    assert [one.notice_id for one in rest] == ids[2::-1]


def test_other_files_in_the_folder_are_passed_over(tmp_path):
    (tmp_path / "notes.json").write_text(json.dumps({}))
    (tmp_path / ".half-written").write_text("{")
    assert list_letters(tmp_path, 10) == []
    assert list_letters(tmp_path / "not-there-yet", 10) == []


def test_a_letter_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(NotFound):
        read_letter(tmp_path, uuid4())
