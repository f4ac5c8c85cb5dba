"""What people enter about sites, trainers and courses is checked: words, hours, numbers, who may."""

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy.orm import Session

from models.district import Organisation, get_organisation
from models.errors import NotAllowed, RuleBroken
from models.officer import Identity, check_may_act
from models.protocol.schema import Party
from models.training.problem import Hours
from models.training.ruling import DAY_MINUTES, TrainingRules
from models.words import N_

LONGEST_NAME = 60
LONGEST_ADDRESS = 200
MOST_HOURS = 50
SUNDAY = 7


class NameWrong(RuleBroken):
    """A name that fits on a list."""

    sentence = N_("Give a name of 1 to {most} characters, in Chinese; in English too where there is one.")
    status = 422


class AddressWrong(RuleBroken):
    """Riders find the way by it."""

    sentence = N_("Give an address of 1 to {most} characters.")
    status = 422


class HoursWrong(RuleBroken):
    """Hours of a week."""

    sentence = N_(
        "Hours are a weekday from 1 (Monday) to 7 with the first and the last minute of the day, from 0 to 1440; "
        "there are 1 to {most} of them, and those of one day do not overlap."
    )
    status = 422


class NumberWrong(RuleBroken):
    """A number beyond its bounds."""

    sentence = N_("A number is wrong: {least} to {most} are possible, and this is {value}.")
    status = 422


def check_name(zh: str, en: str) -> tuple[str, str]:
    """Both names without spaces around; the English one is the Chinese one where none is given. Raises `NameWrong`."""
    zh, en = zh.strip(), en.strip()
    if not 0 < len(zh) <= LONGEST_NAME or len(en) > LONGEST_NAME:
        raise NameWrong(most=LONGEST_NAME)
    return zh, en or zh


def check_address(address: str) -> str:
    """The address without spaces around. Raises `AddressWrong`."""
    if not 0 < len(address.strip()) <= LONGEST_ADDRESS:
        raise AddressWrong(most=LONGEST_ADDRESS)
    return address.strip()


def check_number(value: int, least: int, most: int) -> int:
    """The number, both bounds possible. Raises `NumberWrong`."""
    if not least <= value <= most:
        raise NumberWrong(least=least, most=most, value=value)
    return value


def check_hours(hours: Sequence[Hours]) -> list[list[int]]:
    """The hours in their order, as they are kept. Raises `HoursWrong`."""
    ordered = sorted(hours)
    is_each_right = all(1 <= day <= SUNDAY and 0 <= first < last <= DAY_MINUTES for day, first, last in ordered)
    overlap = any(one[0] == other[0] and other[1] < one[2] for one, other in pairwise(ordered))
    if not 1 <= len(ordered) <= MOST_HOURS or not is_each_right or overlap:
        raise HoursWrong(most=MOST_HOURS)
    return [list(one) for one in ordered]


def check_equipment(rules: TrainingRules, codes: Sequence[str]) -> list[str]:
    """The codes, each once, in the file's order. Raises `CodeUnknown`."""
    for code in codes:
        rules.check_equipment(code)
    return [one.code for one in rules.equipment if one.code in codes]


def department_of(session: Session, who: Identity) -> Organisation:
    """The department for which `who` acts. Raises `OnlyReads`, `NotAllowed`."""
    check_may_act(who)
    if who.party is not Party.DEPARTMENT:
        raise NotAllowed()
    return get_organisation(session, who.organisation_id)


def is_of(own: Organisation, organisation_id: object, district_id: object) -> bool:
    """Whether it is `own`'s affair: its own, or anybody's of the district for the lead department."""
    return own.id == organisation_id or (own.is_lead and own.district_id == district_id)
