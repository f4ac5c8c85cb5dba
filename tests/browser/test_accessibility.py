"""WCAG 2.2 A and AA by axe-core in Chromium: every page of the portal, both languages, light and dark, desk and phone."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from api.portal.mounting import ROUTERS, files, system
from models.authority import second_factor
from models.clock import local_date
from models.comment import CommentKind, add_comment
from models.consultation.opinions import Draft
from models.consultation.tables import OpinionKind
from models.crypto import Vault
from models.district import Organisation
from models.people import members, squads
from models.phone import PhoneIdentity, new_phone
from tests.browser.axe import faults, log_in_as, looked, turn
from tests.make import Maker
from wufang.assets import ROOT
from wufang.make import Neighbourhood
from wufang.make_people import People
from wufang.make_reports import Reports

OpenPage = Callable[..., Page]

SAMPLE = ROOT / "models" / "samples" / "riders-2026-11.xlsx"
NO_PAGES = frozenset(
    {
        "/static/{name:path}",
        "/check/{word}/code.svg",
        "/reports/points",
        "/reports/{reference}/point",
        "/reports/{reference}/photos/{digest}",
        "/public/reports.geojson",
        "/public/places",
        "/circle/points",
        "/calendars/communities/{code}.ics",
        "/calendars/departments/{code}.ics",
        "/calendars/{word}.ics",
        "/m/worker.js",
        "/m/courses/{event_id}/session.ics",
        "/m/held.json",
        "/check/appointment/{word}/code.svg",
        "/m/reports/{reference}/photos/{digest}",
        "/filings/template",
        "/filings/new/{upload_id}/marked",
        "/filings/{reference}/attachments/{attachment_id}",
        "/filings/{reference}/events",
        "/exports/{export_id}/file",
        "/account/sessions",  # leads to the account's page
        "/admin",  # leads to the officers
        "/admin/rooms",  # leads to the organisation's
        "/admin/letters/{letter}/{sample}/{language}",  # a letter as mail programs show it
        "/login/oidc",
        "/login/oidc/return",
        # These in `test_no_page_on_a_phone_breaks_a_rule`.
        "/m",
        "/m/report",
        "/m/reports",
        "/m/reports/{reference}",
        "/m/me",
        "/m/again",
        "/m/held",
        "/m/calendar",
        "/m/appointments/{number}",
        # These in `test_no_page_about_riders_breaks_a_rule`.
        "/people",
        "/people/members/{number}",
        "/check/appointment/{word}",
        # These in tests/browser/test_courses.py.
        "/courses",
        "/courses/{event_id}/notice",
        "/m/courses",
        "/m/courses/{event_id}",
        "/m/certificates/{number}",
        "/m/needs",
        "/check/certificate/{word}",
        # These in tests/browser/test_training.py.
        "/training",
        "/training/courses",
        "/training/sessions/{event_id}",
        "/training/sites",
        "/training/timetables",
        "/training/timetables/{timetable_id}",
        "/training/trainers",
        # These are come upon, in `test_what_is_come_upon_breaks_no_rule`.
        "/filings/new/{upload_id}",
        "/mailbox",
        "/resolutions/{number}",
        "/check/{word}",
        # And these in tests/browser/test_accessible_states.py.
        "/filings/{reference}/standing",  # a part of a page
        "/link/{secret}",
        "/mailbox/{notice_id}",
        "/mailbox/{notice_id}/html",
    }
)


def pages() -> set[str]:
    """Every address of the portal that answers a GET."""
    routers = (*ROUTERS, system.router, files)
    return {one.path for router in routers for one in router.routes if "GET" in getattr(one, "methods", ())}


@pytest.fixture
def filings(make: Maker, world: Neighbourhood, vault: Vault) -> dict[str, str]:
    """One that waits, with a question; one in conciliation; one that is agreed."""
    made = {
        name: make.filing(world.clerk, [world.compound], 3, seed=seed)
        for seed, name in enumerate(("open", "objected", "done"))
    }
    for name in ("open", "objected"):
        make.open(made[name].matter_id)
    make.database.write(
        add_comment,
        world.who(world.council),
        made["open"].matter_id,
        CommentKind.QUESTION,
        "Which gate?",
        None,
        make.at,
    )
    seat = next(one for one in make.asked(made["objected"].matter_id) if one.organisation_id == world.council.id)
    make.say(world.who(world.council), seat, Draft(OpinionKind.OBJECT, "Fire lane."))
    make.agree_through(world, made["done"].matter_id)
    make.conclude(made["done"].matter_id)
    make.database.write(second_factor.begin, vault, world.officer(world.council).id, make.at)
    return {name: one.reference for name, one in made.items()}


OF_REPORTS = {
    "/reports": "/reports?list=area",
    "/reports/new": "/reports/new",
    "/reports/rates": "/reports/rates",
    "/reports/{reference}": "/reports/{report}",
    "/reports/{reference}/whistle": "/reports/{report}/whistle",
    "/public": "/public",
    "/circle": "/circle",
}


def addresses_of(filings: dict[str, str]) -> dict[str, str]:
    """Each page of the portal by its route, as an administrator or as the community sees it."""
    one = f"/filings/{filings['open']}"
    return OF_REPORTS | {
        "/": "/",
        "/filings": "/filings?awaited=community",
        "/filings/new": "/filings/new",
        "/filings/{reference}": one,
        "/filings/{reference}/print": f"/filings/{filings['done']}/print",
        "/search": "/search",
        "/exports": "/exports?kind=officers",
        "/protocols": "/protocols",
        "/statistics": "/statistics",
        "/system": "/system",
        "/account": "/account",
        "/account/password": "/account/password",
        "/account/second-factor": "/account/second-factor",
        "/account/absence": "/account/absence",
        "/account/letters": "/account/letters",
        "/admin/letters": "/admin/letters",
        "/admin/letters/{letter}": "/admin/letters/digest",
        "/admin/organisations/{organisation_id}/rooms": "/admin/organisations/{organisation}/rooms",
        "/admin/officers": "/admin/officers",
        "/admin/officers/new": "/admin/officers/new",
        "/admin/officers/{officer_id}": "/admin/officers/{officer}",
        "/admin/organisations": "/admin/organisations",
        "/admin/organisations/new": "/admin/organisations/new",
        "/admin/organisations/{organisation_id}": "/admin/organisations/{organisation}",
        "/admin/deputies": "/admin/deputies",
        "/admin/undelivered": "/admin/undelivered",
        "/admin/log": "/admin/log",
        "/admin/unreached": "/admin/unreached",
        "/login": "/login",
        "/login/forgotten": "/login/forgotten",
    }


def test_every_page_is_looked_at() -> None:
    looked_at = set(addresses_of({"open": "x", "done": "x"}))
    unseen = sorted(pages() - looked_at - NO_PAGES)
    assert not unseen, f"let tests/browser/test_accessibility.py visit {unseen}"


def of_others(world: Neighbourhood, filings: dict[str, str]) -> Iterator[tuple[Organisation, list[str]]]:
    """What other parties see of the same pages."""
    waits, objected, done = (f"/filings/{filings[name]}" for name in ("open", "objected", "done"))
    tabs = ["/", "/?tab=done", "/?tab=mine", "/?tab=copies", "/?due=late"]
    taken = ["/exports?tab=mine", f"/exports?filing={filings['open']}"]
    yield world.community, [*tabs, waits, *taken, "/mailbox", "/nothing"]
    yield world.company, ["/", "/?tab=mine", "/filings/new", waits, done, objected]
    yield world.council, ["/account/second-factor", objected]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_breaks_a_rule(
    open_page: OpenPage, make: Maker, world: Neighbourhood, filings: dict[str, str], language: str
) -> None:
    found: list[str] = []
    named = {"officer": str(world.officer(world.community).id), "organisation": str(world.community.id)}
    reports = Reports(make, world)
    named["report"] = reports.collect(position=reports.position()).reference
    whistle = reports.whistle(reports.collect(category="lamp").report_id)
    make.open(whistle.matter_id)
    administrator = make.officer(world.lead, is_administrator=True)
    page = open_page(bypass_csp=True)
    page.goto("/login")
    turn(page, language)
    for address in ("/login", "/login/forgotten", "/link/nothing"):
        found += faults(page, address, f"{language} out")
    log_in_as(page, administrator.email, language)
    for address in addresses_of(filings).values():
        if not address.startswith("/login"):
            found += faults(page, address.format(**named), f"{language} administrator")
    blown = f"/filings/{whistle.reference}"
    for who, more in (*of_others(world, filings), (world.housing, ["/", blown, f"{blown}/print"])):
        other = open_page(bypass_csp=True)
        log_in_as(other, world.officer(who).email, language)
        for address in more:
            found += faults(other, address, f"{language} {who.party}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_about_riders_breaks_a_rule(
    open_page: OpenPage, make: Maker, world: Neighbourhood, language: str, scheme: str
) -> None:
    people, write, found = People(make, world), make.database.write, []
    row, secret = write(new_phone, world.district.id, language, make.at)
    enrolment_id = people.ask(PhoneIdentity(row.id, None, world.district.id, language))
    rider_id = people.confirm(enrolment_id)
    people.ask(people.phone(), people.asked("李娜", "17000000002"))
    day = local_date(make.at)
    member = write(members.appoint, people.worker, enrolment_id, members.Term(day, day, (), "East"), make.at)
    squad = write(squads.make_squad, people.worker, "新兴骑手小队", 25, make.at)
    write(squads.join_squad, PhoneIdentity(row.id, rider_id, world.district.id, language), squad.id, make.at)
    soon = make.at + timedelta(days=1)
    write(squads.plan, people.worker, squad.id, squads.NewShift(soon, soon + timedelta(hours=2), "东门", 4), make.at)
    page = open_page(bypass_csp=True, viewport={"width": 375, "height": 780}, color_scheme=scheme)
    page.goto("/m")
    address = page.url.removesuffix("/m")
    kept = {"wufang_phone": secret, "wufang_language": language}
    page.context.add_cookies([{"name": name, "value": value, "url": address} for name, value in kept.items()])
    phone = (
        "/m/me",
        "/m/again",
        "/m/held",
        "/m/calendar",
        f"/m/appointments/{member.number}",
        f"/check/appointment/{member.check}",
    )
    for shown in phone:
        found += faults(page, shown, f"{language} {scheme} phone")
    desk = open_page(bypass_csp=True, color_scheme=scheme)
    log_in_as(desk, world.officer(world.community).email, language)
    lists = [f"/people?list={one}" for one in ("asked", "confirmed", "members", "squads")]
    for shown in (*lists, f"/people/members/{member.number}"):
        found += faults(desk, shown, f"{language} {scheme}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_on_a_phone_breaks_a_rule(
    open_page: OpenPage, make: Maker, world: Neighbourhood, language: str, scheme: str
) -> None:
    reports, (row, secret) = Reports(make, world), make.database.write(new_phone, world.district.id, language, make.at)
    phone, found = PhoneIdentity(row.id, None, world.district.id, language), []
    references = [reports.collect(phone).reference, reports.closed(phone).reference]
    page = open_page(bypass_csp=True, viewport={"width": 375, "height": 780}, color_scheme=scheme)
    page.goto("/m")
    address = page.url.removesuffix("/m")
    page.context.add_cookies(
        [
            {"name": "wufang_phone", "value": secret, "url": address},
            {"name": "wufang_language", "value": language, "url": address},
        ]
    )
    for shown in ("/m", "/m/report", "/m/reports", *(f"/m/reports/{one}" for one in references), "/m/reports/none"):
        found += faults(page, shown, f"{language} {scheme} phone")
    page.goto(f"/m/reports/{references[1]}")
    page.locator("summary").first.click()
    found += looked(page, f"{language} {scheme} a phone's form")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_come_upon_breaks_no_rule(
    open_page: OpenPage, make: Maker, world: Neighbourhood, filings: dict[str, str], language: str
) -> None:
    """What no fixed address shows: a preview with faults, hits, what came of ticks, a resolution, its check."""
    page = open_page(bypass_csp=True)
    log_in_as(page, world.officer(world.company).email, language)
    page.goto("/filings/new")
    page.locator("input[type=file]").set_input_files(SAMPLE)
    with page.expect_navigation(url="**/filings/new/*"):
        page.locator("main form:has(input[type=file]) button[type=submit]").click()
    found = [*looked(page, f"{language} preview")]
    page.goto("/search")
    page.get_by_role("searchbox").fill(filings["done"])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    found += looked(page, f"{language} hits")
    page.goto(f"/filings/{filings['done']}")
    resolution = page.locator("a[href^='/resolutions/']").first.get_attribute("href")
    assert resolution
    found += faults(page, resolution, language)
    picture = page.locator("img[src^='/check/']").get_attribute("src")
    assert picture
    found += faults(page, picture.removesuffix("/code.svg"), language)
    found += faults(page, "/mailbox", language)
    other = open_page(bypass_csp=True)
    log_in_as(other, world.officer(world.community).email, language)
    other.locator("input[name=seat]").first.check()
    with other.expect_navigation():
        other.locator(
            "button[formaction='/inbox/agree'], form[action='/inbox/agree'] button[type=submit]"
        ).first.click()
    found += looked(other, f"{language} agreed")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "looks",
    [
        {"color_scheme": "dark"},
        {"viewport": {"width": 375, "height": 780}},
        {"color_scheme": "dark", "viewport": {"width": 375, "height": 780}},
    ],
    ids=["dark", "phone", "dark phone"],
)
def test_the_main_pages_hold_in_the_dark_and_on_a_phone(
    open_page: OpenPage, make: Maker, world: Neighbourhood, filings: dict[str, str], looks: dict[str, object]
) -> None:
    page, found = open_page(bypass_csp=True, **looks), []
    found += faults(page, "/login", "out")
    log_in_as(page, world.officer(world.community).email, "zh")
    for address in (
        "/",
        f"/filings/{filings['open']}",
        f"/filings/{filings['done']}",
        "/search",
        "/exports",
        "/account",
    ):
        found += faults(page, address, str(looks))
    page.goto("/search")
    page.get_by_role("searchbox").fill("豫H00000")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    found += looked(page, f"{looks} found nothing")
    page.goto(f"/filings/{filings['open']}")
    page.locator("form[action$='/opinion'] button[type=submit]").first.click()
    for summary in page.locator("#acts summary").all():
        summary.click()
        found += looked(page, f"{looks} an act's form")
    assert not found, "\n".join(found)
