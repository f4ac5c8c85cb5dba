"""axe-core before a page: what breaks a rule of WCAG 2.2 A and AA."""

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from wufang.assets import ROOT
from wufang.make import DEMO_PASSWORD

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
RUN = "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(found => [found.violations, found.passes.length])"


def faults(page: Page, address: str, where: str) -> Iterator[str]:
    """What axe finds on a page, a line each."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status in {200, 403, 404, 410}, (address, answer.status)
    yield from looked(page, f"{where} {address}")


def looked(page: Page, where: str) -> Iterator[str]:
    """What axe finds on a page as it stands."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    broken, kept = page.evaluate(RUN, TAGS)
    assert kept, f"axe saw nothing of {where}"
    for one in broken:
        for node in one["nodes"][:3]:
            yield f"{where}: {one['id']} at {node['target']}: {node['failureSummary'][:200]}"


def log_in_as(page: Page, email: str, language: str) -> None:
    """Log in, and have the pages in that language."""
    page.goto("/login")
    page.locator("#email").fill(email)
    page.locator("#password").fill(DEMO_PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/")
    turn(page, language)


def turn(page: Page, language: str) -> None:
    """Have the page in that language."""
    wanted = "en" if language == "en" else "zh-CN"
    if page.locator("html").get_attribute("lang") != wanted:
        page.locator("button[name=language]").click()
    expect(page.locator("html")).to_have_attribute("lang", wanted)
