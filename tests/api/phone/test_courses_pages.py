"""Courses on the phone: what is held, one session and my place, what I want to learn, my certificate."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import Engine
from sqlalchemy import event as events

from models.phone import known_phone
from models.training.needs import needs_of
from models.training.tables import EventStatus
from tests.api.phone.conftest import NewPhone
from tests.api.portal.conftest import Browser
from tests.browser.scene_courses import CHECK, CODE, NUMBER, Taught, tell_courses
from tests.make import Maker
from wufang.make import Neighbourhood
from wufang.make_training import Training

MOST_QUERIES = 12


@pytest.fixture
def training(make: Maker, world: Neighbourhood) -> Training:
    """Sites, trainers and courses."""
    return Training(make, world)


@pytest.fixture
def taught(make: Maker, world: Neighbourhood) -> Taught:
    """The story of a rider who takes part."""
    return tell_courses(make, world)


@pytest.fixture
def rider(new_phone: NewPhone, taught: Taught) -> Browser:
    """The story's phone."""
    phone = new_phone()
    phone.client.cookies.set("wufang_phone", taught.secret)
    return phone


def test_my_own_sessions_stand_first_and_the_rest_by_day(rider: Browser) -> None:
    page = rider.get("/m/courses").text
    mine, _, rest = page.partition("What do you want to learn?")
    for state in ("You have a place", "A place is kept for you", "You are on the waiting list"):
        assert state in mine
    assert "Tomorrow" in mine
    assert rest.index("Thursday 26 November") < rest.index("Saturday 28 November")
    assert "Full · 3 waiting" in rest
    assert "You were there" in rest
    assert "训2026-000012" in rest


def test_a_list_is_narrowed_by_topic_and_community(phone: Browser, training: Training, world: Neighbourhood) -> None:
    course = training.course([training.trainer()], title_en="Only this one", topic="cooking")
    there = training.make.neighbourhood().community
    training.held(course, training.site(community=there), training.make.at + timedelta(days=2))
    training.event(training.make.at + timedelta(days=3))
    both = phone.get("/m/courses").text
    assert "Only this one" in both
    assert "E-bike repair and care</a>" in both.replace(" <span", "</a><span")
    assert "Only this one" not in phone.get("/m/courses?topic=ebike").text
    assert "Only this one" in phone.get(f"/m/courses?community={there.code}").text
    assert "Only this one" not in phone.get(f"/m/courses?community={world.community.code}").text
    assert "Only this one" in phone.get("/m/courses?topic=nothing&community=%00").text  # what is none narrows nothing


@pytest.mark.parametrize("status", [EventStatus.PROPOSED, EventStatus.DROPPED])
def test_what_is_not_public_is_nowhere(phone: Browser, training: Training, status: EventStatus) -> None:
    event = training.event(status=status)
    for address in (f"/m/courses/{event.id}", f"/m/courses/{event.id}/session.ics", "/m/courses/none"):
        assert phone.get(address).status_code == 404
    assert str(event.id) not in phone.get("/m/courses").text
    assert str(event.id) not in phone.get("/courses?month=2026-12").text


def test_an_unknown_phone_reads_and_is_told_to_enrol(phone: Browser, training: Training) -> None:
    page = phone.get(f"/m/courses/{training.event().id}").text
    assert "20 free" in page
    assert "Enrol with a community" in page
    assert "/sign-up" not in page
    assert "uri.amap.com/marker?position=113.250000%2C35.230000" in page


DOING: list[tuple[str, list[str], list[str]]] = [
    ("free", ["Take a place", "Come with colleagues", "Children who come with you"], ["cancel"]),
    ("full", ["Join the waiting list", "Full · 3 waiting"], ["/accept"]),
    ("offered", ["A place is kept for you", "1 h 40 min left", "/accept", "/decline"], ["/sign-up", "/cancel"]),
    ("taken", ["Check-in opens at 13:30.", "K7PM 4RTX", "3 of 4 have signed up", "/cancel"], ["/check-in"]),
    ("here", ["/check-in", "It changes every minute."], ["/feedback"]),
    ("waiting", ["number 3 of 5", "Leave the waiting list"], ["/sign-up", "/check-in"]),
    ("attended", ["/feedback", "/m/certificates/"], ["/cancel", "/sign-up"]),
    ("cancelled", ["This session is cancelled.", "讲师当日有赛事任务"], ["/sign-up"]),
]


def test_a_session_shows_what_i_can_do_now(rider: Browser, taught: Taught) -> None:
    wrong = []
    for name, said, unsaid in DOING:
        page = rider.get(taught.page(name)).text
        wrong += [(name, one) for one in said if one not in page] + [
            (name, "not", one) for one in unsaid if one in page
        ]
    assert wrong == []


def test_a_scanned_code_waits_in_the_form_and_changes_nothing_by_itself(rider: Browser, taught: Taught) -> None:
    page = rider.get(f"{taught.page('here')}?code=%22%3E%3Cb%3EHX7K").text
    assert 'value="&#34;&gt;&lt;b&gt;HX7K"' in page
    assert "You have a place" in page


