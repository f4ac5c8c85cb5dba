"""Reporting from a phone: with photos, without script, by its script; once, however often a bad line sends it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from httpx import Response
from sqlalchemy import select

from models.phone import Phone
from models.report.tables import Report
from tests.api.phone.conftest import NewPhone
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood
from wufang.make_reports import drawn

PAGE = "/m/report"
SCRIPT = {"Wufang-Phone": "1"}


def form(world: Neighbourhood, **changes: str) -> dict[str, str]:
    """What somebody fills in."""
    known = {"category": "fire-exit", "words": "Boxes", "spot": "Gate 3", "place": f"compound:{world.compound.id}"}
    return known | {"key": "", "latitude": "", "longitude": "", "accuracy": ""} | changes


def by_script(phone: Browser, fields: dict[str, str], photos: list[bytes] | None = None) -> Response:
    """What the page's script sends, from its queue too: no form word, a header of its own."""
    files = [("photo", (f"{number}.jpg", one)) for number, one in enumerate(photos or [])] or {"photo": ("", b"")}
    return phone.client.post(PAGE, data=fields, files=files, headers={"Origin": phone.address} | SCRIPT)


def by_form(phone: Browser, fields: dict[str, str], photos: list[bytes] | None = None) -> Response:
    """What a browser without script sends."""
    return phone.send_photos(PAGE, fields, photos or [], PAGE)


def listed(make: Maker) -> list[Report]:
    """Every report."""
    with make.database.reading() as session:
        return list(session.scalars(select(Report).order_by(Report.id)))


def phones(make: Maker) -> int:
    """How many phones are known."""
    with make.database.reading() as session:
        return len(session.scalars(select(Phone)).all())


def test_a_phone_is_known_from_its_first_act_only(phone: Browser, world: Neighbourhood, make: Maker) -> None:
    for address in ("/m", PAGE, "/m/reports"):
        assert phone.get(address).status_code == 200
    cookie = phone.client.cookies["wufang_phone"]
    assert phones(make) == 0
    assert by_form(phone, form(world)).status_code == 200
    assert phone.client.cookies["wufang_phone"] == cookie
    assert phones(make) == 1


def test_a_report_with_photos_without_script(phone: Browser, world: Neighbourhood, make: Maker, tmp_path: Path) -> None:
    page = by_form(phone, form(world), [drawn(), drawn("#112233")])
    assert (page.status_code, page.url.query) == (200, b"done=reported")
    assert "Thank you." in page.text
    assert page.text.count('loading="lazy"') == 2
    (report,) = listed(make)
    assert report.phone_id is not None
    assert report.reference in phone.get("/m/reports").text
    assert len(list((tmp_path / "reports").iterdir())) == 4


@pytest.mark.parametrize("send", [by_script, by_form])
def test_what_is_sent_twice_with_one_key_is_one_report(
    new_phone: NewPhone, world: Neighbourhood, make: Maker, send: Callable[..., Response]
) -> None:
    phone, other = new_phone(), new_phone()
    for _ in range(3):
        assert send(phone, form(world, key="one")).status_code in {200, 201}
    assert len(listed(make)) == 1
    send(phone, form(world, key="two"))
    send(other, form(world, key="one"))
    assert len(listed(make)) == 3


def test_the_script_reads_json(phone: Browser, world: Neighbourhood, make: Maker) -> None:
    first = by_script(phone, form(world, key="one"), [drawn()])
    (report,) = listed(make)
    address = f"/m/reports/{report.reference}"
    told = {"reference": report.reference, "address": address, "is_new": True}
    assert (first.status_code, first.json()) == (201, told)
    again = by_script(phone, form(world, key="one"), [drawn()])
    assert (again.status_code, again.json()) == (200, told | {"is_new": False})
    assert phone.get(address).status_code == 200
    refused = by_script(phone, form(world, words=""))
    assert (refused.status_code, list(refused.json())) == (422, ["detail"])


def test_a_position_places_it(phone: Browser, world: Neighbourhood, make: Maker) -> None:
    make.tamper("update compound set latitude = 35.23, longitude = 113.25 where id = :id", id=world.compound.id.hex)
    here = {"place": "", "latitude": "35.2301", "longitude": "113.2501", "accuracy": "8.4"}
    assert by_script(phone, form(world, **here)).status_code == 201
    (report,) = listed(make)
    assert (report.compound_id, report.accuracy_metres) == (world.compound.id, 8)


