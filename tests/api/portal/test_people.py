"""Riders in the portal and on their phones: from the asking over the meeting to the letter, and everything deleted."""

import html
import re

import pytest

from models.filing.tables import FilingLine
from models.people.consent import current_consent
from models.rider import Rider
from tests.api.portal.conftest import Browser
from wufang.make_people import PLATFORM, People


@pytest.fixture
def people(make, world):
    return People(make, world)


@pytest.fixture
def open_phone(address):
    opened = []

    def open_phone():
        browser = Browser(address)
        browser.client.cookies.set("wufang_language", "en")
        opened.append(browser)
        return browser

    yield open_phone
    for one in opened:
        one.client.close()


@pytest.fixture
def worker(address, make, world):
    browser = Browser(address)
    browser.log_in(world.officer(world.community).email)
    browser.send("/language", {"language": "en", "next": "/"})
    yield browser
    browser.client.close()


def ask(holder, world, **changes):
    typed = {
        "name": "王强",
        "phone": "170 0000 0001",
        "platform": PLATFORM,
        "community": str(world.community.id),
        "consent": current_consent().version,
        "agreed": "yes",
    }
    return holder.send("/m/me/ask", typed | changes, page="/m/me")


def meeting_of(page):
    return re.search(r'big-number">(\d{3}) (\d{3})<', page.text).groups()


def enrolment_in(page):
    return re.search(r"/people/([0-9a-f-]{36})/identity", page.text)[1]


def enrolled(phone, worker, world):
    shown = "".join(meeting_of(ask(phone, world)))
    one = enrolment_in(worker.get("/people"))
    return one, worker.send(f"/people/{one}/confirm", {"meeting": shown}, page="/people")


def test_the_whole_text_stands_on_the_page_with_a_tick_of_its_own(open_phone, world):
    page = html.unescape(open_phone().get("/m/me").text)
    for section in current_consent().sections:
        assert section.words.en in page
    assert re.search(r'name="agreed" value="yes" required', page)
    assert 'value="yes" checked' not in page


def test_without_the_tick_nothing_is_kept_and_what_was_typed_stays(open_phone, world):
    refused = ask(open_phone(), world, agreed="")
    assert refused.status_code == 422
    assert "tick that you agree" in refused.text
    assert 'value="170 0000 0001"' in refused.text


def test_from_the_asking_to_the_letter(open_phone, worker, world):
    phone = open_phone()
    one, confirmed = enrolled(phone, worker, world)
    assert "Confirmed." in confirmed.text
    assert "Withdraw my consent" in phone.get("/m/me").text
    term = {"starts_on": "2026-11-23", "ends_on": "2027-11-22", "compounds": str(world.compound.id)}
    appointed = worker.send(f"/people/{one}/appoint", term, page="/people?list=confirmed")
    assert "网格〔2026〕1号" in appointed.text
    letter = worker.get("/people/members/网格〔2026〕1号")
    assert "王*" in letter.text
    mine = phone.get("/m/appointments/网格〔2026〕1号")
    assert "王强" in mine.text
    check = re.search(r"/check/appointment/[\w-]+", mine.text)[0]
    public = open_phone().get(check)
    assert "It is valid today." in public.text
    assert "王强" not in public.text
    assert open_phone().get(f"{check}/code.svg").headers["content-type"] == "image/svg+xml"
    gone = worker.send("/people/members/网格〔2026〕1号/end", {"words": "换岗。"}, page="/people?list=members")
    assert "The appointment has ended." in gone.text
    assert "It is over" in open_phone().get(check).text
    assert "换岗。" in phone.get("/m/held").text


def test_a_wrong_meeting_number_is_said(open_phone, worker, world):
    ask(open_phone(), world)
    one = enrolment_in(worker.get("/people"))
    refused = worker.send(f"/people/{one}/confirm", {"meeting": "x"}, page="/people")
    assert refused.status_code == 422
    assert "not the meeting number" in refused.text


def test_names_are_masked_until_the_worker_asks(open_phone, worker, world):
    phone = open_phone()
    ask(phone, world)
    page = worker.get("/people")
    assert "王*" in page.text
    assert "王强" not in page.text
    opened = worker.send(f"/people/{enrolment_in(page)}/identity?list=asked", {}, page="/people")
    assert "王强 · " in opened.text
    assert "Whole name and number read" in phone.get("/m/held").text


def test_a_claim_on_somebodys_number_shows_nothing_of_theirs(open_phone, make, world):
    filed = make.rider_lines(1)[0]
    reference = make.filing(world.clerk, [world.compound], [filed]).reference
    phone = open_phone()
    ask(phone, world, phone=filed.phone)
    for page in ("/m/me", "/m/held", "/m/held.json", "/m/reports"):
        shown = phone.get(page).text
        assert filed.name not in shown
        assert reference not in shown


def test_the_number_of_two_names_is_asked_about(open_phone, worker, make, world):
    filed = make.rider_lines(1)[0]
    make.filing(world.clerk, [world.compound], [filed])
    shown = "".join(meeting_of(ask(open_phone(), world, phone=filed.phone)))
    one = enrolment_in(worker.get("/people"))
    asked = worker.send(f"/people/{one}/confirm", {"meeting": shown}, page="/people")
    assert asked.status_code == 409
    assert 'name="same" value="no"' in asked.text
    done = worker.send(f"/people/{one}/confirm", {"meeting": shown, "same": "no"}, page="/people")
    assert "Confirmed." in done.text
    assert make.count(Rider) == 2


