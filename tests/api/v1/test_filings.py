"""Filings over HTTP: submitted, listed, read, submitted again."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from httpx import Client
from sqlalchemy import Engine, event

from models.consultation.opinions import Draft
from models.consultation.tables import OpinionKind
from models.matter import Matter, MatterStatus
from tests.api.v1.conftest import As
from tests.make import Maker, Neighbourhood

RIDER = {"name": "朱艳", "phone": "170 8205 3948", "platform": "美团", "station": "定和站", "plate": "豫H34135电"}
PERIOD = {"starts_on": "2026-12-01", "ends_on": "2027-11-30"}


def sending(world: Neighbourhood, *riders: dict[str, str]) -> dict[str, object]:
    """What a clerk sends."""
    return {"compounds": [str(world.compound.id)], "period": PERIOD, "riders": list(riders or (RIDER,))}


def test_riders_are_filed(client: Client, as_: As, world: Neighbourhood, make: Maker) -> None:
    mine = as_(world.company)
    answer = client.post("/api/v1/filings", json=sending(world), headers=mine)
    assert answer.status_code == 201
    made = answer.json()
    assert made["reference"] == "备2026-000001"
    assert answer.headers["location"] == f"/api/v1/filings/{made['id']}"
    shown = client.get(answer.headers["location"], headers=mine).json()
    assert (shown["status"], shown["line_count"], shown["filer"]["zh"]) == ("submitted", 1, "合家安物业")
    assert (shown["starts_on"], shown["ends_on"]) == ("2026-12-01", "2027-11-30")
    line = client.get(f"{answer.headers['location']}/lines", headers=mine).json()["rows"][0]
    assert (line["name"], line["phone"], line["plate"]) == ("朱*", "170****3948", "豫H***35电")
    assert make.count(Matter) == 1


def test_every_fault_is_named_and_nothing_is_filed(client: Client, as_: As, world: Neighbourhood, make: Maker) -> None:
    riders = (RIDER, RIDER | {"phone": "123", "platform": "无名"}, RIDER)
    refused = client.post("/api/v1/filings", json=sending(world, *riders), headers=as_(world.company))
    assert (refused.status_code, refused.json()["code"]) == (422, "RidersWrong")
    pointers = [error["pointer"] for error in refused.json()["errors"]]
    assert pointers == ["#/riders/1/phone", "#/riders/1/platform", "#/riders/2/phone"]
    assert make.count(Matter) == 0


def test_who_may_not_file_is_told(
    client: Client, as_: As, world: Neighbourhood, stranger: dict[str, str], make: Maker
) -> None:
    sent = sending(world)
    for headers, status in (
        (as_(world.council), 403),
        (stranger, 403),
        ({}, 401),
        ({"Authorization": "Bearer x"}, 401),
    ):
        assert client.post("/api/v1/filings", json=sent, headers=headers).status_code == status
    unknown = sent | {"compounds": [str(uuid4())]}
    assert client.post("/api/v1/filings", json=unknown, headers=as_(world.company)).status_code == 404
    nothing = sent | {"compounds": []}
    refused = client.post("/api/v1/filings", json=nothing, headers=as_(world.company))
    assert (refused.status_code, refused.json()["code"]) == (422, "NoCompounds")
    assert make.count(Matter) == 0


def test_a_filing_is_read_by_id_and_by_reference(
    client: Client, as_: As, world: Neighbourhood, matter_id: UUID, make: Maker
) -> None:
    mine, matter = as_(world.council), make.matter(matter_id)
    by_id = client.get(f"/api/v1/filings/{matter_id}", headers=mine)
    by_reference = client.get(f"/api/v1/filings/{matter.reference}", headers=mine)
    assert by_id.json() == by_reference.json()
    assert by_id.headers["etag"] == f'"{matter.version}"'
    shown = by_id.json()
    assert {seat["party"] for seat in shown["stages"][0]["seats"]} == {"property", "community", "council"}
    assert [stage["key"] for stage in shown["coming"]] == ["district"]
    assert [entry["kind"] for entry in shown["timeline"]][:2] == ["submitted", "opened"]
    assert shown["letters"]


@pytest.mark.parametrize("rest", ["", "/lines", "/timeline", "/rounds"])
def test_what_is_not_yours_is_not_there(client: Client, stranger: dict[str, str], matter_id: UUID, rest: str) -> None:
    refused = client.get(f"/api/v1/filings/{matter_id}{rest}", headers=stranger)
    assert (refused.status_code, refused.json()["code"]) == (404, "NotFound")
    assert client.get(f"/api/v1/filings/{matter_id}{rest}").status_code == 401
    assert client.get(f"/api/v1/filings/{uuid4()}{rest}", headers=stranger).status_code == 404
    assert client.get(f"/api/v1/filings/备2026-999999{rest}", headers=stranger).status_code == 404


def test_lines_and_filings_come_in_pages_that_hold_still(
    client: Client, as_: As, world: Neighbourhood, make: Maker
) -> None:
    mine = as_(world.company)
    filed = [str(make.filing(world.clerk, [world.compound], 5, seed=seed).matter_id) for seed in range(5)]
    for address, key, expected in (
        ("/api/v1/filings?limit=2&status=submitted", "id", filed[::-1]),
        (f"/api/v1/filings/{filed[0]}/lines?limit=2", "number", [1, 2, 3, 4, 5]),
    ):
        seen: list[object] = []
        following: str | None = address
        while following:
            answer = client.get(following, headers=mine)
            seen += [row[key] for row in answer.json()["rows"]]
            following = answer.headers.get("link", "").split(">")[0].removeprefix("<") or None
            make.filing(world.clerk, [world.compound], 1, seed=100 + len(seen))
        assert seen == expected


def test_filters_narrow_the_list(client: Client, as_: As, world: Neighbourhood, matter_id: UUID, make: Maker) -> None:
    waiting = str(make.filing(world.clerk, [world.compound], 1, seed=8).matter_id)
    mine = as_(world.company)
    wanted = {
        "status=submitted": [waiting],
        "status=submitted&status=consulting": [waiting, str(matter_id)],
        "awaited=council": [str(matter_id)],
        f"compound={world.compound.id}&kind=access_filing": [waiting, str(matter_id)],
        f"organisation={world.street.id}": [],
    }
    for query, expected in wanted.items():
        rows = client.get(f"/api/v1/filings?{query}", headers=mine).json()["rows"]
        assert [row["id"] for row in rows] == expected, query
    for wrong in ("status=lost", "limit=0", "limit=9999", "compound=x"):
        assert client.get(f"/api/v1/filings?{wrong}", headers=mine).status_code == 422, wrong


def returned(make: Maker, world: Neighbourhood, matter_id: UUID) -> None:
    """Let the community object, so that the filing goes back to its filer."""
    seat = next(one for one in make.asked(matter_id) if one.organisation_id == world.community.id)
    make.say(world.who(world.community), seat, Draft(OpinionKind.OBJECT, reason="Line 2 is unknown"))
    make.conclude(matter_id)


def test_a_returned_filing_is_submitted_again_without_some_lines(
    client: Client, as_: As, world: Neighbourhood, matter_id: UUID, make: Maker
) -> None:
    returned(make, world, matter_id)
    address, mine = f"/api/v1/filings/{matter_id}/submission", as_(world.company)
    tag = client.get(f"/api/v1/filings/{matter_id}", headers=mine).headers["etag"]
    body = {"drop": [2], "note": "Line 2 taken out"}
    assert client.post(address, json=body, headers=mine).status_code == 428
    assert client.post(address, json=body, headers=mine | {"If-Match": '"1"'}).status_code == 412
    answer = client.post(address, json=body, headers=mine | {"If-Match": tag})
    assert (answer.status_code, answer.json()["status"]) == (200, "submitted")
    lines = client.get(f"/api/v1/filings/{matter_id}/lines", headers=mine).json()["rows"]
    assert [line["status"] for line in lines] == ["filed", "dropped", "filed", "filed", "filed"]
    again = client.post(address, json=body, headers=mine | {"If-Match": "*"})
    assert (again.status_code, again.json()["code"]) == (409, "NotReturned")


def test_only_the_filer_submits_again(
    client: Client, as_: As, world: Neighbourhood, matter_id: UUID, make: Maker, stranger: dict[str, str]
) -> None:
    returned(make, world, matter_id)
    address = f"/api/v1/filings/{matter_id}/submission"
    tried = ((as_(world.community), 403), (stranger, 404), ({}, 401))
    for headers, status in tried:
        assert client.post(address, json={}, headers=headers | {"If-Match": "*"}).status_code == status
    assert make.matter(matter_id).status is MatterStatus.RETURNED


def test_a_concluded_filing_shows_its_end(client: Client, as_: As, world: Neighbourhood, make: Maker) -> None:
    matter_id = make.filing(world.clerk, [world.compound], 5).matter_id
    make.agree_through(world, matter_id)
    make.conclude(matter_id)
    shown = client.get(f"/api/v1/filings/{matter_id}", headers=as_(world.company)).json()
    assert (shown["status"], shown["result"], shown["passes"]) == ("agreed", "agreed", 5)
    assert shown["resolution"]["number"] == "山协〔2026〕1号"
    assert shown["line_counts"] == {"passed": 5}


def test_a_list_takes_as_many_queries_for_two_as_for_twelve(
    client: Client, as_: As, world: Neighbourhood, make: Maker
) -> None:
    mine, counts = as_(world.company), []
    for many in (2, 12):
        for seed in range(many):
            make.open(make.filing(world.clerk, [world.compound], 1, seed=many * 50 + seed).matter_id)
        said: list[str] = []

        def count(_connection: object, _cursor: object, statement: str, *_rest: object, said: list[str] = said) -> None:
            said.append(statement)

        event.listen(Engine, "before_cursor_execute", count)
        rows = client.get("/api/v1/filings", headers=mine).json()["rows"]
        event.remove(Engine, "before_cursor_execute", count)
        assert len(rows) >= many
        counts.append(len(said))
    assert counts[0] == counts[1] <= 6


def test_days_of_a_rider_go_before_the_period(client: Client, as_: As, world: Neighbourhood) -> None:
    mine = as_(world.company)
    own = RIDER | {"starts_on": date(2026, 12, 5).isoformat()}
    answer = client.post("/api/v1/filings", json=sending(world, own), headers=mine)
    line = client.get(f"{answer.headers['location']}/lines", headers=mine).json()["rows"][0]
    assert (line["starts_on"], line["ends_on"]) == ("2026-12-05", "2027-11-30")
