"""Sessions end when idle, when over, when revoked, when their officer leaves; a token is no session and none a token."""

from datetime import timedelta

import pytest

from models.authority import changing, sessions
from models.authority.sessions import Limits, Origin, device_said, network_of
from models.errors import NotFound, NotLoggedIn
from models.notice.tables import Letter, Notice
from models.officer import (
    CredentialKind,
    Officer,
    check_password,
    hash_password,
    identify,
    issue_credential,
    rehashed,
)
from wufang.make import DEMO_PASSWORD

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
LIMITS = Limits(whole=12 * HOUR, idle=2 * HOUR)
HERE = Origin("Chrome, Windows", "203.0.113.0/24")


class Browsers:
    """One officer's sessions."""

    def __init__(self, make):
        self.make, self.write = make, make.database.write
        self.officer = make.officer(make.neighbourhood().street)

    def open(self, at=None, officer=None):
        officer_id = (officer or self.officer).id
        return self.write(sessions.open_session, officer_id, HERE, LIMITS, at or self.make.at)

    def seat(self, secret, at=None):
        with self.make.database.reading() as session:
            return sessions.seat(session, secret, at or self.make.at)

    def is_open(self, secret, at=None):
        try:
            self.seat(secret, at)
        except NotLoggedIn:
            return False
        return True

    def listed(self, this_id=None, at=None):
        with self.make.database.reading() as session:
            return sessions.sessions_of(session, self.officer.id, this_id, at or self.make.at)


@pytest.fixture
def browsers(any_make):
    return Browsers(any_make)


def test_a_session_knows_its_officer(browsers):
    seated = browsers.seat(browsers.open())
    assert seated.identity == browsers.make.identity(browsers.officer)
    assert seated.name == browsers.officer.name
    assert not seated.has_second_factor


def test_an_idle_session_is_over_and_a_used_one_lives_on(browsers):
    at, secret = browsers.make.at, browsers.open()
    assert browsers.is_open(secret, at + 2 * HOUR - SECOND)
    assert not browsers.is_open(secret, at + 2 * HOUR)
    browsers.write(sessions.see, browsers.seat(secret).credential_id, LIMITS.idle, at + HOUR)
    assert browsers.is_open(secret, at + 3 * HOUR - SECOND)
    assert not browsers.is_open(secret, at + 3 * HOUR)


def test_no_use_carries_a_session_over_its_end(browsers):
    at, secret = browsers.make.at, browsers.open()
    seat_id = browsers.seat(secret).credential_id
    for hour in range(1, 12):
        browsers.write(sessions.see, seat_id, LIMITS.idle, at + hour * HOUR)
    assert browsers.is_open(secret, at + 12 * HOUR - SECOND)
    assert not browsers.is_open(secret, at + 12 * HOUR)


def test_use_is_written_down_once_a_minute_and_never_backwards(browsers):
    at, secret = browsers.make.at, browsers.open()
    assert not browsers.seat(secret, at + MINUTE - SECOND).is_due_to_be_seen
    assert browsers.seat(secret, at + MINUTE).is_due_to_be_seen
    seat_id = browsers.seat(secret).credential_id
    for moment in (at + HOUR, at + MINUTE):
        browsers.write(sessions.see, seat_id, LIMITS.idle, moment)
    assert browsers.listed()[0].last_seen_at == at + HOUR


def test_a_shorter_idle_limit_counts_from_the_next_use(browsers):
    at, secret = browsers.make.at, browsers.open()
    browsers.write(sessions.see, browsers.seat(secret).credential_id, 5 * MINUTE, at + MINUTE)
    assert not browsers.is_open(secret, at + 6 * MINUTE)


def test_the_list_has_this_one_first_and_none_that_is_over(browsers):
    at = browsers.make.at
    old, mine, new = (browsers.open(at + offset) for offset in (timedelta(0), HOUR, HOUR + MINUTE))
    this_id = browsers.seat(mine, at + HOUR).credential_id
    found = browsers.listed(this_id, at + 2 * HOUR)
    assert [one.is_this for one in found] == [True, False]  # the first of all was idle for two hours
    assert found[0].origin == HERE
    assert found[1].id == browsers.seat(new, at + 2 * HOUR).credential_id
    assert not browsers.is_open(old, at + 2 * HOUR)


