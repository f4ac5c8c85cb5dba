"""Lists taken out over HTTP: asked for once, looked at, fetched, and refused as on the pages."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import Client
from openpyxl import load_workbook

from models import deputy, record
from models.export import building
from models.export.asking import MOST_WAITING
from models.export.tables import KEPT, Export
from models.officer import Role
from tasks import exporting, resources
from tests.api.v1.conftest import As, Bearing, Hand
from tests.make import Maker, Neighbourhood

EXPORTS = "/api/v1/exports"
KEY = {"Idempotency-Key": "8e03978e"}
REASON = "The insurer asks for the list of November."
FILINGS: dict[str, Any] = {"kind": "filings", "form": "csv"}


@pytest.fixture
def build(state: Path, make: Maker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Build the oldest export that is due, as a round would, on the application's state folder and by its clock."""
    monkeypatch.setenv("WUFANG_STATE_DIR", str(state))
    resources.forget()

    def build() -> None:
        export_id = make.database.write(building.claim, make.at)
        assert export_id is not None
        exporting.build(export_id)
        make.database.write(lambda session: setattr(session.get_one(Export, export_id), "expires_at", make.at + KEPT))

    yield build
    resources.forget()


def ask(client: Client, headers: dict[str, str], **body: Any) -> str:
    """The address of a new export."""
    answer = client.post(EXPORTS, json=FILINGS | body, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{EXPORTS}/{answer.json()['id']}"
    return answer.headers["location"]


def rows_in(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_list_is_asked_for_looked_at_and_fetched(
    client: Client, as_: As, world: Neighbourhood, make: Maker, matter_id: UUID, build: Callable[[], None], clock: Hand
) -> None:
    mine = as_(world.council)
    address = ask(client, mine, kind="riders", form="xlsx", filters={"filings": [str(matter_id)]})
    waiting = client.get(address, headers=mine).json()
    assert (waiting["status"], waiting["rows_done"], waiting["trouble"]) == ("waiting", 0, None)
    assert client.get(f"{address}/file", headers=mine).status_code == 404
    build()
    done = client.get(address, headers=mine).json()
    assert (done["status"], done["rows_done"], done["officer"]) == ("done", 5, world.officer(world.council).name)
    file = client.get(f"{address}/file", headers=mine)
    assert file.headers["content-disposition"] == f'attachment; filename="riders-{done["id"]}.xlsx"'
    assert (file.headers["content-type"], file.headers["cache-control"]) == (exported("xlsx"), "no-store")
    sheet = load_workbook(io.BytesIO(file.content)).worksheets[0]
    assert (sheet.max_row, sheet.freeze_panes) == (6, "A2")
    assert make.rider_lines(1)[0].phone not in str([[cell.value for cell in row] for row in sheet.iter_rows()])
    clock.at += KEPT
    assert client.get(f"{address}/file", headers=mine).status_code == 404


def exported(form: str) -> str:
    return {
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "csv": "text/csv; charset=utf-8",
    }[form]


def test_the_record_of_a_filing(
    client: Client, as_: As, world: Neighbourhood, make: Maker, matter_id: UUID, build: Callable[[], None]
) -> None:
    mine = as_(world.council)
    address = ask(client, mine, kind="record", filters={"filings": [str(matter_id)]})
    build()
    file = client.get(f"{address}/file", headers=mine)
    assert file.headers["content-type"] == exported("csv")
    told = client.get(f"/api/v1/filings/{matter_id}/timeline", headers=mine).json()
    assert [int(row[1]) for row in rows_in(file.content)[1:]] == [one["position"] for one in told]


def test_the_same_request_with_its_key_asks_once(client: Client, as_: As, world: Neighbourhood, make: Maker) -> None:
    mine = as_(world.council) | KEY
    first, again = (client.post(EXPORTS, json=FILINGS, headers=mine) for _ in range(2))
    assert (first.json(), first.headers["location"]) == (again.json(), again.headers["location"])
    assert again.headers["idempotent-replayed"] == "true"
    assert make.count(Export) == 1
    other = client.post(EXPORTS, json=FILINGS | {"form": "xlsx"}, headers=mine)
    assert (other.status_code, other.json()["code"]) == (422, "KeyUsedOtherwise")


def test_mine_are_listed_in_pages_and_everybody_s_for_the_administrator(
    client: Client, as_: As, world: Neighbourhood, make: Maker, administrator: dict[str, str], clock: Hand
) -> None:
    mine, ids = as_(world.company), list[str]()
    for body in ({}, {"kind": "waiting"}, {"kind": "riders", "is_full": True, "reason": REASON}):
        ids.insert(0, ask(client, mine, **body).rsplit("/", 1)[-1])
    page = client.get(EXPORTS, params={"limit": 2}, headers=mine)
    assert [one["id"] for one in page.json()["rows"]] == ids[:2]
    following = client.get(page.links["next"]["url"], headers=mine).json()
    assert ([one["id"] for one in following["rows"]], following["next"]) == (ids[2:], None)
    assert client.get(EXPORTS, headers=as_(world.council)).json()["rows"] == []
    assert client.get(EXPORTS, headers=administrator).json()["rows"] == []
    every = client.get(EXPORTS, params={"all": True}, headers=administrator).json()["rows"]
    assert [(one["id"], one["officer"]) for one in every] == [(one, world.officer(world.company).name) for one in ids]
    assert client.get(EXPORTS, params={"all": True}, headers=mine).json()["code"] == "NotAllowed"
    clock.at += KEPT
    kept = client.get(EXPORTS, params={"all": True}, headers=administrator).json()["rows"]
    assert [(one["is_full"], one["reason"]) for one in kept] == [(True, REASON)]


def test_whole_identities_need_authority_and_a_reason_and_go_in_the_record(
    client: Client, as_: As, world: Neighbourhood, make: Maker, matter_id: UUID, build: Callable[[], None]
) -> None:
    riders: dict[str, Any] = {"kind": "riders", "form": "csv", "filters": {"filings": [str(matter_id)]}}
    whole = riders | {"is_full": True, "reason": REASON}
    said = [
        client.post(EXPORTS, json=body, headers=as_(organisation))
        for body, organisation in (
            (whole, world.council),
            (whole | {"reason": " because "}, world.company),
            (whole | {"kind": "filings"}, world.company),
        )
    ]
    assert [(one.status_code, one.json()["code"]) for one in said] == [
        (403, "IdentitiesNotYours"),
        (422, "ReasonTooShort"),
        (422, "NoIdentitiesThere"),
    ]
    address = ask(client, as_(world.company), **whole)
    build()
    file = client.get(f"{address}/file", headers=as_(world.company))
    assert make.rider_lines(5)[4].phone in {row[5] for row in rows_in(file.content)}
    with make.database.reading() as session:
        last = record.entries(session, matter_id)[-1]
    assert (last.kind, last.body["count"]) == ("identities_taken_out", 5)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "record"}, 422, "NoneNamed"),
        ({"kind": "record", "filters": {"filings": [str(uuid4())]}}, 404, "NotFound"),
        ({"kind": "riders", "filters": {"filings": [str(uuid4())]}}, 404, "NotFound"),
        ({"kind": "waiting", "filters": {"statuses": ["agreed"]}}, 422, "FilterNotTaken"),
        ({"kind": "record", "filters": {"words": "x"}}, 422, "FilterNotTaken"),
        ({"kind": "organisations", "filters": {"has_left": True}}, 422, "FilterNotTaken"),
        ({"kind": "officers"}, 403, "NotAllowed"),
        ({"kind": "organisations"}, 403, "NotAllowed"),
        ({"kind": "absences"}, 403, "NotAllowed"),
        ({"kind": "log"}, 403, "NotAllowed"),
        ({"kind": "everything"}, 422, "NotValid"),
        ({"form": "pdf"}, 422, "NotValid"),
        ({"filters": {"filings": [str(uuid4()) for _ in range(51)]}}, 422, "NotValid"),
        ({"filters": {"status": "agreed"}}, 422, "NotValid"),
        ({"filters": {"due_until": "2026-12-01T00:00:00"}}, 422, "NotValid"),
    ],
)
def test_what_cannot_be_taken_out(
    client: Client, as_: As, world: Neighbourhood, make: Maker, body: dict[str, Any], status: int, code: str
) -> None:
    refused = client.post(EXPORTS, json=FILINGS | body, headers=as_(world.council) | KEY)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.headers["content-type"] == "application/problem+json"
    assert make.count(Export) == 0


