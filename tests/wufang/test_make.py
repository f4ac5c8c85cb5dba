"""The builders: what they make satisfies the rules."""

from models import matter as matters
from models.district import sitting
from models.filing.tables import FilingLine
from models.matter import MatterStatus
from models.officer import Officer
from models.protocol.schema import Party, SeatRule
from models.rider_rules import FilingRules, check_rider
from tests.make import Maker


def test_invented_riders_pass_the_rules_and_are_the_same_again(make: Maker) -> None:
    lines = make.rider_lines(200, seed=4)
    rules = FilingRules(platforms=("美团", "饿了么", "UU跑腿"))
    fields = ("name", "phone", "platform", "station", "plate", "starts_on", "ends_on", "note")
    checked = [check_rider({name: getattr(line, name) for name in fields}, rules) for line in lines]
    assert [one.line for one in checked] == list(lines)
    assert len({line.phone for line in lines}) == 200
    assert make.rider_lines(200, seed=4) == lines
    assert make.rider_lines(200, seed=5) != lines


def test_a_neighbourhood_seats_one_organisation_of_each_party(any_make: Maker) -> None:
    world = any_make.neighbourhood()
    with any_make.database.reading() as session:
        for party, expected in (
            (Party.STREET, world.street),
            (Party.COMMUNITY, world.community),
            (Party.COUNCIL, world.council),
            (Party.PROPERTY, world.company),
        ):
            assert [one.id for one in sitting(session, SeatRule(party), [world.compound])] == [expected.id]
        housing = SeatRule(Party.DEPARTMENT, "housing")
        assert [one.id for one in sitting(session, housing, [world.compound])] == [world.housing.id]
    assert any_make.count(Officer) == len(world.organisations)


def test_a_second_neighbourhood_shares_the_departments(make: Maker) -> None:
    first, second = make.neighbourhood(), make.neighbourhood()
    assert first.housing.id == second.housing.id
    assert first.community.id != second.community.id
    assert second.community.name_zh == "新兴社区2"
    assert second.who(second.housing) == first.who(first.housing)


def test_a_filing_is_submitted_by_its_clerk(any_make: Maker) -> None:
    world = any_make.neighbourhood()
    filed = any_make.filing(world.clerk, [world.compound], lines=5)
    matter = any_make.matter(filed.matter_id)
    assert (matter.status, matter.line_count, matter.wake_at) == (MatterStatus.SUBMITTED, 5, any_make.at)
    assert any_make.count(FilingLine) == 5
    with any_make.database.reading() as session:
        assert matters.visible(session, filed.matter_id, world.clerk).id == filed.matter_id
