"""What officers do besides answering, over HTTP: each act, what it leaves behind, and its refusals as problems."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from httpx import Client, Response

from models.consultation.tables import Seat
from tests.api.v1.conftest import As, Bearing
from tests.make import Maker, Neighbourhood

ANY = {"If-Match": "*"}
Says = Callable[..., Response]


@dataclass
class Board:
    """The street's seat in the second stage, and how to act on it."""

    client: Client
    as_: As
    world: Neighbourhood
    matter_id: UUID
    seat: Seat

    def post(self, act: str, body: Any = None, *, headers: dict[str, str] | None = None, seat: Any = None) -> Response:
        """POST an act as the street's officer."""
        sent = self.as_(self.world.street) | ANY | (headers or {})
        return self.client.post(f"/api/v1/seats/{seat or self.seat.id}/{act}", json=body, headers=sent)

    def filing(self) -> dict[str, Any]:
        """The filing as the street reads it."""
        return self.client.get(f"/api/v1/filings/{self.matter_id}", headers=self.as_(self.world.street)).json()

    def doings(self) -> dict[str, Any]:
        """What the street can do with its seat."""
        return self.filing()["doings"]["seats"][0]


@pytest.fixture
def board(client: Client, as_: As, world: Neighbourhood, matter_id: UUID, make: Maker) -> Board:
    """The first stage has agreed, street and housing are asked."""
    for seat in make.asked(matter_id):
        make.say(make.identity(world.officers[seat.organisation_id]), seat)
    make.open(matter_id)
    seat = next(one for one in make.asked(matter_id) if one.organisation_id == world.street.id)
    return Board(client, as_, world, matter_id, seat)


def test_a_signer_is_added_and_removed(board: Board) -> None:
    body = {"organisation_id": str(board.world.community.id), "place": "before", "words": "请先核实"}
    added = board.post("signers", body, headers={"If-Match": '"1"'})
    assert added.status_code == 200
    assert added.json() == {
        "filing_id": str(board.matter_id),
        "seat_id": str(board.seat.id),
        "version": 2,
        "is_stage_settled": False,
    }
    filing = board.filing()
    seat = next(one for one in filing["stages"][-1]["seats"] if one["added_by"] == str(board.seat.id))
    assert (seat["added_as"], seat["is_heard"], seat["status"]) == ("before", True, "asked")
    assert filing["timeline"][-1]["words"] == "请先核实"
    assert [one["id"] for one in board.doings()["removable"]] == [seat["id"]]
    assert board.post("removal", seat=seat["id"]).json()["version"] == 4  # the signer is gone, the seat is asked again
    assert board.post("removal", seat=seat["id"]).status_code == 409


def test_a_seat_goes_to_a_colleague_for_good_or_for_advice(board: Board, make: Maker, bearing: Bearing) -> None:
    colleague = make.officer(board.world.street)
    board.post("delegation", {"officer_id": str(colleague.id)})
    assert board.doings()["may"] == ["call_back"]
    assert board.post("recall").json()["version"] == 3
    board.post("delegation", {"officer_id": str(colleague.id), "words": "请看现场"})
    theirs = bearing(colleague.id)
    advised = board.post("advice", {"advice": "现场看过，建议同意"}, headers=theirs)
    assert advised.json()["version"] == 5
    entry = board.filing()["timeline"][-1]
    assert (entry["kind"], entry["words"]) == ("given_back", "现场看过，建议同意")
    assert entry["hand"] == board.world.officer(board.world.street).name
    board.post("transfer", {"officer_id": str(colleague.id)})
    assert board.doings()["may"] == []
    assert board.doings()["holder"] == colleague.name
    refused = board.client.put(
        f"/api/v1/seats/{board.seat.id}/opinion", json={"kind": "agree"}, headers=board.as_(board.world.street) | ANY
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "HeldByColleague")


def test_a_seat_goes_to_another_organisation(board: Board, make: Maker) -> None:
    other = make.neighbourhood()
    answer = board.post("transfer", {"organisation_id": str(other.street.id), "words": "属贵街道"})
    assert answer.status_code == 200
    assert answer.json()["seat_id"] != str(board.seat.id)
    seat = board.client.get(answer.headers["location"], headers=board.as_(board.world.street)).json()["seat"]
    assert (seat["stands_for"], seat["status"]) == (str(board.seat.id), "asked")


