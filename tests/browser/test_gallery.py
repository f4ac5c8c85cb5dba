"""No page is left out of the gallery, and the gallery's page shows what the command takes."""

import re
from pathlib import Path

from tests.browser.gallery import MAIN, shots
from tests.browser.scene import set_scene
from tests.browser.test_accessibility import NO_PAGES, pages
from tests.make import Maker
from wufang.assets import ROOT


def test_every_page_is_photographed(make: Maker, tmp_path: Path) -> None:
    addresses = [one.address.partition("?")[0] for one in shots(set_scene(make, tmp_path))]
    unseen = [
        path
        for path in sorted(pages() - NO_PAGES)
        if not any(re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", path), address) for address in addresses)
    ]
    assert not unseen, f"let tests/browser/gallery.py visit {unseen}"


def test_the_gallery_shows_what_is_taken() -> None:
    text = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert set(re.findall(r"pictures/([a-z-]+)\.png", text)) == set(MAIN)
