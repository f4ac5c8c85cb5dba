"""Rounds of letters on a real database: into the mailbox, and through SendGrid's own client to a local server."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from models.mailbox import folder_under, list_letters
from models.notice import receiving, tables
from models.notice.claiming import LEASE, Addressed
from models.notice.receiving import FIRST_DELAY, MOST_TRIES, UNCLEAR_WAIT
from models.notice.tables import Letter, Notice, NoticeStatus
from models.officer import Officer
from tasks import resources
from tasks.letters import CHUNK, LETTERS_A_MATTER, Posted, claim_notices, send_letters
from tests.fake_sendgrid import DROPPED, HANGING, KEY, Answer, FakeSendGrid, fake_sendgrid
from tests.make import Maker


@pytest.fixture(autouse=True)
def here(tmp_path: Path, database: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The steps work on the test's own database, with its mailbox beside it."""
    monkeypatch.setenv("WUFANG_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("WUFANG_PUBLIC_URL", "https://wufang.shanyang.example")
    resources.forget()
    yield
    resources.forget()


@pytest.fixture
def sendgrid(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSendGrid]:
    """Letters go to a server that answers as SendGrid does."""
    with fake_sendgrid() as server:
        monkeypatch.setenv("WUFANG_SENDGRID_API_KEY", KEY)
        monkeypatch.setenv("WUFANG_SENDGRID_HOST", server.host)
        yield server


@pytest.fixture
def opened(make: Maker) -> list[Notice]:
    """The letters that the opening of a consultation has put on their way."""
    world = make.neighbourhood()
    filing = make.filing(world.clerk, [world.compound], make.rider_lines(3))
    make.open(filing.matter_id)
    with make.database.reading() as session:
        written = list(tables.of_matter(session, filing.matter_id))
    assert len(written) > 2
    return written


def go_round(at: datetime, size: int | None = None) -> list[Posted]:
    """One round, as the flow does it."""
    return send_letters.fn(claim_notices.fn(at, size), at)


def standing(make: Maker, notices: Sequence[Notice]) -> list[Notice]:
    """The same letters as they stand now."""
    with make.database.reading() as session:
        return [session.get_one(Notice, one.id) for one in notices]


def numbers_of(sendgrid: FakeSendGrid) -> dict[str, str]:
    """The provider's number by notice."""
    taken = [(one.message_id, person) for one in sendgrid.taken for person in one.body["personalizations"]]
    return {person["custom_args"]["notice_id"]: number for number, person in taken}


def test_letters_lie_in_the_mailbox_once_and_are_received(make, opened, at, tmp_path):
    assert {one.notice_id for one in go_round(at)} == {one.id for one in opened}
    kept = list_letters(folder_under(tmp_path), 100)
    assert {one.notice_id for one in kept} == {one.id for one in opened}
    assert all("https://wufang.shanyang.example/filings/" in one.text for one in kept)
    for one in standing(make, opened):
        assert (one.status, one.provider, one.provider_id) == (NoticeStatus.DELIVERED, "mailbox", str(one.id))
        assert (one.wake_at, one.sent_at, one.trouble) == (None, at, None)
    assert go_round(at + timedelta(days=1)) == []


def test_sendgrid_takes_them_and_its_numbers_are_written_down(make, opened, at, sendgrid, tmp_path):
    go_round(at)
    numbers = numbers_of(sendgrid)
    assert len(sendgrid.taken) == len(numbers) == len(opened)
    for one in standing(make, opened):
        assert (one.status, one.provider) == (NoticeStatus.SENDING, "sendgrid")
        assert one.provider_id == numbers[str(one.id)]
    assert list_letters(folder_under(tmp_path), 1) == []


@pytest.mark.parametrize(
    ("answer", "status", "wait"),
    [
        (Answer(400, ("No.",)), NoticeStatus.PERMANENT_FAILURE, None),
        (Answer(413, ("Too large.",)), NoticeStatus.PERMANENT_FAILURE, None),
        (Answer(401, ("Key.",)), NoticeStatus.TEMPORARY_FAILURE, FIRST_DELAY),
        (Answer(503, ("Down.",)), NoticeStatus.TEMPORARY_FAILURE, FIRST_DELAY),
        (Answer(429, ("Slow.",), {"Retry-After": "900"}), NoticeStatus.TEMPORARY_FAILURE, timedelta(seconds=900)),
        (Answer(429, ("Slow.",)), NoticeStatus.TEMPORARY_FAILURE, FIRST_DELAY),
        (DROPPED, NoticeStatus.TEMPORARY_FAILURE, UNCLEAR_WAIT),
    ],
)
def test_a_letter_that_fails_waits_or_ends_alone(make, opened, at, sendgrid, answer, status, wait):
    sendgrid.then(answer)
    [failed] = [one for one in go_round(at) if one.trouble]
    stood = {one.id: one for one in standing(make, opened)}
    mine = stood.pop(failed.notice_id)
    assert (mine.status, mine.trouble) == (status, failed.trouble)
    if wait is None:
        assert mine.wake_at is None
    else:
        assert at + wait <= mine.wake_at < at + wait + FIRST_DELAY
    assert {one.status for one in stood.values()} == {NoticeStatus.SENDING}


def test_an_unclear_letter_is_left_alone_for_half_an_hour(opened, at, sendgrid):
    sendgrid.then(DROPPED)
    go_round(at)
    assert go_round(at + UNCLEAR_WAIT - timedelta(seconds=1)) == []
    [again] = go_round(at + UNCLEAR_WAIT + FIRST_DELAY)
    assert again.trouble is None


def test_what_fails_together_does_not_come_together_again(make, opened, at, sendgrid):
    sendgrid.then(*[Answer(503)] * len(opened))
    go_round(at)
    alarms = [one.wake_at - at for one in standing(make, opened)]
    assert len(set(alarms)) == len(alarms)
    assert all(FIRST_DELAY <= one < 2 * FIRST_DELAY for one in alarms)
    tried = Notice(id=opened[0].id, tries=4)
    assert 8 * FIRST_DELAY <= receiving.jittered(tried, timedelta(0)) < 16 * FIRST_DELAY


def test_officers_who_are_told_the_same_share_a_call(make, at, sendgrid):
    world = make.neighbourhood()
    more = [make.officer(world.community) for _ in range(3)]
    make.open(make.filing(world.clerk, [world.compound]).matter_id)
    posted = go_round(at)
    sizes = sorted(len(one.body["personalizations"]) for one in sendgrid.taken)
    assert sizes[-1] == 1 + len(more)
    assert sum(sizes) == len(posted) == len(numbers_of(sendgrid))
    for one in sendgrid.taken:
        assert one.body["categories"] == [Letter.INVITATION] or len(one.body["personalizations"]) == 1


def test_a_call_that_fails_fails_for_all_of_its_letters(make, at, sendgrid):
    world = make.neighbourhood()
    for _ in range(3):
        make.officer(world.community)
    matter_id = make.filing(world.clerk, [world.compound]).matter_id
    make.open(matter_id)
    sendgrid.then(*[Answer(500)] * 10)
    posted = go_round(at)
    assert len(sendgrid.received) < len(posted)
    assert {one.trouble for one in posted} == {"SendGrid answered 500: Internal Server Error"}
    with make.database.reading() as session:
        stood = tables.of_matter(session, matter_id)
    assert {(one.status, one.tries) for one in stood} == {(NoticeStatus.TEMPORARY_FAILURE, 1)}


def test_in_team_mode_only_the_team_gets_letters_and_the_others_lie_in_the_mailbox(
    make, opened, at, sendgrid, tmp_path, monkeypatch
):
    with make.database.reading() as session:
        teammate = session.get_one(Officer, opened[0].officer_id).email
    monkeypatch.setenv("WUFANG_MAIL_MODE", "team")
    monkeypatch.setenv("WUFANG_MAIL_TEAM", f"{teammate.upper()}, @elsewhere.example")
    resources.forget()
    go_round(at)
    assert [one.body["personalizations"][0]["to"][0]["email"] for one in sendgrid.received] == [teammate]
    stood = {one.id: (one.status, one.provider, one.wake_at) for one in standing(make, opened)}
    assert stood.pop(opened[0].id) == (NoticeStatus.SENDING, "sendgrid", None)
    assert set(stood.values()) == {(NoticeStatus.CREATED, "pilot", None)}
    assert {one.notice_id for one in list_letters(folder_under(tmp_path), 100)} == set(stood)
    assert go_round(at + timedelta(days=1)) == []


def test_in_the_sandbox_nobody_gets_a_letter_and_its_status_says_so(make, opened, at, sendgrid, monkeypatch):
    monkeypatch.setenv("WUFANG_MAIL_MODE", "sandbox")
    resources.forget()
    go_round(at)
    assert (len(sendgrid.received), sendgrid.taken) == (len(opened), [])
    assert {(one.status, one.provider, one.wake_at) for one in standing(make, opened)} == {
        (NoticeStatus.CREATED, "sandbox", None)
    }


def test_a_letter_that_cannot_be_rendered_stops_no_other(make, opened, at, tmp_path):
    broken = opened[0]
    make.tamper("update notice set facts = '{}' where key = :key", key=broken.key)
    [failed] = [one for one in go_round(at) if one.trouble]
    assert (failed.notice_id, failed.trouble) == (broken.id, "ValidationError")
    mine, *others = standing(make, opened)
    assert mine.status is NoticeStatus.TEMPORARY_FAILURE
    assert at + FIRST_DELAY <= mine.wake_at < at + 2 * FIRST_DELAY
    assert {one.status for one in others} == {NoticeStatus.DELIVERED}


def test_after_the_last_try_it_is_shown_as_failed(make, opened, at):
    broken = opened[0]
    make.tamper("update notice set facts = '{}' where key = :key", key=broken.key)
    for number in range(MOST_TRIES):
        assert standing(make, [broken])[0].tries == number
        go_round(at + timedelta(days=number))
    [mine] = standing(make, [broken])
    assert (mine.status, mine.wake_at) == (NoticeStatus.TECHNICAL_FAILURE, None)


def test_a_round_that_dies_after_its_claim_leaves_them_due(opened, at, tmp_path):
    claim_notices.fn(at)
    assert go_round(at + LEASE - timedelta(seconds=1)) == []
    assert len(go_round(at + LEASE)) == len(opened)
    assert len(list_letters(folder_under(tmp_path), 100)) == len(opened)


def test_a_round_that_takes_too_long_leaves_the_rest_to_the_next(make, opened, at, sendgrid):
    claimed = claim_notices.fn(at)
    assert send_letters.fn(claimed, at, most=timedelta(0)) == []
    assert {one.status for one in standing(make, opened)} == {NoticeStatus.CREATED}
    assert len(go_round(at + LEASE)) == len(sendgrid.taken) == len(opened)


def test_a_receipt_that_comes_too_late_undoes_no_other(make, opened, at, sendgrid, monkeypatch):
    monkeypatch.setenv("WUFANG_MAIL_THREADS", "1")  # so that it is this letter's answer which is dropped
    resources.forget()
    slow = claim_notices.fn(at)
    [fast] = claim_notices.fn(at + LEASE, 1)
    send_letters.fn([fast], at + LEASE)
    sendgrid.then(DROPPED)
    others: list[Addressed] = [one for one in slow if one.notice_id != fast.notice_id]
    send_letters.fn([fast, *others], at + LEASE)
    assert {(one.status, one.trouble) for one in standing(make, opened)} == {(NoticeStatus.SENDING, None)}


def test_a_round_takes_no_more_than_it_is_told(opened, at, monkeypatch):
    assert len(go_round(at, 1)) == 1
    monkeypatch.setenv("WUFANG_ROUND_SIZE", "2")
    resources.forget()
    assert len(go_round(at)) == min(2 * LETTERS_A_MATTER, len(opened) - 1)


def test_receipts_of_many_letters_are_all_written_down(make, at):
    world = make.neighbourhood()
    filings = [make.filing(world.clerk, [world.compound], make.rider_lines(1, seed)) for seed in range(CHUNK // 2)]
    for one in filings:
        make.open(one.matter_id)
    assert len(go_round(at)) > CHUNK
    with make.database.reading() as session:
        written = [letter for one in filings for letter in tables.of_matter(session, one.matter_id)]
    assert {one.status for one in written} == {NoticeStatus.DELIVERED}


def test_nobody_waits_for_the_database_while_a_letter_is_being_sent(make, opened, at, sendgrid):
    sendgrid.then(HANGING)
    sending = Thread(target=go_round, args=(at, 1))
    sending.start()
    while not sendgrid.received:
        time.sleep(0.01)
    started = time.monotonic()
    make.tamper("update notice set trouble = trouble")
    assert time.monotonic() - started < 1
    sendgrid.closing.set()
    sending.join()
    [unclear] = [one for one in standing(make, opened) if one.trouble]
    assert at + UNCLEAR_WAIT <= unclear.wake_at < at + UNCLEAR_WAIT + FIRST_DELAY
    assert unclear.unclear_at == at
