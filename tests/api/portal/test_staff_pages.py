"""Links from letters, absences and hats, and the pages for who looks after people."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.authority import links
from models.authority.links import LinkPurpose, OneTimeLink
from models.consultation.tables import Seat
from models.deputy import Absence, appoint, cancel
from models.notice.tables import Notice
from models.officer import Officer, Role
from models.record import entries
from models.staff_act import StaffAct
from tests.api.portal.conftest import Browser

DAY = timedelta(days=1)
NEW = "vier gelbe Tassen im Regen"


@pytest.fixture
def enter(address):
    """Log any officer in."""
    opened = []

    def enter(officer):
        browser = Browser(address)
        opened.append(browser)
        assert browser.log_in(officer.email).status_code == 200
        browser.send("/language", {"language": "en", "next": "/"})
        return browser

    yield enter
    for browser in opened:
        browser.client.close()


@pytest.fixture
def admin(make, world, enter):
    return enter(make.officer(world.lead, is_administrator=True))


@pytest.fixture
def manager(make, world, enter):
    return enter(make.officer(world.street, role=Role.MANAGER))


@pytest.fixture
def secret(make, vault, world):
    """The secret of a link for the street's officer."""

    def command(session):
        officer = session.get_one(Officer, world.officer(world.street).id)
        return links.send_link(session, vault, officer, LinkPurpose.RESET, make.at).id

    return links.secret_of(vault, make.database.write(command))


def test_a_scanner_that_opens_the_link_and_presses_the_button_uses_nothing_up(visitor, secret, make, world):
    assert visitor.get(f"/link/{secret}").status_code == 200
    for fields in ({}, {"new": "", "again": ""}, {"new": "x", "again": "x"}, {"new": NEW, "again": ""}):
        assert visitor.send(f"/link/{secret}", fields, page=f"/link/{secret}").status_code == 422
    with make.database.reading() as session:
        assert session.scalars(select(OneTimeLink.used_at)).all() == [None]
    done = visitor.send(f"/link/{secret}", {"new": NEW, "again": NEW}, page=f"/link/{secret}")
    assert done.status_code == 200
    assert "Your new password holds" in done.text
    assert visitor.log_in(world.officer(world.street).email, NEW).url.path == "/"
    assert visitor.get(f"/link/{secret}").status_code == 410
    assert visitor.get("/link/" + "0" * 64).status_code == 410
    assert visitor.get("/link/none").status_code == 404


def test_a_reset_ends_the_sessions_that_were_open(visitor, secret, browse, world):
    open_before = browse(world.street)
    visitor.send(f"/link/{secret}", {"new": NEW, "again": NEW}, page=f"/link/{secret}")
    assert open_before.get("/").url.path == "/login"


def test_forgotten_answers_alike_for_known_and_unknown(visitor, make, world):
    def ask(email):
        return visitor.send("/login/forgotten", {"email": email}, page="/login/forgotten").text

    known, unknown = ask(world.officer(world.street).email), ask("nobody@here.example")
    plain = [re.sub(r'value="\w{64}"', "", one) for one in (known, unknown)]
    assert plain[0] == plain[1]
    make.database.write(lambda _: None)  # what was queued before is committed
    assert make.count(Notice) == 1


def absent(make, world):
    """The council's officer is away; the street's stands in."""
    away, deputy = world.officer(world.council), world.officer(world.street)
    make.database.write(appoint, make.identity(away), away.id, deputy.id, make.at - DAY, make.at + DAY, make.at)
    return away, deputy


def test_a_deputy_puts_the_hat_on_acts_and_takes_it_off(browse, make, world):
    away, deputy = absent(make, world)
    filed = make.filing(world.clerk, [world.compound])
    make.open(filed.matter_id)
    browser = browse(world.street)
    address = f"/filings/{filed.reference}"
    assert "Act for" in browser.get("/").text
    worn = browser.send("/hat", {"officer": str(away.id), "next": "/"})
    assert f"You act for {away.name}" in worn.text
    seat = next(one for one in make.asked(filed.matter_id) if one.organisation_id == world.council.id)
    page = browser.get(address)
    version = re.search(r'name="version" value="(\d+)"', page.text)
    sent = {"kind": "agree", "seat": str(seat.id), "version": version[1] if version else "1"}
    assert browser.send(f"{address}/opinion", sent, page=address).status_code == 200
    with make.database.reading() as session:
        given = [one for one in entries(session, filed.matter_id) if one.kind == "opinion_given"][-1]
        assert session.get_one(Seat, seat.id).answered_at is not None
    assert given.officer_id == deputy.id
    assert given.body["deputy_for"] == str(away.id)
    assert "You act for" not in browser.send("/hat", {"officer": "", "next": "/"}).text


def test_a_hat_that_is_gone_is_said_and_forms_wait(browse, make, world):
    away, _ = absent(make, world)
    browser = browse(world.street)
    browser.send("/hat", {"officer": str(away.id), "next": "/"})
    with make.database.reading() as session:
        absence = session.scalars(select(Absence.id)).one()
    make.database.write(lambda session: cancel(session, make.identity(away), absence, make.at) and None)
    page = browser.get("/account/absence")
    assert "you no longer stand in" in page.text
    refused = browser.send("/account/absence", {"first": "2026-11-25", "last": "2026-11-26", "deputy": ""})
    assert refused.status_code == 403
    assert "Nothing was done" in refused.text
    assert "no longer stand in" not in browser.send("/hat", {"officer": "", "next": "/"}).text
    assert browser.send("/hat", {"officer": str(away.id), "next": "/"}).status_code == 403


