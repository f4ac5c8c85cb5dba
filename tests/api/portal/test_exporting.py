"""Taking out from the pages: what a page shows narrows what is taken out, and nobody is offered what is not theirs."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from models.district import Organisation
from models.export.asking import MOST_WAITING
from models.export.kinds import KINDS, Narrowing
from models.export.tables import Export, ExportKind
from models.filing.submitting import Submitted
from models.matter import MatterStatus, ReaderWay
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood

Browse = Callable[[Organisation], Browser]
REASON = "The insurer asks for the list of November."


class FormReader(HTMLParser):
    """What a browser would send of the form to `/exports` as it stands."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self.is_inside, self.select = False, ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            self.is_inside = found.get("action") == "/exports"
        if not self.is_inside:
            return
        if tag == "select":
            self.select = found["name"]
        if tag == "option" and "selected" in found:
            self.sent.append((self.select, found["value"]))
        is_ticked = found.get("type") not in {"radio", "checkbox"} or "checked" in found
        if tag == "input" and is_ticked:
            self.sent.append((found["name"], found.get("value", "")))


def links(page: str) -> list[str]:
    """Where “Take out” leads, beside the menu's own entry."""
    return [one.replace("&amp;", "&") for one in re.findall(r'class="btn" href="(/exports\?[^"]+)">Take out<', page)]


def take_out(browser: Browser, address: str, **changed: str):
    """Follow “Take out” on a page and send the form that it leads to."""
    (link,) = links(browser.get(address).text)
    sent = dict[str, str | list[str]]()
    for name, value in FormReader(browser.get(link).text).sent:
        if name == "filing":
            sent.setdefault(name, []).append(value)
        else:
            sent[name] = value
    return browser.client.post("/exports", data=sent | changed, headers={"Origin": browser.address})


def newest(make: Maker) -> tuple[Export, Narrowing]:
    with make.database.reading() as session:
        found = session.scalars(select(Export).order_by(Export.id.desc())).first()
    assert found is not None
    return found, KINDS[found.kind].read(found.filters)


@pytest.fixture
def filed(make: Maker, world: Neighbourhood) -> Submitted:
    made = make.filing(world.clerk, [world.compound], 2)
    make.open(made.matter_id)
    return made


@pytest.mark.parametrize(
    ("page", "kind", "narrowed"),
    [
        ("/", ExportKind.WAITING, {}),
        ("/?held=1&due=soon", ExportKind.WAITING, {"is_held": True}),
        ("/?tab=done&status=agreed", ExportKind.ANSWERED, {"statuses": {MatterStatus.AGREED}}),
        ("/?tab=mine&own=1", ExportKind.FILINGS, {"way": ReaderWay.FILER}),
        ("/?tab=copies&awaited=council", ExportKind.FILINGS, {"way": ReaderWay.COPY, "awaited": "council"}),
        ("/filings?status=refused", ExportKind.FILINGS, {"way": None, "statuses": {MatterStatus.REFUSED}}),
    ],
)
def test_the_form_is_filled_in_with_the_list_that_was_looked_at(
    browse: Browse, make: Maker, world: Neighbourhood, page: str, kind: ExportKind, narrowed: dict[str, object]
) -> None:
    assert take_out(browse(world.community), page).status_code == 200
    export, filters = newest(make)
    assert export.kind is kind
    assert {name: getattr(filters, name) for name in narrowed} == narrowed
    assert (getattr(filters, "due_until", None) is not None) is ("due=" in page)
    assert getattr(filters, "officer_id", None) == (world.officer(world.community).id if "own=1" in page else None)


def test_what_is_stuck_is_taken_out_as_the_administrator_sees_it(
    browse: Browse, make: Maker, world: Neighbourhood
) -> None:
    make.tamper("update officer set is_administrator = true where id = :id", id=world.officer(world.lead).id.hex)
    take_out(browse(world.lead), "/filings?status=stuck")
    assert newest(make)[1].is_stuck


def test_one_filing_is_taken_out_from_its_page(
    browse: Browse, make: Maker, world: Neighbourhood, filed: Submitted
) -> None:
    browser, page = browse(world.community), f"/filings/{filed.reference}"
    assert filed.reference in browser.get(links(browser.get(page).text)[0]).text
    take_out(browser, page)
    export, filters = newest(make)
    assert (export.kind, filters.matter_ids) == (ExportKind.RECORD, {filed.matter_id})
    take_out(browser, page, kind="riders", form="csv")
    export, filters = newest(make)
    assert (export.kind, export.form, filters.matter_ids) == (ExportKind.RIDERS, "csv", {filed.matter_id})


