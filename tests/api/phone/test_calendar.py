"""My calendar on the phone: made, shown again, renewed, ended."""

import re

import icalendar

from models.phone import new_phone as known_phone
from models.training.calendar_links import Owner, give_link
from tests.api.phone.conftest import NewPhone
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood
from wufang.make_people import People

PAGE = "/m/calendar"


def address_on(page) -> str:
    """The path of the calendar that a page shows."""
    found = re.search(r'value="https?://[^/]+(/calendars/[\w-]{32}\.ics\?lang=en)"', page.text)
    assert found
    return found[1]


def riders_phone(phone: Browser, make: Maker, world: Neighbourhood) -> None:
    """Let the phone be a confirmed rider's."""
    people = People(make, world)
    row, secret = make.database.write(known_phone, world.district.id, "en", make.at)
    rider_id = people.rider().rider_id

    def join(session) -> None:
        session.get_one(type(row), row.id).rider_id = rider_id

    make.database.write(join)
    phone.client.cookies.set("wufang_phone", secret)


def test_a_rider_makes_renews_and_ends_the_address(phone: Browser, make: Maker, world: Neighbourhood) -> None:
    riders_phone(phone, make, world)
    made = address_on(phone.send(f"{PAGE}/make", {}, page=PAGE))
    assert address_on(phone.get(PAGE)) == made
    assert address_on(phone.send(f"{PAGE}/make", {}, page=PAGE)) == made
    read = phone.get(made)
    assert icalendar.Calendar.from_ical(read.content)["name"] == "My courses and services"
    assert "webcal://" in phone.get(PAGE).text
    renewed = address_on(phone.send(f"{PAGE}/renew", {}, page=PAGE))
    assert phone.get(made).status_code == 404
    assert phone.get(renewed).status_code == 200
    ended = phone.send(f"{PAGE}/end", {}, page=PAGE)
    assert "/calendars/" not in ended.text
    assert phone.get(renewed).status_code == 404


def test_an_unknown_phone_is_told_to_enrol(phone: Browser) -> None:
    assert "Enrol with a community first" in phone.get(PAGE).text
    refused = phone.send(f"{PAGE}/make", {}, page=PAGE)
    assert refused.status_code == 403
    assert phone.send(f"{PAGE}/other", {}, page=PAGE).status_code == 404


def test_another_phone_does_not_see_the_address(new_phone: NewPhone, make: Maker, world: Neighbourhood) -> None:
    rider_id = People(make, world).rider().rider_id
    word = make.database.write(give_link, make.vault, Owner(rider_id=rider_id), make.at)
    assert word not in new_phone().get(PAGE).text