def test_a_foreign_filing_does_not_exist(
    client: Client, stranger: dict[str, str], make: Maker, matter_id: UUID
) -> None:
    for kind in ("record", "riders", "filings"):
        body = FILINGS | {"kind": kind, "filters": {"filings": [str(matter_id)]}}
        assert client.post(EXPORTS, json=body, headers=stranger).status_code == 404
    assert make.count(Export) == 0


def test_nobody_sees_or_fetches_another_s(
    client: Client, as_: As, bearing: Bearing, world: Neighbourhood, make: Maker, build: Callable[[], None]
) -> None:
    address = ask(client, as_(world.council))
    build()
    for other in (bearing(make.officer(world.council, role=Role.MANAGER).id), as_(world.street)):
        assert [client.get(one, headers=other).status_code for one in (address, f"{address}/file")] == [404, 404]


def test_a_file_is_for_the_hat_under_which_it_was_asked_for(
    client: Client, as_: As, world: Neighbourhood, make: Maker, build: Callable[[], None]
) -> None:
    away = world.officer(world.council)
    stand_in = world.officer(world.street)
    make.database.write(
        deputy.appoint, make.identity(away), away.id, stand_in.id, make.at, make.at + timedelta(days=2), make.at
    )
    own = as_(world.street)
    hat = own | {"Wufang-Acting-For": str(away.id)}
    address = ask(client, hat)
    build()
    assert client.get(f"{address}/file", headers=hat).status_code == 200
    assert client.get(f"{address}/file", headers=own).status_code == 404


def test_so_many_are_built_at_once_and_no_more(
    client: Client, as_: As, world: Neighbourhood, make: Maker, build: Callable[[], None]
) -> None:
    mine = as_(world.council)
    for _ in range(MOST_WAITING):
        ask(client, mine)
    refused = client.post(EXPORTS, json=FILINGS, headers=mine)
    assert (refused.status_code, refused.json()["code"]) == (429, "TooManyExports")
    assert refused.json()["title"] == "Too much at once"
    build()
    ask(client, mine)


def test_the_administrator_s_lists(
    client: Client, administrator: dict[str, str], world: Neighbourhood, build: Callable[[], None]
) -> None:
    filters = {"organisation_id": str(world.street.id)}
    address = ask(client, administrator, kind="officers", filters=filters)
    build()
    rows = rows_in(client.get(f"{address}/file", headers=administrator).content)
    assert [row[1] for row in rows[1:]] == [world.officer(world.street).email]


def test_what_failed_says_why(client: Client, as_: As, world: Neighbourhood, make: Maker) -> None:
    mine = as_(world.council)
    address = ask(client, mine)
    for _ in range(building.MOST_TRIES):
        export_id = make.database.write(building.claim, make.at + timedelta(days=1))
        make.database.write(building.put_back, export_id, "the building process ended with 1", make.at)
    told = client.get(address, headers=mine).json()
    assert (told["status"], told["trouble"]) == ("failed", "the building process ended with 1")
