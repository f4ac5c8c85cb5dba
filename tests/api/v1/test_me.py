"""Who I am to a program, and ending my sessions from there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from httpx import Client

from models.authority import second_factor, sessions
from models.authority.sessions import Limits, Origin
from models.district import Organisation
from models.errors import NotLoggedIn
from models.officer import CredentialKind, issue_credential
from tests.make import Maker
from wufang.make import Neighbourhood

As = Callable[[Organisation], dict[str, str]]
HOUR = timedelta(hours=1)


def begin(make: Maker, world: Neighbourhood, organisation: Organisation) -> str:
    """A session of the organisation's officer."""
    officer_id = world.officer(organisation).id
    origin = Origin("Firefox, Linux", "203.0.113.0/24")
    return make.database.write(sessions.open_session, officer_id, origin, Limits(12 * HOUR, HOUR), make.at)


def is_open(make: Maker, secret: str) -> bool:
    """Whether the session is good."""
    try:
        with make.database.reading() as session:
            sessions.seat(session, secret, make.at)
    except NotLoggedIn:
        return False
    return True


def test_role_and_second_factor_are_told(client: Client, world: Neighbourhood, as_: As, make: Maker) -> None:
    mine = as_(world.community)
    told = client.get("/api/v1/me", headers=mine).json()
    assert (told["role"], told["has_second_factor"]) == ("officer", False)
    officer_id = world.officer(world.community).id
    make.database.write(second_factor.begin, make.vault, officer_id, make.at)
    assert client.get("/api/v1/me", headers=mine).json()["has_second_factor"] is False
    make.tamper("update second_factor set confirmed_at = :at", at=make.at.isoformat())
    assert client.get("/api/v1/me", headers=mine).json()["has_second_factor"] is True


def test_my_sessions_are_listed_and_ended(client: Client, world: Neighbourhood, as_: As, make: Maker) -> None:
    first, second = begin(make, world, world.community), begin(make, world, world.community)
    theirs = begin(make, world, world.street)
    mine = as_(world.community)
    listed = client.get("/api/v1/me/sessions", headers=mine).json()
    assert [one["device"] for one in listed] == ["Firefox, Linux"] * 2
    foreign = client.get("/api/v1/me/sessions", headers=as_(world.street)).json()[0]["id"]
    assert client.delete(f"/api/v1/me/sessions/{foreign}", headers=mine).status_code == 404
    assert client.delete(f"/api/v1/me/sessions/{listed[0]['id']}", headers=mine).status_code == 204
    assert [is_open(make, one) for one in (first, second)].count(True) == 1
    assert client.delete("/api/v1/me/sessions", headers=mine).status_code == 204
    assert [is_open(make, one) for one in (first, second, theirs)] == [False, False, True]
    assert client.get("/api/v1/me", headers=mine).status_code == 200  # the token is none of them


@pytest.mark.parametrize("kind", [CredentialKind.PORTAL, CredentialKind.HALF])
def test_what_a_browser_holds_is_no_token(
    client: Client, world: Neighbourhood, make: Maker, kind: CredentialKind
) -> None:
    officer_id = world.officer(world.community).id
    secret = make.database.write(issue_credential, officer_id, "browser", make.at, HOUR, kind)
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