def test_what_was_found_is_taken_out_by_its_references_and_not_by_what_was_searched(
    browse: Browse, make: Maker, world: Neighbourhood, filed: Submitted
) -> None:
    other = make.filing(world.clerk, [world.compound], 2).matter_id
    browser, phone = browse(world.company), make.rider_lines(1)[0].phone
    (link,) = links(browser.send("/search", {"q": phone}).text)
    assert phone not in link
    sent = [(name, value) for name, value in FormReader(browser.get(link).text).sent if name == "filing"]
    assert len(sent) == 2
    word = dict(FormReader(browser.get(link).text).sent)["form_word"]
    data = {"form_word": word, "kind": "filings", "form": "csv", "filing": [value for _, value in sent]}
    browser.client.post("/exports", data=data, headers={"Origin": browser.address})
    assert newest(make)[1].matter_ids == {filed.matter_id, other}


def test_a_foreign_filing_is_neither_offered_nor_taken_out(
    browse: Browse, make: Maker, world: Neighbourhood, filed: Submitted
) -> None:
    make.tamper("delete from reader where organisation_id = :id", id=world.council.id.hex)
    browser = browse(world.council)
    assert browser.get(f"/exports?filing={filed.reference}").status_code == 404
    sent = {"kind": "record", "form": "csv", "filing": filed.reference}
    assert browser.send("/exports", sent).status_code == 404
    assert make.count(Export) == 0


def test_a_record_of_no_filing_is_no_list(browse: Browse, make: Maker, world: Neighbourhood) -> None:
    browser = browse(world.council)
    assert 'value="record"' not in browser.get("/exports?kind=record").text
    assert browser.send("/exports", {"kind": "record", "form": "csv"}).status_code == 404
    assert make.count(Export) == 0


def test_whole_identities_need_a_reason_and_the_form_comes_back_as_it_was(
    browse: Browse, make: Maker, world: Neighbourhood, filed: Submitted
) -> None:
    browser, page = browse(world.company), f"/filings/{filed.reference}"
    refused = take_out(browser, page, kind="riders", form="csv", full="1", reason="because")
    assert (refused.status_code, "at least 10 characters" in refused.text) == (422, True)
    kept = FormReader(refused.text).sent
    assert {("kind", "riders"), ("form", "csv"), ("full", "1"), ("filing", filed.reference)} <= set(kept)
    assert ">because</textarea>" in refused.text
    take_out(browser, page, kind="riders", full="1", reason=REASON)
    assert (newest(make)[0].is_full, newest(make)[0].reason) == (True, REASON)
    take_out(browser, page, full="1", reason=REASON)
    assert newest(make)[0].is_full is False  # a record has none to open


def test_too_many_at_once_are_refused_and_ask_for_no_identities(
    browse: Browse, make: Maker, world: Neighbourhood
) -> None:
    browser = browse(world.company)
    answers = [take_out(browser, "/filings").status_code for _ in range(MOST_WAITING)]
    refused = take_out(browser, "/filings")
    assert (answers, refused.status_code) == ([200] * MOST_WAITING, 429)
    assert "full" not in dict(FormReader(refused.text).sent)


@pytest.mark.parametrize(
    ("page", "kind", "narrowed"),
    [
        ("/admin/officers?q=zhang&left=true", ExportKind.OFFICERS, {"words": "zhang", "has_left": True}),
        ("/admin/organisations?q=x", ExportKind.ORGANISATIONS, {"words": "x"}),
        ("/admin/deputies", ExportKind.ABSENCES, {}),
        ("/admin/log", ExportKind.LOG, {}),
        ("/mailbox", ExportKind.LETTERS, {}),
    ],
)
def test_the_administrator_takes_out_what_each_page_lists(
    browse: Browse, make: Maker, world: Neighbourhood, page: str, kind: ExportKind, narrowed: dict[str, object]
) -> None:
    make.tamper("update officer set is_administrator = true where id = :id", id=world.officer(world.lead).id.hex)
    assert take_out(browse(world.lead), page).status_code == 200
    export, filters = newest(make)
    assert (export.kind, {name: getattr(filters, name) for name in narrowed}) == (kind, narrowed)


def test_officers_of_one_organisation_are_taken_out_by_themselves(
    browse: Browse, make: Maker, world: Neighbourhood
) -> None:
    make.tamper("update officer set is_administrator = true where id = :id", id=world.officer(world.lead).id.hex)
    browser, page = browse(world.lead), f"/admin/officers?organisation={world.street.id}"
    assert world.street.name.en in browser.get(links(browser.get(page).text)[0]).text
    take_out(browser, page)
    assert newest(make)[1].organisation_id == world.street.id


@pytest.mark.parametrize("kind", ["officers", "organisations", "absences", "log"])
def test_lists_of_people_are_for_the_administrator(
    browse: Browse, make: Maker, world: Neighbourhood, kind: str
) -> None:
    make.tamper("update officer set role = 'manager' where id = :id", id=world.officer(world.street).id.hex)
    browser = browse(world.street)
    assert [links(browser.get(page).text) for page in ("/admin/officers", "/admin/log", "/admin/deputies")] == [[]] * 3
    assert browser.get(f"/exports?kind={kind}").status_code == 403
    assert browser.send("/exports", {"kind": kind, "form": "csv"}).status_code == 403
    assert make.count(Export) == 0
