"""One look for all pages: colours named once, enough contrast in light and dark, few bytes, a choice that stays."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from models.district import Organisation
from tests.api.portal.conftest import Browser
from tests.conftest import missing
from tests.make import Maker
from wufang.assets import PARTS
from wufang.make import Neighbourhood

Browse = Callable[[Organisation], Browser]

STATIC = Path(__file__).resolve().parents[3] / "static"
SHEET = (STATIC / "wufang.css").read_text(encoding="utf-8")
MOST_BYTES = 250_000  # of a page with everything it loads, as it is sent
GROUNDS = ("paper", "card", "sunk", "out", "field")
TONES = ("good", "wait", "bad", "up", "plain")
READ = [
    *(("ink", ground) for ground in (*GROUNDS, "teal-pale", *(f"{tone}-pale" for tone in TONES))),
    *(("soft", ground) for ground in (*GROUNDS, "teal-pale")),
    *(("teal", ground) for ground in (*GROUNDS, "teal-pale")),
    *((tone, ground) for tone in TONES for ground in (f"{tone}-pale", "paper", "card", "sunk")),
    *(("on-button", ground) for ground in ("button", "button-dark", "danger", "danger-dark")),
    ("on-top", "top"),
    ("on-top", "top-pale"),
]
SEEN = [
    *(("edge", ground) for ground in ("paper", "card", "field")),
    *(("focus", ground) for ground in ("paper", "card")),
    ("focus-top", "top"),
    ("top-edge", "top"),
]


def names_in(selector: str) -> dict[str, str]:
    """The colours that a rule gives names to."""
    found = re.search(rf"{re.escape(selector)} \{{(.*?)\}}", SHEET, re.DOTALL)
    assert found is not None, selector
    return dict(re.findall(r"--wf-([\w-]+): (#[0-9a-f]{6});", found[1]))


LIGHT = names_in(":root")
DARK = names_in(':root[data-bs-theme="dark"]')


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of `#rrggbb`."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_and_edges_can_be_seen(colours: dict[str, str]) -> None:
    faint = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in READ}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}
    faint = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in SEEN}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 3} == {}


def test_dark_is_the_same_by_choice_and_by_the_device() -> None:
    assert names_in(":root:not([data-bs-theme])") == DARK
    assert set(DARK) == set(LIGHT)


def test_colours_are_named_once_at_the_top() -> None:
    after = SHEET[SHEET.index("\nbody {") : SHEET.index("@media print {")]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*;)|rgba?\(|hsla?\(", after) == []
    used = set(re.findall(r"var\(--wf-([\w-]+)", SHEET)) - {"sans"}
    assert used <= set(LIGHT)


def test_a_choice_of_looks_stays_until_it_is_taken_back(browse: Browse, world: Neighbourhood) -> None:
    browser = browse(world.community)
    assert "data-bs-theme" not in browser.get("/filings").text
    chosen = browser.send("/look", {"look": "dark", "next": "/filings"})
    assert chosen.url.path == "/filings"
    assert '<html lang="en" data-bs-theme="dark">' in chosen.text
    assert 'data-bs-theme="dark"' in browser.get("/protocols").text
    assert 'data-bs-theme="light"' in browser.send("/look", {"look": "light", "next": "/"}).text
    assert "data-bs-theme" not in browser.send("/look", {"look": "auto", "next": "/"}).text
    assert "data-bs-theme" not in browser.send("/look", {"look": '"><script>', "next": "/"}).text


def test_a_page_with_everything_it_loads_is_light(browse: Browse, make: Maker, world: Neighbourhood) -> None:
    if not all((STATIC / "vendor" / name).is_file() for name in PARTS):
        missing("the front-end parts are not laid out (python -m wufang.assets)")
    filed = make.filing(world.clerk, [world.compound], 100)
    make.open(filed.matter_id)
    browser = browse(world.community)
    page = browser.get(f"/filings/{filed.reference}").text
    assert page.count('id="line-') == 100
    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(loaded) >= 4
    assert all("defer" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert "<style" not in page
    assert " style=" not in page
    sizes = {address: sent_bytes(browser, address) for address in loaded}
    assert len(gzip.compress(page.encode(), 4)) + sum(sizes.values()) < MOST_BYTES, sizes


def sent_bytes(browser: Browser, address: str) -> int:
    """How many bytes travel for a file, for a browser that takes gzip."""
    with browser.client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200, address
        return sum(len(part) for part in answer.iter_raw())
