"""Training over JSON: sites, trainers and courses are entered, a timetable is asked for, consulted on and read."""

from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from httpx import Client

from models.calendars import district_calendar
from models.clock import SHANGHAI, local_date
from models.training.drafting import claim, draft
from models.training.problem import Answer, Placement, Problem, Unplaced
from models.training.proposing import pose
from models.training.ruling import training_rules
from models.training.tables import Timetable
from models.words import N_
from tests.api.v1.conftest import As
from tests.make import Maker, Neighbourhood

HOURS = [[day, 480, 1320] for day in range(1, 8)]
PLACE = {"latitude": 35.23, "longitude": 113.25, "hours": HOURS}


@pytest.fixture
def days(make: Maker) -> list[date]:
    """The days of a timetable."""
    return [local_date(make.at) + timedelta(days=one) for one in range(1, 29)]


def post(client: Client, address: str, body: object, headers: dict[str, str], status: int = 201) -> dict[str, object]:
    answer = client.post(f"/api/v1/{address}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
def table_id(client: Client, as_: As, world: Neighbourhood, days: list[date]) -> str:
    """A timetable that is asked for, with everything that it needs entered over JSON."""
    site = {"name_zh": "实训室", "address": "新兴路1号", "community": str(world.community.id), "capacity": 12}
    post(client, "sites", PLACE | site, as_(world.community))
    trainer = post(client, "trainers", PLACE | {"name": "陈老师"}, as_(world.lead))
    course = {
        "kind": "course",
        "topic": "ebike",
        "title_zh": "电动车维修",
        "words": "学会换刹车片。",
        "minutes": 90,
        "session_count": 2,
        "least": 5,
        "most": 20,
        "trainers": [trainer["id"]],
        "window_from": str(days[0]),
        "window_to": str(days[-1]),
    }
    made = post(client, "courses", course, as_(world.lead))
    asking = {"title_zh": "课表", "first_on": str(days[0]), "last_on": str(days[-1]), "courses": [made["id"]]}
    return str(post(client, "timetables", asking, as_(world.lead))["id"])


def compute(make: Maker) -> None:
    """The round's work with an answer of our own: the first session has a place, the second has none."""
    claimed = make.database.write(claim, make.at)
    assert claimed is not None
    with make.database.reading() as session:
        table = session.get_one(Timetable, claimed[0])
        problem = pose(session, training_rules(), district_calendar(), table, make.at)
    make.database.write(draft, *claimed, problem, answer_of(problem), make.at)


def answer_of(problem: Problem) -> Answer:
    (course,), (site,), (trainer,) = problem.courses, problem.sites, problem.trainers
    at = Placement(site.id, trainer.id, datetime.combine(problem.first_on, time(9), SHANGHAI))
    why = Unplaced((course.id, 2), ((N_("{detail}"), {"detail": "Hall full"}),))
    return Answer({(course.id, 1): at}, (why,), 10, 12, 0.2, {"peak": 30}, 0, 0, 1, 1, is_proven=False)


def test_a_timetable_is_asked_for_read_and_put_before_the_parties(
    client: Client, as_: As, world: Neighbourhood, make: Maker, table_id: str
) -> None:
    address, mine = f"/api/v1/timetables/{table_id}", as_(world.lead)
    asked = client.get(address, headers=mine).json()
    assert (asked["status"], asked["cost"], asked["sessions"]) == ("asked", None, [])
    assert client.get(address, headers=as_(world.community)).status_code == 404
    compute(make)
    read = client.get(address, headers=mine)
    said = read.json()
    assert (said["status"], said["cost"]["costs"], said["cost"]["gap"]) == ("draft", {"peak": 30}, 0.2)
    assert [(one["line"], one["places"], one["status"]) for one in said["sessions"]] == [(1, 12, "proposed")]
    assert [(one["ordinal"], one["why"]) for one in said["unplaced"]] == [(2, ["Hall full"])]
    stale = client.post(f"{address}/submission", headers=mine | {"If-Match": '"99"'})
    assert stale.status_code == 412
    headers = mine | {"If-Match": read.headers["ETag"], "Idempotency-Key": str(uuid4())}
    sent = client.post(f"{address}/submission", headers=headers)
    assert sent.status_code == 201, sent.text
    assert client.post(f"{address}/submission", headers=headers).headers["Idempotent-Replayed"] == "true"
    make.open(UUID(sent.json()["id"]))
    matter = client.get(sent.headers["Location"], headers=as_(world.community)).json()
    assert (matter["kind"], matter["training"]["id"], matter["line_count"]) == ("training_schedule", table_id, 1)
    assert client.get(address, headers=as_(world.community)).json()["sessions"][0]["is_ours"]
    (row,) = client.get("/api/v1/timetables?status=consulting", headers=mine).json()["rows"]
    assert (row["id"], row["sessions"]) == (table_id, 1)


def test_a_party_agrees_under_conditions(
    client: Client, as_: As, world: Neighbourhood, make: Maker, table_id: str
) -> None:
    compute(make)
    sent = client.post(f"/api/v1/timetables/{table_id}/submission", headers=as_(world.lead) | {"If-Match": "*"})
    make.open(UUID(sent.json()["id"]))
    mine = as_(world.community)
    (seat,) = client.get("/api/v1/seats/waiting", headers=mine).json()["rows"]
    headers = mine | {"If-Match": f'"{seat["seat_version"]}"'}
    address = f"seats/{seat['seat_id']}/conditions"
    wrong = {"words": "周一不行", "conditions": [{"kind": "not_on", "weekdays": [1]}]}
    assert post(client, address, wrong, headers, 422)["code"] == "ConditionUnclear"
    right = {"words": "周一不行", "conditions": [{"kind": "not_on", "lines": [1], "weekdays": [1]}]}
    given = post(client, address, right, headers, 200)
    assert given["seat_version"] == seat["seat_version"] + 1
    (stated,) = client.get(f"/api/v1/timetables/{table_id}", headers=mine).json()["conditions"]
    assert (stated["kind"], stated["lines"], stated["is_wish"]) == ("not_on", [1], False)
    assert stated["organisation"]["zh"] == world.community.name_zh


def test_a_draft_is_wished_for_anew_and_thrown_away(
    client: Client, as_: As, world: Neighbourhood, make: Maker, table_id: str
) -> None:
    compute(make)
    mine = as_(world.lead) | {"If-Match": "*"}
    wishes = {"wishes": [{"kind": "keep", "lines": [1]}]}
    anew = post(client, f"timetables/{table_id}/wishes", wishes, mine)
    assert anew["id"] != table_id
    post(client, f"timetables/{anew['id']}/discarding", {}, mine, 200)
    post(client, f"timetables/{table_id}/discarding", {}, mine, 200)
    assert post(client, f"timetables/{table_id}/submission", {}, mine, 409)["code"] == "NoDraft"
    (course,) = client.get("/api/v1/courses?status=proposed", headers=mine).json()["rows"]
    assert post(client, f"courses/{course['id']}/withdrawal", {}, mine, 200)["version"] > course["version"]


def test_what_was_entered_is_listed_and_put_right(
    client: Client, as_: As, world: Neighbourhood, make: Maker, table_id: str
) -> None:
    ours, mine = as_(world.community) | {"If-Match": "*"}, as_(world.lead) | {"If-Match": "*"}
    (site,) = client.get("/api/v1/sites", headers=ours).json()["rows"]
    assert (site["name"]["zh"], site["owner"], site["may_change"]) == ("实训室", site["community"], True)
    entry = {"name_zh": "实训室", "address": "新兴路2号", "community": str(world.community.id), "capacity": 40}
    assert post(client, f"sites/{site['id']}/entry", PLACE | entry, ours, 200)["version"] == 2
    assert post(client, f"sites/{site['id']}/opening", {"is_open": False}, ours, 200)["version"] == 3
    (trainer,) = client.get("/api/v1/trainers", headers=ours).json()["rows"]
    assert (trainer["name"], trainer["may_change"]) == ("陈老师", False)
    changed = PLACE | {"name": "陈师傅", "email": "chen@office.example"}
    post(client, f"trainers/{trainer['id']}/entry", changed, mine, 200)
    post(client, f"trainers/{trainer['id']}/opening", {"is_open": False}, mine, 200)
    (trainer,) = client.get("/api/v1/trainers", headers=ours).json()["rows"]
    assert (trainer["email"], trainer["is_active"]) == (None, False)
    (course,) = client.get("/api/v1/courses", headers=mine).json()["rows"]
    assert (course["wanted"], course["published"], course["status"]) == (0, 0, "proposed")
    wrong = post(client, f"courses/{course['id']}/entry", {"minutes": "long"}, mine, 422)
    assert wrong["errors"]
    assert client.get("/api/v1/courses?cursor=x", headers=mine).status_code == 400
