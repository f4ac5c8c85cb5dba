"""Codes are good for their moment and once; recovery codes once; a new key waits until a code proves it."""

from datetime import timedelta
from uuid import UUID

import pyotp
import pytest

from models.authority import second_factor
from models.authority.second_factor import NoKeyWaits, RecoveryCode, SecondFactor, WrongCode
from models.officer import Identity
from models.protocol.schema import Party

STEP = timedelta(seconds=second_factor.STEP_SECONDS)


class Phone:
    """An officer with an app."""

    def __init__(self, make):
        self.make, self.write, self.vault = make, make.database.write, make.vault
        self.officer_id = make.officer(make.neighbourhood().street).id
        self.key = ""

    def begin(self, at=None):
        self.write(second_factor.begin, self.vault, self.officer_id, at or self.make.at)
        with self.make.database.reading() as session:
            self.key = second_factor.pending_of(session, self.vault, self.officer_id)
        return self

    def shown(self, at):
        return pyotp.TOTP(self.key).at(at)

    def confirm(self, at=None):
        at = at or self.make.at
        return self.write(second_factor.confirm, self.vault, self.officer_id, self.shown(at), at)

    def give(self, code, at):
        self.write(second_factor.check_code, self.vault, self.officer_id, code, at)

    def is_taken(self, code, at):
        try:
            self.give(code, at)
        except WrongCode:
            return False
        return True

    def has_one(self):
        with self.make.database.reading() as session:
            return second_factor.has_one(session, self.officer_id)


@pytest.fixture
def phone(any_make):
    return Phone(any_make)


def test_a_key_counts_once_a_code_has_proved_it(phone):
    assert not phone.has_one()
    phone.begin()
    assert not phone.has_one()
    wrong = f"{(int(phone.shown(phone.make.at)) + 1) % 1_000_000:06}"
    with pytest.raises(WrongCode):
        phone.write(second_factor.confirm, phone.vault, phone.officer_id, wrong, phone.make.at)
    assert not phone.has_one()
    assert len(phone.confirm()) == second_factor.RECOVERY_CODES
    assert phone.has_one()
    with pytest.raises(NoKeyWaits):
        phone.confirm()


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_for_its_half_minute_and_those_beside_it(phone, steps, is_good):
    phone.begin().confirm()
    later = phone.make.at + timedelta(hours=1)
    assert phone.is_taken(phone.shown(later + steps * STEP), later) is is_good


def test_a_code_is_good_once_and_so_is_none_before_it(phone):
    phone.begin().confirm()
    later = phone.make.at + timedelta(hours=1)
    code, before = phone.shown(later), phone.shown(later - STEP)
    assert phone.is_taken(f" {code[:3]} {code[3:]} ", later)
    assert not phone.is_taken(code, later)
    assert not phone.is_taken(code, later + STEP)
    assert not phone.is_taken(before, later)
    assert phone.is_taken(phone.shown(later + STEP), later)


def test_the_code_that_confirmed_opens_nothing_more(phone):
    phone.begin().confirm()
    assert not phone.is_taken(phone.shown(phone.make.at), phone.make.at)


def test_a_code_sent_twice_at_once_is_taken_once(phone):
    phone.begin().confirm()
    later = phone.make.at + timedelta(hours=1)
    submit, code = phone.make.database.submit, phone.shown(later)
    sent = [submit(second_factor.check_code, phone.vault, phone.officer_id, code, later) for _ in range(8)]
    assert [one.exception() is None for one in sent].count(True) == 1


@pytest.mark.parametrize("code", ["", "000", "一二三四五六", "------", "0" * 5000])
def test_what_is_no_code_is_refused(phone, code):
    phone.begin().confirm()
    assert not phone.is_taken(code, phone.make.at + timedelta(hours=1))


def test_each_recovery_code_is_good_once_however_it_is_typed(phone):
    codes = phone.begin().confirm()
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert phone.is_taken(f" {codes[0].upper().replace('-', ' ')} ", phone.make.at)
    assert not phone.is_taken(codes[0], phone.make.at)
    with phone.make.database.reading() as session:
        assert second_factor.unused_recovery_codes(session, phone.officer_id) == len(codes) - 1
    assert all(phone.is_taken(code, phone.make.at) for code in codes[1:])
    assert not any(phone.is_taken(code, phone.make.at) for code in codes)


def test_new_recovery_codes_make_the_old_ones_worthless(phone):
    old = phone.begin().confirm()
    new = phone.write(second_factor.renew_recovery_codes, phone.officer_id)
    assert not phone.is_taken(old[0], phone.make.at)
    assert phone.is_taken(new[0], phone.make.at)


def test_another_officer_s_codes_are_worthless(phone):
    mine = phone.begin().confirm()
    other = Phone(phone.make)
    other.begin().confirm()
    assert not other.is_taken(mine[0], phone.make.at)
    later = phone.make.at + timedelta(hours=1)
    assert not other.is_taken(phone.shown(later), later)


def test_the_key_in_use_stays_until_the_new_one_is_proved(phone):
    phone.begin().confirm()
    old, later = phone.key, phone.make.at + timedelta(hours=1)
    phone.begin(later)
    assert phone.key != old
    assert phone.is_taken(pyotp.TOTP(old).at(later), later)
    phone.confirm(later + 2 * STEP)
    assert not phone.is_taken(pyotp.TOTP(old).at(later + 5 * STEP), later + 5 * STEP)
    assert phone.is_taken(phone.shown(later + 5 * STEP), later + 5 * STEP)


def test_removing_forgets_key_and_codes(phone):
    codes = phone.begin().confirm()
    assert phone.write(second_factor.remove, phone.officer_id)
    assert not phone.write(second_factor.remove, phone.officer_id)
    assert not phone.is_taken(codes[0], phone.make.at)
    assert (phone.make.count(SecondFactor), phone.make.count(RecoveryCode)) == (0, 0)


def test_neither_key_nor_recovery_code_is_kept_plain(phone):
    codes = phone.begin().confirm()
    with phone.make.database.reading() as session:
        factor = session.get_one(SecondFactor, phone.officer_id)
        kept = {one.digest for one in session.query(RecoveryCode)}
    assert phone.key not in factor.sealed_key
    assert phone.vault.open(factor.sealed_key) == phone.key
    assert not kept & {word for code in codes for word in (code, code.replace("-", ""))}


def test_the_app_s_address_names_account_and_issuer():
    address = second_factor.address_of("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "li@street.example", "Wufang 五方")
    read = pyotp.parse_uri(address)
    assert (read.secret, read.name, read.issuer) == (
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "li@street.example",
        "Wufang 五方",
    )


@pytest.mark.parametrize("party", Party)
@pytest.mark.parametrize("is_administrator", [True, False])
def test_departments_streets_and_administrators_must_have_one_where_it_is_no_demo(party, is_administrator):
    who = Identity(UUID(int=1), UUID(int=2), party, is_administrator, "zh")
    is_bound = is_administrator or party in (Party.DEPARTMENT, Party.STREET)
    assert second_factor.is_required("auto", who, is_demo=False) is is_bound
    assert not second_factor.is_required("auto", who, is_demo=True)
    assert second_factor.is_required("required", who, is_demo=True) is is_bound
    assert not second_factor.is_required("offered", who, is_demo=False)
