"""Whistles over JSON: blown once, read and answered as filings are, blown again once returned."""

from uuid import UUID, uuid4

import pytest
from httpx import Client

from tests.api.v1.conftest import As
from tests.make import Maker, Neighbourhood
from wufang.make_reports import Reports

WORDS = "消防通道长期被占，请到现场会商并限期清理。"


@pytest.fixture
def address(make: Maker, world: Neighbourhood) -> str:
    """Where the whistles of a report are blown."""
    return f"/api/v1/reports/{Reports(make, world).collect().reference}/whistles"


def body(world: Neighbourhood, **changes: object) -> dict[str, object]:
    named = [str(world.housing.id), str(world.market_supervision.id)]
    return {"departments": named, "words": WORDS, "settle_by": "2026-12-04"} | changes


def test_a_whistle_is_blown_once_and_read_as_a_matter(
    client: Client, as_: As, world: Neighbourhood, make: Maker, address: str
) -> None:
    headers = as_(world.street) | {"Idempotency-Key": str(uuid4())}
    blown = client.post(address, json=body(world), headers=headers)
    assert blown.status_code == 201, blown.text
    again = client.post(address, json=body(world), headers=headers)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (blown.json(), "true")
    other = client.post(address, json=body(world), headers=as_(world.street))
    assert (other.status_code, other.json()["code"]) == (409, "WhistledAlready")
    make.open(UUID(blown.json()["id"]))
    read = client.get(blown.headers["Location"], headers=as_(world.housing)).json()
    assert (read["kind"], read["reference"], read["starts_on"], read["line_count"]) == (
        "street_whistle",
        "哨2026-000001",
        None,
        0,
    )
    assert [one["zh"] for one in read["whistle"]["departments"]] == ["区住建局", "区市场监管局"]
    assert (read["whistle"]["settle_by"], read["whistle"]["is_bound"]) == ("2026-12-04", None)
    (row,) = client.get("/api/v1/filings?kind=street_whistle", headers=as_(world.housing)).json()["rows"]
    assert row["reference"] == read["reference"]
    (seat,) = client.get("/api/v1/seats/waiting", headers=as_(world.housing)).json()["rows"]
    assert (seat["kind"], seat["stage"]["zh"]) == ("street_whistle", "部门报到")
    given = client.put(
        f"/api/v1/seats/{seat['seat_id']}/opinion",
        json={"kind": "agree"},
        headers=as_(world.housing) | {"If-Match": f'"{seat["seat_version"]}"'},
    )
    assert given.status_code == 200, given.text


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"settle_by": "2026-11-23"}, 422, "NotByThen"),
        ({"departments": []}, 422, "NotTheseDepartments"),
        ({"words": ""}, 422, "WordsMissing"),
        ({"compound": str(uuid4())}, 422, "NotInThisCommunity"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(
    client: Client, as_: As, world: Neighbourhood, address: str, changes: dict[str, object], status: int, code: str
) -> None:
    refused = client.post(address, json=body(world, **changes), headers=as_(world.street))
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_only_the_street_whistles(client: Client, as_: As, world: Neighbourhood, address: str) -> None:
    assert client.post(address, json=body(world), headers=as_(world.community)).status_code == 403
    assert client.post(address, json=body(world), headers=as_(world.council)).status_code == 404
    assert (
        client.post(address.replace("000001", "009999"), json=body(world), headers=as_(world.street)).status_code == 404
    )


def test_a_returned_whistle_is_blown_again(
    client: Client, as_: As, world: Neighbourhood, make: Maker, address: str
) -> None:
    street, housing = as_(world.street), as_(world.housing)
    matter_id = UUID(client.post(address, json=body(world), headers=street).json()["id"])
    make.open(matter_id)
    (seat,) = client.get("/api/v1/seats/waiting", headers=housing).json()["rows"]
    back = {"to": "filer", "reason": "权属不清"}
    stale = housing | {"If-Match": f'"{seat["seat_version"]}"'}
    assert client.post(f"/api/v1/seats/{seat['seat_id']}/return", json=back, headers=stale).status_code == 200
    make.conclude(matter_id)
    again = f"/api/v1/whistles/{matter_id}/submission"
    named = body(world, departments=[str(world.market_supervision.id)])
    assert client.post(again, json=named, headers=street).status_code == 428
    assert client.post(again, json=named, headers=street | {"If-Match": '"1"'}).status_code == 412
    version = client.get(f"/api/v1/filings/{matter_id}", headers=street).headers["ETag"]
    done = client.post(again, json=named, headers=street | {"If-Match": version})
    assert (done.status_code, done.json()["status"]) == (200, "submitted")
    read = client.get(f"/api/v1/filings/{matter_id}", headers=street).json()
    assert [one["zh"] for one in read["whistle"]["departments"]] == ["区市场监管局"]


def test_a_filing_is_no_whistle(client: Client, as_: As, world: Neighbourhood, make: Maker) -> None:
    filed = make.filing(world.clerk, [world.compound])
    headers = as_(world.company) | {"If-Match": "*"}
    refused = client.post(f"/api/v1/whistles/{filed.matter_id}/submission", json=body(world), headers=headers)
    assert refused.status_code == 404
