"""Seats over HTTP: what waits, a seat, its opinion; stale and foreign ones refused."""

from uuid import UUID, uuid4

import pytest
from httpx import Client

from models.consultation.tables import Opinion, Seat
from tests.api.v1.conftest import As
from tests.make import Maker, Neighbourhood

AGREE = {"kind": "agree"}
ANY = {"If-Match": "*"}


@pytest.fixture
def seat(make: Maker, world: Neighbourhood, matter_id: UUID) -> Seat:
    """The council's seat."""
    return next(one for one in make.asked(matter_id) if one.organisation_id == world.council.id)


def test_an_opinion_is_recorded(client: Client, as_: As, world: Neighbourhood, seat: Seat, make: Maker) -> None:
    mine = as_(world.council)
    answer = client.put(f"/api/v1/seats/{seat.id}/opinion", json=AGREE, headers=mine | {"If-Match": '"1"'})
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    given = answer.json()
    assert (given["version"], given["is_stage_settled"]) == (2, False)
    assert given["filing_id"] == str(seat.matter_id)
    shown = client.get(f"/api/v1/seats/{seat.id}", headers=mine)
    assert (shown.json()["seat"]["answer"], shown.headers["etag"]) == ("agree", '"2"')
    assert make.count(Opinion) == 2  # with the filer's own declaration


def test_the_deciding_opinion_says_so(
    client: Client, as_: As, world: Neighbourhood, matter_id: UUID, make: Maker
) -> None:
    settled = []
    for one in make.asked(matter_id):
        mine = as_(next(body for body in world.organisations if body.id == one.organisation_id))
        answer = client.put(f"/api/v1/seats/{one.id}/opinion", json=AGREE, headers=mine | ANY)
        settled.append(answer.json()["is_stage_settled"])
    assert settled == [False, True]


def test_a_change_names_its_version(client: Client, as_: As, world: Neighbourhood, seat: Seat) -> None:
    address, mine = f"/api/v1/seats/{seat.id}/opinion", as_(world.council)
    tried = {'"7"': 412, 'W/"1"': 412, "yes": 400, '"1", "2"': 400, None: 428, '"1"': 200}
    for tag, status in tried.items():
        headers = mine | ({"If-Match": tag} if tag else {})
        assert client.put(address, json=AGREE, headers=headers).status_code == status, tag


def test_a_stale_version_is_refused_and_nothing_is_written(
    client: Client, as_: As, world: Neighbourhood, seat: Seat, make: Maker
) -> None:
    address, mine = f"/api/v1/seats/{seat.id}/opinion", as_(world.council)
    assert client.put(address, json=AGREE, headers=mine | {"If-Match": '"1"'}).status_code == 200
    before = make.count(Opinion)
    refused = client.put(address, json={"kind": "object", "reason": "Too loud"}, headers=mine | {"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["code"]) == (412, "ChangedMeanwhile")
    assert make.count(Opinion) == before


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"kind": "object"}, "ReasonMissing"),
        ({"kind": "agree_with_conditions"}, "ConditionsMissing"),
        ({"kind": "agree", "exceptions": [{"line": 9, "reason": "Unknown"}]}, "NoSuchLine"),
        ({"kind": "abstain", "exceptions": [{"line": 1, "reason": "Unknown"}]}, "ExceptionOutOfPlace"),
        ({"kind": "object", "reason": "x" * 2001}, "TextTooLong"),
        ({"kind": "maybe"}, "NotValid"),
        ({"kind": "agree", "reson": "misspelt"}, "NotValid"),
    ],
)
def test_what_cannot_be_said_is_refused(
    client: Client, as_: As, world: Neighbourhood, seat: Seat, sent: dict[str, object], code: str
) -> None:
    refused = client.put(f"/api/v1/seats/{seat.id}/opinion", json=sent, headers=as_(world.council) | ANY)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_only_its_organisation_speaks_for_a_seat(
    client: Client, as_: As, world: Neighbourhood, seat: Seat, stranger: dict[str, str], make: Maker
) -> None:
    address = f"/api/v1/seats/{seat.id}/opinion"
    before = make.count(Opinion)
    assert client.put(address, json=AGREE, headers=as_(world.community) | ANY).status_code == 403
    assert client.put(address, json=AGREE, headers=stranger | ANY).status_code == 404
    assert client.put(address, json=AGREE, headers=ANY).status_code == 401
    assert client.get(f"/api/v1/seats/{seat.id}", headers=stranger).status_code == 404
    assert client.get(f"/api/v1/seats/{uuid4()}", headers=as_(world.council)).status_code == 404
    assert make.count(Opinion) == before


def test_a_settled_stage_takes_no_more(
    client: Client, as_: As, world: Neighbourhood, seat: Seat, matter_id: UUID, make: Maker
) -> None:
    for one in make.asked(matter_id):
        make.say(make.identity(world.officers[one.organisation_id]), one)
    refused = client.put(f"/api/v1/seats/{seat.id}/opinion", json=AGREE, headers=as_(world.council) | ANY)
    assert (refused.status_code, refused.json()["code"]) == (409, "StageSettled")


def test_what_waits_is_listed_in_pages(
    client: Client, as_: As, world: Neighbourhood, make: Maker, matter_id: UUID
) -> None:
    for seed in (1, 2):
        make.open(make.filing(world.clerk, [world.compound], 1, seed=seed).matter_id)
    mine = as_(world.council)
    first = client.get("/api/v1/seats/waiting?limit=2", headers=mine)
    assert first.headers["link"].endswith('rel="next"')
    address = first.headers["link"].split(">")[0].removeprefix("<")
    second = client.get(address, headers=mine)
    rows = first.json()["rows"] + second.json()["rows"]
    assert len({row["seat_id"] for row in rows}) == 3
    assert rows[0]["filing_id"] == str(matter_id)
    assert rows[0]["stage"]["zh"] == "小区与社区会签"
    assert second.json()["next"] is None
    assert "link" not in second.headers
    assert client.get("/api/v1/seats/waiting").status_code == 401


@pytest.mark.parametrize("cursor", ["x", "bm90aGluZw", "YXxi", "MjAyNi0wMS0wMXxi"])
def test_a_cursor_that_is_none_is_refused(client: Client, as_: As, world: Neighbourhood, cursor: str) -> None:
    for address in ("/api/v1/seats/waiting", "/api/v1/filings"):
        refused = client.get(f"{address}?cursor={cursor}", headers=as_(world.council))
        assert (refused.status_code, refused.json()["code"]) == (400, "CursorUnreadable")
