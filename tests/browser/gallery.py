"""`python -m tests.browser.gallery`: every page as a picture, desk and phone, both languages, light and dark.

A Monday morning of the demo district (`tests.browser.scene`) behind a real server. One sheet a page, with its eight
pictures, goes into `--folder`; with `--docs` the main ones go into `docs/pictures`, which `docs/gallery.md` shows.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import product
from pathlib import Path

import pyotp
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from api.app import create_app
from models.crypto import open_vault
from models.database import Database
from models.demo_logins import ADMINISTRATOR, DEMO_PASSWORD
from models.migrations import upgrade
from models.settings import Settings
from tests.browser.conftest import ARGUMENTS, CHROMIUM, DESK, PHONE
from tests.browser.scene import Scene, set_scene
from tests.browser.scene_courses import course_pages
from tests.browser.scene_planning import training_pages
from tests.live import serving
from tests.make import Maker
from wufang.assets import ROOT

PRESENT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 9 o'clock in Shanghai, on a working day
SAMPLE = ROOT / "models" / "samples" / "riders-2026-11.xlsx"
DOCS = ROOT / "docs" / "pictures"
SIZES = {"desk": DESK, "phone": PHONE}
COLOURS = 256  # of a picture in docs
LONGEST = 1400  # pixels of its height
TALLEST = 4500  # pixels of a picture on a sheet
GAP = 16
EDGE = "#8a94a0"
CLERK, COMMUNITY = "hejiaan@wuye.example", "xinxing@shequ.example"
COUNCIL, STREET = "xinxing@yishihui.example", "dinghe@jiedao.example"
DEPUTY, HOUSING, UNION = "dinghe-2@jiedao.example", "housing@shanyang.example", "unions@shanyang.example"

PHONE_OWNER, PHONE_TO_MEET = "phone", "phone to meet"  # of riders: the story's, and one who asked to be enrolled

Act = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Shot:
    """A page: who looks at it (None: nobody is logged in), its address, and what is done there before the picture."""

    name: str
    who: str | None
    address: str
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One of the eight ways of looking at a page."""

    size: str
    language: str
    scheme: str

    @property
    def name(self) -> str:
        """As in the names of files."""
        return f"{self.size}-{self.language}-{self.scheme}"


LOOKS = tuple(Look(*one) for one in product(("desk", "phone"), ("zh", "en"), ("light", "dark")))

IN_CHINESE = (  # on a desk, light
    "inbox search-hits filing-late preview resolution letter admin-officers reports "
    "report-to-file report-late people people-squads training training-draft training-consulted"
)
MAIN = {  # pictures of docs/gallery.md and the guides: of which page and look
    "bulk-result": ("bulk-result", Look("desk", "en", "light")),
    "filing-to-answer": ("filing-to-answer", Look("desk", "en", "light")),
    "filing-objected": ("filing-objected", Look("desk", "zh", "dark")),
    "inbox-clerk": ("inbox-clerk", Look("phone", "zh", "light")),
    "filing-to-answer-phone": ("filing-to-answer", Look("phone", "zh", "dark")),
    "account": ("account", Look("phone", "en", "light")),
    "whistle": ("whistle-street", Look("desk", "zh", "light")),
    "training-door": ("training-door", Look("phone", "zh", "light")),
    "phone-report": ("phone-report", Look("phone", "zh", "light")),
    "phone-closed": ("phone-closed", Look("phone", "zh", "light")),
    "phone-me": ("phone-me", Look("phone", "zh", "light")),
} | {name: (name, Look("desk", "zh", "light")) for name in IN_CHINESE.split()}


def shots(scene: Scene) -> Iterator[Shot]:
    """Every page of the portal, before and after the log-in."""
    yield from _outside(scene)
    yield from _desk(scene)
    yield from _filings(scene)
    yield from _administration(scene)
    yield from _reports(scene)
    yield from _people(scene)
    yield from (Shot(*one) for one in training_pages(scene.planned, scene.taught, COMMUNITY, UNION))
    yield from _phone(scene)
    yield from (Shot(*one) for one in course_pages(scene.taught, PHONE_OWNER, COMMUNITY, scene.world.community.code))
    yield Shot("bulk-result", COMMUNITY, "/", _agree_in_bulk)  # last: it answers what other pictures show waiting


def _outside(scene: Scene) -> Iterator[Shot]:
    yield Shot("login", None, "/login")
    yield Shot("login-refused", None, "/login", _log_in_wrongly)
    yield Shot("forgotten", None, "/login/forgotten")
    yield Shot("link", None, f"/link/{scene.secret}")
    yield Shot("link-worthless", None, "/link/nothing")
    yield Shot("nothing-there", None, "/nothing")


