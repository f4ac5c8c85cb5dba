"""The mailbox: whose letters are shown to whom, page by page, and that a letter can do nothing."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import Response
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.district import Organisation
from models.mailbox import PILOT, PROVIDER, Message, folder_under, write_letter
from models.notice import receiving, writing
from models.notice.tables import Letter, Notice, NoticeStatus
from models.officer import Officer
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood

Browse = Callable[[Organisation], Browser]
HTML = "<!doctype html><html><head><title>x</title></head><body style='color:red'><b>{text}</b></body></html>"


@pytest.fixture
def matter_id(make: Maker, world: Neighbourhood) -> UUID:
    """What the letters are about; no letter of its own."""
    return make.filing(world.clerk, [world.compound]).matter_id


@pytest.fixture
def post(make: Maker, matter_id: UUID, tmp_path: Path, at: datetime) -> Callable[[Officer, str], UUID]:
    """Put a letter into the mailbox, as a round would."""

    def post(officer: Officer, subject: str) -> UUID:
        notice_id = make.database.write(_receive, matter_id, officer, subject, at)
        text = f"{subject} <script>alert(1)</script>"
        html = HTML.format(text=subject)
        write_letter(
            folder_under(tmp_path), Message(notice_id, officer.email, subject, text, html, "en", "invitation", at)
        )
        return notice_id

    return post


def _receive(session: Session, matter_id: UUID, officer: Officer, cause: str, at: datetime) -> UUID:
    writing.write(session, cause, matter_id, Letter.INVITATION, {}, [officer], at)
    notice_id = session.scalars(select(Notice.id).where(Notice.key == f"invitation:{cause}:{officer.id}")).one()
    receiving.receive(session, notice_id, NoticeStatus.DELIVERED, PROVIDER, str(notice_id), at)
    return notice_id


def test_officers_read_their_own_letters_and_nobody_else_s(
    browse: Browse, world: Neighbourhood, post: Callable[[Officer, str], UUID]
) -> None:
    mine, other = post(world.officer(world.street), "To the street"), post(world.officer(world.council), "To us")
    browser = browse(world.street)
    page = browser.get("/mailbox").text
    assert "To the street" in page
    assert "To us" not in page
    letter = browser.get(f"/mailbox/{mine}").text
    assert "To the street &lt;script&gt;" in letter
    assert f'src="/mailbox/{mine}/html"' in letter
    for address in (f"/mailbox/{other}", f"/mailbox/{other}/html", "/mailbox/none", f"/mailbox/{world.street.id}"):
        assert browser.get(address).status_code == 404


def test_administrators_read_all_letters(
    browse: Browse, make: Maker, world: Neighbourhood, post: Callable[[Officer, str], UUID]
) -> None:
    posted = post(world.officer(world.street), "To the street")
    world.officers[world.lead.id] = make.officer(world.lead, is_administrator=True)
    boss = browse(world.lead)
    assert world.officer(world.street).email in boss.get("/mailbox").text
    assert boss.get(f"/mailbox/{posted}").status_code == 200


def test_the_letter_itself_has_no_script_no_origin_and_nothing_from_elsewhere(
    browse: Browse, world: Neighbourhood, post: Callable[[Officer, str], UUID]
) -> None:
    posted = post(world.officer(world.street), "To the street")
    sent: Response = browse(world.street).get(f"/mailbox/{posted}/html")
    policy = sent.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert re.search(r"sandbox allow-top-navigation-by-user-activation$", policy)
    assert "script" not in policy
    assert sent.headers["x-frame-options"] == "SAMEORIGIN"
    assert sent.headers["cache-control"] == "no-store"
    assert '<base target="_top">' in sent.text
    assert "<b>To the street</b>" in sent.text


def test_an_empty_mailbox_says_so_and_letters_come_fifty_a_page(
    browse: Browse, world: Neighbourhood, post: Callable[[Officer, str], UUID]
) -> None:
    browser = browse(world.street)
    assert "No letters yet." in browser.get("/mailbox").text
    for number in range(51):
        post(world.officer(world.street), f"Letter {number:02}.")
    first = browser.get("/mailbox").text
    assert first.count('href="/mailbox/') == 50
    assert "Letter 00." not in first
    older = re.search(r'href="(/mailbox\?before=[^"]+)"', first)
    assert older is not None
    second = browser.get(older[1]).text
    assert re.findall(r"Letter (\d\d)\.", second) == ["00"]
    assert "Newest letters" in second
    assert "Older letters" not in second


def test_a_letter_whose_file_is_gone_is_left_out(
    browse: Browse, world: Neighbourhood, post: Callable[[Officer, str], UUID], tmp_path: Path
) -> None:
    gone = post(world.officer(world.street), "Gone.")
    (folder_under(tmp_path) / f"{gone}.json").unlink()
    browser = browse(world.street)
    assert "Gone." not in browser.get("/mailbox").text
    assert browser.get(f"/mailbox/{gone}").status_code == 404


def test_there_is_no_mailbox_while_letters_leave_the_building(
    app: FastAPI, browse: Browse, world: Neighbourhood
) -> None:
    browser = browse(world.street)
    assert 'href="/mailbox"' in browser.get("/filings").text
    app.state.settings = app.state.settings.model_copy(update={"sendgrid_api_key": SecretStr("a key")})
    assert 'href="/mailbox"' not in browser.get("/filings").text
    assert browser.get("/mailbox").status_code == 404


def test_in_a_pilot_the_mailbox_says_why_letters_lie_there(
    app: FastAPI, browse: Browse, world: Neighbourhood, make: Maker, at: datetime, tmp_path: Path
) -> None:
    pilot = {"sendgrid_api_key": SecretStr("a key"), "mail_mode": "team"}
    app.state.settings = app.state.settings.model_copy(update=pilot)
    officer = world.officer(world.street)
    make.database.write(writing.write, "x", None, Letter.REPLY, {}, [officer], at)
    with make.database.reading() as session:
        notice_id = session.scalars(select(Notice.id)).one()
    make.database.write(receiving.receive, notice_id, NoticeStatus.CREATED, PILOT, "", at)
    kept = Message(notice_id, officer.email, "Kept here", "text", "<p>", "en", "reply", at)
    write_letter(folder_under(tmp_path), kept)
    page = browse(world.street).get("/mailbox").text
    assert "are not sent" in page
    assert "Kept here" in page
