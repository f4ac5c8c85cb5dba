"""The page of an organisation's chat rooms: added, tried, switched off, and never shown whole."""

import pytest

from models.chat import ChatMessage, ChatRoom
from models.chat_rooms import RoomDraft, add_room
from models.officer import Role
from tests.api.portal.conftest import Browser
from tests.fake_robots import ADDRESSES, SECRET, TOKENS


@pytest.fixture
def enter(address):
    opened = []

    def enter(officer):
        browser = Browser(address)
        opened.append(browser)
        browser.log_in(officer.email)
        browser.send("/language", {"language": "en", "next": "/"})
        return browser

    yield enter
    for one in opened:
        one.client.close()


@pytest.fixture
def manager(make, world, enter):
    return enter(make.officer(world.street, role=Role.MANAGER))


@pytest.fixture
def chief(make, world, enter):
    return enter(make.officer(world.lead, is_administrator=True))


def rooms(make):
    with make.database.reading() as session:
        return list(session.query(ChatRoom))


def test_a_manager_adds_tries_and_switches_off_a_room(manager, make, world):
    page = f"/admin/organisations/{world.street.id}/rooms"
    assert manager.get("/admin/rooms").url.path == page
    typed = {"name": "Street group", "address": ADDRESSES["dingtalk"], "secret": SECRET, "language": "en"}
    added = manager.send(page, typed, page=page)
    assert "Street group" in added.text
    assert TOKENS["dingtalk"][-4:] in added.text
    assert TOKENS["dingtalk"] not in added.text
    assert SECRET not in added.text
    [room] = rooms(make)
    tried = manager.send(f"/admin/rooms/{room.id}/try", {}, page=page)
    assert "A trial message is on its way" in tried.text
    assert make.count(ChatMessage) == 1
    assert manager.send(f"/admin/rooms/{room.id}/try", {}, page=page).status_code == 409
    assert "switched off" in manager.send(f"/admin/rooms/{room.id}/off", {}, page=page).text
    assert not rooms(make)[0].is_active
    manager.send(f"/admin/rooms/{room.id}/on", {}, page=page)
    assert rooms(make)[0].is_active
    assert manager.send(f"/admin/rooms/{room.id}/burn", {}, page=page).status_code == 404
    assert "chat room" in manager.get("/admin/log").text


def test_what_is_wrong_is_said_without_repeating_the_address(manager, make, world):
    page = f"/admin/organisations/{world.street.id}/rooms"
    typed = {"name": "Street group", "address": "https://10.0.0.1/robot/send?access_token=abcdefgh1234"}
    answer = manager.send(page, typed, page=page)
    assert answer.status_code == 422
    assert 'value="Street group"' in answer.text
    assert "10.0.0.1" not in answer.text
    assert rooms(make) == []


def test_rooms_of_others_are_not_a_managers(manager, chief, make, world):
    page = f"/admin/organisations/{world.community.id}/rooms"
    assert manager.get(page).status_code == 403
    typed = {"name": "Group", "address": ADDRESSES["feishu"], "language": "zh"}
    assert "Group" in chief.send(page, typed, page=page).text
    [room] = rooms(make)
    own = f"/admin/organisations/{world.street.id}/rooms"
    assert manager.send(f"/admin/rooms/{room.id}/off", {}, page=own).status_code == 404
    assert f'href="{page}"' in chief.get(f"/admin/organisations/{world.community.id}").text


class NotThere:
    """Prefect's server, which does not answer."""

    async def is_good(self) -> bool:
        return False


def test_the_administrator_is_shown_which_rooms_take_nothing(chief, make, world, app):
    app.state.prefect_health = NotThere()
    who = make.identity(make.officer(world.lead, is_administrator=True))
    make.database.write(add_room, who, make.vault, world.street.id, RoomDraft("Group", ADDRESSES["wecom"]), make.at)
    assert "Chat rooms that take nothing" not in chief.get("/system").text
    make.tamper("update chat_room set trouble = 'WeCom answered 93000: invalid webhook url'")
    for page in ("/system", f"/admin/organisations/{world.street.id}/rooms"):
        assert "WeCom answered 93000: invalid webhook url" in chief.get(page).text
