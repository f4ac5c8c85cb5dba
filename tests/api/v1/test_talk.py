"""What goes on beside the opinions, over HTTP: what it leaves behind, and its refusals as problems."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import Client
from PIL import Image
from sqlalchemy import select

from models.attachment import MOST_BYTES, Attachment
from models.comment import Comment
from models.consultation.tables import Opinion, Seat
from models.officer import Role
from tests.api.v1.conftest import As, Bearing, Hand
from tests.make import Maker, Neighbourhood

ANY = {"If-Match": "*"}
KEY = {"Idempotency-Key": "6f0d8f6a"}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
EVIDENCE: dict[str, Any] = {"kind": "phone", "said_by": "王主任", "words": "同意", "said_on": "2026-11-02"}


@pytest.fixture
def address(matter_id: UUID) -> str:
    """The filing's address."""
    return f"/api/v1/filings/{matter_id}"


def seat_of(make: Maker, matter_id: UUID, organisation_id: UUID) -> Seat:
    """The organisation's seat."""
    with make.database.reading() as session:
        query = select(Seat).where(Seat.matter_id == matter_id, Seat.organisation_id == organisation_id)
        return session.scalars(query).one()


def test_a_question_is_asked_and_replied_to(client: Client, as_: As, world: Neighbourhood, address: str) -> None:
    council, company = as_(world.council), as_(world.company)
    asked = client.post(f"{address}/comments", json={"kind": "question", "words": "何时换牌？"}, headers=council)
    assert (asked.status_code, asked.json()["is_open"]) == (201, True)
    reply = {"kind": "reply", "words": "下周", "answers_id": asked.json()["id"]}
    assert client.post(f"{address}/comments", json=reply, headers=company).status_code == 201
    listed = client.get(f"{address}/comments", headers=council).json()
    assert [(one["kind"], one["words"], one["is_open"]) for one in listed] == [
        ("question", "何时换牌？", False),
        ("reply", "下周", False),
    ]


def test_the_same_comment_with_its_key_is_said_once(
    client: Client, as_: As, world: Neighbourhood, address: str, make: Maker
) -> None:
    mine = as_(world.council) | KEY
    first, second = (client.post(f"{address}/comments", json={"words": "已阅"}, headers=mine) for _ in range(2))
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert make.count(Comment) == 1


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        ("council", {"words": " "}, 422, "WordsMissing"),
        ("council", {"words": "长" * 2001}, 422, "TextTooLong"),
        ("company", {"kind": "question", "words": "?"}, 409, "NobodyToAsk"),
        ("council", {"kind": "reply", "words": "!"}, 403, "OnlyFilerReplies"),
        ("company", {"kind": "reply", "words": "!", "answers_id": str(uuid4())}, 422, "NoSuchQuestion"),
    ],
)
def test_what_cannot_be_said(
    client: Client, as_: As, world: Neighbourhood, address: str, name: str, body: Any, status: int, code: str
) -> None:
    refused = client.post(f"{address}/comments", json=body, headers=as_(getattr(world, name)))
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_a_reader_comments_and_does_nothing_else(
    client: Client, bearing: Bearing, world: Neighbourhood, address: str, make: Maker, matter_id: UUID
) -> None:
    reader = make.officer(world.council)
    make.database.write(lambda session: setattr(session.merge(reader), "role", Role.READER))
    mine, seat = bearing(reader.id), seat_of(make, matter_id, world.council.id)
    assert client.post(f"{address}/comments", json={"words": "已阅"}, headers=mine).status_code == 201
    said = [
        client.post(f"{address}/urging", headers=mine),
        client.post(f"{address}/attachments", files={"file": ("a.pdf", PDF)}, headers=mine),
        client.put(f"/api/v1/seats/{seat.id}/draft", json={}, headers=mine),
        client.post("/api/v1/seats/agreements", json={"seats": [sent(seat)]}, headers=mine),
    ]
    assert [(one.status_code, one.json()["code"]) for one in said] == [(403, "OnlyReads")] * 4


