"""One-time links: nothing secret is kept, opening changes nothing, used once, in time; a reset ends every session."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.authority import links, lockout, sessions
from models.authority.links import LinkPurpose, LinkWorthless, OneTimeLink
from models.authority.passwords import PasswordsDiffer, PasswordTooShort
from models.errors import NotLoggedIn
from models.notice.tables import Letter, Notice
from models.officer import Officer, check_password, digest
from models.staff_act import StaffAct, StaffActKind

LEAST = 10
NEW = "vier gelbe Tassen im Regen"
LIMITS = sessions.Limits(timedelta(hours=12), timedelta(hours=2))


@pytest.fixture
def officer(any_make):
    return any_make.officer(any_make.neighbourhood().street)


def send(make, officer, purpose=LinkPurpose.RESET, at=None):
    def command(session):
        return links.send_link(session, make.vault, session.get_one(Officer, officer.id), purpose, at or make.at).id

    return links.secret_of(make.vault, make.database.write(command))


def use(make, secret, password=NEW, again=NEW, at=None):
    with make.database.reading() as session:
        fresh = links.new_hash(session, secret, password, again, LEAST, at or make.at)
    return make.database.write(links.use_link, secret, fresh, at or make.at)


def test_a_link_gives_a_new_password_once(any_make, officer):
    secret = send(any_make, officer)
    assert use(any_make, secret) == officer.id
    with any_make.database.reading() as session:
        assert check_password(session, officer.email, NEW).id == officer.id
    with pytest.raises(LinkWorthless):
        use(any_make, secret)
    with pytest.raises(LinkWorthless):  # two forms that are sent at once
        any_make.database.write(links.use_link, secret, "hash", any_make.at)


def test_opening_a_link_changes_nothing(any_make, officer):
    secret = send(any_make, officer)
    for _ in range(3):
        with any_make.database.reading() as session:
            assert links.open_link(session, secret, any_make.at).email == officer.email
    use(any_make, secret)


@pytest.mark.parametrize(("purpose", "valid"), [(LinkPurpose.RESET, 24), (LinkPurpose.INVITATION, 7 * 24)])
def test_a_link_runs_out(any_make, officer, purpose, valid):
    secret = send(any_make, officer, purpose)
    end = any_make.at + timedelta(hours=valid)
    with any_make.database.reading() as session:
        links.open_link(session, secret, end - timedelta(seconds=1))
        with pytest.raises(LinkWorthless):
            links.open_link(session, secret, end)
    with pytest.raises(LinkWorthless):
        use(any_make, secret, at=end)


def test_a_newer_link_replaces_the_older(any_make, officer):
    older, newer = send(any_make, officer), send(any_make, officer)
    with pytest.raises(LinkWorthless):
        use(any_make, older)
    use(any_make, newer)


def test_a_password_that_will_not_do_leaves_the_link_good(any_make, officer):
    secret = send(any_make, officer)
    with pytest.raises(PasswordsDiffer):
        use(any_make, secret, again="something else at all")
    with pytest.raises(PasswordTooShort):
        use(any_make, secret, "short", "short")
    use(any_make, secret)


def test_a_reset_ends_every_session_and_forgets_every_browser(any_make, officer):
    at = any_make.at
    session_secret = any_make.database.write(sessions.open_session, officer.id, sessions.Origin(), LIMITS, at)
    any_make.database.write(lockout.remember_device, "device", officer.id, at)
    use(any_make, send(any_make, officer))
    with any_make.database.reading() as session:
        with pytest.raises(NotLoggedIn):
            sessions.seat(session, session_secret, at)
        assert not lockout.is_known(session, "device", officer.id, at)
        told = session.scalars(select(Notice.letter).where(Notice.officer_id == officer.id)).all()
        acts = session.scalars(select(StaffAct.kind)).all()
    assert set(told) == {Letter.PASSWORD_RESET, Letter.PASSWORD_CHANGED}
    assert acts == [StaffActKind.PASSWORD_SET_BY_LINK]


def test_neither_the_notice_nor_the_row_holds_the_secret(any_make, officer):
    secret = send(any_make, officer)
    with any_make.database.reading() as session:
        link = session.scalars(select(OneTimeLink)).one()
        facts = session.scalars(select(Notice)).one().facts
    assert link.digest == digest(secret)
    assert secret not in str(facts)
    assert len(secret) == 64


def test_who_has_left_has_no_use_for_a_link(any_make, officer):
    secret = send(any_make, officer)
    any_make.tamper("update officer set is_active = false")
    with pytest.raises(LinkWorthless):
        use(any_make, secret)
    any_make.database.write(links.ask_for_reset, any_make.vault, officer.email, any_make.at + timedelta(hours=1))
    assert any_make.count(OneTimeLink) == 1


def test_asking_again_at_once_sends_no_second_letter(any_make, officer):
    def ask(email, after):
        any_make.database.write(links.ask_for_reset, any_make.vault, email, any_make.at + after)
        return any_make.count(Notice)

    assert ask("nobody@nowhere.example", timedelta(0)) == 0
    assert ask(officer.email.upper(), timedelta(0)) == 1
    assert ask(officer.email, links.SHORTEST_WAIT - timedelta(seconds=1)) == 1
    assert ask(officer.email, links.SHORTEST_WAIT) == 2
