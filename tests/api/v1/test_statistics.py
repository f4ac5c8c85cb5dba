"""Lateness over HTTP: figures, requests for more time, the ladder to come, and marks of what is late."""

from datetime import datetime, timedelta

import pytest

from models.clock import local_date

ANY = {"If-Match": "*"}


@pytest.fixture
def seat(make, world, matter_id):
    """The community's seat."""
    return next(one for one in make.asked(matter_id) if one.organisation_id == world.community.id)


def test_the_figures_of_a_period(client, as_, world, make, seat, at):
    make.say(world.who(world.community), seat, at=at + timedelta(hours=1))
    read = client.get("/api/v1/statistics?sort=asked", headers=as_(world.lead))
    assert read.status_code == 200
    body = read.json()
    assert (body["first"], body["last"]) == ("2026-11-01", "2026-11-23")
    mine = next(one for one in body["rows"] if one["organisation_id"] == str(world.community.id))
    assert mine["organisation"]["en"] == "Xinxing"
    counted = {name: mine[name] for name in ("asked", "answered", "in_time", "late", "median_minutes", "share_in_time")}
    assert counted == {
        "asked": 1,
        "answered": 1,
        "in_time": 1,
        "late": 0,
        "median_minutes": 60,
        "share_in_time": 100,
    }
    own = client.get("/api/v1/statistics?from=2026-11-23&to=2026-11-23", headers=as_(world.council)).json()["rows"]
    assert [one["organisation_id"] for one in own] == [str(world.council.id)]


@pytest.mark.parametrize(
    "query", ["from=2026-11-23&to=2026-11-01", "from=x", "sort=x", "to=0001-01-01&from=0001-01-01"]
)
def test_a_period_or_an_order_that_is_none_is_a_problem(client, as_, world, query):
    assert client.get(f"/api/v1/statistics?{query}", headers=as_(world.lead)).status_code == 422


def test_more_time_is_asked_for_listed_and_granted(client, as_, world, matter_id, seat):
    asked = client.post(
        f"/api/v1/seats/{seat.id}/extension", json={"reason": "须到现场"}, headers=as_(world.community) | ANY
    )
    assert asked.status_code == 200
    (waiting,) = client.get("/api/v1/extensions", headers=as_(world.street)).json()
    assert client.get("/api/v1/extensions", headers=as_(world.council)).json() == []
    assert (waiting["filing_id"], waiting["organisation"]["en"]) == (str(matter_id), "Xinxing")
    answer = f"/api/v1/extensions/{waiting['id']}/answer"
    refused = client.post(answer, json={"is_granted": False}, headers=as_(world.street))
    assert refused.status_code == 422
    assert client.post(answer, json={"is_granted": True}, headers=as_(world.council)).status_code == 403
    granted = client.post(answer, json={"is_granted": True, "words": "同意"}, headers=as_(world.street))
    assert granted.status_code == 200
    filing = client.get(f"/api/v1/filings/{matter_id}", headers=as_(world.street)).json()
    (stage,) = filing["stages"]
    (said,) = stage["extensions"]
    assert (said["status"], said["reason"], said["answer"]) == ("granted", "须到现场", "同意")
    assert stage["due_at"] == said["until"] == waiting["until"]
    again = client.post(answer, json={"is_granted": True}, headers=as_(world.street))
    assert again.status_code == 409


def test_what_may_be_asked_for_and_the_ladder_to_come_are_told(client, as_, world, matter_id):
    filing = client.get(f"/api/v1/filings/{matter_id}", headers=as_(world.community)).json()
    (mine,) = filing["doings"]["seats"]
    assert "ask_extension" in mine["may"]
    assert mine["more_time"]["approver"]["en"] == "Dinghe Street"
    first = next(one for one in filing["stages"][0]["rungs"] if one["kind"] == "escalate")
    assert {(rise["above"]["en"], one["en"]) for rise in first["rises"] for one in rise["below"]} == {
        ("Dinghe Street", "Xinxing"),
        ("Xinxing", "Xinxing Council"),
    }
    coming = filing["coming"][0]
    assert coming["deadline"] == {"working_days": 2}
    assert [one["kind"] for one in coming["ladder"]][-1] == "lapse"
    assert coming["ladder"][-1]["after"] == {"working_days": 2}


def test_a_late_filing_says_since_when(client, as_, world, make, matter_id, clock):
    (stage,) = client.get(f"/api/v1/filings/{matter_id}", headers=as_(world.company)).json()["stages"]
    due_at = datetime.fromisoformat(stage["due_at"])
    make.climb(matter_id, due_at)
    clock.at = due_at + timedelta(days=1)
    headers = as_(world.company)
    filing = client.get(f"/api/v1/filings/{matter_id}", headers=headers).json()
    assert datetime.fromisoformat(filing["late_since"]) == due_at
    assert filing["stages"][0]["late_minutes"] == 420
    (row,) = client.get("/api/v1/filings", headers=headers).json()["rows"]
    assert row["late_since"] == filing["late_since"]
    assert local_date(due_at).isoformat() == "2026-11-25"


def test_the_protocol_tells_of_more_time(client, as_, world):
    stage = client.get("/api/v1/protocols/access_filing", headers=as_(world.street)).json()["stages"][0]
    assert stage["extension"] == {"by": {"working_days": 2}, "most": 1, "approved_by": "superior"}
    assert stage["unseen"] == ["remind"]