@pytest.mark.parametrize(("to", "outcome"), [("filer", "returned"), ("neighbourhood", "sent_back")])
def test_a_filing_is_returned(board: Board, to: str, outcome: str) -> None:
    answer = board.post("return", {"to": to, "reason": "名单与工牌不符"})
    assert answer.json()["is_stage_settled"]
    filing = board.filing()
    assert filing["stages"][-1]["outcome"] == outcome
    sent_back = next(one for one in filing["timeline"] if one["kind"] == "sent_back")
    assert sent_back["words"] == "名单与工牌不符"


def test_an_answer_is_taken_back(board: Board) -> None:
    mine = board.as_(board.world.street)
    given = board.client.put(f"/api/v1/seats/{board.seat.id}/opinion", json={"kind": "agree"}, headers=mine | ANY)
    assert "take_back" in board.doings()["may"]
    answer = board.post("taking-back", headers={"If-Match": given.headers["etag"]})
    assert (answer.status_code, answer.json()["version"]) == (200, 3)
    assert "answer" in board.doings()["may"]


def test_a_filing_is_withdrawn(board: Board) -> None:
    mine = board.as_(board.world.company)
    address = f"/api/v1/filings/{board.matter_id}"
    tag = board.client.get(address, headers=mine).headers["etag"]
    sent = {"reason": "名单有误"}
    stale = board.client.post(f"{address}/withdrawal", json=sent, headers=mine | {"If-Match": '"1"'})
    assert stale.status_code == 412
    answer = board.client.post(f"{address}/withdrawal", json=sent, headers=mine | {"If-Match": tag})
    assert answer.status_code == 200
    shown = board.client.get(address, headers=mine)
    assert (shown.json()["status"], shown.headers["etag"]) == ("withdrawn", f'"{answer.json()["version"]}"')
    assert board.client.post(f"{address}/withdrawal", json=sent, headers=mine | ANY).status_code == 409


def test_the_same_act_with_its_key_is_done_once(board: Board) -> None:
    body = {"organisation_id": str(board.world.community.id), "place": "after"}
    key = {"Idempotency-Key": "add-1", "If-Match": '"1"'}
    first, second = (board.post("signers", body, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.headers["idempotent-replayed"] == "true"
    assert first.json() == second.json()


NOBODY = "5d8f3f7e-0c2e-5f0e-9a44-2f3f1f1f7c11"
ACTS: dict[str, Any] = {
    "signers": {"organisation_id": NOBODY, "place": "beside"},
    "transfer": {"officer_id": NOBODY},
    "delegation": {"officer_id": NOBODY},
    "advice": {"advice": "同意"},
    "recall": None,
    "return": {"to": "filer", "reason": "退回"},
    "taking-back": None,
}


@pytest.mark.parametrize("act", ACTS)
def test_acts_name_their_version_and_are_the_organisations_own(
    board: Board, stranger: dict[str, str], act: str
) -> None:
    mine = board.as_(board.world.street)
    address = f"/api/v1/seats/{board.seat.id}/{act}"
    assert board.client.post(address, json=ACTS[act], headers=mine).status_code == 428
    assert board.post(act, ACTS[act], headers={"If-Match": '"9"'}).status_code == 412
    assert board.post(act, ACTS[act], headers=board.as_(board.world.housing)).status_code == 403
    assert board.post(act, ACTS[act], headers=stranger).status_code == 404
    assert board.post(act, ACTS[act], seat=NOBODY).status_code == 404


@pytest.mark.parametrize(
    ("act", "body", "code"),
    [
        ("signers", ACTS["signers"], "NoSuchSigner"),
        ("transfer", ACTS["transfer"], "NoSuchColleague"),
        ("transfer", {}, "NotValid"),
        ("transfer", {"officer_id": NOBODY, "organisation_id": NOBODY}, "NotValid"),
        ("return", {"to": "district", "reason": "退回"}, "NoWayBack"),
        ("return", {"to": "filer", "reason": " "}, "WordsMissing"),
        ("signers", {"organisation_id": NOBODY, "place": "under"}, "NotValid"),
    ],
)
def test_what_cannot_be_is_named(board: Board, act: str, body: Any, code: str) -> None:
    answer = board.post(act, body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_reader_of_a_copy_can_only_say_something(board: Board, client: Client, as_: As) -> None:
    filing = client.get(f"/api/v1/filings/{board.matter_id}", headers=as_(board.world.community)).json()
    assert filing["doings"]["seats"] == []
    assert "comment" in filing["doings"]["may"]
