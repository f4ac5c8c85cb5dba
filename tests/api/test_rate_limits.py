"""Rates are counted by address or officer; a counter that is away holds nobody back."""

from functools import cache
from types import SimpleNamespace

import pytest
from redis import Redis
from redis.exceptions import RedisError

from api.rate_limits import Often, TooOften, hold_back
from models.settings import Settings
from tests.conftest import missing

REDIS = "redis://127.0.0.1:6379"


def request_from(address: str, url: str = "memory://", **headers: str) -> SimpleNamespace:
    """What a limit looks at of a request."""
    return SimpleNamespace(client=SimpleNamespace(host=address), headers=headers, app=application(url))


@cache
def application(url: str) -> SimpleNamespace:
    """One application for each place where rates are counted."""
    settings = Settings(limits_url=url, trusted_proxies="10.0.0.0/8")
    return SimpleNamespace(state=SimpleNamespace(settings=settings))


def most(often: Often) -> int:
    return often.item.amount


@pytest.mark.parametrize("often", Often)
def test_one_too_many_is_told_when_to_come_again_and_others_go_on(often: Often) -> None:
    here = request_from(f"203.0.113.{list(Often).index(often)}")
    for _ in range(most(often)):
        hold_back(here, often)
    with pytest.raises(TooOften) as refused:
        hold_back(here, often)
    assert 0 < refused.value.seconds <= often.item.get_expiry()
    hold_back(request_from("203.0.113.200"), often)
    hold_back(here, often, "an officer")


def test_behind_a_trusted_proxy_the_address_is_that_of_the_one_who_asks() -> None:
    one = {"x-forwarded-for": "198.51.100.7, 10.0.0.5"}
    for _ in range(most(Often.FORGOTTEN)):
        hold_back(request_from("10.0.0.9", **one), Often.FORGOTTEN)
    with pytest.raises(TooOften):
        hold_back(request_from("10.0.0.9", **one), Often.FORGOTTEN)
    hold_back(request_from("10.0.0.9", **{"x-forwarded-for": "198.51.100.8"}), Often.FORGOTTEN)
    hold_back(request_from("198.51.100.99", **one), Often.FORGOTTEN)  # a stranger's own word is not believed


def test_several_processes_count_together_in_redis() -> None:
    try:
        server = Redis.from_url(REDIS)
        server.ping()
    except RedisError:
        missing("Redis does not answer on 127.0.0.1:6379")
    for key in server.scan_iter("LIMITS*redis-test*"):
        server.delete(key)
    here = request_from("203.0.113.50", REDIS)
    for _ in range(most(Often.FORGOTTEN)):
        hold_back(here, Often.FORGOTTEN, "redis-test")
    with pytest.raises(TooOften):
        hold_back(here, Often.FORGOTTEN, "redis-test")
    for key in server.scan_iter("LIMITS*redis-test*"):
        server.delete(key)
    server.close()


def test_a_counter_that_is_away_holds_nobody_back() -> None:
    for _ in range(most(Often.FORGOTTEN) + 2):
        hold_back(request_from("203.0.113.60", "redis://127.0.0.1:9"), Often.FORGOTTEN)