def _desk(scene: Scene) -> Iterator[Shot]:
    yield Shot("inbox", COMMUNITY, "/")
    yield Shot("inbox-clerk", CLERK, "/")
    yield Shot("inbox-council", COUNCIL, "/")
    yield Shot("inbox-lead", ADMINISTRATOR, "/")
    yield Shot("inbox-empty", DEPUTY, "/?due=late&tab=todo")
    yield Shot("inbox-done", STREET, "/?tab=done")
    yield Shot("inbox-mine", CLERK, "/?tab=mine")
    yield Shot("inbox-copies", STREET, "/?tab=copies")
    yield Shot("inbox-narrowed", COMMUNITY, "/?due=late", _open_all)
    yield Shot("filings", STREET, "/filings")
    yield Shot("search", CLERK, "/search")
    yield Shot("search-hits", CLERK, "/search", _search(scene.plate))
    yield Shot("search-nothing", CLERK, "/search", _search("豫H00000"))
    yield Shot("exports", CLERK, "/exports?tab=mine")
    yield Shot("exports-asked", CLERK, "/exports?tab=mine", _take_out)
    yield Shot("statistics", ADMINISTRATOR, "/statistics?sort=late")
    yield Shot("statistics-empty", CLERK, "/statistics?period=last-month")
    yield Shot("protocols", STREET, "/protocols")
    yield Shot("account", STREET, "/account")
    yield Shot("account-password", STREET, "/account/password")
    yield Shot("account-factor", COUNCIL, "/account/second-factor", _begin_factor)
    yield Shot("recovery-codes", UNION, "/account/second-factor", _show_recovery_codes)
    yield Shot("account-letters", STREET, "/account/letters")
    yield Shot("account-absence", STREET, "/account/absence")


def _filings(scene: Scene) -> Iterator[Shot]:
    yield Shot("new-filing", CLERK, "/filings/new")
    yield Shot("preview", CLERK, "/filings/new", _upload)
    for name, who in (
        ("done", CLERK),
        ("refused", CLERK),
        ("late", ADMINISTRATOR),
        ("objected", STREET),
        ("returned", CLERK),
        ("withdrawn", CLERK),
        ("street", STREET),
        ("waiting", CLERK),
    ):
        yield Shot(f"filing-{name}", who, scene.page(name))
    yield Shot("filing-to-answer", COMMUNITY, scene.page("waiting"))
    yield Shot("filing-more-time", STREET, scene.page("newer"))
    yield Shot("filing-ladder", COMMUNITY, scene.page("new"), _open_ladder)
    yield Shot("print-late", CLERK, f"{scene.page('late')}/print")
    yield Shot("filing-acts", COMMUNITY, scene.page("new"), _open_all)
    yield Shot("filing-reader", HOUSING, scene.page("street"))
    yield Shot("filing-incomplete", COMMUNITY, scene.page("new"), _object_without_reason)
    yield Shot("filing-stale", COMMUNITY, scene.page("stale"), _act_on_a_stale_page)
    yield Shot("print", CLERK, f"{scene.page('done')}/print")
    yield Shot("resolution", CLERK, scene.page("done"), _to_resolution)
    yield Shot("check", CLERK, scene.page("done"), _to_check)


def _reports(scene: Scene) -> Iterator[Shot]:
    """Boards and reports, as each party sees them."""
    page = {name: f"/reports/{reference}" for name, reference in scene.reports.items()}
    yield Shot("reports", COMMUNITY, "/reports", _wait_for_map)
    yield Shot("reports-street", STREET, "/reports", _wait_for_map)
    yield Shot("reports-company", CLERK, "/reports", _wait_for_map)
    yield Shot("reports-area", ADMINISTRATOR, "/reports?list=area", _wait_for_map)
    yield Shot("reports-narrowed", COMMUNITY, "/reports?list=past&level=urgent", _wait_for_map)
    yield Shot("report-new-one", COMMUNITY, "/reports/new")
    yield Shot("report-to-file", COMMUNITY, page["new"], _wait_for_map)
    yield Shot("report-late", STREET, page["late"], _wait_for_map)
    yield Shot("report-to-settle", CLERK, page["sent"], _wait_for_map)
    yield Shot("report-acts", CLERK, page["handled"], _open_all)
    yield Shot("report-parking", COMMUNITY, page["resting"], _wait_for_map)
    yield Shot("report-to-check", COMMUNITY, page["answered"], _wait_for_map)
    yield Shot("report-closed", STREET, page["closed"], _wait_for_map)
    yield Shot("report-deed", COMMUNITY, page["deed"], _wait_for_map)
    yield Shot("report-refused", CLERK, page["handled"], _answer_without_words)
    yield Shot("report-whistle", STREET, f"{page['late']}/whistle")
    yield Shot("whistle", HOUSING, scene.whistle)
    yield Shot("whistle-street", STREET, scene.whistle)
    yield Shot("whistle-print", STREET, f"{scene.whistle}/print")
    yield Shot("report-rates", ADMINISTRATOR, "/reports/rates")
    yield Shot("public", None, "/public", _wait_for_map)
    yield Shot("circle", ADMINISTRATOR, "/circle?way=foot", _wait_for_map)


