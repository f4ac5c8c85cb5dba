"""Who guesses runs out of tries; who knows the password, on a device that is known, does not notice."""

from datetime import timedelta

import pytest

from models.authority import lockout, tries
from models.authority.lockout import OF_A_DEVICE, OF_A_NETWORK, OF_ALL_STRANGERS, LoginTry, TooManyTries

DESK, ATTACKER = "203.0.113.0/24", "198.51.100.0/24"


class Door:
    """One officer's account, tried from here and there."""

    def __init__(self, make):
        self.make, self.database = make, make.database
        self.officer = make.officer(make.neighbourhood().street)

    def try_once(self, network, device="", at=None, email=None):
        return self.database.write(
            tries.open_purses, self.make.vault, email or self.officer.email, device, network, at or self.make.at
        )

    def enter(self, network, device, at=None):
        """The password is right."""
        at = at or self.make.at
        self.database.write(tries.right, self.try_once(network, device, at), self.officer.id, None, at)
        self.database.write(lockout.remember_device, device, self.officer.id, at)

    def exhaust(self, network, most, at=None, email=None):
        for _ in range(most):
            self.try_once(network, at=at, email=email)
        with pytest.raises(TooManyTries):
            self.try_once(network, at=at, email=email)


@pytest.fixture
def door(any_make):
    return Door(any_make)


def test_a_thousand_wrong_tries_from_elsewhere_do_not_keep_a_known_device_out(door):
    door.enter(DESK, "my browser")
    refused = 0
    for number in range(1000):
        try:
            door.try_once(f"10.{number // 250}.{number % 250}.0/24")
        except TooManyTries:
            refused += 1
    assert refused == 1000 - OF_ALL_STRANGERS.most
    door.enter(DESK, "my browser")
    door.enter(ATTACKER, "my browser")  # wherever it is carried
    with pytest.raises(TooManyTries):
        door.try_once(DESK)  # a stranger waits, even at the next desk


def test_one_network_uses_up_its_own_allowance_and_not_that_of_all_strangers(door):
    door.exhaust(ATTACKER, OF_A_NETWORK.most)
    door.try_once(DESK)


def test_an_invented_device_is_a_stranger_and_another_officer_s_as_well(door):
    other = door.make.officer(door.make.neighbourhood().street)
    door.database.write(lockout.remember_device, "other's browser", other.id, door.make.at)
    for device in ("invented", "other's browser"):
        keys = [key.split(":")[0] for key, _ in door.try_once(DESK, device)]
        assert keys == ["network", "strangers"]


def test_a_known_device_has_a_count_of_its_own(door):
    door.enter(DESK, "my browser")
    for _ in range(OF_A_DEVICE.most):
        door.try_once(DESK, "my browser")
    with pytest.raises(TooManyTries):
        door.try_once(DESK, "my browser")
    door.try_once(DESK)  # its stranger's allowance is whole


def test_a_device_not_seen_for_a_year_is_a_stranger_again(door):
    door.enter(DESK, "my browser")
    late = door.make.at + lockout.KNOWN_FOR
    assert len(door.try_once(DESK, "my browser", late - timedelta(seconds=1))) == 1
    assert len(door.try_once(DESK, "my browser", late)) == 2


def test_the_allowance_fills_again_try_by_try_and_the_answer_says_when(door):
    door.exhaust(ATTACKER, OF_A_NETWORK.most)
    with pytest.raises(TooManyTries) as refused:
        door.try_once(ATTACKER)
    free_at = door.make.at + OF_A_NETWORK.refill
    assert refused.value.said.values == {"when": free_at}
    assert refused.value.seconds == OF_A_NETWORK.refill.total_seconds() + 1
    with pytest.raises(TooManyTries):
        door.try_once(ATTACKER, at=free_at - timedelta(seconds=1))
    door.try_once(ATTACKER, at=free_at)
    with pytest.raises(TooManyTries):
        door.try_once(ATTACKER, at=free_at)


def test_a_refused_try_costs_nothing(door):
    door.exhaust(ATTACKER, OF_A_NETWORK.most)
    for _ in range(50):
        with pytest.raises(TooManyTries):
            door.try_once(ATTACKER)
    door.try_once(ATTACKER, at=door.make.at + OF_A_NETWORK.refill)


def test_a_right_password_is_no_try_and_forgives_no_other(door):
    for _ in range(OF_A_NETWORK.most - 1):
        door.try_once(ATTACKER)
    for _ in range(20):
        door.database.write(tries.right, door.try_once(ATTACKER), door.officer.id, None, door.make.at)
    door.try_once(ATTACKER)
    with pytest.raises(TooManyTries):
        door.try_once(ATTACKER)


def test_an_account_that_is_none_answers_alike(door):
    for email in (door.officer.email, "nobody@nowhere.example"):
        door.exhaust(ATTACKER, OF_A_NETWORK.most, email=email)
    door.try_once(ATTACKER, email="another@nowhere.example")


def test_large_letters_and_blanks_are_the_same_account(door):
    door.exhaust(ATTACKER, OF_A_NETWORK.most)
    with pytest.raises(TooManyTries):
        door.try_once(ATTACKER, email=f" {door.officer.email.upper()} ")


def test_tries_that_come_together_are_all_counted(door):
    futures = [
        door.database.submit(tries.open_purses, door.make.vault, door.officer.email, "", ATTACKER, door.make.at)
        for _ in range(40)
    ]
    refused = [isinstance(one.exception(), TooManyTries) for one in futures]
    assert refused.count(False) == OF_A_NETWORK.most


def test_neither_account_nor_network_can_be_read_from_what_is_kept(door):
    door.try_once(ATTACKER)
    with door.database.reading() as session:
        keys = " ".join(session.scalars(LoginTry.__table__.select().with_only_columns(LoginTry.key)))
    assert keys
    assert ATTACKER not in keys
    assert door.officer.email not in keys


def test_what_counts_no_more_is_forgotten(door):
    door.try_once(ATTACKER)
    last = door.make.at + max(OF_A_NETWORK.refill, OF_ALL_STRANGERS.refill)
    door.database.write(lockout.purge, last - timedelta(seconds=1))
    assert door.make.count(LoginTry) == 1  # the longer of the two
    door.database.write(lockout.purge, last)
    assert door.make.count(LoginTry) == 0


def test_codes_have_allowances_too_and_a_known_device_its_own(door):
    take = tries.open_code_purses
    door.enter(DESK, "my browser")
    for _ in range(lockout.OF_A_CODE.most):
        door.database.write(take, door.officer.id, "", door.make.at)
    with pytest.raises(TooManyTries):
        door.database.write(take, door.officer.id, "", door.make.at)
    door.database.write(take, door.officer.id, "my browser", door.make.at)
    door.database.write(take, door.officer.id, "", door.make.at + lockout.OF_A_CODE.refill)
