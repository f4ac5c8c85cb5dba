"""My reports on my phone: what became of them, what I say to it; a stranger's phone sees nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from httpx import Response

from models.phone import PhoneIdentity, known_phone
from models.report import merging, speaking
from models.report.collecting import Collected
from models.report.tables import PhotoMoment, ReportStatus, Satisfaction
from models.report.triaging import Filing
from tests.api.phone.conftest import NewPhone
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make_reports import CALENDAR, RULES, Reports, teller

Mine = Callable[..., Collected]


def known(phone: Browser, reports: Reports) -> PhoneIdentity:
    """The phone, once it has reported something."""
    said = {"category": "lamp", "words": "First", "place": f"compound:{reports.world.compound.id}"}
    assert phone.send_photos("/m/report", said, [], "/m/report").status_code == 200
    with reports.make.database.reading() as session:
        identity = known_phone(session, phone.client.cookies["wufang_phone"])
    assert identity is not None
    return identity


@pytest.fixture
def mine(phone: Browser, reports: Reports) -> Mine:
    """A report from the phone."""
    identity = known(phone, reports)
    return lambda **changes: reports.collect(identity, **changes)


def do(phone: Browser, made: Collected, act: str, **fields: str) -> Response:
    """Send a form of my report's page."""
    page = f"/m/reports/{made.reference}"
    return phone.send(f"{page}/{act}", fields, page=page)


def closed(reports: Reports, made: Collected) -> None:
    """Its whole way."""
    reports.file(made.report_id)
    reports.answer(made.report_id)
    reports.close(made.report_id)


def test_i_see_what_becomes_of_it(phone: Browser, mine: Mine, reports: Reports) -> None:
    made = mine(spot="三号楼东侧")
    page = f"/m/reports/{made.reference}"
    shown = phone.get(page).text
    assert "楼道里堆了东西。" in shown
    assert "三号楼东侧" in shown
    reports.file(made.report_id)
    reports.take_up(made.report_id)
    assert "News" in phone.get("/m/reports").text
    assert 'class="figure is-late">1<' in phone.get("/m").text
    after = phone.get(page).text
    assert not any(one.name in after for one in reports.world.officers.values())
    assert "News" not in phone.get("/m/reports").text


def test_one_tap_says_whether_i_am_satisfied_and_may_be_changed(phone: Browser, mine: Mine, reports: Reports) -> None:
    made = mine()
    assert do(phone, made, "rate", satisfaction="satisfied").status_code == 409
    reports.file(made.report_id)
    reports.answer(made.report_id)
    for said in ("not_satisfied", "satisfied"):
        rated = do(phone, made, "rate", satisfaction=said)
        assert (rated.status_code, rated.url.query) == (200, b"done=rate")
        assert reports.read(made.report_id).satisfaction is Satisfaction(said)
    assert do(phone, made, "rate", satisfaction="perhaps").status_code == 404


def test_i_open_it_again(phone: Browser, mine: Mine, reports: Reports) -> None:
    made = mine()
    closed(reports, made)
    empty = do(phone, made, "reopen", words=" ")
    assert empty.status_code == 422
    assert "Say why in a few words" in empty.text
    assert reports.read(made.report_id).status is ReportStatus.CLOSED
    again = do(phone, made, "reopen", words="The boxes are back")
    assert again.status_code == 200
    assert "It is open again." in again.text
    assert reports.read(made.report_id).status is ReportStatus.DISPATCHED
    assert do(phone, made, "reopen", words="Once more").status_code == 409


def test_i_take_it_back_before_anybody_looked(phone: Browser, mine: Mine, reports: Reports) -> None:
    early, late = mine(), mine()
    assert do(phone, early, "withdraw", words="").status_code == 422
    assert "Taken back." in do(phone, early, "withdraw", words="My mistake").text
    assert reports.read(early.report_id).status is ReportStatus.WITHDRAWN
    reports.file(late.report_id)
    refused = do(phone, late, "withdraw", words="My mistake")
    assert refused.status_code == 409
    assert "My mistake" in refused.text
    assert reports.read(late.report_id).status is ReportStatus.DISPATCHED


