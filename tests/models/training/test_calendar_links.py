"""Secret addresses: shown again to their owner, worth nothing once renewed, ended or erased."""

from threading import Thread

import pytest
from sqlalchemy import select

from models.errors import NotFound
from models.people import held
from models.people.codes import NotKnownHere
from models.people.holding import Whose
from models.training import calendar_links
from models.training.calendar_links import Owner
from models.training.place_tables import CalendarLink


@pytest.fixture
def give(any_training):
    """The owner's word, made where there is none."""
    make = any_training.make
    return lambda owner: make.database.write(calendar_links.give_link, make.vault, owner, make.at)


@pytest.fixture
def opened(any_training):
    """Whose calendar a word opens."""

    def opened(word):
        with any_training.make.database.reading() as session:
            return calendar_links.owner_of(session, any_training.make.vault, word)

    return opened


@pytest.fixture
def owners(any_training, any_riders):
    """A rider and a trainer."""
    return [Owner(rider_id=any_riders.rider().rider_id), Owner(trainer_id=any_training.trainer().id)]


def test_an_owner_is_given_one_address_and_sees_it_again(any_training, give, opened, owners):
    words = [give(owner) for owner in owners]
    assert [give(owner) for owner in owners] == words
    assert [opened(word) for word in words] == owners
    assert all(len(word) == 32 for word in words)
    with any_training.make.database.reading() as session:
        kept = [one.digest + one.word_sealed for one in session.scalars(select(CalendarLink))]
    assert not any(word in one for word in words for one in kept)


def test_a_renewed_or_ended_address_opens_nothing(any_training, give, opened, owners):
    write, vault, at = any_training.make.database.write, any_training.make.vault, any_training.make.at
    for owner in owners:
        old = give(owner)
        new = write(calendar_links.renew_link, vault, owner, at)
        assert new != old
        assert opened(new) == owner
        write(calendar_links.end_link, owner, at)
        write(calendar_links.end_link, owner, at)  # nothing happens
        for word in (old, new):
            with pytest.raises(NotFound):
                opened(word)


@pytest.mark.parametrize("word", ["", "x", "A" * 32, "A" * 5000, "王" * 32, "../../etc"])
def test_a_guess_opens_nothing(opened, give, owners, word):
    give(owners[0])
    with pytest.raises(NotFound):
        opened(word)


def test_two_that_ask_at_once_get_the_same(give, owners):
    got = []
    threads = [Thread(target=lambda: got.append(give(owners[0]))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(got) == 4
    assert len(set(got)) == 1


def test_the_address_is_among_what_is_held_and_goes_with_the_rest(training, riders):
    make, phone = training.make, riders.rider()
    write, owner = make.database.write, calendar_links.rider_on(phone)
    write(calendar_links.give_link, make.vault, owner, make.at)
    whose = Whose(phone.phone_id, phone.rider_id, make.at)
    with make.database.reading() as session:
        (found,) = [one for one in held.held_about(session, make.vault, whose) if one.kind == "calendars"]
    assert found.rows == [{"since": make.at, "until": None}]
    write(held.erase, make.vault, whose)
    with make.database.reading() as session:
        assert session.scalars(select(CalendarLink)).all() == []


def test_only_the_department_of_a_trainer_gives_out_their_address(training):
    trainer, world = training.trainer(), training.world
    with training.make.database.reading() as session:
        owner = calendar_links.trainer_of(session, world.who(world.lead), trainer.id)
        assert owner == Owner(trainer_id=trainer.id)
        with pytest.raises(NotFound):
            calendar_links.trainer_of(session, world.who(world.housing), trainer.id)


def test_a_phone_without_a_rider_has_no_calendar(riders):
    for phone in (None, riders.phone()):
        with pytest.raises(NotKnownHere):
            calendar_links.rider_on(phone)