def _people(scene: Scene) -> Iterator[Shot]:
    """Riders as their community sees them, and as those above count them."""
    yield Shot("people", COMMUNITY, "/people")
    yield Shot("people-mistaken", COMMUNITY, "/people", _mistake_the_number)
    yield Shot("people-enrolled", COMMUNITY, "/people?list=confirmed")
    yield Shot("people-appointing", COMMUNITY, "/people?list=confirmed", _open_all)
    yield Shot("people-code", COMMUNITY, "/people?list=confirmed", _issue_code)
    yield Shot("people-members", COMMUNITY, "/people?list=members")
    yield Shot("people-squads", COMMUNITY, "/people?list=squads")
    yield Shot("people-counts", STREET, "/people")
    yield Shot("people-letter", COMMUNITY, scene.member)
    yield Shot("people-check", None, scene.appointment_check)


def _phone(scene: Scene) -> Iterator[Shot]:
    """What a rider sees on the phone."""
    yield Shot("phone-home", PHONE_OWNER, "/m")
    yield Shot("phone-report", PHONE_OWNER, "/m/report")
    yield Shot("phone-report-map", PHONE_OWNER, "/m/report", _open_all)
    yield Shot("phone-report-refused", PHONE_OWNER, "/m/report", _report_nothing)
    yield Shot("phone-mine", PHONE_OWNER, "/m/reports")
    yield Shot("phone-closed", PHONE_OWNER, f"/m/reports/{scene.reports['closed']}")
    yield Shot("phone-handled", PHONE_OWNER, f"/m/reports/{scene.reports['late']}")
    yield Shot("phone-me-unknown", None, "/m/me")
    yield Shot("phone-me-to-meet", PHONE_TO_MEET, "/m/me")
    yield Shot("phone-me", PHONE_OWNER, "/m/me")
    yield Shot("phone-held", PHONE_OWNER, "/m/held")
    yield Shot("phone-again", None, "/m/again")
    yield Shot("phone-appointment", PHONE_OWNER, scene.appointment)


def _administration(scene: Scene) -> Iterator[Shot]:
    world = scene.world
    yield Shot("admin-officers", ADMINISTRATOR, "/admin/officers")
    yield Shot("admin-officer", ADMINISTRATOR, f"/admin/officers/{world.officer(world.street).id}")
    yield Shot("admin-invite", ADMINISTRATOR, "/admin/officers/new")
    yield Shot("admin-organisations", ADMINISTRATOR, "/admin/organisations")
    yield Shot("admin-organisation", ADMINISTRATOR, f"/admin/organisations/{world.street.id}")
    yield Shot("admin-new-organisation", ADMINISTRATOR, "/admin/organisations/new")
    yield Shot("admin-deputies", ADMINISTRATOR, "/admin/deputies")
    yield Shot("admin-undelivered", ADMINISTRATOR, "/admin/undelivered")
    yield Shot("admin-unreached", ADMINISTRATOR, "/admin/unreached")
    yield Shot("admin-rooms", ADMINISTRATOR, f"/admin/organisations/{world.street.id}/rooms")
    yield Shot("admin-letters", ADMINISTRATOR, "/admin/letters")
    yield Shot("admin-letter", ADMINISTRATOR, "/admin/letters/digest")
    yield Shot("admin-log", ADMINISTRATOR, "/admin/log")
    yield Shot("system", ADMINISTRATOR, "/system")
    yield Shot("mailbox", COMMUNITY, "/mailbox")
    yield Shot("letter", COMMUNITY, "/mailbox", _first_letter)


def _log_in_wrongly(page: Page) -> None:
    page.locator("#email").fill(CLERK)
    page.locator("#password").fill("not the password")
    _press(page, "main button[type=submit]")


