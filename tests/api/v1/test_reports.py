"""Reports over HTTP: lists, one report, what an officer writes down, photos, rates and categories."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from httpx import Client

from models.officer import Officer, Role
from tests.api.v1.conftest import As, Bearing, Hand
from tests.make import Maker, Neighbourhood
from wufang.make_reports import Reports, drawn

HOUR = timedelta(hours=1)


@pytest.fixture
def reports(make: Maker, world: Neighbourhood) -> Reports:
    """Reports of the world."""
    return Reports(make, world)


def send_photo(client: Client, headers: dict[str, str], sent: bytes = drawn()) -> dict[str, object]:
    """A photo before its report."""
    answer = client.post("/api/v1/report-photos", content=sent, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def references(client: Client, headers: dict[str, str], query: str) -> list[str]:
    """What a list shows."""
    answer = client.get(f"/api/v1/reports?{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return [row["reference"] for row in answer.json()["rows"]]


def test_each_party_finds_what_is_its_own_to_do(
    client: Client, as_: As, world: Neighbourhood, reports: Reports, stranger: dict[str, str]
) -> None:
    new, sent, answered = (reports.collect().report_id for _ in range(3))
    for one in (sent, answered):
        reports.file(one)
    reports.answer(answered)
    names = {key: reports.read(key).reference for key in (new, sent, answered)}
    community, company = as_(world.community), as_(world.company)
    assert references(client, community, "list=triage") == [names[new]]
    assert references(client, community, "list=check") == [names[answered]]
    assert references(client, company, "list=ours") == [names[sent]]
    assert set(references(client, as_(world.street), "")) == set(names.values())
    assert references(client, community, "list=past&status=answered") == [names[answered]]
    assert references(client, community, "category=lamp") == []
    assert references(client, stranger, "list=past") == []


def test_what_is_late_came_up(client: Client, as_: As, world: Neighbourhood, reports: Reports, clock: Hand) -> None:
    made = reports.collect(category="charging")
    clock.at += 48 * HOUR
    reports.rounds(clock.at)
    assert references(client, as_(world.street), "list=escalated&late=true") == [made.reference]
    (row,) = client.get("/api/v1/reports?list=triage", headers=as_(world.community)).json()["rows"]
    assert (row["is_overdue"], row["is_late"], row["rung"] >= 3) == (True, True, True)


def test_a_list_is_walked_page_by_page(client: Client, as_: As, world: Neighbourhood, reports: Reports) -> None:
    made = [reports.collect(at=reports.make.at - hours * HOUR).reference for hours in range(5)]
    mine, seen, cursor = as_(world.community), [], ""
    while True:
        answer = client.get(f"/api/v1/reports?list=past&limit=2{cursor}", headers=mine)
        seen += [row["reference"] for row in answer.json()["rows"]]
        if not (following := answer.json()["next"]):
            break
        assert f"cursor={following}" in answer.headers["link"]
        cursor = f"&cursor={following}"
    assert seen == made


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("list=nothing", 422, "NotValid"),
        ("category=nothing", 422, "CategoryUnknown"),
        ("level=loud", 422, "NotValid"),
        ("cursor=%21", 400, "CursorUnreadable"),
        ("limit=0", 422, "NotValid"),
    ],
)
def test_what_no_list_knows_is_said(
    client: Client, as_: As, world: Neighbourhood, query: str, status: int, code: str
) -> None:
    answer = client.get(f"/api/v1/reports?{query}", headers=as_(world.community))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_report_is_read_whole(client: Client, as_: As, world: Neighbourhood, reports: Reports) -> None:
    here = reports.position()
    other, made = reports.collect(position=here), reports.collect(spot="三号楼", position=here)
    answer = client.get(f"/api/v1/reports/{made.reference}", headers=as_(world.community))
    read = answer.json()
    assert answer.headers["etag"] == f'"{read["version"]}"'
    assert (read["words"], read["spot"], read["source"]) == ("楼道里堆了东西。", "三号楼", "phone")
    assert [step["kind"] for step in read["steps"]] == ["reported"]
    assert [one["reference"] for one in read["alike"]] == [other.reference]
    assert [one["name"]["zh"] for one in read["targets"] if one["is_suggested"]] == ["合家安物业"]
    assert (read["may"]["triage"], read["may"]["answer"]) == (True, False)
    assert (read["parking"], read["duties"], read["merged_into"]) == (None, [], None)
    street = client.get(f"/api/v1/reports/{made.reference}", headers=as_(world.street)).json()
    assert street["may"]["whistle"]


def test_a_report_of_others_does_not_exist(
    client: Client, world: Neighbourhood, reports: Reports, stranger: dict[str, str], as_: As
) -> None:
    made = reports.collect()
    for headers, reference, status in (
        (stranger, made.reference, 404),
        (as_(world.company), made.reference, 404),  # not sent to it yet
        (as_(world.community), "报2026-999999", 404),
        ({}, made.reference, 401),
    ):
        assert client.get(f"/api/v1/reports/{reference}", headers=headers).status_code == status


def test_an_officer_writes_down_what_somebody_says(client: Client, as_: As, world: Neighbourhood, state: Path) -> None:
    mine = as_(world.community)
    photo = send_photo(client, mine)
    assert photo["width"] == 640
    body = {"category": "fire-exit", "words": "堵了", "compound_id": str(world.compound.id), "photos": [photo["photo"]]}
    keyed = mine | {"Idempotency-Key": "one"}
    first = client.post("/api/v1/reports", json=body, headers=keyed)
    assert first.status_code == 201, first.text
    again = client.post("/api/v1/reports", json=body, headers=keyed)
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    read = client.get(first.headers["location"], headers=mine).json()
    assert (read["source"], [one["digest"] for one in read["photos"]]) == ("officer", [photo["digest"]])
    for digest in (photo["digest"], read["thumbnail"]):
        shown = client.get(f"{first.headers['location']}/photos/{digest}", headers=mine)
        assert (shown.headers["content-type"], shown.headers["cache-control"]) == ("image/jpeg", "no-store")
        assert shown.content.startswith(b"\xff\xd8")
    assert not any(b"JFIF" in one.read_bytes() for one in (state / "reports").iterdir())
    assert len(references(client, mine, "list=past")) == 1


def test_a_position_alone_places_a_report(client: Client, as_: As, world: Neighbourhood, make: Maker) -> None:
    make.tamper("update compound set latitude = 35.23, longitude = 113.25 where id = :id", id=world.compound.id.hex)
    body = {"category": "lamp", "words": "灯不亮", "position": {"latitude": 35.2301, "longitude": 113.2501}}
    made = client.post("/api/v1/reports", json=body, headers=as_(world.council))
    assert made.status_code == 201, made.text
    assert references(client, as_(world.community), "list=triage") == [made.json()["reference"]]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category": "nothing"}, "CategoryUnknown"),
        ({"words": ""}, "NothingSaid"),
        ({"words": "x" * 1001}, "WordsTooLong"),
        ({"category": "cleared-corridor"}, "EvidenceMissing"),
        ({"compound_id": None}, "PlaceMissing"),
        ({"compound_id": str(uuid4())}, "PlaceMissing"),
        ({"compound_id": None, "position": {"latitude": 1, "longitude": 1}}, "PlaceUnknown"),
        ({"position": {"latitude": 91, "longitude": 1}}, "NotValid"),
        ({"photos": ["nothing"]}, "SlipUnknown"),
        ({"photos": ["seal-1.AAAA"]}, "SlipUnknown"),
        ({"photos": ["x"] * 7}, "TooManyPhotos"),
        ({"nonsense": 1}, "NotValid"),
    ],
)
def test_what_cannot_be_taken_is_said(
    client: Client, as_: As, world: Neighbourhood, changes: dict[str, object], code: str
) -> None:
    body = {"category": "fire-exit", "words": "堵了", "compound_id": str(world.compound.id)} | changes
    refused = client.post("/api/v1/reports", json=body, headers=as_(world.community))
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert references(client, as_(world.community), "list=past") == []


def test_a_photo_is_its_sender_s_for_a_day(
    client: Client, as_: As, world: Neighbourhood, reports: Reports, clock: Hand
) -> None:
    photo = send_photo(client, as_(world.council))["photo"]
    body = {"category": "fire-exit", "compound_id": str(world.compound.id), "photos": [photo]}
    refused = client.post("/api/v1/reports", json=body, headers=as_(world.community))
    assert refused.json()["code"] == "SlipUnknown"
    words = reports.make.vault.seal('["something else that is sealed"]')
    refused = client.post("/api/v1/reports", json=body | {"photos": [words]}, headers=as_(world.council))
    assert refused.json()["code"] == "SlipUnknown"
    clock.at += 24 * HOUR
    refused = client.post("/api/v1/reports", json=body, headers=as_(world.council))
    assert refused.json()["code"] == "SlipUnknown"
    clock.at -= HOUR
    assert client.post("/api/v1/reports", json=body, headers=as_(world.council)).status_code == 201


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 415, "NotAPicture"),
        (b"GIF89a" + b"\0" * 100, 415, "NotAPicture"),
        (drawn()[:700], 415, "NotAPicture"),
        (b"x" * (12 * 1024 * 1024 + 1), 413, "PictureTooLarge"),
    ],
    ids=["nothing", "gif", "cut", "large"],
)
def test_what_is_no_photo_is_refused(
    client: Client, as_: As, world: Neighbourhood, state: Path, content: bytes, status: int, code: str
) -> None:
    refused = client.post("/api/v1/report-photos", content=content, headers=as_(world.community))
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert not (state / "reports").exists()


def test_nobody_who_only_reads_sends_photos_or_reports(
    client: Client, world: Neighbourhood, make: Maker, bearing: Bearing, state: Path
) -> None:
    reader = make.officer(world.community)
    make.database.write(lambda session: setattr(session.get_one(Officer, reader.id), "role", Role.READER))
    body = {"category": "fire-exit", "words": "堵了", "compound_id": str(world.compound.id)}
    assert client.post("/api/v1/reports", json=body, headers=bearing(reader.id)).status_code == 403
    assert client.post("/api/v1/report-photos", content=drawn(), headers=bearing(reader.id)).status_code == 403
    assert client.post("/api/v1/report-photos", content=drawn()).status_code == 401
    assert not (state / "reports").exists()


def test_photos_are_for_those_who_may_read_the_report(
    client: Client, as_: As, world: Neighbourhood, reports: Reports, stranger: dict[str, str], state: Path
) -> None:
    kept, elsewhere = reports.photo(state / "reports"), reports.photo(state / "reports", "#112233")
    made = reports.collect(photos=(kept,))
    address = f"/api/v1/reports/{made.reference}/photos"
    assert client.get(f"{address}/{kept.digest}", headers=as_(world.street)).status_code == 200
    assert client.get(f"{address}/{elsewhere.digest}", headers=as_(world.street)).status_code == 404
    assert client.get(f"{address}/..%2Fkeys", headers=as_(world.street)).status_code == 404
    assert client.get(f"{address}/{kept.digest}", headers=stranger).status_code == 404
    assert client.get(f"{address}/{kept.digest}").status_code == 401


def test_rates_are_of_the_own_ground(
    client: Client, as_: As, world: Neighbourhood, reports: Reports, stranger: dict[str, str]
) -> None:
    reports.closed(reports.phone())
    for who in (world.lead, world.street, world.community, world.company):
        read = client.get("/api/v1/reports/rates", headers=as_(who)).json()
        (row,) = read["rows"]
        assert (row["organisation"]["zh"], row["reports"], row["open"]) == ("合家安物业", 1, 0)
        assert row["settling"] == {"good": 1, "all": 1, "percent": 100.0}
        assert row["satisfaction"]["percent"] is None
    assert client.get("/api/v1/reports/rates", headers=stranger).json()["rows"] == []
    before = client.get("/api/v1/reports/rates?from=2020-01-01&to=2020-01-31", headers=as_(world.lead)).json()
    assert (before["first"], before["rows"]) == ("2020-01-01", [])
    wrong = client.get("/api/v1/reports/rates?from=2026-02-01&to=2026-01-01", headers=as_(world.lead))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "PeriodWrong")


def test_categories_are_the_district_s(client: Client, as_: As, world: Neighbourhood) -> None:
    listed = client.get("/api/v1/report-categories", headers=as_(world.company)).json()
    by_code = {one["code"]: one for one in listed}
    assert by_code["cleared-corridor"]["is_deed"]
    assert by_code["fire-exit"]["title"]["zh"]
    assert not by_code["fire-exit"]["is_deed"]
