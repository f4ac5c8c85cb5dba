"""Departments that the filer names, and parties that a place may not have: what protocols may say of them."""

import pytest

from models.protocol.canonical import to_data
from models.protocol.loading import load, parse
from models.protocol.reading import ProtocolWrong
from models.protocol.schema import Party
from models.protocol.storing import FOLDER, load_all

FILE = "street_whistle.v1.yaml"
TEXT = (FOLDER / FILE).read_text(encoding="utf-8")
NAMED = "{party: department, named: true}"
COUNCIL = "{party: council, if_any: true}"
# Of the versions that districts have used: what they were stored under must stay.
DIGESTS = {
    ("access_filing", 1): "4b90e8d5539338058055c6446aac3e574d70e23fd488b225889261668304e1c3",
    ("access_filing", 2): "8ca51c43d842b408ace8619d4e586c37db4b91483c594294afd4bf1544a63bfd",
    ("access_filing", 3): "db3fd55c7c889cf36b6e437ad1fcbca71eaa81c7dff88a01bb6ad397fec76a64",
}


def test_the_whistle_seats_its_named_departments_and_whom_the_place_has():
    stage = load(FOLDER / FILE).first()
    assert [(seat.party, seat.named, seat.if_any) for seat in stage.seats] == [
        (Party.STREET, False, False),
        (Party.DEPARTMENT, True, False),
        (Party.COMMUNITY, False, False),
        (Party.PROPERTY, False, True),
        (Party.COUNCIL, False, True),
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (NAMED, "{party: community, named: true}", "only departments are named"),
        (NAMED, "{party: department, function: housing, named: true}", "not both"),
        (NAMED, "{party: department}", "a department needs its function"),
        ("is_declared: true}", "is_declared: true, if_any: true}", "neither named nor if_any"),
        (COUNCIL, f"{COUNCIL}\n      - {NAMED}", "stands here twice"),
        (COUNCIL, "{party: council, if_any: yes please}", "true or false"),
    ],
)
def test_what_does_not_fit_is_refused(old, new, reason):
    with pytest.raises(ProtocolWrong, match=reason):
        parse(FILE, TEXT.replace(old, new, 1))


def test_a_stage_that_could_have_nobody_is_refused():
    head, tail = TEXT.split("    seats:\n", 1)
    rest = tail[tail.index("    mode:") :]
    with pytest.raises(ProtocolWrong, match="the stage could have nobody"):
        parse(FILE, f"{head}    seats:\n      - {COUNCIL}\n{rest}")


def test_at_least_counts_those_who_surely_sit():
    text = TEXT.replace("{rule: all}", "{rule: at_least, at_least: 4}", 1)
    with pytest.raises(ProtocolWrong, match="at_least is 4, but there are 3 seats"):
        parse(FILE, text)


def test_protocols_in_use_keep_their_digests():
    listed = {(one.name, one.version): one for versions in load_all().values() for one in versions}
    assert {key: listed[key].digest for key in DIGESTS} == DIGESTS
    seats = [seat for key in DIGESTS for stage in to_data(listed[key])["stages"] for seat in stage["seats"]]
    assert {name for seat in seats for name in seat} == {"party", "function", "is_declared"}