def _open_all(page: Page) -> None:
    for one in page.locator("main details:not([open]) > summary").all():
        if one.is_visible():
            one.click()


def _open_ladder(page: Page) -> None:
    """What happens while nobody answers."""
    page.locator("#ladder > summary").click()


def _agree_in_bulk(page: Page) -> None:
    ticks = page.locator("input[name=seat]")
    for number in range(min(3, ticks.count())):
        ticks.nth(number).check()
    _press(page, "form[action='/inbox/agree'] button[type=submit]")


def _search(words: str) -> Act:
    def search(page: Page) -> None:
        page.locator("input[type=search]").fill(words)
        _press(page, "form[role=search] button[type=submit]")

    return search


def _wait_for_map(page: Page) -> None:
    page.wait_for_timeout(400)


def _answer_without_words(page: Page) -> None:
    form = page.locator("#act-answer")
    form.evaluate("form => { form.noValidate = true }")
    with page.expect_navigation():
        form.locator("button[type=submit]").click()


def _mistake_the_number(page: Page) -> None:
    page.locator("input[name=meeting]").first.fill("000 000")
    _press(page, "form.meet button[type=submit]")


def _issue_code(page: Page) -> None:
    _press(page, "form[action*='/code'] button[type=submit]")


def _report_nothing(page: Page) -> None:
    """Sent as a form is sent where there is no script."""
    with page.expect_navigation():
        page.locator("form[data-report]").evaluate("form => { form.noValidate = true; form.submit() }")


def _take_out(page: Page) -> None:
    _press(page, "form[action='/exports'] button[type=submit]")


def _begin_factor(page: Page) -> None:
    page.locator("#password").fill(DEMO_PASSWORD)
    _press(page, "button[name=act][value=begin]")


def _show_recovery_codes(page: Page) -> None:
    _begin_factor(page)
    key = pyotp.TOTP(str(page.locator("main code").text_content()).replace(" ", ""))
    page.locator("#code").fill(key.at(PRESENT))
    _press(page, "button[name=act][value=confirm]")


def _upload(page: Page) -> None:
    page.locator("input[name=compound]").first.check()
    page.locator("input[type=file]").set_input_files(SAMPLE)
    with page.expect_navigation(url="**/filings/new/*"):
        page.locator("main form:has(input[type=file]) button[type=submit]").click()


def _object_without_reason(page: Page) -> None:
    page.locator("label:has(input[name=kind][value=object])").first.click()
    page.locator("form[action$='/opinion']").first.evaluate("form => { form.noValidate = true }")
    _press(page, "form[action$='/opinion'] button[type=submit]")


def _act_on_a_stale_page(page: Page) -> None:
    """The page was opened before somebody else acted: its version is one that has passed."""
    page.locator("label:has(input[name=kind][value=object])").first.click()
    page.locator("textarea[name=reason]").first.fill("北门在早高峰已经拥堵，请先划定骑手停车点。")
    page.evaluate("() => document.querySelectorAll('input[name=version]').forEach(one => { one.value = '0' })")
    _press(page, "form[action$='/opinion'] button[type=submit]")


def _to_resolution(page: Page) -> None:
    page.goto(str(page.locator("a[href^='/resolutions/']").first.get_attribute("href")))


def _to_check(page: Page) -> None:
    _to_resolution(page)
    page.goto(str(page.locator("img[src^='/check/']").get_attribute("src")).removesuffix("/code.svg"))


def _first_letter(page: Page) -> None:
    page.goto(str(page.locator("main a[href^='/mailbox/']").first.get_attribute("href")))


def _press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.locator(button).first.click()


def log_in(page: Page, email: str) -> None:
    """Log the officer of that address in."""
    page.goto("/login")
    page.locator("#email").fill(email)
    page.locator("#password").fill(DEMO_PASSWORD)
    _press(page, "main button[type=submit]")


def turn(page: Page, language: str) -> None:
    """Have the page in that language."""
    if page.locator("html").get_attribute("lang") != ("en" if language == "en" else "zh-CN"):
        _press(page, "button[name=language]")


