"""The administrators' list of letters that did not arrive: what stands on it, and what can be done."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from models.errors import NotAllowed
from models.notice import receiving, writing
from models.notice.mending import mend_mailbox, send_again
from models.notice.receiving import MOST_TRIES, Attempt
from models.notice.tables import FAILED, Letter, Notice, NoticeStatus
from models.officer import Officer
from models.staff_act import StaffAct, StaffActKind
from models.views.undelivered import undelivered

DEAD = Attempt(None, NoticeStatus.PERMANENT_FAILURE, reason="550 5.1.1 unknown", is_mailbox=True)
STUCK = Attempt(None, NoticeStatus.TEMPORARY_FAILURE, reason="SendGrid answered 503: Down")


@pytest.fixture
def admin(browse, make, world):
    world.officers[world.lead.id] = make.officer(world.lead, is_administrator=True)
    return browse(world.lead)


def failed(make, officer, attempt, cause="x"):
    """A letter of which the last try came to this."""

    def command(session):
        writing.write(session, cause, None, Letter.REPLY, {}, [officer], make.at)
        notice = session.scalars(select(Notice).where(Notice.key == f"reply:{cause}:{officer.id}")).one()
        notice.tries = MOST_TRIES
        session.flush()
        made = {name: getattr(attempt, name) for name in ("status", "reason", "is_mailbox")}
        receiving.record(session, [Attempt(notice.id, **made)], make.at)
        return notice.id

    return make.database.write(command)


def read(make, table, key):
    with make.database.reading() as session:
        return session.get_one(table, key)


def acts(make):
    with make.database.reading() as session:
        return [(one.kind, one.officer_id) for one in session.scalars(select(StaffAct))]


def test_what_failed_stands_there_with_why_and_what_can_be_done(admin, make, world):
    assert "No letter has failed." in admin.get("/admin/undelivered").text
    street, council = world.officer(world.street), world.officer(world.council)
    failed(make, street, DEAD)
    stuck = failed(make, council, STUCK)
    page = admin.get("/admin/undelivered").text
    for said in ("550 5.1.1 unknown", "Permanent failure", "Technical failure", street.email, "503: Down"):
        assert said in page
    assert re.findall(r'action="/admin/undelivered/([\w/-]+)"', page) == [
        f"mailboxes/{street.id}/mended",
        f"{stuck}/again",
    ]
    assert council.email not in page


def test_a_stuck_letter_is_sent_again_once_and_it_is_written_down(admin, make, world):
    stuck = failed(make, world.officer(world.council), STUCK)
    for _ in range(2):
        assert "The letter is on its way again." in admin.send(f"/admin/undelivered/{stuck}/again", {}).text
    notice = read(make, Notice, stuck)
    assert (notice.status, notice.tries, notice.wake_at) == (NoticeStatus.CREATED, 0, make.at)
    assert acts(make) == [(StaffActKind.LETTER_SENT_AGAIN, notice.officer_id)]
    assert "had a letter to" in admin.get("/admin/log").text


def test_what_will_never_arrive_is_not_sent_again(admin, make, world):
    dead = failed(make, world.officer(world.council), DEAD)
    admin.send(f"/admin/undelivered/{dead}/again", {})
    assert read(make, Notice, dead).status is NoticeStatus.PERMANENT_FAILURE
    assert acts(make) == []
    assert admin.send(f"/admin/undelivered/{world.street.id}/again", {}).status_code == 404


def test_a_mailbox_is_said_to_be_mended_and_older_news_does_not_undo_it(admin, make, world):
    officer = world.officer(world.council)
    failed(make, officer, DEAD)
    assert (
        "letters go to this mailbox again" in admin.send(f"/admin/undelivered/mailboxes/{officer.id}/mended", {}).text
    )
    stood = read(make, Officer, officer.id)
    assert (stood.mail_failed_at, stood.mail_trouble, stood.mail_good_at) == (None, None, make.at)
    assert acts(make) == [(StaffActKind.MAILBOX_MENDED, officer.id)]
    assert "Every mailbox takes letters" in admin.get("/admin/undelivered").text
    earlier = make.at - timedelta(hours=1)
    make.database.write(lambda session: session.get_one(Officer, officer.id).lose_mailbox("old", earlier))
    assert read(make, Officer, officer.id).mail_failed_at is None


def test_who_has_left_is_nobody_s_worry(admin, make, world):
    officer = world.officer(world.council)
    failed(make, officer, DEAD)
    make.tamper("update officer set is_active = false where id = :id", id=officer.id.hex)
    page = admin.get("/admin/undelivered").text
    assert "No letter has failed." in page
    assert "Every mailbox takes letters" in page


def test_letters_come_fifty_a_page(admin, make, world):
    for number in range(51):
        failed(make, world.officer(world.council), STUCK, f"n{number}")
    first = admin.get("/admin/undelivered").text
    assert first.count("/again") == 50
    older = re.search(r'href="(/admin/undelivered\?before=[^"]+)"', first)
    assert admin.get(older[1]).text.count("/again") == 1


def test_nobody_else_sees_or_does_any_of_it(make, world, browse):
    who = world.who(world.street)
    for act in (send_again, mend_mailbox):
        with pytest.raises(NotAllowed):
            make.database.write(act, who, world.officer(world.street).id, make.at)
    with make.database.reading() as session, pytest.raises(NotAllowed):
        undelivered(session, who)
    assert browse(world.street).get("/admin/undelivered").status_code == 403


def test_the_list_is_found_by_its_index(make, world):
    failed(make, world.officer(world.council), STUCK)
    with make.database.reading() as session:
        told = session.execute(
            text(f"explain query plan select id from notice where notice.{FAILED} order by notice.id desc limit 51")
        ).all()
    assert "ix_notice_failed" in str(told)


def test_the_matters_page_says_the_status_and_what_it_means(admin, make, world):
    filed = make.filing(world.clerk, [world.compound])
    make.open(filed.matter_id)
    with make.database.reading() as session:
        ids = list(session.scalars(select(Notice.id).where(Notice.matter_id == filed.matter_id).order_by(Notice.id)))
    attempts = [
        Attempt(ids[0], NoticeStatus.SENDING, "sendgrid", "m1"),
        Attempt(ids[1], NoticeStatus.TEMPORARY_FAILURE, reason="No answer", is_unclear=True),
        Attempt(ids[2], NoticeStatus.CREATED, "pilot"),
    ]
    make.database.write(receiving.record, attempts, make.at)
    page = admin.get(f"/filings/{filed.reference}").text
    for said in ("Sending", "whether it arrived is not known yet", "No answer came", "only the team gets letters"):
        assert said in page
