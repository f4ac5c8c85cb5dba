"""Every act of a report's page: done with its form, said to be done; refused, with what was typed."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import Response

from models.district import Organisation
from models.officer import Officer, Role
from models.report.collecting import Collected
from models.report.tables import ReportStatus
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood
from wufang.make_reports import Reports, drawn

Browse = Callable[[Organisation], Browser]


@pytest.fixture
def reports(make: Maker, world: Neighbourhood) -> Reports:
    """Reports of the world."""
    return Reports(make, world)


@pytest.fixture
def community(browse: Browse, world: Neighbourhood) -> Browser:
    """An officer of the community."""
    return browse(world.community)


@pytest.fixture
def company(browse: Browse, world: Neighbourhood) -> Browser:
    """The property company's clerk."""
    return browse(world.company)


def do(browser: Browser, made: Collected, act: str, photos: list[bytes] | None = None, **fields: str) -> Response:
    """Send an act's form as it stands on the report's page."""
    page = f"/reports/{made.reference}"
    return browser.send_photos(f"{page}/acts/{act}", fields, photos or [], page)


def test_the_whole_way_by_its_forms(community: Browser, company: Browser, reports: Reports) -> None:
    made = reports.collect()
    filed = do(community, made, "file", category="fire-exit", level="high", handler="", words="Clear it first")
    assert filed.url.query == b"done=file"
    assert "Filed and sent." in filed.text
    assert "Clear it first" in company.get(f"/reports/{made.reference}").text
    assert "Taken up." in do(company, made, "take_up").text
    answered = do(company, made, "answer", [drawn()], words="Cleared")
    assert "Answered." in answered.text
    assert "/photos/" in answered.text
    assert "Sent back" in do(community, made, "send_back", words="Half is left").text
    assert reports.read(made.report_id).status is ReportStatus.HANDLING
    do(company, made, "answer", words="All of it")
    assert "Closed." in do(community, made, "close", words="Seen").text
    assert reports.read(made.report_id).status is ReportStatus.CLOSED


def test_declining_and_merging(community: Browser, reports: Reports) -> None:
    here = reports.position()
    first, second, third = (reports.collect(position=here) for _ in range(3))
    assert "Not filed." in do(community, first, "decline", words="Nothing is there").text
    assert reports.read(first.report_id).status is ReportStatus.DECLINED
    merged = do(community, third, "merge", into=second.reference)
    assert merged.status_code == 200
    assert "Merged." in merged.text
    assert second.reference in str(merged.url.path)
    assert reports.read(third.report_id).merged_into_id == second.report_id


def test_a_deed_is_confirmed(community: Browser, reports: Reports, tmp_path: Path) -> None:
    made = reports.collect(category="cleared-corridor", photos=(reports.photo(tmp_path / "reports"),))
    assert "Confirmed" in do(community, made, "confirm").text
    assert reports.read(made.report_id).status is ReportStatus.CLOSED


def test_giving_back_and_sending_on(
    community: Browser, company: Browser, reports: Reports, world: Neighbourhood
) -> None:
    made = reports.collect()
    reports.file(made.report_id)
    assert "Given back" in do(company, made, "give_back", words="Not ours").text
    do(community, made, "file", handler=str(world.street.id))
    assert reports.read(made.report_id).handler_id == world.street.id
    assert "Sent on." in do(community, made, "dispatch", handler=str(world.company.id), words="It is theirs").text
    assert reports.read(made.report_id).handler_id == world.company.id


@pytest.mark.parametrize(("answer", "status"), [("granted", ReportStatus.PARKED), ("refused", ReportStatus.HANDLING)])
def test_parking_is_asked_and_decided(
    community: Browser, company: Browser, reports: Reports, answer: str, status: ReportStatus
) -> None:
    made = reports.collect()
    reports.file(made.report_id)
    reports.take_up(made.report_id)
    until = (reports.make.at + timedelta(days=3)).date().isoformat()
    assert "Asked." in do(company, made, "park", words="Parts are ordered", until=until).text
    assert "Parts are ordered" in community.get(f"/reports/{made.reference}").text
    assert "Decided." in do(community, made, "parking", answer=answer, words="As said").text
    assert reports.read(made.report_id).status is status


def test_taken_up_on_the_board_one_is_back_on_the_board(company: Browser, reports: Reports) -> None:
    made = reports.collect()
    reports.file(made.report_id)
    assert do(company, made, "take_up", back="board").url.path == "/reports"
    assert reports.read(made.report_id).status is ReportStatus.HANDLING


REFUSED = [
    ("collected", "community", "decline", {"words": ""}, "Say why in a few words"),
    ("collected", "community", "decline", {"words": "typed " * 200}, "longer than 1000 characters"),
    ("collected", "community", "file", {"category": "nothing", "words": "typed"}, "There is no category"),
    ("collected", "community", "file", {"handler": "nonsense", "words": "typed"}, ""),
    ("collected", "community", "merge", {"into": "报2026-999999", "words": "typed"}, ""),
    ("dispatched", "community", "dispatch", {"handler": "", "words": "typed"}, ""),
    ("dispatched", "company", "answer", {"words": ""}, "Say why in a few words"),
    ("dispatched", "company", "give_back", {"words": ""}, "Say why in a few words"),
    ("handling", "company", "park", {"until": "2020-01-01", "words": "typed"}, "Say until when it rests"),
    ("handling", "company", "park", {"until": "nonsense", "words": "typed"}, "Say until when it rests"),
    ("handling", "company", "park", {"until": "9999-12-31", "words": "typed"}, "Say until when it rests"),
    ("answered", "community", "send_back", {"words": ""}, "Say why in a few words"),
    ("answered", "community", "close", {"words": "typed " * 200}, "longer than 1000 characters"),
]


