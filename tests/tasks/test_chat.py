"""Rounds of chat on a real database, through apprise's own robots to a local server that speaks the vendors' formats."""

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from models import chat
from models.chat import GAP, LEASE, MOST_TRIES, ChatMessage, ChatRoom, RoomKind
from models.chat_rooms import RoomDraft, add_room, try_room
from models.notice.tables import NoticeStatus
from tasks import resources, robots
from tasks.chat import Told, claim_rooms, tell_rooms
from tasks.robots import BAN, tell
from tests.fake_robots import ADDRESSES, DROPPED, HANGING, SECRET, TOKENS, Answer, FakeRobots, fake_robots
from tests.make import Maker, Neighbourhood

KINDS = ("wecom", "dingtalk", "feishu")
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(tmp_path: Path, database: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRobots]:
    """The steps work on the test's own database and keys, and send to the vendors behind a gateway of this machine."""
    with fake_robots() as state:
        monkeypatch.setenv("WUFANG_STATE_DIR", str(tmp_path))
        monkeypatch.setenv("WUFANG_PUBLIC_URL", "https://wufang.shanyang.example")
        monkeypatch.setenv("WUFANG_CHAT_GATEWAY", state.host)
        resources.forget()
        yield state
        resources.forget()


@pytest.fixture
def world(make: Maker, server: FakeRobots) -> Neighbourhood:
    """Five parties; the community has a room at WeCom."""
    world = make.neighbourhood()
    put_room(make, world, "wecom")
    return world


def put_room(make: Maker, world: Neighbourhood, kind: str, secret: str = "", address: str = "") -> ChatRoom:
    """A room of the community."""
    chief = make.identity(make.officer(world.lead, is_administrator=True))
    draft = RoomDraft("工作群", address or ADDRESSES[kind], secret)
    return make.database.write(add_room, chief, resources.vault(), world.community.id, draft, make.at)


def opened(make: Maker, world: Neighbourhood, seed: int = 1, at=None) -> str:
    """A filing that asks the community. Returns its reference."""
    filing = make.filing(world.clerk, [world.compound], 1, seed=seed)
    make.open(filing.matter_id, at)
    return filing.reference


def go_round(at) -> list[Told]:
    """One round, as the flow does it."""
    return tell_rooms.fn(claim_rooms.fn(at), at)


def messages(make: Maker) -> list[ChatMessage]:
    with make.database.reading() as session:
        return list(session.query(ChatMessage).order_by(ChatMessage.id))


def room_now(make: Maker) -> ChatRoom:
    with make.database.reading() as session:
        return session.query(ChatRoom).order_by(ChatRoom.id).limit(1).one()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("secret", ["", SECRET])
def test_each_vendor_takes_a_text_signed_or_not(server, kind, secret):
    if secret and kind != "wecom":
        server.signed.add(kind)
    assert tell(RoomKind(kind), TOKENS[kind], secret, "山阳五方：1 条消息", server.host) == robots.TAKEN
    [received] = server.taken
    assert (received.kind, received.text) == (kind, "山阳五方：1 条消息")


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_a_wrong_secret_is_told_although_the_status_is_200(server, kind):
    server.signed.add(kind)
    for secret in ("", "SECwrong12345"):
        answer = tell(RoomKind(kind), TOKENS[kind], secret, "text", server.host)
        assert answer.trouble is not None
        assert "sign" in answer.trouble
    assert server.taken == []


@pytest.mark.parametrize(
    ("kind", "answer", "trouble", "wait"),
    [
        ("wecom", Answer(200, {"errcode": 93000, "errmsg": "invalid webhook url"}), "WeCom answered 93000", 0),
        ("wecom", Answer(200, {"errcode": 45009, "errmsg": "api freq out of limit"}), "WeCom answered 45009", 600),
        ("dingtalk", Answer(200, {"errcode": 310000, "errmsg": "keywords not in content"}), "answered 310000", 0),
        ("dingtalk", Answer(200, {"errcode": 130101, "errmsg": "send too fast"}), "answered 130101", 600),
        ("feishu", Answer(200, {"code": 19001, "msg": "token invalid"}), "Feishu answered 19001", 0),
        ("feishu", Answer(400, {"code": 9499, "msg": "too many request"}), "Feishu answered 9499", 600),
        ("feishu", Answer(429, {}), "Feishu answered 429", 600),
        ("feishu", Answer(200, {"StatusCode": 0}), "Feishu answered 200: an answer that is not theirs", 0),
        ("wecom", Answer(200, b"<html>"), "WeCom answered 200: an answer that is not theirs", 0),
        ("wecom", Answer(200, [1]), "WeCom answered 200: an answer that is not theirs", 0),
        ("wecom", Answer(502, b""), "WeCom answered 502", 0),
        ("wecom", Answer(500, {"errcode": 0}), "WeCom answered 0", 0),
        ("dingtalk", DROPPED, "DingTalk cannot be reached", 0),
    ],
)
def test_what_is_not_taken_says_why(server, kind, answer, trouble, wait):
    server.then(answer)
    said = tell(RoomKind(kind), TOKENS[kind], "", "text", server.host)
    assert said.trouble is not None
    assert trouble in said.trouble
    assert said.wait == timedelta(seconds=wait)
    assert timedelta(seconds=600) == BAN


