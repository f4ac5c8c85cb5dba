"""A community hears that riders wait to be met: how many, once for a rush, as its officers prefer, never who."""

from datetime import timedelta

from sqlalchemy import select

from models import deputy
from models.notice.choosing import choose
from models.notice.claiming import claim
from models.notice.tables import Letter, Notice, NoticeStatus
from models.people import enrolment
from models.people.waiting import GATHERED
from models.preference import Chosen, Pace
from templates.letters import render_letter

HOUR = timedelta(hours=1)
NOBODYS = 10_000


def ask(people, last_digit=1, at=None):
    return people.ask(people.phone(), people.asked(phone=f"1700000000{last_digit}"), at)


def written(people):
    query = select(Notice).where(Notice.letter == Letter.ENROLMENT_ASKED).order_by(Notice.id)
    with people.make.database.reading() as session:
        return list(session.scalars(query))


def claimed(people, at):
    to = people.world.officer(people.world.community).email
    return [one for one in people.make.database.write(claim, at, NOBODYS) if one.to == to]


def test_a_rush_is_one_letter_that_counts_and_names_nobody(any_people):
    at, community = any_people.make.at, any_people.world.community
    for n in range(3):
        ask(any_people, n, at + n * timedelta(minutes=10))
    [letter] = written(any_people)
    assert letter.officer_id == any_people.world.officer(community).id
    assert letter.facts == {"organisation": {"zh": community.name.zh, "en": community.name.en}, "waiting": 3}
    assert not claimed(any_people, at + GATHERED - timedelta(minutes=1))
    [sent] = claimed(any_people, at + GATHERED)
    said = render_letter(sent.letter, "zh", sent.facts, "https://wufang.example", at)
    assert "https://wufang.example/people" in said.text.splitlines()
    assert "3 名骑手" in said.subject
    assert "王强" not in said.text
    ask(any_people, 4, at + GATHERED)
    assert [one.facts["waiting"] for one in written(any_people)] == [3, 4]


def test_who_was_met_meanwhile_is_not_counted_and_nobody_is_no_letter(any_people):
    first, second = ask(any_people, 1), ask(any_people, 2)
    any_people.confirm(first)
    assert [one.facts["waiting"] for one in written(any_people)] == [1]
    any_people.make.database.write(
        enrolment.decline, any_people.make.vault, any_people.worker, second, "不住本社区", any_people.make.at
    )
    [letter] = written(any_people)
    assert (letter.status, letter.wake_at) == (NoticeStatus.CANCELLED, None)
    assert not claimed(any_people, any_people.make.at + GATHERED)
    ask(any_people, 3)
    assert [one.status for one in written(any_people)] == [NoticeStatus.CANCELLED, NoticeStatus.CREATED]


def test_what_the_rider_takes_back_or_another_community_settles_is_not_counted(people):
    away, holder = people.make.neighbourhood(), people.phone()
    people.make.database.write(enrolment.withdraw, holder, people.ask(holder), people.make.at)
    assert [letter.status for letter in written(people)] == [NoticeStatus.CANCELLED]
    one = ask(people)
    people.ask(people.phone(), people.asked(community_id=away.community.id))
    people.confirm(one)
    assert [letter.status for letter in written(people)] == [NoticeStatus.CANCELLED] * 3


def test_it_comes_as_the_officer_prefers_and_with_what_else_waits(people):
    world, make = people.world, people.make
    make.database.write(choose, world.officer(world.community).id, Chosen(Pace.DAILY), make.at)
    make.open(make.filing(world.clerk, [world.compound], 1).matter_id)
    ask(people, 1)
    ask(people, 2, make.at + 2 * HOUR)
    assert not claimed(people, make.at + 3 * HOUR)
    [letter] = written(people)
    [digest] = claimed(people, letter.wake_at)
    assert digest.letter == "digest"
    for language, line in (("en", "2 riders who ask"), ("zh", "2 名骑手")):
        said = render_letter(digest.letter, language, digest.facts, "https://wufang.example", letter.wake_at)
        assert line in said.text
        assert line in said.html
        assert "https://wufang.example/people" in [one.strip() for one in said.text.splitlines()]


def test_the_deputy_of_who_is_away_is_told_too(people):
    world, make = people.world, people.make
    away, there = world.officer(world.community), make.officer(world.council)
    make.database.write(
        deputy.appoint, make.identity(away), away.id, there.id, make.at + HOUR, make.at + 24 * HOUR, make.at
    )
    ask(people, 1, make.at + 2 * HOUR)
    told = {one.officer_id: one.facts.get("as_deputy", False) for one in written(people)}
    assert told == {away.id: False, there.id: True}
