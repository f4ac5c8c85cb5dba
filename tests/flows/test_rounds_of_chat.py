"""The flow of chat as a Prefect run: nothing is due where nobody has a room, and a room's trouble is told, not raised."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client

from flows.chat import chat
from models.chat_rooms import RoomDraft, add_room
from tasks import resources
from tasks.reporting import RoundReport
from tests.fake_robots import ADDRESSES, TOKENS, FakeRobots, fake_robots


@pytest.fixture
def server(
    tmp_path: Path, database: object, prefect_server: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeRobots]:
    """The flow works on the test's own database and sends to a server of this machine."""
    with fake_robots() as state:
        monkeypatch.setenv("WUFANG_STATE_DIR", str(tmp_path))
        monkeypatch.setenv("WUFANG_CHAT_GATEWAY", state.host)
        resources.forget()
        yield state
        resources.forget()


def test_a_round_of_chat_tells_rooms_and_shows_how_much_without_tokens(make, at, server):
    world = make.neighbourhood()
    assert chat(at=at) == RoundReport(0, 0, 0)
    chief = make.identity(make.officer(world.lead, is_administrator=True))
    for kind, organisation in (("wecom", world.community), ("feishu", world.council)):
        draft = RoomDraft("群", ADDRESSES[kind])
        make.database.write(add_room, chief, resources.vault(), organisation.id, draft, at)
    make.open(make.filing(world.clerk, [world.compound], 1).matter_id)
    assert chat(at=at) == RoundReport(2, 2, 0)
    assert {one.kind for one in server.taken} == {"wecom", "feishu"}
    assert chat(at=at + timedelta(hours=1)) == RoundReport(0, 0, 0)
    with get_client(sync_client=True) as client:
        tables = [str(one.data) for one in client.read_artifacts() if "room" in str(one.data)]
    assert json.loads(tables[-1])[0]["messages"] == 1
    assert not [token for token in TOKENS.values() for table in tables if token in table]