def sent(seat: Seat, version: int | None = None) -> dict[str, Any]:
    """A seat of a bulk."""
    return {"seat_id": str(seat.id), "version": version or seat.version}


def test_a_stranger_finds_nothing(
    client: Client, stranger: dict[str, str], address: str, make: Maker, world: Neighbourhood, matter_id: UUID
) -> None:
    seat = seat_of(make, matter_id, world.council.id)
    evidence = {"opinion": {"kind": "agree"}, "evidence": EVIDENCE}
    said = [
        client.put(f"{address}/look", headers=stranger),
        client.get(f"{address}/comments", headers=stranger),
        client.post(f"{address}/comments", json={"words": "?"}, headers=stranger),
        client.get(f"{address}/attachments", headers=stranger),
        client.post(f"{address}/attachments", files={"file": ("a.pdf", PDF)}, headers=stranger),
        client.get(f"{address}/attachments/{uuid4()}", headers=stranger),
        client.post(f"{address}/urging", headers=stranger),
        client.get(f"/api/v1/seats/{seat.id}/draft", headers=stranger),
        client.put(f"/api/v1/seats/{seat.id}/draft", json={}, headers=stranger),
        client.post(f"/api/v1/seats/{seat.id}/opinion-on-behalf", json=evidence, headers=stranger | ANY),
    ]
    assert [one.status_code for one in said] == [404] * len(said)


def test_a_file_is_attached_once_and_comes_back_as_a_download(
    client: Client, as_: As, world: Neighbourhood, address: str, make: Maker, state: Path
) -> None:
    mine = as_(world.council) | KEY
    first, second = (
        client.post(f"{address}/attachments", files={"file": ("../承诺书.exe", PDF)}, headers=mine) for _ in range(2)
    )
    assert (first.status_code, first.json()) == (201, second.json())
    assert (first.json()["name"], first.json()["media_type"]) == ("承诺书.pdf", "application/pdf")
    assert make.count(Attachment) == 1
    (sealed,) = (state / "attachments").iterdir()
    assert b"%PDF" not in sealed.read_bytes()
    back = client.get(first.headers["location"], headers=as_(world.company))
    assert (back.content, back.headers["content-type"]) == (PDF, "application/pdf")
    assert back.headers["x-content-type-options"] == "nosniff"
    assert back.headers["content-disposition"].startswith("attachment;")
    assert [one["name"] for one in client.get(f"{address}/attachments", headers=mine).json()] == ["承诺书.pdf"]


def picture(size: tuple[int, int]) -> bytes:
    """A plain PNG."""
    written = io.BytesIO()
    Image.new("1", size).save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<html><script>alert(1)</script>", 415, "NotAnAttachmentKind"),
        (PDF.replace(b"%%EOF", b"no end"), 415, "NotAnAttachmentKind"),
        (PDF + b"x" * MOST_BYTES, 413, "AttachmentTooLarge"),
        (picture((10_000, 5_000)), 413, "PictureTooLarge"),
    ],
    ids=["html", "half", "bytes", "pixels"],
)
def test_hostile_files_leave_nothing(
    client: Client, as_: As, world: Neighbourhood, address: str, state: Path, content: bytes, status: int, code: str
) -> None:
    mine = as_(world.council)
    refused = client.post(f"{address}/attachments", files={"file": ("a.pdf", content)}, headers=mine)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert not (state / "attachments").exists()


def test_a_draft_is_kept_shown_to_its_officer_and_thrown_away(
    client: Client, as_: As, bearing: Bearing, world: Neighbourhood, make: Maker, matter_id: UUID
) -> None:
    mine = as_(world.council)
    draft = f"/api/v1/seats/{seat_of(make, matter_id, world.council.id).id}/draft"
    typed = {"kind": "agree", "reason": "", "conditions": "", "exceptions": [{"lines": "7, ", "reason": "投诉"}]}
    kept = client.put(draft, json=typed, headers=mine)
    assert kept.status_code == 200
    assert client.get(draft, headers=mine).json() == kept.json()
    assert {name: kept.json()[name] for name in typed} == typed
    assert client.get(draft, headers=bearing(make.officer(world.council).id)).status_code == 404
    assert [client.delete(draft, headers=mine).status_code for _ in range(2)] == [204, 204]
    assert client.get(draft, headers=mine).status_code == 404


