"""Calendars to subscribe to, over the wire."""

import icalendar
import pytest
import vobject

from models.training import calendar_links
from models.training.calendar_links import Owner
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood
from wufang.make_training import Training


@pytest.fixture
def training(make: Maker, world: Neighbourhood) -> Training:
    """Sessions of the world."""
    return Training(make, world)


@pytest.fixture
def calendar_of(make: Maker):
    """The address of an owner's calendar."""

    def calendar_of(owner: Owner) -> str:
        return f"/calendars/{make.database.write(calendar_links.give_link, make.vault, owner, make.at)}.ics"

    return calendar_of


def uids(answer) -> list[str]:
    """The sessions of a calendar, as two readers read them."""
    one = [str(event["uid"]) for event in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")]
    assert [event.uid.value for event in getattr(vobject.readOne(answer.text), "vevent_list", [])] == one
    return one


def test_anybody_reads_the_calendars_of_communities_and_departments(visitor: Browser, training: Training) -> None:
    event, world = training.event(), training.world
    for kind, code in (("communities", world.community.code), ("departments", world.lead.code)):
        answer = visitor.get(f"/calendars/{kind}/{code}.ics?lang=zh")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=900"
        assert answer.headers["content-language"] == "zh"
        assert uids(answer) == [event.uid]
        assert "课程与服务" in answer.text
    assert visitor.get(f"/calendars/communities/{world.lead.code}.ics").status_code == 404
    assert visitor.get("/calendars/departments/none.ics").status_code == 404


def test_what_has_not_changed_is_not_sent_again(visitor: Browser, training: Training) -> None:
    training.event()
    address = f"/calendars/communities/{training.world.community.code}.ics"
    tag = visitor.get(address).headers["etag"]
    for said in (tag, f'"other", W/{tag}', "*"):
        again = visitor.client.get(address, headers={"If-None-Match": said})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert visitor.client.get(f"{address}?lang=zh", headers={"If-None-Match": tag}).status_code == 200
    training.event()
    assert visitor.client.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_a_trainer_reads_their_own_under_a_secret_word(visitor: Browser, training: Training, calendar_of) -> None:
    event, _other = training.event(), training.event()
    answer = visitor.get(calendar_of(Owner(trainer_id=event.trainer_id)))
    assert uids(answer) == [event.uid]
    assert answer.headers["cache-control"] == "private, max-age=900"
    assert visitor.client.head(calendar_of(Owner(trainer_id=event.trainer_id))).status_code == 200


def test_an_ended_word_and_a_guess_are_answered_alike(
    visitor: Browser, training: Training, make: Maker, calendar_of
) -> None:
    owner = Owner(trainer_id=training.trainer().id)
    ended = calendar_of(owner)
    make.database.write(calendar_links.end_link, owner, make.at)
    answers = [visitor.get(address) for address in (ended, f"/calendars/{'A' * 32}.ics", "/calendars/x.ics")]
    assert {one.status_code for one in answers} == {404}
    assert "VCALENDAR" not in "".join(one.text for one in answers)


def test_words_are_not_tried_without_end(visitor: Browser, world: Neighbourhood) -> None:
    statuses = [visitor.get(f"/calendars/{number:032}.ics").status_code for number in range(102)]
    assert set(statuses[:100]) == {404}
    assert set(statuses[100:]) == {429}
