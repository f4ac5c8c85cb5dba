"""An open page follows what others do, as long as its session lasts."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from fastapi import FastAPI

from api.live import Lookout
from models.authority.sessions import revoke_others
from models.district import Organisation
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood

Browse = Callable[[Organisation], Browser]


@pytest.fixture
def reference(make: Maker, world: Neighbourhood) -> str:
    made = make.filing(world.clerk, [world.compound])
    make.open(made.matter_id)
    return made.reference


@contextmanager
def following(browser: Browser, reference: str, version: int) -> Iterator[Iterator[str]]:
    with browser.client.stream("GET", f"/filings/{reference}/events?version={version}", timeout=10) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        yield answer.iter_lines()


def until(lines: Iterator[str], wanted: str) -> str:
    return next(line for line in lines if line.startswith(wanted))


def test_another_party_s_opinion_is_told_within_two_seconds(
    browse: Browse, make: Maker, world: Neighbourhood, reference: str
) -> None:
    browser, seat = (
        browse(world.council),
        next(s for s in make.seats(reference) if s.organisation_id == world.community.id),
    )
    browser.get(f"/filings/{reference}")
    version = make.matter(seat.matter_id).version
    with following(browser, reference, version) as lines:
        assert until(lines, "retry:")
        begun = time.monotonic()
        make.say(world.who(world.community), seat)
        assert until(lines, "event:") == "event: changed"
        assert until(lines, "data:") == f"data: {make.matter(seat.matter_id).version}"
        assert time.monotonic() - begun < 2


def test_a_page_that_is_behind_is_told_at_once(browse: Browse, reference: str, world: Neighbourhood) -> None:
    with following(browse(world.council), reference, 0) as lines:
        assert until(lines, "event:") == "event: changed"


def test_the_stream_ends_with_the_session(
    app: FastAPI, browse: Browse, make: Maker, world: Neighbourhood, reference: str
) -> None:
    app.state.lookout = Lookout(make.database, beat_seconds=0.3)
    browser = browse(world.council)
    version = make.matter(make.seats(reference)[0].matter_id).version + 1
    with following(browser, reference, version) as lines:
        assert until(lines, ":") == ": here"
        make.database.write(revoke_others, world.officer(world.council).id, None, make.at)
        assert all(line in {"", ": here"} for line in lines)


def test_strangers_and_the_logged_out_follow_nothing(
    browse: Browse, visitor: Browser, make: Maker, world: Neighbourhood, reference: str
) -> None:
    stranger = make.neighbourhood()
    other = Browser(visitor.address)
    other.log_in(stranger.officer(stranger.council).email)
    assert other.client.get(f"/filings/{reference}/events?version=0").status_code == 404
    assert visitor.client.get(f"/filings/{reference}/events?version=0", follow_redirects=False).status_code == 303
    other.client.close()


def test_the_poller_rests_when_nobody_watches(
    app: FastAPI, browse: Browse, world: Neighbourhood, reference: str
) -> None:
    with following(browse(world.council), reference, 0) as lines:
        until(lines, "event:")
        assert app.state.lookout.is_looking
    limit = time.monotonic() + 5
    while app.state.lookout.is_looking and time.monotonic() < limit:
        time.sleep(0.05)
    assert not app.state.lookout.is_looking


def test_an_officer_s_pages_are_bounded(
    app: FastAPI, browse: Browse, make: Maker, world: Neighbourhood, reference: str
) -> None:
    app.state.lookout = Lookout(make.database, most_of_an_officer=1)
    browser = browse(world.council)
    with following(browser, reference, 0) as lines:
        until(lines, "retry:")
        assert browser.client.get(f"/filings/{reference}/events?version=0").status_code == 204
