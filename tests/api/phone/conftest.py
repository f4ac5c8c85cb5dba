"""Phones: browsers without a log-in, known again by their cookie, over a portal of their own."""

from collections.abc import Callable, Iterator

import pytest

from tests.api.portal.conftest import Browser, address, app, visitor, world
from tests.make import Maker
from wufang.make import Neighbourhood
from wufang.make_reports import Reports

__all__ = ["address", "app", "visitor", "world"]
NewPhone = Callable[[], Browser]


@pytest.fixture
def reports(make: Maker, world: Neighbourhood) -> Reports:
    """Reports of the world."""
    return Reports(make, world)


@pytest.fixture
def new_phone(address: str, world: Neighbourhood) -> Iterator[NewPhone]:
    """Somebody's phone, in English."""
    opened: list[Browser] = []

    def new_phone() -> Browser:
        phone = Browser(address)
        phone.client.cookies.set("wufang_language", "en")
        opened.append(phone)
        return phone

    yield new_phone
    for phone in opened:
        phone.client.close()


@pytest.fixture
def phone(new_phone: NewPhone) -> Browser:
    """A phone."""
    return new_phone()