def test_i_enter_an_absence_and_cancel_it(browse, make, world):
    colleague = make.officer(world.council)
    browser = browse(world.council)
    days = {"first": "2026-11-25", "last": "2026-11-26"}
    kept = browser.send("/account/absence", days | {"deputy": str(colleague.id)})
    assert "The absence is kept" in kept.text
    assert "2026-11-25 – 2026-11-26" in kept.text
    again = browser.send("/account/absence", days | {"deputy_email": world.officer(world.street).email})
    assert again.status_code == 409
    assert 'value="2026-11-25"' in again.text
    wrong = browser.send("/account/absence", days | {"first": "", "deputy": str(colleague.id)})
    assert wrong.status_code == 422
    nobody = browser.send("/account/absence", days | {"deputy": "x"})
    assert nobody.status_code == 422
    cancelled = re.search(r'action="(/account/absence/[\w-]+/cancel)"', kept.text)
    assert "The absence is cancelled" in browser.send(cancelled[1], {}).text


@pytest.mark.parametrize("page", ["organisations", "organisations/new", "officers", "officers/new", "deputies", "log"])
def test_the_pages_about_people_are_for_who_looks_after_them(page, admin, manager, browse, world):
    assert admin.get(f"/admin/{page}").status_code == 200
    assert manager.get(f"/admin/{page}").status_code == (403 if "organisations" in page else 200)
    assert browse(world.council).get(f"/admin/{page}").status_code == 403


def test_the_administrator_adds_an_organisation_and_invites_its_officer(admin, make, world):
    fields = {"code": "410811-new", "party": "community", "name_zh": "云台社区", "name_en": "Yuntai", "function": ""}
    wrong = admin.send("/admin/organisations", fields | {"parent": ""})
    assert wrong.status_code == 422
    assert 'value="云台社区"' in wrong.text
    assert admin.send("/admin/organisations", fields | {"party": "x"}).status_code == 422
    added = admin.send("/admin/organisations", fields | {"parent": str(world.street.id)})
    assert "Yuntai" in added.text
    found = admin.get("/admin/organisations?q=yuntai").text
    organisation = re.search(r"/admin/organisations/([\w-]{36})", found)[1]
    renamed = fields | {"parent": str(world.street.id), "name_en": "Yuntai Community"}
    assert "Yuntai Community" in admin.send(f"/admin/organisations/{organisation}", renamed).text
    invited = {"organisation": organisation, "name": "张伟", "email": "zhang@shequ.example", "role": "officer"}
    page = admin.send("/admin/officers", invited | {"language": "zh"})
    assert "The officer is invited" in page.text
    assert "张伟" in admin.get("/admin/officers?q=zhang@").text
    assert "invited 张伟" in admin.get("/admin/log").text
    taken = admin.send("/admin/officers", invited)
    assert taken.status_code == 409
    assert make.count(StaffAct) == 3


def test_a_manager_looks_after_the_own_officers_only(manager, make, world):
    own, other = make.officer(world.street), world.officer(world.council)
    listed = manager.get("/admin/officers").text
    assert own.email in listed
    assert other.email not in listed
    address = f"/admin/officers/{own.id}"
    changed = manager.send(address, {"name": "王芳", "role": "reader", "language": "en", "is_administrator": ""})
    assert "Changed." in changed.text
    assert manager.get(f"/admin/officers/{other.id}").status_code == 404
    for act in ("link", "second-factor", "deactivate", "hand-over", "absence", ""):
        assert manager.send(f"/admin/officers/{other.id}/{act}".rstrip("/"), {"name": "x"}).status_code == 404
    assert "A letter with a link" in manager.send(f"{address}/link", {}).text
    assert "The second factor is removed" in manager.send(f"{address}/second-factor", {}).text
    assert manager.send(f"{address}/nonsense", {}).status_code == 404
    risen = manager.send(address, {"name": "王芳", "role": "officer", "language": "en", "is_administrator": "1"})
    assert risen.status_code == 403


def test_a_leaving_officer_hands_over_and_the_account_is_closed(manager, make, world, enter):
    leaver, colleague = world.officer(world.street), make.officer(world.street)
    absence = {"first": "2026-11-23", "last": "2026-11-27", "deputy": str(leaver.id)}
    away = make.officer(world.street)
    assert "The absence is kept" in manager.send(f"/admin/officers/{away.id}/absence", absence).text
    assert away.name in manager.get("/admin/deputies").text
    address = f"/admin/officers/{leaver.id}"
    assert manager.send(f"{address}/hand-over", {"successor": ""}).status_code == 404
    handed = manager.send(f"{address}/hand-over", {"successor": str(colleague.id)})
    assert "handed over" in handed.text
    browser = enter(leaver)
    assert "The account is closed" in manager.send(f"{address}/deactivate", {}).text
    assert browser.get("/").url.path == "/login"
    assert leaver.email in manager.get("/admin/officers?left=true").text
    assert "The account is open again" in manager.send(f"{address}/reactivate", {}).text
    listed = manager.get("/admin/deputies").text
    assert colleague.name in listed
    cancelled = re.search(r'action="(/admin/deputies/[\w-]+/cancel)"', listed)
    assert "The absence is cancelled" in manager.send(cancelled[1], {}).text


def test_the_last_manager_stays_and_the_page_says_why(admin, make, world):
    boss = make.officer(world.street, role=Role.MANAGER)
    page = admin.send(f"/admin/officers/{boss.id}/deactivate", {})
    assert page.status_code == 409
    assert "last manager" in page.text
