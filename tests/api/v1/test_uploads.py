"""Workbooks over HTTP: uploaded, previewed, filed, marked."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from httpx import Client, Response

from models.filing.uploading import Upload
from models.matter import Matter
from tests.api.v1.conftest import As
from tests.make import Maker, Neighbourhood

SAMPLE = Path(__file__).parents[3] / "models" / "samples" / "riders-2026-11.xlsx"


def send(
    client: Client, headers: dict[str, str], compound_id: UUID, address: str = "/api/v1/uploads", **more: str
) -> Response:
    """Send the sample workbook."""
    files = {"file": ("riders.xlsx", SAMPLE.read_bytes())}
    return client.post(address, data={"compounds": str(compound_id)} | more, files=files, headers=headers)


@pytest.fixture
def clerk(as_: As, world: Neighbourhood) -> dict[str, str]:
    """The clerk's header."""
    return as_(world.company)


def test_an_upload_is_previewed_and_its_right_rows_filed(
    client: Client, clerk: dict[str, str], world: Neighbourhood, make: Maker
) -> None:
    uploaded = send(client, clerk, world.compound.id)
    assert uploaded.status_code == 201
    counts = uploaded.json()
    assert counts["total"] == counts["good"] + counts["wrong"]
    assert counts["wrong"] > 0
    address = uploaded.headers["location"]
    wrong = client.get(f"{address}?only_wrong=true&limit=200", headers=clerk).json()
    assert len(wrong["rows"]) == counts["wrong"]
    assert all(row["faults"] and row["faults"][0]["detail"] for row in wrong["rows"])
    refused = client.post(f"{address}/import", json={}, headers=clerk)
    assert (refused.status_code, refused.json()["code"]) == (422, "RowsWrong")
    filed = client.post(f"{address}/import", json={"mode": "only_right"}, headers=clerk)
    assert filed.status_code == 201
    shown = client.get(filed.headers["location"], headers=clerk).json()
    assert shown["line_count"] == counts["good"]
    again = client.post(f"{address}/import", json={"mode": "only_right"}, headers=clerk)
    assert (again.status_code, again.json()["is_new"], again.json()["id"]) == (200, False, filed.json()["id"])
    assert make.count(Matter) == 1


def test_a_preview_comes_in_pages(client: Client, clerk: dict[str, str], world: Neighbourhood) -> None:
    uploaded = send(client, clerk, world.compound.id)
    seen: list[int] = []
    following: str | None = f"{uploaded.headers['location']}?limit=50"
    while following:
        answer = client.get(following, headers=clerk)
        seen += [row["row"] for row in answer.json()["rows"]]
        following = answer.headers.get("link", "").split(">")[0].removeprefix("<") or None
    assert seen == sorted(set(seen))
    assert len(seen) == uploaded.json()["total"]


def test_a_workbook_is_filed_in_one_step(
    client: Client, clerk: dict[str, str], world: Neighbourhood, make: Maker
) -> None:
    address = "/api/v1/filings/workbook"
    key = clerk | {"Idempotency-Key": "one"}
    assert send(client, clerk, world.compound.id, address).json()["code"] == "RowsWrong"
    first = send(client, key, world.compound.id, address, mode="only_right")
    again = send(client, key, world.compound.id, address, mode="only_right")
    assert (first.status_code, first.json()["is_new"]) == (201, True)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = send(client, key, world.compound.id, address, mode="all_or_nothing")
    assert (other.status_code, other.json()["code"]) == (422, "KeyUsedOtherwise")
    assert make.count(Matter) == 1


def test_an_upload_repeated_with_its_key_is_kept_once(
    client: Client, clerk: dict[str, str], world: Neighbourhood, make: Maker
) -> None:
    key = clerk | {"Idempotency-Key": "one"}
    assert send(client, key, world.compound.id).json() == send(client, key, world.compound.id).json()
    assert make.count(Upload) == 1


def test_the_marked_workbook_and_the_template_are_workbooks(
    client: Client, clerk: dict[str, str], world: Neighbourhood
) -> None:
    uploaded = send(client, clerk, world.compound.id)
    for address in (f"{uploaded.headers['location']}/marked", "/api/v1/filings/template"):
        book = client.get(address, headers=clerk)
        assert book.status_code == 200
        assert book.content.startswith(b"PK")
        assert "attachment" in book.headers["content-disposition"]


def test_a_file_that_is_no_workbook_is_refused(
    client: Client, clerk: dict[str, str], world: Neighbourhood, make: Maker
) -> None:
    sent = {"file": ("riders.xlsx", b"name,phone")}
    refused = client.post("/api/v1/uploads", data={"compounds": str(world.compound.id)}, files=sent, headers=clerk)
    assert refused.status_code in {415, 422}
    assert refused.headers["content-type"] == "application/problem+json"
    assert make.count(Upload) == 0


@pytest.mark.parametrize("days", [("2026-12-01", ""), ("2026-12-02", "2026-12-01")])
def test_half_a_period_is_refused(
    client: Client, clerk: dict[str, str], world: Neighbourhood, days: tuple[str, str]
) -> None:
    period = {name: day for name, day in zip(("starts_on", "ends_on"), days, strict=True) if day}
    refused = send(client, clerk, world.compound.id, **period)
    assert (refused.status_code, refused.json()["code"]) == (422, "PeriodHalf")


def test_uploads_are_their_companys(
    client: Client, as_: As, clerk: dict[str, str], world: Neighbourhood, stranger: dict[str, str], make: Maker
) -> None:
    address = send(client, clerk, world.compound.id).headers["location"]
    for path, method in ((address, "GET"), (f"{address}/marked", "GET"), (f"{address}/import", "POST")):
        body = {"json": {}} if method == "POST" else {}
        assert client.request(method, path, headers=stranger, **body).status_code == 404, path
        assert client.request(method, path, **body).status_code == 401, path
    assert client.get("/api/v1/filings/template").status_code == 401
    assert send(client, {}, world.compound.id).status_code == 401
    assert send(client, as_(world.council), world.compound.id).status_code == 403
    assert client.get(f"/api/v1/uploads/{uuid4()}", headers=clerk).status_code == 404
    assert make.count(Matter) == 0
