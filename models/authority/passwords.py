"""Passwords: what a good one is.

After NIST SP 800-63B: length counts, what many people use does not pass, nobody has to change it by the calendar unless
the district says so. The list of what many people use is that of `zxcvbn`, which also knows keyboards and dates.
"""

import re
from collections.abc import Sequence

from models.errors import RuleBroken
from models.words import N_

LONGEST = 128
JUDGED = 72  # signs that zxcvbn looks at; more would only cost time
GOOD_SCORE = 3  # of zxcvbn's 0 to 4: more than 10^8 guesses
SHORTEST_OWN = 3  # a part of one's name or address that is looked for
SHORTEST_REST = 6  # signs that must be left without those parts
MANY_SIGNS = 5  # so many different signs at least


class PasswordTooShort(RuleBroken):
    """Length is what makes a password good."""

    sentence = N_(
        "The new password is too short. Take at least {least} signs, for example four words that do not belong together."
    )
    status = 422


class PasswordTooLong(RuleBroken):
    """More than anybody types."""

    sentence = N_("The new password is too long. Take at most {most} signs.")
    status = 422


class PasswordTooCommon(RuleBroken):
    """Many people use it, or it is guessed soon."""

    sentence = N_(
        "The new password would soon be guessed. Take one that is no known word, row of keys or date, or a longer one."
    )
    status = 422


class PasswordNamesYou(RuleBroken):
    """Who knows the officer would try it."""

    sentence = N_(
        "The new password is made of your name, address or organisation. Take one that has nothing to do with them."
    )
    status = 422


class PasswordsDiffer(RuleBroken):
    """A slip of the fingers."""

    sentence = N_("The two new passwords are not the same. Type the new password twice.")
    status = 422


class PasswordUnchanged(RuleBroken):
    """A change that changes nothing."""

    sentence = N_("The new password is the old one. Take another.")
    status = 422


def check_new(password: str, again: str, least: int, own: Sequence[str]) -> None:
    """Raises `PasswordsDiffer`, `PasswordTooShort`, `PasswordTooLong`, `PasswordNamesYou`, `PasswordTooCommon`.

    `again`: the same typed once more; `least`: fewest signs; `own`: what those who know the officer would try, such as
    name, e-mail address and organisation.
    """
    if password != again:
        raise PasswordsDiffer()
    if len(password) < least:
        raise PasswordTooShort(least=least)
    if len(password) > LONGEST:
        raise PasswordTooLong(most=LONGEST)
    parts = _parts(own)
    rest = password.casefold()
    for part in parts:
        rest = rest.replace(part, "")
    if rest != password.casefold() and len(re.sub(r"[\W\d_]", "", rest)) < SHORTEST_REST:
        raise PasswordNamesYou()
    if len(set(password)) < MANY_SIGNS or _score(password, parts) < GOOD_SCORE:
        raise PasswordTooCommon()


def _parts(own: Sequence[str]) -> list[str]:
    """The words of names and addresses, the longest first; a Chinese name of two signs is one too."""
    words = {word for text in own for word in [text.casefold(), *re.split(r"[\W_]+", text.casefold())]}
    return sorted(
        (word for word in words if len(word) >= SHORTEST_OWN or (len(word) > 1 and not word.isascii())), key=len
    )[::-1]


def _score(password: str, parts: Sequence[str]) -> int:
    from zxcvbn import zxcvbn  # noqa: PLC0415 - 14 MB of word lists, for the few who choose a password

    judged = zxcvbn(password[:JUDGED], user_inputs=list(parts))
    return int(judged["score"])
