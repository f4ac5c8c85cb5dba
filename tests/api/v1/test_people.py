"""Riders as people over JSON: met and confirmed, declined, ended, appointed; in squads and on rotas; always masked."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import Client, Response
from sqlalchemy import select

from models.idempotency import IdempotentAnswer
from models.people import squads
from models.people.acts import PersonAct, PersonActKind
from models.people.tables import EnrolmentStatus
from models.phone import PhoneIdentity
from tests.api.v1.conftest import As, Bearing, Hand
from tests.make import Maker, Neighbourhood
from wufang.make_people import People

Worker = dict[str, str]
TERM = {"starts_on": "2026-12-01", "ends_on": "2027-11-30", "area": "山阳路以北"}


@pytest.fixture
def people(make: Maker, world: Neighbourhood) -> People:
    """Riders of the world."""
    return People(make, world)


@pytest.fixture
def worker(as_: As, world: Neighbourhood) -> Worker:
    """The header of the community's worker."""
    return as_(world.community)


def said(answer: Response) -> tuple[int, str]:
    """Status and what became of it, or the problem's code."""
    body = answer.json()
    return answer.status_code, body.get("code") or body["status"]


def act(client: Client, worker: Worker, enrolment_id: object, name: str, body: Any = None) -> Response:
    """One act on an enrolment."""
    return client.post(f"/api/v1/enrolments/{enrolment_id}/{name}", json=body, headers=worker)


def live(client: Client, worker: Worker) -> list[str]:
    """Ids of the enrolments that are in force."""
    rows = client.get("/api/v1/enrolments?status=confirmed", headers=worker).json()["rows"]
    return [one["id"] for one in rows]


def acts_of(people: People, kind: PersonActKind) -> int:
    with people.make.database.reading() as session:
        return len(session.scalars(select(PersonAct).where(PersonAct.kind == kind)).all())


def test_who_asks_is_listed_masked_met_and_confirmed(client: Client, worker: Worker, people: People) -> None:
    one = people.ask(people.phone())
    (row,) = client.get("/api/v1/enrolments", headers=worker).json()["rows"]
    assert (row["id"], row["status"], row["platform"], row["claims"]) == (str(one), "asked", "美团", 1)
    assert "王强" not in str(row)
    assert "17000000001" not in str(row)
    assert said(act(client, worker, one, "confirmation", {"meeting": "x"})) == (422, "MeetingNumberWrong")
    meeting = people.meeting(one)
    keyed = worker | {"Idempotency-Key": "one"}
    done = act(client, keyed, one, "confirmation", {"meeting": f"{meeting[:3]} {meeting[3:]}"})
    assert said(done) == (200, "confirmed")
    again = act(client, keyed, one, "confirmation", {"meeting": f"{meeting[:3]} {meeting[3:]}"})
    assert (again.json(), again.headers["idempotent-replayed"]) == (done.json(), "true")
    assert said(act(client, worker, one, "confirmation", {"meeting": meeting})) == (409, "IllegalMove")
    assert client.get("/api/v1/enrolments", headers=worker).json()["rows"] == []
    assert live(client, worker) == [str(one)]
    counts = client.get("/api/v1/enrolments/counts", headers=worker).json()["rows"]
    assert [(row["asked"], row["confirmed"], row["members"], row["squads"]) for row in counts] == [(0, 1, 0, 0)]


def test_a_number_known_by_another_name_asks_whether_it_is_the_same_person(
    client: Client, worker: Worker, people: People
) -> None:
    people.rider("王强")
    one = people.ask(people.phone(), people.asked("李明"))
    body = {"meeting": people.meeting(one)}
    refused = act(client, worker, one, "confirmation", body)
    assert said(refused) == (409, "KnownByOtherName")
    assert "王强" not in refused.text
    assert said(act(client, worker, one, "confirmation", body | {"is_same_person": False})) == (200, "confirmed")


def test_lists_are_paged_and_nothing_moves_what_comes_after(client: Client, worker: Worker, people: People) -> None:
    asked = [str(people.ask(people.phone(), people.asked(phone=f"1700000000{n}"))) for n in range(3)]
    first = client.get("/api/v1/enrolments?limit=2", headers=worker)
    people.ask(people.phone(), people.asked(phone="17000000009"))
    second = client.get(f"/api/v1/enrolments?limit=2&cursor={first.json()['next']}", headers=worker)
    assert [one["id"] for one in first.json()["rows"]] == asked[:2]
    assert second.json()["rows"][0]["id"] == asked[2]
    assert (len(second.json()["rows"]), second.json()["next"]) == (2, None)
    assert 'rel="next"' in first.headers["link"]
    for wrong in ("cursor=x", "limit=0", "status=declined"):
        assert client.get(f"/api/v1/enrolments?{wrong}", headers=worker).status_code in {400, 422}, wrong
    confirmed = [people.confirm(people.ask(people.phone(), people.asked(phone=f"1710000000{n}"))) for n in range(3)]
    page = client.get("/api/v1/enrolments?status=confirmed&limit=2", headers=worker).json()
    rest = client.get(f"/api/v1/enrolments?status=confirmed&limit=2&cursor={page['next']}", headers=worker).json()
    assert len({one["id"] for one in page["rows"] + rest["rows"]}) == len(confirmed)
    assert page["rows"][0]["asked_at"] >= rest["rows"][0]["asked_at"]


