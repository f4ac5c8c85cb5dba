"""Chat rooms and preferences to a program."""

import pytest

from models.chat import ChatRoom
from models.officer import Role
from tests.fake_robots import ADDRESSES, SECRET, TOKENS


@pytest.fixture
def manager(make, world, as_):
    make.tamper(
        "update officer set role = :role where id = :id", role=Role.MANAGER, id=world.officer(world.street).id.hex
    )
    return as_(world.street)


def test_a_room_is_added_tried_and_switched_off(client, make, world, manager):
    path = f"/api/v1/organisations/{world.street.id}/rooms"
    body = {"name": "Group", "address": ADDRESSES["feishu"], "secret": SECRET}
    added = client.post(path, json=body, headers=manager)
    assert added.status_code == 201
    room = added.json()
    assert (room["kind"], room["has_secret"], room["is_active"], room["latest"]) == ("feishu", True, True, [])
    assert TOKENS["feishu"] not in added.text
    assert SECRET not in added.text
    again = client.post(path, json=body, headers=manager)
    assert (again.status_code, again.json()["code"]) == (409, "RoomKnown")
    assert TOKENS["feishu"] not in again.text
    tried = client.post(f"/api/v1/rooms/{room['id']}/trials", headers=manager)
    assert tried.status_code == 202
    assert [(one["status"], one["is_trial"]) for one in tried.json()["latest"]] == [("created", True)]
    off = client.put(f"/api/v1/rooms/{room['id']}", json={"is_active": False}, headers=manager)
    assert off.json()["is_active"] is False
    assert [one["status"] for one in off.json()["latest"]] == ["cancelled"]
    assert client.get(path, headers=manager).json()["rows"] == [off.json()]


def test_a_wrong_address_is_not_repeated(client, make, world, manager):
    path = f"/api/v1/organisations/{world.street.id}/rooms"
    for address in ("http://127.0.0.1/robot/send?access_token=abcdefgh1234", "x" * 20):
        answer = client.post(path, json={"name": "Group", "address": address}, headers=manager)
        assert (answer.status_code, answer.json()["code"]) == (422, "RoomAddressWrong")
        assert address not in answer.text
    assert make.count(ChatRoom) == 0


def test_rooms_are_for_who_looks_after_the_organisation(client, world, manager, as_):
    path = f"/api/v1/organisations/{world.community.id}/rooms"
    body = {"name": "Group", "address": ADDRESSES["wecom"]}
    for who in (manager, as_(world.community)):
        assert client.get(path, headers=who).status_code == 403
        assert client.post(path, json=body, headers=who).status_code == 403


def test_how_my_letters_come_is_read_and_chosen(client, world, as_):
    mine, path = as_(world.community), "/api/v1/me/preference"
    plain = {"pace": "at_once", "quiet_from": None, "quiet_until": None, "without": []}
    assert client.get(path, headers=mine).json() == plain | {
        "optional": ["copy", "question", "reply", "training_published"]
    }
    wanted = {"pace": "hourly", "quiet_from": "22:00:00", "quiet_until": "06:30:00", "without": ["copy"]}
    answer = client.put(path, json=wanted, headers=mine)
    assert answer.json() == wanted | {"optional": ["copy", "question", "reply", "training_published"]}
    assert client.get(path, headers=mine).json() == answer.json()
    assert client.get(path, headers=as_(world.street)).json()["pace"] == "at_once"
    for wrong, code in (({"without": ["invitation"]}, "NotOptional"), ({"quiet_from": "22:00"}, "QuietUnclear")):
        refused = client.put(path, json={"pace": "daily"} | wrong, headers=mine)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    for wrong in ({"pace": "never"}, {"pace": "daily", "without": ["gossip"]}, {"pace": "daily", "loud": True}):
        assert client.put(path, json=wrong, headers=mine).status_code == 422
    assert client.get(path, headers=mine).json() == answer.json()