def test_number_and_code_open_another_phone_and_a_number_alone_none(open_phone, worker, world):
    first, second, third = open_phone(), open_phone(), open_phone()
    one, _ = enrolled(first, worker, world)
    code = re.search(r'big-number">([0-9A-Z-]{19})<', first.send("/m/me/code", {}, page="/m/me").text)[1]
    refused = second.send("/m/again", {"phone": "17000000001", "code": "0000"}, page="/m/again")
    assert refused.status_code == 403
    known = second.send("/m/again", {"phone": "17000000001", "code": code.lower()}, page="/m/again")
    assert "Withdraw my consent" in known.text
    issued = worker.send(f"/people/{one}/code", {}, page="/people?list=confirmed")
    once = re.search(r'big-number">([0-9A-Z-]{19})<', issued.text)[1]
    assert "Withdraw" in third.send("/m/again", {"phone": "17000000001", "code": once}, page="/m/again").text
    again = open_phone().send("/m/again", {"phone": "17000000001", "code": once}, page="/m/again")
    assert again.status_code == 403


def test_tries_are_counted(open_phone, worker, world):
    enrolled(open_phone(), worker, world)
    phone = open_phone()
    tries = [phone.send("/m/again", {"phone": "17000000001", "code": "0"}, page="/m/again") for _ in range(11)]
    assert [one.status_code for one in tries] == [403] * 10 + [429]
    assert "ask your community for a new code" in tries[-1].text


def test_a_squad_and_its_rota(open_phone, worker, world):
    phone = open_phone()
    enrolled(phone, worker, world)
    page = worker.send("/people/squads", {"name": "新兴骑手小队", "most": "25"}, page="/people?list=squads")
    squad = re.search(r"/people/squads/([0-9a-f-]{36})/plan", page.text)[1]
    shift = {"day": "2026-11-28", "from": "15:00", "to": "17:00", "place": "东门", "wanted": "1"}
    assert "on the rota" in worker.send(f"/people/squads/{squad}/plan", shift, page="/people?list=squads").text
    wrong = worker.send(f"/people/squads/{squad}/plan", shift | {"to": "x"}, page="/people?list=squads")
    assert wrong.status_code == 422
    joined = phone.send("/m/me/join", {"id": squad}, page="/m/me")
    one = re.search(r'/m/me/sign-up".*?name="id" value="([0-9a-f-]{36})"', joined.text)[1]
    assert "Give the place back" in phone.send("/m/me/sign-up", {"id": one}, page="/m/me").text
    listed = worker.get("/people?list=squads")
    assert "1 of 1 places taken" in listed.text
    rider = re.search(r'name="rider" value="([0-9a-f-]{36})"', listed.text)[1]
    assert "Leader" in worker.send(f"/people/squads/{squad}/lead", {"rider": rider}, page="/people?list=squads").text
    assert worker.send(f"/people/shifts/{one}/came", {"came": rider}, page="/people?list=squads").status_code == 409


def test_everything_is_deleted_at_once_but_what_a_running_filing_needs(open_phone, worker, make, world):
    filed = make.rider_lines(1)[0]
    make.filing(world.clerk, [world.compound], [filed])
    phone = open_phone()
    shown = "".join(meeting_of(ask(phone, world, name=filed.name, phone=filed.phone)))
    one = enrolment_in(worker.get("/people"))
    worker.send(f"/people/{one}/confirm", {"meeting": shown}, page="/people")
    held = phone.get("/m/held.json").json()["held"]
    assert [row["name"] for row in held["filings"]] == [filed.name]
    assert phone.send("/m/held/erase", {}, page="/m/held").status_code == 422
    done = phone.send("/m/held/erase", {"sure": "yes"}, page="/m/held")
    assert "still under consultation" in done.text
    assert "Nothing is held about this phone." in phone.get("/m/held").text
    with make.database.reading() as session:
        [line] = session.query(FilingLine)
        assert make.vault.open(line.name_sealed) == filed.name


def test_street_and_department_read_numbers_only(open_phone, worker, address, world):
    enrolled(open_phone(), worker, world)
    for organisation, status in ((world.street, 200), (world.lead, 200), (world.company, 403), (world.council, 403)):
        browser = Browser(address)
        browser.log_in(world.officer(organisation).email)
        page = browser.get("/people")
        assert page.status_code == status
        assert "王" not in page.text
        browser.client.close()


def test_withdrawing_is_one_button_on_the_same_page(open_phone, worker, world):
    phone = open_phone()
    enrolled(phone, worker, world)
    one = re.search(r'/m/me/withdraw".*?name="id" value="([0-9a-f-]{36})"', phone.get("/m/me").text)[1]
    gone = phone.send("/m/me/withdraw", {"id": one}, page="/m/me")
    assert "What stood on it has ended." in gone.text
    assert "Enrol with a community" in gone.text


def test_pages_speak_chinese(address, world):
    phone = Browser(address)
    phone.client.cookies.set("wufang_language", "zh")
    assert current_consent().title.zh in phone.get("/m/me").text
    phone.client.close()