def test_one_session_goes_into_the_calendar(rider: Browser, taught: Taught) -> None:
    answer = rider.get(f"{taught.page('offered')}/session.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    [entry] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(entry["UID"]).startswith(str(taught.events["offered"]))


def test_what_i_want_is_kept_changed_and_taken_back(phone: Browser, make: Maker, world: Neighbourhood) -> None:
    training = Training(make, world)
    training.site()
    said = {"topic": ["ebike", "cooking"], "slot": ["2-evening", "6-morning"], "community": str(world.community.id)}
    kept = phone.send("/m/needs", said, page="/m/needs")
    assert (kept.status_code, kept.url.query) == (200, b"done=needs")
    assert kept.text.count(" checked") == 4
    assert phone.send("/m/needs", {"topic": ["first_aid"], "slot": ["1-evening"]}, page="/m/needs").status_code == 200
    with make.database.reading() as session:
        known = known_phone(session, phone.client.cookies["wufang_phone"])
        assert known is not None
        assert [(one.topic, one.slots) for one in needs_of(session, known)] == [("first_aid", ["1-evening"])]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"topic": "ebike"}, "tick at least one time"),
        ({"topic": "nothing", "slot": "1-evening"}, "There is no “nothing”"),
        ({"topic": "ebike", "slot": "8-evening"}, "There is no “8-evening”"),
        ({"topic": "ebike", "slot": "1-evening", "community": "x"}, "Choose a community"),
    ],
)
def test_what_cannot_be_wanted_is_refused_and_stays_on_the_page(
    phone: Browser, form: dict[str, str], said: str
) -> None:
    answer = phone.send("/m/needs", form, page="/m/needs")
    assert answer.status_code == 422
    assert said in answer.text
    if form["topic"] == "ebike":
        assert 'value="ebike" checked' in answer.text


def test_a_certificate_is_its_rider_s_and_its_check_page_everybody_s(
    rider: Browser, phone: Browser, visitor: Browser, make: Maker, taught: Taught
) -> None:
    assert taught.secret
    page = rider.get(f"/m/certificates/{NUMBER}")
    assert page.status_code == 200
    assert "王强" in page.text
    assert phone.get(f"/m/certificates/{NUMBER}").status_code == 404
    check = visitor.get(f"/check/certificate/{CHECK}").text
    assert "王*" in check
    assert "王强" not in check
    make.tamper("update certificate set revoked_at = :at", at=make.at.replace(tzinfo=None))
    assert "does not count any more" in visitor.get(f"/check/certificate/{CHECK}").text
    assert visitor.get("/check/certificate/nothing").status_code == 404


def test_the_list_takes_as_many_queries_for_many_sessions_as_for_few(
    rider: Browser, make: Maker, training: Training
) -> None:
    training.count = 900  # beside those of the story
    few = _queries(lambda: rider.get("/m/courses"))
    course, site = training.course([training.trainer()]), training.site()
    for number in range(10):
        training.held(course, site, make.at + timedelta(days=2, hours=number), line=number + 1)
    assert _queries(lambda: rider.get("/m/courses")) == few <= MOST_QUERIES


def _queries(act: Callable[[], object]) -> int:
    counted: list[str] = []

    def count(*arguments: object) -> None:
        counted.append(str(arguments[2]))

    events.listen(Engine, "before_cursor_execute", count)
    try:
        act()
    finally:
        events.remove(Engine, "before_cursor_execute", count)
    return sum(one.lstrip().upper().startswith("SELECT") for one in counted)


def test_news_stand_on_the_first_page_until_they_are_seen(rider: Browser, make: Maker, taught: Taught) -> None:
    make.tamper("update place set told = 1 where status = 'offered'")
    assert 'class="figure is-late">1<' in rider.get("/m").text
    rider.get(taught.page("offered"))
    assert 'class="figure is-late">' not in rider.get("/m").text


def test_a_rider_goes_all_the_way_by_forms_and_what_is_refused_keeps_what_was_typed(
    rider: Browser, taught: Taught
) -> None:
    page = taught.page("free")
    refused = rider.send(f"{page}/sign-up", {"word": "NOSUCHWD", "children": "2"}, page=page)
    assert refused.status_code == 422
    assert "No group of this session has that word." in refused.text
    assert 'value="NOSUCHWD"' in refused.text
    assert '<option value="2" selected>' in refused.text
    made = rider.send(f"{page}/start-group", {"size": "3", "children": "1"}, page=page)
    assert (made.status_code, made.url.query) == (200, b"done=start-group")
    assert "1 of 3 have signed up" in made.text
    assert "Your group waits until all have signed up." in made.text
    alone = rider.send(f"{page}/go-alone", {}, page=page)
    assert "You have a place" in alone.text
    assert "Take a place" in rider.send(f"{page}/cancel", {}, page=page).text
    here = taught.page("here")
    wrong = rider.send(f"{here}/check-in", {"code": "AAAA-AAAA"}, page=here)
    assert wrong.status_code == 422
    assert 'value="AAAA-AAAA"' in wrong.text
    assert "You were there" in rider.send(f"{here}/check-in", {"code": CODE.lower()}, page=here).text
    there = taught.page("attended")
    thanked = rider.send(f"{there}/feedback", {"stars": "4", "words": "Good"}, page=there).text
    assert "4 of 5 stars" in thanked
    assert "Good" in thanked
    offered = taught.page("offered")
    assert "The place is yours." in rider.send(f"{offered}/accept", {}, page=offered).text
