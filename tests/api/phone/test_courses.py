"""A rider's acts on courses over HTTP: each is done once and led back to its page, or refused in one sentence."""

import pytest

from models.training import check_in, places
from models.training.ruling import training_rules
from wufang.make_people import People
from wufang.make_training import Training


@pytest.fixture
def training(make, world):
    return Training(make, world)


@pytest.fixture
def event(training):
    return training.event(places=1)


@pytest.fixture
def rider(new_phone, make, world):
    """A phone on which a rider is known."""

    def rider():
        browser, [(known, secret)] = new_phone(), People(make, world).crowd(1)
        browser.client.cookies.set("wufang_phone", secret)
        browser.rider = known
        return browser

    return rider


def act(phone, event, name, **form):
    path, headers = f"/m/courses/{event.id}/{name}", {"Wufang-Phone": "1"}
    return phone.client.post(path, data=form, headers=headers, follow_redirects=False)


def test_a_place_is_taken_waited_for_given_back_and_accepted(rider, event, training):
    first, second = rider(), rider()
    for phone in (first, second):
        answer = act(phone, event, "sign-up")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/m/courses/{event.id}?done=sign-up")
    assert act(first, event, "sign-up").status_code == 409
    for phone, name in ((first, "cancel"), (second, "accept")):
        assert act(phone, event, name).status_code == 303
    assert (training.get(event.id).taken, training.get(event.id).waiting) == (1, 0)
    assert act(second, event, "decline").status_code == 409


@pytest.mark.parametrize(
    ("name", "form", "status", "said"),
    [
        ("sign-up", {"children": "1"}, 422, "At most 0 children"),
        ("sign-up", {"children": "many"}, 422, "At most 0 children"),
        ("sign-up", {"children": "９" * 2000}, 422, "At most 0 children"),
        ("sign-up", {"word": "x" * 2000}, 422, "No group"),
        ("start-group", {"size": "2"}, 422, "A group has"),
        ("check-in", {"code": "\x00"}, 422, "No session has that code"),
        ("feedback", {"stars": "5"}, 404, ""),
        ("go-alone", {}, 404, ""),
        ("nothing", {}, 404, ""),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(rider, event, name, form, status, said):
    answer = act(rider(), event, name, **form)
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_an_unknown_phone_is_told_to_enrol(phone, event):
    answer = act(phone, event, "sign-up")
    assert answer.status_code == 403
    assert "Enrol with a community first" in answer.json()["detail"]


def test_the_code_on_the_wall_says_itself_of_which_session_it_is(rider, make, training):
    here = training.event(make.at, ends_at=make.at + (training.event().ends_at - training.event().starts_at))
    other, phone = training.event(), rider()

    def do(session):
        event = places.lock_event(session, here.id)
        event.starts_at = here.starts_at + (here.ends_at - here.starts_at)
        places.sign_up(session, training_rules(), phone.rider, here.id, make.at)
        event.starts_at = make.at
        check_in.give_code(session, make.vault, event)
        return check_in.session_code(make.vault, event)

    code = make.database.write(do)
    answer = act(phone, other, "check-in", code=code)
    assert answer.headers["location"] == f"/m/courses/{here.id}?done=check-in"