class Photographer:
    """Takes pictures of one look before one address; a log-in is kept from page to page."""

    def __init__(self, browser: Browser, address: str, look: Look, phones: Mapping[str | None, str]) -> None:
        self._browser, self._address, self._look, self._phones = browser, address, look, phones
        self._pages: dict[str | None, Page] = {}

    def take(self, shot: Shot) -> bytes:
        """The whole page as a PNG."""
        page = self._page(shot.who)
        page.goto(shot.address)
        turn(page, self._look.language)
        page.goto(shot.address)
        if shot.act is not None:
            shot.act(page)
        return page.screenshot(full_page=True, animations="disabled")

    def _page(self, who: str | None) -> Page:
        if who not in self._pages:
            context = self._browser.new_context(
                base_url=self._address,
                viewport=SIZES[self._look.size],  # pyright: ignore[reportArgumentType] - a mapping of its two keys
                locale="zh-CN" if self._look.language == "zh" else "en-GB",
                color_scheme=self._look.scheme,  # pyright: ignore[reportArgumentType] - one of its words
            )
            page = context.new_page()
            if who in self._phones:
                context.add_cookies([{"name": "wufang_phone", "value": self._phones[who], "url": self._address}])
            elif who is not None:
                log_in(page, who)
            self._pages[who] = page
        return self._pages[who]


def sheet(pictures: Mapping[Look, bytes]) -> Image.Image:
    """The pictures of a page side by side, desks first."""
    opened = [_top(pictures[look], TALLEST) for look in LOOKS if look in pictures]
    width = sum(one.width for one in opened) + GAP * (len(opened) + 1)
    made = Image.new("RGB", (width, max(one.height for one in opened) + 2 * GAP), EDGE)
    left = GAP
    for one in opened:
        made.paste(one, (left, GAP))
        left += one.width + GAP
    return made


def _top(picture: bytes, height: int) -> Image.Image:
    """The upper part of a picture: what follows further down is more of the same."""
    opened = Image.open(BytesIO(picture)).convert("RGB")
    return opened.crop((0, 0, opened.width, min(opened.height, height)))


def keep_in_docs(name: str, picture: bytes, folder: Path = DOCS) -> None:
    """A small PNG of the page's upper part: the palette is the picture's own."""
    _top(picture, LONGEST).quantize(COLOURS, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)


def photograph(folder: Path, looks: tuple[Look, ...], wanted: str, *, for_docs: bool) -> int:
    """Take the pictures of every page whose name contains `wanted`; returns how many pages."""
    taken: dict[str, dict[Look, bytes]] = {}
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        begun = Path(made) / "begun"
        scene = _state(begun)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for look in looks:  # each on a copy of its own: what is done before one picture is in no other
            copied = shutil.copytree(begun, Path(made) / look.name)
            for name, picture in _of_look(browser, copied, look, scene, wanted):
                taken.setdefault(name, {})[look] = picture
        browser.close()
    folder.mkdir(parents=True, exist_ok=True)
    for name, pictures in taken.items():
        sheet(pictures).save(folder / f"{name}.png")
    for name, (of, look) in MAIN.items():
        if for_docs and look in taken.get(of, {}):
            keep_in_docs(name, taken[of][look])
    return len(taken)


def _state(folder: Path) -> Scene:
    """The scene in an empty state folder."""
    folder.mkdir()
    settings = Settings(state_dir=folder)
    upgrade(settings.database)
    database = Database(settings.database)
    scene = set_scene(Maker(database, open_vault(folder / "keys"), PRESENT), folder)
    database.close()
    return scene


def _of_look(browser: Browser, state: Path, look: Look, scene: Scene, wanted: str) -> Iterator[tuple[str, bytes]]:
    """The pictures of one look by the pages' names."""
    app = create_app(Settings(state_dir=state, prefect_api_url="http://127.0.0.1:9/api"), lambda: PRESENT)
    with serving(app) as address:
        phones = {PHONE_OWNER: scene.phone, PHONE_TO_MEET: scene.phone_to_meet}
        camera = Photographer(browser, address, look, phones)
        for shot in shots(scene):
            if wanted in shot.name:
                yield shot.name, camera.take(shot)
    print(f"  {look.name}", flush=True)  # noqa: T201 - it speaks to a terminal


def main() -> None:
    """Read the command line and take the pictures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--folder", type=Path, default=ROOT / "var" / "gallery")
    asked.add_argument("--only", default="", help="pages whose name contains this")
    asked.add_argument("--looks", default="", help="looks whose name contains this, e.g. phone, zh-dark")
    asked.add_argument("--docs", action="store_true", help="put the main ones into docs/pictures")
    given = asked.parse_args()
    looks = tuple(one for one in LOOKS if given.looks in one.name)
    count = photograph(given.folder, looks, given.only, for_docs=given.docs)
    print(f"{count} pages in {given.folder}")  # noqa: T201 - it speaks to a terminal


if __name__ == "__main__":
    main()