def test_declining_and_ending_need_a_reason(client: Client, worker: Worker, people: People) -> None:
    one = people.ask(people.phone())
    assert said(act(client, worker, one, "decline", {"words": " "})) == (422, "ReasonMissing")
    assert said(act(client, worker, one, "decline", {"words": "不住本社区"})) == (200, "declined")
    people.rider()
    (known,) = live(client, worker)
    assert said(act(client, worker, known, "ending", {"words": ""})) == (422, "ReasonMissing")
    ended = act(client, worker, known, "ending", {"words": "已搬离"})
    assert (said(ended), ended.json()["over_at"] is not None) == ((200, "ended"), True)
    assert live(client, worker) == []


def test_the_whole_name_is_read_written_down_and_kept_in_no_answer(
    client: Client, worker: Worker, people: People
) -> None:
    people.rider()
    (one,) = live(client, worker)
    keyed = worker | {"Idempotency-Key": "one"}
    for _ in range(2):
        read = act(client, keyed, one, "identity")
        assert read.json() == {"name": "王强", "phone": "17000000001"}
        assert read.headers["cache-control"] == "no-store"
    assert acts_of(people, PersonActKind.IDENTITY_OPENED) == 2
    codes = [act(client, keyed, one, "code").json()["code"] for _ in range(2)]
    assert len(set(codes)) == 2
    assert acts_of(people, PersonActKind.CODE_ISSUED) == 2
    with people.make.database.reading() as session:
        assert session.scalars(select(IdempotentAnswer)).all() == []


def test_a_member_is_appointed_read_and_ended(client: Client, worker: Worker, people: People) -> None:
    people.rider()
    (one,) = live(client, worker)
    assert said(act(client, worker, one, "appointment", TERM | {"area": ""})) == (422, "AreaMissing")
    assert said(act(client, worker, one, "appointment", TERM | {"ends_on": "9999-12-31"})) == (422, "TermWrong")
    made = act(client, worker, one, "appointment", TERM | {"compounds": [str(people.world.compound.id)]})
    assert said(made) == (201, "appointed")
    assert said(act(client, worker, one, "appointment", TERM)) == (409, "AlreadyMember")
    number = made.json()["number"]
    letter = client.get(made.headers["location"], headers=worker).json()
    assert (letter["number"], letter["area"], len(letter["compounds"])) == (number, "山阳路以北", 1)
    assert letter["name"] != "王强"
    (row,) = client.get("/api/v1/members", headers=worker).json()["rows"]
    assert (row["number"], row["is_running"], row["status"]) == (number, False, "appointed")
    address = f"/api/v1/members/{number}/ending"
    assert said(client.post(address, json={"words": ""}, headers=worker)) == (422, "ReasonMissing")
    assert said(client.post(address, json={"words": "已离职"}, headers=worker)) == (200, "ended")
    assert said(client.post(address, json={"words": "已离职"}, headers=worker)) == (409, "IllegalMove")


def joined(people: People, squad_id: str) -> PhoneIdentity:
    """A rider of the squad."""
    rider = people.rider()
    people.make.database.write(squads.join_squad, rider, squad_id, people.make.at)
    return rider


