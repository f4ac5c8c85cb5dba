"""Rooms: which addresses are robots', who may add them, and what is never shown again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.chat import ChatMessage, ChatRoom, RoomKind
from models.chat_rooms import (
    RoomAddressWrong,
    RoomDraft,
    RoomIsOff,
    RoomKnown,
    RoomNameMissing,
    RoomSecretWrong,
    TrialUnderWay,
    add_room,
    read_address,
    rooms_of,
    switch,
    troubled_rooms,
    try_room,
)
from models.errors import NotAllowed, NotFound
from models.officer import Officer, Role
from models.staff_act import staff_acts
from tests.fake_robots import ADDRESSES, SECRET, TOKENS

WECOM = ADDRESSES["wecom"]


@pytest.fixture
def world(any_make):
    return any_make.neighbourhood()


@pytest.fixture
def chief(any_make, world):
    return any_make.identity(any_make.officer(world.lead, is_administrator=True))


def add(make, who, organisation, draft):
    return make.database.write(add_room, who, make.vault, organisation.id, draft, make.at)


@pytest.mark.parametrize("kind", ADDRESSES)
def test_the_vendors_own_addresses_are_read(kind):
    found = read_address(f" {ADDRESSES[kind]} ")
    assert (found.kind, found.token) == (RoomKind(kind), TOKENS[kind])


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "hello",
        "http://[::1",
        WECOM.replace("https", "http"),
        WECOM.replace("qyapi.weixin.qq.com", "127.0.0.1"),
        WECOM.replace("qyapi.weixin.qq.com", "qyapi.weixin.qq.com:8443"),
        WECOM.replace("qyapi.weixin.qq.com", "qyapi.weixin.qq.com@10.0.0.1"),
        WECOM.replace("qyapi.weixin.qq.com", "qyapi.weixin.qq.com.evil.example"),
        WECOM.replace("qyapi.weixin.qq.com", "oapi.dingtalk.com"),  # another vendor's
        WECOM.replace("/send", "/../admin"),
        WECOM.split("?", maxsplit=1)[0],
        WECOM.split("=", maxsplit=1)[0] + "=a/b",
        "https://open.feishu.cn/open-apis/bot/v2/hook/../../x",
        "file:///etc/passwd",
    ],
)
def test_no_other_address_is(wrong):
    with pytest.raises(RoomAddressWrong):
        read_address(wrong)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_robot_or_is_refused(text):
    for typed in (text, f"https://{text}/robot/send?access_token=abcdefgh1234", f"https://open.feishu.cn/{text}"):
        try:
            found = read_address(typed)
        except RoomAddressWrong:
            continue
        assert typed.startswith(("https://oapi.dingtalk.com/", "https://open.feishu.cn/open-apis/bot/v2/hook/"))
        assert found.token.replace("-", "").isalnum()


def test_the_districts_gateway_is_good_as_well():
    gateway = "http://10.1.2.3:8080"
    through = ADDRESSES["dingtalk"].replace("https://oapi.dingtalk.com", gateway)
    assert read_address(through, gateway).token == TOKENS["dingtalk"]
    assert read_address(ADDRESSES["feishu"], gateway).kind is RoomKind.FEISHU
    for wrong in (through.replace("10.1.2.3", "10.1.2.4"), through.replace(":8080", ":80801"), through):
        with pytest.raises(RoomAddressWrong):
            read_address(wrong, gateway if wrong != through else "")


def test_what_opens_a_room_lies_sealed_and_is_not_shown(any_make, world, chief):
    room = add(any_make, chief, world.community, RoomDraft("工作群", ADDRESSES["dingtalk"], SECRET))
    assert any_make.vault.open(room.token_sealed) == TOKENS["dingtalk"]
    assert any_make.vault.open(room.secret_sealed) == SECRET
    with any_make.database.reading() as session:
        kept = session.get_one(ChatRoom, room.id)
        raw = str([getattr(kept, column.key) for column in ChatRoom.__table__.columns])
        [shown] = rooms_of(session, chief, world.community.id)
        acts = str(staff_acts(session, chief))
    for said in (raw, str(shown), acts):
        assert TOKENS["dingtalk"] not in said
        assert SECRET not in said
    assert (shown.hint, shown.has_secret) == (TOKENS["dingtalk"][-4:], True)


@pytest.mark.parametrize(
    ("draft", "rule"),
    [
        (RoomDraft("", WECOM), RoomNameMissing),
        (RoomDraft("x" * 61, WECOM), RoomNameMissing),
        (RoomDraft("群", "https://wufang.example"), RoomAddressWrong),
        (RoomDraft("群", WECOM, SECRET), RoomSecretWrong),
        (RoomDraft("群", ADDRESSES["dingtalk"], "not a secret"), RoomSecretWrong),
    ],
)
def test_what_is_wrong_with_a_room_is_said(make, draft, rule):
    world = make.neighbourhood()
    chief = make.identity(make.officer(world.lead, is_administrator=True))
    with pytest.raises(rule):
        add(make, chief, world.community, draft)
    assert make.count(ChatRoom) == 0


def test_a_robot_serves_one_room_at_a_time(any_make, world, chief, at):
    first = add(any_make, chief, world.community, RoomDraft("一", WECOM))
    with pytest.raises(RoomKnown):
        add(any_make, chief, world.street, RoomDraft("二", WECOM))
    any_make.database.write(lambda session: switch(session, chief, first.id, at, is_on=False) and None)
    add(any_make, chief, world.street, RoomDraft("二", WECOM))
    with pytest.raises(RoomKnown):
        any_make.database.write(lambda session: switch(session, chief, first.id, at, is_on=True) and None)


def test_managers_look_after_their_own_rooms_only(any_make, world, chief, at):
    manager = any_make.officer(world.community)
    any_make.database.write(lambda session: setattr(session.get(Officer, manager.id), "role", Role.MANAGER))
    with any_make.database.reading() as session:
        who = any_make.identity(session.get_one(Officer, manager.id))
    mine = add(any_make, who, world.community, RoomDraft("我们", WECOM))
    theirs = add(any_make, chief, world.street, RoomDraft("他们", ADDRESSES["feishu"]))
    with pytest.raises(NotAllowed):
        add(any_make, who, world.street, RoomDraft("他们", ADDRESSES["dingtalk"]))
    with any_make.database.reading() as session, pytest.raises(NotAllowed):
        rooms_of(session, who, world.street.id)
    with pytest.raises(NotFound):
        any_make.database.write(lambda session: switch(session, who, theirs.id, at, is_on=False) and None)
    with pytest.raises(NotFound):
        any_make.database.write(try_room, who, theirs.id, at)
    with pytest.raises(NotAllowed):
        any_make.database.write(try_room, world.who(world.community), mine.id, at)
    any_make.database.write(try_room, who, mine.id, at)


def test_one_trial_at_a_time_and_only_where_the_room_is_on(any_make, world, chief, at):
    room = add(any_make, chief, world.community, RoomDraft("群", WECOM))
    any_make.database.write(try_room, chief, room.id, at)
    with pytest.raises(TrialUnderWay):
        any_make.database.write(try_room, chief, room.id, at)
    any_make.database.write(lambda session: switch(session, chief, room.id, at, is_on=False) and None)
    with pytest.raises(RoomIsOff):
        any_make.database.write(try_room, chief, room.id, at)
    assert any_make.count(ChatMessage) == 1


def test_the_administrator_sees_which_rooms_take_nothing(any_make, world, chief, at):
    room = add(any_make, chief, world.community, RoomDraft("群", WECOM))
    with any_make.database.reading() as session:
        assert troubled_rooms(session) == []
    any_make.tamper("update chat_room set trouble = 'WeCom answered 93000'")
    with any_make.database.reading() as session:
        [shown] = troubled_rooms(session)
    assert (shown.id, shown.trouble) == (room.id, "WeCom answered 93000")
