"""What riders want to learn: said, changed, taken back, joined to the rider; counted without telling who."""

import pytest

from models.errors import NotFound
from models.training import needs
from models.training.ruling import CodeUnknown, training_rules

RULES = training_rules()


@pytest.fixture
def say(riders):
    def say(phone, topic="ebike", slots=("2-afternoon",), near=None):
        return riders.make.database.write(needs.ask, RULES, phone, topic, slots, near, riders.make.at).id

    return say


def counted(riders):
    with riders.make.database.reading() as session:
        return [(one.topic, one.slot, one.shown) for one in needs.counted(session, riders.world.district.id)]


def wanted(riders, phone):
    with riders.make.database.reading() as session:
        return [(one.topic, one.slots) for one in needs.needs_of(session, phone)]


def test_it_is_said_changed_and_taken_back(riders, say):
    phone = riders.phone()
    first = say(phone, slots=["2-afternoon", "2-afternoon", "1-evening"])
    assert say(phone, slots=["3-morning"]) == first
    assert wanted(riders, phone) == [("ebike", ["3-morning"])]
    riders.make.database.write(needs.take_back, phone, "ebike", riders.make.at)
    assert wanted(riders, phone) == []
    with pytest.raises(NotFound):
        riders.make.database.write(needs.take_back, phone, "ebike", riders.make.at)


def test_what_cannot_be_is_refused_in_words(riders, say):
    phone = riders.phone()
    street = riders.world.street.id
    for wrong, broken in (
        ({"topic": "flying"}, CodeUnknown),
        ({"slots": ["8-evening"]}, CodeUnknown),
        ({"slots": []}, needs.SlotsMissing),
        ({"near": street}, needs.NearUnknown),
    ):
        with pytest.raises(broken):
            say(phone, **wrong)


def test_departments_read_counts_and_of_fewer_than_three_only_that(riders, say):
    community = riders.world.community.id
    for rider, _ in riders.crowd(3):
        say(rider, near=community)
    say(riders.phone(), "cooking" if "cooking" in RULES.by_topic else "calligraphy")
    assert sorted(one[2] for one in counted(riders)) == ["3", "<3"]


def test_what_a_phone_wanted_is_its_riders_once_known(riders, say):
    rider = riders.rider()
    say(rider, slots=["1-evening"])
    again = riders.phone()
    say(again, slots=["5-morning"])
    say(again, "calligraphy", slots=["5-morning"])
    riders.make.database.write(needs.join_needs, again.phone_id, rider.rider_id, riders.make.at)
    assert wanted(riders, rider) == [("calligraphy", ["5-morning"]), ("ebike", ["1-evening"])]
    assert RULES.slot_title("5-morning").zh == "周五上午"