@pytest.mark.parametrize("accuracy", ["1e300", "-5", "100001"])
def test_an_accuracy_that_no_device_means_is_none(
    phone: Browser, world: Neighbourhood, make: Maker, accuracy: str
) -> None:
    here = {"latitude": "35.2301", "longitude": "113.2501", "accuracy": accuracy}
    assert by_script(phone, form(world, **here)).status_code == 201
    assert listed(make)[0].accuracy_metres is None


REFUSED = [
    ({"category": ""}, [], 422, "There is no category"),
    ({"words": ""}, [], 422, "Take a photo, or say in a few words what you saw."),
    ({"words": "x" * 1001}, [], 422, "longer than 1000 characters"),
    ({"place": ""}, [], 422, "Say where it is"),
    ({"latitude": "91", "longitude": "1"}, [], 422, "A position has a latitude"),
    ({"latitude": "nan", "longitude": "1"}, [], 422, "A position has a latitude"),
    ({"latitude": "x", "longitude": ""}, [], 422, "A position has a latitude"),
    ({"latitude": "1", "longitude": "1", "accuracy": "inf"}, [], 422, "A position has a latitude"),
    ({"category": "cleared-corridor"}, [], 422, "Add a photo that shows what you did"),
    ({}, [b"%PDF-1.7 no photo"], 415, "is not a photo that can be read"),
    ({}, [drawn(), drawn()[:500]], 415, "is not a photo that can be read"),
    ({}, [drawn()] * 7, 422, "At most 6 photos"),
    ({}, [b"x" * (12 * 1024 * 1024 + 1)], 413, "The photo is too large"),
]


@pytest.mark.parametrize(("changes", "photos", "status", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_taken_is_said_and_stands_in_the_form_again(
    phone: Browser,
    world: Neighbourhood,
    make: Maker,
    changes: dict[str, str],
    photos: list[bytes],
    status: int,
    sentence: str,
) -> None:
    fields = form(world, key="my-key", **changes)
    page = by_form(phone, fields, photos)
    assert page.status_code == status
    assert sentence in page.text
    assert 'role="alert"' in page.text
    for name in ("spot", "key", "latitude", "longitude"):
        assert f'value="{fields[name]}"' in page.text, name
    assert f">{fields['words']}</textarea>" in page.text
    if fields["place"]:
        assert f'value="{fields["place"]}" selected' in page.text
    told = by_script(phone, fields, photos)
    assert (told.status_code, sentence in told.json()["detail"]) == (status, True)
    assert listed(make) == []


def test_a_form_from_elsewhere_is_refused(phone: Browser, world: Neighbourhood, make: Maker) -> None:
    phone.get(PAGE)
    for headers in (
        {"Origin": phone.address},  # without the form's word
        {"Origin": "https://elsewhere.example"},
        {"Origin": "https://elsewhere.example"} | SCRIPT,
        {"Sec-Fetch-Site": "cross-site"} | SCRIPT,
    ):
        assert phone.client.post(PAGE, data=form(world), headers=headers).status_code == 403, headers
    assert listed(make) == []


def test_one_phone_is_held_back_and_another_is_not(new_phone: NewPhone, world: Neighbourhood, make: Maker) -> None:
    phone, other = new_phone(), new_phone()
    assert by_script(phone, form(world, key="0")).status_code == 201
    answers = [by_script(phone, form(world, words="")) for _ in range(41)]
    assert (answers[0].status_code, answers[-1].status_code) == (422, 429)
    assert int(answers[-1].headers["retry-after"]) > 0
    assert by_script(other, form(world)).status_code == 201
    assert len(listed(make)) == 2


def test_a_phone_that_was_signed_off_goes_on_as_a_new_one_and_sees_nothing_of_before(
    phone: Browser, world: Neighbourhood, make: Maker
) -> None:
    by_script(phone, form(world))
    (before,) = listed(make)
    make.tamper("update phone set revoked_at = '2026-11-01 00:00:00.000000' where revoked_at is null")
    assert by_script(phone, form(world, key="again")).status_code == 201
    after = next(one for one in listed(make) if one.id != before.id)
    assert after.phone_id != before.phone_id
    mine = phone.get("/m/reports").text
    assert before.reference not in mine
    assert after.reference in mine


def test_the_worker_keeps_what_the_page_needs(phone: Browser) -> None:
    worker = phone.get("/m/worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["service-worker-allowed"] == "/m"
    assets = [part for part in worker.text.split('"') if part.startswith("/static/") and "." in part]
    assert assets
    for one in assets:
        assert phone.get(one).status_code == 200, one
