"""What a password must be: long, not what many use, not made of what everybody knows about the officer."""

import pytest

from models.authority import passwords
from models.authority.passwords import (
    PasswordNamesYou,
    PasswordsDiffer,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
)
from models.demo_logins import DEMO_PASSWORD
from models.officer import hash_password, is_password

OWN = ("赵良", "zhao.liang@dinghe.example", "定和街道", "Dinghe Street")


def check(password, again=None, least=10):
    passwords.check_new(password, password if again is None else again, least, OWN)


@pytest.mark.parametrize(
    "password",
    [
        DEMO_PASSWORD,
        "vier gelbe Tassen",
        "白菜 月亮 自行车 邮票 茶",
        "kT7#pqLw9!x",
        "a" * 10 + "Quittenbaum im Hof",
        "x9" * 2 + "Zebra!Mond" * 11,
    ],
)
def test_good_ones_are_taken(password):
    check(password)


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        ("kT7#pqLw9", PasswordTooShort),
        ("", PasswordTooShort),
        ("kT7#pqLw9!" * 13, PasswordTooLong),
        ("password1234", PasswordTooCommon),
        ("qwertyuiop12", PasswordTooCommon),
        ("1234567890", PasswordTooCommon),
        ("aaaaaaaaaaaaaaa", PasswordTooCommon),
        ("zhaoliang2026", PasswordNamesYou),
        ("zhao.liang.2026", PasswordNamesYou),
        ("Dinghe-Street-1!", PasswordNamesYou),
        ("定和街道赵良2026!!", PasswordNamesYou),
        ("LIANGzhaoLIANGzhao", PasswordNamesYou),
    ],
)
def test_bad_ones_are_refused_with_the_reason(password, broken):
    with pytest.raises(broken):
        check(password)


def test_the_least_length_is_the_district_s():
    check("kT7#pq Lw", least=8)
    with pytest.raises(PasswordTooShort) as refused:
        check("kT7#pqLw9!x", least=16)
    assert refused.value.said.values == {"least": 16}


def test_it_is_typed_twice():
    with pytest.raises(PasswordsDiffer):
        check("vier gelbe Tassen", "vier gelbe Tasse")


def test_two_keyboards_that_write_the_same_sign_in_two_ways_open_the_same_account():
    assert is_password("cafe\u0301 am See", hash_password("caf\u00e9 am See"))
    assert not is_password("cafe am See", hash_password("caf\u00e9 am See"))