@pytest.mark.parametrize("act", ["reopen", "withdraw"])
def test_what_is_refused_keeps_what_was_typed(phone: Browser, mine: Mine, reports: Reports, act: str) -> None:
    made = mine()
    if act == "reopen":
        closed(reports, made)
    page = do(phone, made, act, words="typed " * 200)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert "typed typed" in page.text
    assert '<details class="card card-body" open' in page.text


def test_a_stranger_s_phone_sees_nothing(new_phone: NewPhone, mine: Mine, reports: Reports, tmp_path: Path) -> None:
    kept = reports.photo(tmp_path / "reports")
    made = mine(photos=(kept,))
    page = f"/m/reports/{made.reference}"
    looker, other = new_phone(), new_phone()
    known(other, reports)
    for stranger in (looker, other):
        for address in (page, f"{page}/photos/{kept.digest}"):
            refused = stranger.get(address)
            assert refused.status_code == 404
            assert "楼道" not in refused.text
        assert made.reference not in stranger.get("/m/reports").text
        for act in ("rate", "reopen", "withdraw"):
            fields = {"words": "x", "satisfaction": "satisfied"}
            assert stranger.send(f"{page}/{act}", fields, page="/m/report").status_code == 404, act
    assert reports.read(made.report_id).status is ReportStatus.COLLECTED


def test_photos_are_mine_and_how_it_is_now_is_for_all_who_follow(
    phone: Browser, new_phone: NewPhone, mine: Mine, reports: Reports, make: Maker, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    before, after = reports.photo(folder), reports.photo(folder, "#112233", PhotoMoment.AFTER)
    first, other = mine(photos=(before,)), new_phone()
    second = reports.collect(known(other, reports), words="The same")
    who = reports.world.who(reports.world.community)
    make.database.write(merging.merge, who, second.report_id, first.report_id, None, make.at)
    reports.file(first.report_id)
    reports.answer(first.report_id, photos=(after,))
    page = f"/m/reports/{first.reference}"
    for shown in (before.digest, before.thumbnail, after.digest):
        picture = phone.get(f"{page}/photos/{shown}")
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
        assert picture.headers["cache-control"].startswith("private")
    assert other.get(f"{page}/photos/{after.digest}").status_code == 200
    assert other.get(f"{page}/photos/{before.digest}").status_code == 404
    theirs = other.get(page).text
    assert "楼道里堆了东西。" not in theirs
    assert after.thumbnail in theirs
    assert first.reference in other.get(f"/m/reports/{second.reference}").text
    assert phone.get(f"{page}/photos/{'0' * 64}").status_code == 404


def test_a_form_from_elsewhere_does_nothing(phone: Browser, mine: Mine, reports: Reports) -> None:
    made = mine()
    address = f"/m/reports/{made.reference}/withdraw"
    for headers in ({"Origin": phone.address}, {"Origin": "https://elsewhere.example", "Wufang-Phone": "1"}):
        assert phone.client.post(address, data={"words": "No"}, headers=headers).status_code == 403
    assert do(phone, made, "nonsense", words="x").status_code == 404
    assert reports.read(made.report_id).status is ReportStatus.COLLECTED


def test_the_script_is_told_in_json_that_there_is_nothing(phone: Browser) -> None:
    answer = phone.client.get("/m/reports/nothing", headers={"Wufang-Phone": "1"})
    assert (answer.status_code, list(answer.json())) == (404, ["detail"])


def test_the_word_to_the_handler_and_what_another_reporter_wrote_are_not_mine_to_read(
    phone: Browser, mine: Mine, reports: Reports, make: Maker
) -> None:
    made, other = mine(), reports.phone()
    theirs = reports.collect(other)
    community, write = reports.world.who(reports.world.community), make.database.write
    write(merging.merge, community, theirs.report_id, made.report_id, None, make.at)
    reports.file(made.report_id, Filing(words="上报人很急，请先去。"))
    reports.answer(made.report_id)
    reports.close(made.report_id)
    said = "我是三号楼王某，电话 17000000001。"
    write(speaking.reopen, make.vault, RULES, teller(other), made.report_id, said, make.at, CALENDAR)
    shown = phone.get(f"/m/reports/{made.reference}").text
    assert "The reporter had it reopened" in shown
    assert "已清理。" in shown  # what was done is for everybody who follows
    assert not any(part in shown for part in ("上报人很急", "王某", "17000000001"))