def test_a_squad_is_made_led_planned_and_who_came_is_written_down(
    client: Client, worker: Worker, people: People, clock: Hand
) -> None:
    made = client.post("/api/v1/squads", json={"name": "新兴小队", "most": 5}, headers=worker)
    assert made.status_code == 201
    squad = f"/api/v1/squads/{made.json()['id']}"
    with people.make.database.reading() as session:
        squad_id = session.scalars(select(squads.Squad.id)).one()
    rider = joined(people, squad_id)
    named = {"rider_id": str(rider.rider_id)}
    assert client.post(f"{squad}/leader", json=named, headers=worker).status_code == 200
    starts_at = clock.at + timedelta(days=1)
    new = {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=2)).isoformat(), "wanted": 1}
    planned = client.post(f"{squad}/shifts", json=new | {"place": "东门"}, headers=worker)
    assert planned.status_code == 201
    shift_id = planned.json()["id"]
    with people.make.database.reading() as session:
        people.make.database.write(squads.sign_up, rider, session.scalars(select(squads.Shift.id)).one(), clock.at)
    (row,) = client.get("/api/v1/squads", headers=worker).json()["rows"]
    assert [(one["rider_id"], one["is_leader"]) for one in row["members"]] == [(named["rider_id"], True)]
    assert [(one["place"], one["is_full"], one["has_begun"]) for one in row["shifts"]] == [("东门", True, False)]
    assert "王强" not in str(row)
    came = {"came": [named["rider_id"]]}
    attendance = f"/api/v1/shifts/{shift_id}/attendance"
    assert said(client.post(attendance, json=came, headers=worker)) == (409, "ShiftToCome")
    clock.at = starts_at
    assert client.post(attendance, json=came, headers=worker).status_code == 200
    assert said(client.post(f"/api/v1/shifts/{shift_id}/cancellation", headers=worker)) == (409, "ShiftOver")
    (row,) = client.get("/api/v1/squads", headers=worker).json()["rows"]
    assert row["shifts"][0]["riders"][0]["came"] is True
    assert client.post(f"{squad}/removal", json=named, headers=worker).status_code == 200
    assert client.post(f"{squad}/removal", json=named, headers=worker).status_code == 404
    assert client.get("/api/v1/squads", headers=worker).json()["rows"][0]["members"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": "9999-12-31T20:00:00-14:00", "ends_at": "9999-12-31T23:59:59-14:00"},
        {"starts_at": "0001-01-01T00:00:00+14:00"},
        {"ends_at": "9999-12-31T23:59:59-14:00"},
        {"wanted": 0},
        {"wanted": 10**30},
        {"place": " "},
    ],
)
def test_a_shift_that_nobody_can_stand_is_said(
    client: Client, worker: Worker, people: People, changes: dict[str, object]
) -> None:
    made = client.post("/api/v1/squads", json={"name": "新兴小队"}, headers=worker).json()
    good = {"starts_at": "2026-12-05T09:00:00+08:00", "ends_at": "2026-12-05T11:00:00+08:00"}
    body = good | {"place": "东门", "wanted": 4} | changes
    refused = client.post(f"/api/v1/squads/{made['id']}/shifts", json=body, headers=worker)
    assert said(refused) == (422, "ShiftWrong")


def test_a_shift_is_cancelled_once(client: Client, worker: Worker) -> None:
    squad = client.post("/api/v1/squads", json={"name": "新兴小队"}, headers=worker).json()
    new = {
        "starts_at": "2026-12-05T09:00:00+08:00",
        "ends_at": "2026-12-05T11:00:00+08:00",
        "place": "东门",
        "wanted": 4,
    }
    planned = client.post(f"/api/v1/squads/{squad['id']}/shifts", json=new, headers=worker).json()
    address = f"/api/v1/shifts/{planned['id']}/cancellation"
    assert client.post(address, headers=worker).json()["cancelled_at"] is not None
    assert said(client.post(address, headers=worker)) == (409, "ShiftOver")
    assert client.get("/api/v1/squads", headers=worker).json()["rows"][0]["shifts"] == []


def test_lists_of_people_are_the_communitys_and_figures_those_aboves(
    client: Client, as_: As, world: Neighbourhood, people: People, make: Maker, bearing: Bearing
) -> None:
    people.rider()
    away = make.neighbourhood()
    foreign = bearing(away.officer(away.community).id)
    lists = ("/api/v1/enrolments", "/api/v1/members", "/api/v1/squads")
    for other in (world.street, world.lead, world.company, world.council):
        assert {client.get(one, headers=as_(other)).status_code for one in lists} == {403}
    assert [client.get(one, headers=foreign).json()["rows"] for one in lists] == [[], [], []]
    counts = "/api/v1/enrolments/counts"
    (row,) = client.get(counts, headers=as_(world.street)).json()["rows"]
    assert (row["community"]["zh"], row["confirmed"]) == (world.community.name.zh, 1)
    for other in (world.company, world.council):
        assert client.get(counts, headers=as_(other)).status_code == 403
    assert client.post("/api/v1/squads", json={"name": "小队"}, headers=as_(world.street)).status_code == 403


def test_another_communitys_worker_changes_nothing(
    client: Client, make: Maker, people: People, bearing: Bearing
) -> None:
    away = make.neighbourhood()
    foreign, one = bearing(away.officer(away.community).id), people.ask(people.phone())
    meeting = {"meeting": people.meeting(one)}
    for name, body in (("confirmation", meeting), ("decline", {"words": "?"}), ("identity", None), ("code", None)):
        assert said(act(client, foreign, one, name, body)) == (404, "NotFound")
    assert people.get(one).status is EnrolmentStatus.ASKED