@pytest.mark.parametrize(("stand", "who", "act", "fields", "sentence"), REFUSED)
def test_what_is_refused_changes_nothing_and_keeps_what_was_typed(
    browse: Browse,
    world: Neighbourhood,
    reports: Reports,
    stand: str,
    who: str,
    act: str,
    fields: dict[str, str],
    sentence: str,
) -> None:
    made = reports.collect()
    for step in {"collected": (), "dispatched": ("file",), "handling": ("file", "take_up")}.get(
        stand, ("file", "answer")
    ):
        getattr(reports, step)(made.report_id)
    before = reports.read(made.report_id)
    page = do(browse(getattr(world, who)), made, act, **fields)
    assert 400 <= page.status_code < 500
    assert sentence in page.text
    assert 'role="alert"' in page.text
    assert fields["words"].strip() in page.text
    after = reports.read(made.report_id)
    assert (after.version, after.status) == (before.version, before.status)


@pytest.mark.parametrize("sent", [b"no photo", drawn()[:400], b"GIF89a" + b"\0" * 64])
def test_an_answer_with_a_wrong_file_keeps_its_words(company: Browser, reports: Reports, sent: bytes) -> None:
    made = reports.collect()
    reports.file(made.report_id)
    page = do(company, made, "answer", [sent], words="We have cleared it all")
    assert page.status_code == 415
    assert "is not a photo that can be read" in page.text
    assert "We have cleared it all</textarea>" in page.text
    assert reports.read(made.report_id).status is ReportStatus.DISPATCHED


@pytest.mark.parametrize("typed", ["²", "９", "9" * 5000])
def test_a_version_that_is_no_number_breaks_nothing(community: Browser, reports: Reports, typed: str) -> None:
    made = reports.collect()
    assert do(community, made, "decline", words="Nothing is there", version=typed).status_code == 200
    assert reports.read(made.report_id).status is ReportStatus.DECLINED


def test_an_act_on_a_stale_page_is_refused(community: Browser, reports: Reports) -> None:
    made = reports.collect()
    stale = do(community, made, "decline", words="I typed this", version="0")
    assert stale.status_code == 412
    assert reports.read(made.report_id).status is ReportStatus.COLLECTED
    version = str(reports.read(made.report_id).version)
    assert do(community, made, "decline", words="I typed this", version=version).status_code == 200


def test_what_was_typed_is_not_lost_where_the_form_has_gone_meanwhile(community: Browser, reports: Reports) -> None:
    made = reports.collect()
    version = str(reports.read(made.report_id).version)
    reports.file(made.report_id)
    late = do(community, made, "decline", words="I typed this", version=version)
    assert late.status_code == 412
    assert 'role="alert"' in late.text
    assert "I typed this" in late.text


def test_a_refused_form_stands_open_with_what_was_chosen(
    community: Browser, reports: Reports, world: Neighbourhood
) -> None:
    made = reports.collect()
    choices = {"category": "lamp", "level": "urgent", "handler": str(world.street.id), "words": "typed " * 200}
    page = do(community, made, "file", **choices).text
    for chosen in ("lamp", "urgent", str(world.street.id)):
        assert f'value="{chosen}" selected' in page
    assert '<details class="below" open' in do(community, made, "decline", words="").text


def test_who_may_not_does_not(browse: Browse, world: Neighbourhood, reports: Reports, make: Maker) -> None:
    made = reports.collect()
    assert do(browse(world.company), made, "take_up").status_code == 404  # not theirs yet
    reports.file(made.report_id)
    assert do(browse(world.company), made, "decline", words="No").status_code == 403
    assert do(browse(world.street), made, "answer", words="Done").status_code == 403
    assert do(browse(world.council), made, "answer", words="Done").status_code == 404
    assert do(browse(world.community), made, "nonsense").status_code == 404
    make.database.write(
        lambda session: setattr(session.get_one(Officer, world.officer(world.company).id), "role", Role.READER)
    )
    assert do(browse(world.company), made, "take_up").status_code == 403
    assert reports.read(made.report_id).status is ReportStatus.DISPATCHED


def test_a_form_from_elsewhere_does_nothing(community: Browser, reports: Reports) -> None:
    made = reports.collect()
    address = f"/reports/{made.reference}/acts/decline"
    for origin in (community.address, "https://elsewhere.example"):
        refused = community.client.post(address, data={"words": "No"}, headers={"Origin": origin})
        assert refused.status_code == 403
    assert reports.read(made.report_id).status is ReportStatus.COLLECTED


def test_a_category_that_is_put_right_is_sent_as_the_table_routes_it(
    community: Browser, reports: Reports, world: Neighbourhood
) -> None:
    made = reports.collect(category="other")  # which the community would settle itself
    page = community.get(f"/reports/{made.reference}").text
    choice = page.split('id="file-handler"')[1].split("</select>")[0]
    assert "selected" not in choice  # so the first one is sent
    first = choice.split('<option value="')[1].split('"')[0]
    do(community, made, "file", category="fire-exit", level="urgent", handler=first, words="")
    assert reports.read(made.report_id).handler_id == world.company.id