def test_nothing_leads_elsewhere_and_no_token_is_told(server, caplog):
    caplog.set_level(logging.DEBUG)
    server.then(Answer(302, b"", {"Location": f"{server.host}/inside"}))
    assert tell(RoomKind.WECOM, TOKENS["wecom"], "", "text", server.host).trouble is not None
    assert server.asked == ["/cgi-bin/webhook/send"]
    server.then(Answer(200, {"errcode": 1, "errmsg": f"no robot {TOKENS['wecom']} here"}))
    said = tell(RoomKind.WECOM, TOKENS["wecom"], "", "text", server.host)
    assert TOKENS["wecom"] not in str(said.trouble)
    tell(RoomKind.WECOM, TOKENS["wecom"], "", "text", server.host)
    assert TOKENS["wecom"] not in caplog.text


def test_without_a_gateway_messages_go_to_the_vendors_themselves():
    hosts = {robots.WeComRobot.host, robots.DingTalkRobot.host, robots.FeishuRobot.host}
    assert hosts == {f"https://{address.split('/')[2]}" for address in ADDRESSES.values()}
    assert robots.WeComRobot.gateway == ""


def test_all_that_is_due_leaves_as_one_message(make, world, at, server):
    references = [opened(make, world, seed) for seed in range(3)]
    [told] = go_round(at)
    assert (told.count, told.trouble) == (3, None)
    [received] = server.taken
    assert received.text.startswith("山阳五方")
    assert all(one in received.text for one in references)
    assert received.text.count("https://wufang.shanyang.example/filings/") == 3
    assert {(one.status, one.wake_at, one.sent_at) for one in messages(make)} == {(NoticeStatus.DELIVERED, None, at)}
    assert go_round(at + MINUTE) == []


def test_what_does_not_fit_is_counted(make, world, at, server):
    for seed in range(30):
        opened(make, world, seed)
    go_round(at)
    [received] = server.taken
    assert len(received.text.encode()) <= 2048
    named = received.text.count("/filings/")
    assert 5 <= named < 30
    assert f"{30 - named}" in received.text.splitlines()[-2]
    assert received.text.splitlines()[-1] == "https://wufang.shanyang.example/"
    assert {one.status for one in messages(make)} == {NoticeStatus.DELIVERED}


def test_a_room_gets_no_more_than_twenty_messages_in_any_minute(make, world, at, server):
    """A filing every two seconds for four minutes, and a look every half second: each message is told, few at a time."""
    sent, now = [], at
    for step in range(480):
        now = at + step * SECOND / 2
        if step % 4 == 0:
            opened(make, world, step, now)
        before = len(server.taken)
        go_round(now)
        sent += [now] * (len(server.taken) - before)
    go_round(now + GAP)
    assert all(sum(one <= other < one + MINUTE for other in sent) <= 20 for one in sent)
    assert len(sent) > 40  # nor does it wait for longer than it must
    assert {one.status for one in messages(make)} == {NoticeStatus.DELIVERED}
    assert sum(one.text.count("/filings/") for one in server.taken) == 120


def test_a_room_that_fails_is_tried_again_later_each_time_and_says_why(make, world, at, server):
    opened(make, world)
    now, waits = at, []
    for number in range(MOST_TRIES):
        server.then(Answer(200, {"errcode": 93000, "errmsg": "invalid webhook url"}))
        [told] = go_round(now)
        assert told.trouble == "WeCom answered 93000: invalid webhook url"
        room = room_now(make)
        assert (room.trouble, room.failures) == (told.trouble, number + 1)
        waits.append(room.next_at - now)
        assert go_round(room.next_at - SECOND) == []
        now = room.next_at
    assert waits == sorted(waits)
    assert waits[0] == chat.FIRST_DELAY
    [message] = messages(make)
    assert (message.status, message.wake_at) == (NoticeStatus.TECHNICAL_FAILURE, None)
    opened(make, world, 2, now)
    assert go_round(now)[0].trouble is None
    assert (room_now(make).trouble, room_now(make).failures) == (None, 0)


def test_a_vendor_that_was_told_too_much_is_left_alone_for_ten_minutes(make, world, at, server):
    opened(make, world)
    server.then(Answer(200, {"errcode": 45009, "errmsg": "api freq out of limit"}))
    go_round(at)
    opened(make, world, 2, at + MINUTE)
    assert go_round(at + BAN - SECOND) == []
    assert go_round(at + BAN)[0].count == 2


def test_a_room_that_fails_stops_no_other(make, world, at, server):
    put_room(make, world, "feishu")
    opened(make, world)
    server.then(DROPPED)
    told = go_round(at)
    assert sorted(one.trouble is None for one in told) == [False, True]
    assert len(server.taken) == 1


def test_a_round_that_dies_leaves_its_rooms_due(make, world, at, server):
    opened(make, world)
    assert len(claim_rooms.fn(at)) == 1
    assert go_round(at + LEASE - SECOND) == []
    assert len(go_round(at + LEASE)) == len(server.taken) == 1


def test_a_round_that_takes_too_long_leaves_the_rest_to_the_next(make, world, at, server):
    opened(make, world)
    assert tell_rooms.fn(claim_rooms.fn(at), at, most=timedelta(0)) == []
    assert len(go_round(at + LEASE)) == 1


def test_a_trial_says_that_the_room_works(make, world, at, server):
    chief = make.identity(make.officer(world.lead, is_administrator=True))
    make.database.write(try_room, chief, room_now(make).id, at)
    go_round(at)
    assert "试" in server.taken[0].text


def test_nobody_waits_for_the_database_while_a_room_is_being_told(make, world, at, server):
    opened(make, world)
    server.then(HANGING)
    telling = Thread(target=go_round, args=(at,))
    telling.start()
    while not server.asked:
        time.sleep(0.01)
    started = time.monotonic()
    make.tamper("update chat_message set trouble = trouble")
    assert time.monotonic() - started < 1
    server.closing.set()
    telling.join()
    assert room_now(make).trouble == "WeCom cannot be reached: RemoteProtocolError"