def test_urging_is_told_when_it_may_come_again(
    client: Client, as_: As, world: Neighbourhood, address: str, clock: Hand
) -> None:
    mine = as_(world.company)
    assert client.post(f"{address}/urging", headers=mine).status_code == 200
    refused = client.post(f"{address}/urging", headers=as_(world.street))
    assert (refused.status_code, refused.json()["code"]) == (409, "UrgedAlready")
    clock.at += timedelta(hours=4)
    assert client.post(f"{address}/urging", headers=mine).status_code == 200


def test_a_look_is_told_once_by_who_is_asked_and_reading_alone_is_none(
    client: Client, as_: As, world: Neighbourhood, address: str, matter_id: UUID, make: Maker
) -> None:
    def looks() -> list[str]:
        told = client.get(address, headers=as_(world.company)).json()["timeline"]
        return [one["kind"] for one in told if one["kind"] == "looked"]

    assert client.get(address, headers=as_(world.council)).status_code == 200
    assert looks() == []
    version = make.matter(matter_id).version
    for who in (world.company, world.council, world.council):
        assert client.put(f"{address}/look", headers=as_(who)).status_code == 204
    assert looks() == ["looked"]
    assert make.matter(matter_id).version == version


def test_an_answer_is_recorded_on_behalf_and_overridden(
    client: Client, as_: As, world: Neighbourhood, make: Maker, matter_id: UUID
) -> None:
    seat = f"/api/v1/seats/{seat_of(make, matter_id, world.council.id).id}"
    body = {"opinion": {"kind": "agree"}, "evidence": EVIDENCE}
    mine = as_(world.community)
    assert client.post(f"{seat}/opinion-on-behalf", json=body, headers=mine).status_code == 428
    stale = client.post(f"{seat}/opinion-on-behalf", json=body, headers=mine | {"If-Match": '"9"'})
    assert stale.status_code == 412
    answer = client.post(f"{seat}/opinion-on-behalf", json=body, headers=mine | ANY)
    assert answer.status_code == 200
    shown = client.get(seat, headers=mine).json()["seat"]
    assert shown["recorded_by"]["zh"] == world.community.name.zh
    assert shown["evidence"]["said_by"] == "王主任"
    own = client.put(f"{seat}/opinion", json={"kind": "object", "reason": "没有说过"}, headers=as_(world.council) | ANY)
    assert own.status_code == 200
    assert client.get(seat, headers=mine).json()["seat"]["recorded_by"] is None
    again = client.post(f"{seat}/opinion-on-behalf", json=body, headers=mine | ANY)
    assert again.status_code == 409
    assert make.count(Opinion) == 3  # the declaration of the company, and these two


def test_bulk_says_seat_by_seat_what_came_of_it(
    client: Client, as_: As, world: Neighbourhood, make: Maker, matter_id: UUID
) -> None:
    other = make.filing(world.clerk, [world.compound], 1, seed=9).matter_id
    make.open(other)
    one, two = (seat_of(make, each, world.council.id) for each in (matter_id, other))
    foreign = seat_of(make, matter_id, world.community.id)
    seats = [sent(one), sent(one), sent(two, 9), sent(foreign)]
    mine = as_(world.council)
    told = client.post("/api/v1/seats/agreements", json={"seats": seats}, headers=mine).json()["answers"]
    assert [(each["is_agreed"], each["refusal"] is None, each["reference"] != "") for each in told] == [
        (True, True, True),
        (False, False, True),
        (False, False, False),
    ]
    again = client.post("/api/v1/seats/agreements", json={"seats": [sent(one)]}, headers=mine).json()["answers"]
    assert "already" in again[0]["refusal"]
    too_many = {"seats": [{"seat_id": str(uuid4()), "version": 1}] * 501}
    assert client.post("/api/v1/seats/agreements", json=too_many, headers=mine).status_code == 422