def test_one_or_all_others_are_ended_and_only_one_s_own(browsers):
    first, second, third = (browsers.open() for _ in range(3))
    ids = [browsers.seat(one).credential_id for one in (first, second, third)]
    foreign = browsers.make.officer(browsers.make.neighbourhood().street)
    with pytest.raises(NotFound):
        browsers.write(sessions.revoke, foreign.id, ids[0], browsers.make.at)
    browsers.write(sessions.revoke, browsers.officer.id, ids[0], browsers.make.at)
    assert [browsers.is_open(one) for one in (first, second, third)] == [False, True, True]
    with pytest.raises(NotFound):
        browsers.write(sessions.revoke, browsers.officer.id, ids[0], browsers.make.at)
    theirs = browsers.open(officer=foreign)
    assert browsers.write(sessions.revoke_others, browsers.officer.id, ids[2], browsers.make.at) == 1
    assert [browsers.is_open(one) for one in (second, third, theirs)] == [False, True, True]


def test_who_is_deactivated_is_out_at_once(browsers):
    secret = browsers.open()
    browsers.make.tamper("update officer set is_active = false where email = :email", email=browsers.officer.email)
    assert not browsers.is_open(secret)


def test_a_token_is_no_session_and_a_session_no_token(browsers):
    token = browsers.write(issue_credential, browsers.officer.id, "program", browsers.make.at, HOUR)
    session_secret = browsers.open()
    assert not browsers.is_open(token)
    with browsers.make.database.reading() as session, pytest.raises(NotLoggedIn):
        identify(session, session_secret, browsers.make.at)


def test_a_half_open_log_in_opens_nothing_and_lasts_five_minutes(browsers):
    at = browsers.make.at
    half = browsers.write(issue_credential, browsers.officer.id, "half", at, sessions.HALF_VALID, CredentialKind.HALF)
    assert not browsers.is_open(half)
    with browsers.make.database.reading() as session:
        with pytest.raises(NotLoggedIn):
            identify(session, half, at)
        assert sessions.half_holder(session, half, at + 5 * MINUTE - SECOND) == browsers.officer.id
        for secret, moment in ((half, at + 5 * MINUTE), (browsers.open(), at), ("", at)):
            with pytest.raises(NotLoggedIn):
                sessions.half_holder(session, secret, moment)


def test_a_new_password_ends_the_other_sessions_and_half_open_log_ins_and_is_told_by_letter(browsers):
    at, officer = browsers.make.at, browsers.officer
    mine, other = browsers.open(), browsers.open()
    half = browsers.write(issue_credential, officer.id, "half", at, HOUR, CredentialKind.HALF)
    kept = browsers.seat(mine).credential_id
    browsers.write(changing.change_password, officer.id, hash_password("vier gelbe Tassen"), kept, [], at)
    assert [browsers.is_open(one) for one in (mine, other)] == [True, False]
    with browsers.make.database.reading() as session:
        with pytest.raises(NotLoggedIn):
            sessions.half_holder(session, half, at)
        assert check_password(session, officer.email, "vier gelbe Tassen").password_set_at == at
        letters = [one.letter for one in session.query(Notice)]
    assert letters == [Letter.PASSWORD_CHANGED]


def test_an_old_hash_is_made_anew_and_a_new_one_stays():
    old = "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21l$kbFrc8Kk5DxWUtZjDVZeIJBVr7oJJKYlXCVbrQ6q1Ls"
    assert rehashed("x", hash_password("x")) is None
    assert rehashed("x", old) is not None


def test_whoever_has_no_password_cannot_log_in_with_an_empty_one(browsers):
    browsers.make.tamper("update officer set password_hash = '' where email = :email", email=browsers.officer.email)
    with browsers.make.database.reading() as session:
        for password in ("", DEMO_PASSWORD):
            with pytest.raises(Exception, match="wrong"):
                check_password(session, browsers.officer.email, password)
        assert session.get_one(Officer, browsers.officer.id).password_hash == ""


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
            "Chrome, Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 wxwork/4.1 MicroMessenger/7.0",
            "WeCom, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1",
            "Safari, iOS",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_device_has_a_short_name(user_agent, said):
    assert device_said(user_agent) == said


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::5", "2001:db8:1::/48"),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_an_address_is_kept_as_its_network(address, network):
    assert network_of(address) == network
