"""Laws that can fail: a mistake is put into the engine, and the law that forbids it is named, with seed, step and record."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from models import matter as matters
from models.consultation.opinions import give_opinion
from models.consultation.tables import Opinion, Seat, SeatStatus
from models.database import Database
from models.matter import Act, Counter, Matter
from models.notice import claiming, receiving
from models.notice.tables import Notice
from models.passes import Pass
from models.record import RecordEntry
from models.rounds import Need
from tasks.rounds import STEPS
from wufang.simulation.faults import Rates
from wufang.simulation.witness import LawBroken
from wufang.simulation.year import Arguments, Year

OPEN, CLIMB, CONCLUDE = STEPS[Need.SEATING], STEPS[Need.ESCALATING], STEPS[Need.CONCLUDING]
OFTEN = Rates(killed=0.1, two_workers=0.3, later=0.05, unclear=0.05, clock_steps=100.0, trespasses=0.5, stale=0.3)


@pytest.fixture
def break_law(database_template, tmp_path):
    """Run some days with a command replaced; the law that breaks."""

    def run(replaced, days=9, matters=12, seed=1):
        path = tmp_path / "simulated.db"
        shutil.copyfile(database_template, path)
        database = Database(f"sqlite:///{path}", is_throw_away=True)
        try:
            with pytest.raises(LawBroken) as caught:
                Year(database, Arguments(seed, days, matters, OFTEN), replaced).run()
        finally:
            database.close()
        return caught.value

    return run


def entry(session, matter, kind, body, at, actor):
    matters.append(session, matter, Act(kind, body), at, actor)


def test_an_escalation_that_fires_twice(break_law):
    def twice(session, matter, at, actor):
        CLIMB(session, matter, at, actor)
        session.flush()
        query = session.query(RecordEntry).filter_by(matter_id=matter.id, kind="escalated")
        for one in query.order_by(RecordEntry.position).limit(1).all():
            entry(session, matter, "escalated", one.body, at, actor)

    broken = break_law({CLIMB: twice})
    assert broken.law.__name__ == "a_clock_that_jumps_changes_nothing_that_was"
    lines = broken.lines(1)
    assert "was escalated to" in lines[1]
    assert "seed 1, step " in lines[2]
    assert lines[-1].split()[3] == "escalated"


def test_an_opinion_that_is_lost(break_law):
    def forget(session, who, seat_id, draft, version, at):
        given = give_opinion(session, who, seat_id, draft, version, at)
        session.execute(delete(Opinion).where(Opinion.id == given.opinion_id))
        return given

    assert break_law({give_opinion: forget}).law.__name__ == "an_acknowledged_opinion_is_never_lost"


def test_an_opinion_that_no_longer_counts_after_a_round(break_law):
    def forget(session, matter, at, actor):
        CONCLUDE(session, matter, at, actor)
        session.flush()
        mine = Seat.matter_id == matter.id
        session.execute(update(Seat).where(mine, Seat.status == SeatStatus.ANSWERED).values(opinion_id=None))

    assert break_law({CONCLUDE: forget}).law.__name__ == "an_acknowledged_opinion_is_never_lost"


def test_an_alarm_that_is_lost(break_law):
    def forget(session, matter, at, actor):
        OPEN(session, matter, at, actor)
        matter.wake_at += timedelta(hours=1)

    assert break_law({OPEN: forget}).law.__name__ == "every_open_stage_has_one_live_deadline"


def test_a_number_that_is_left_out(break_law):
    def skip(session, matter, at, actor):
        session.execute(update(Counter).where(Counter.name.startswith("resolution:")).values(value=Counter.value + 1))
        CONCLUDE(session, matter, at, actor)

    assert break_law({CONCLUDE: skip}).law.__name__ == "numbers_have_no_gaps"


def test_a_pass_that_is_not_issued(break_law):
    def forget(session, matter, at, actor):
        CONCLUDE(session, matter, at, actor)
        session.execute(delete(Pass).where(Pass.matter_id == matter.id))

    assert break_law({CONCLUDE: forget}).law.__name__ == "one_effect_per_decision"


def test_a_status_that_the_record_does_not_tell(break_law):
    def forget(session, matter, at, actor):
        OPEN(session, matter, at, actor)
        session.flush()
        count, head = matter.record_count, matter.record_hash
        session.execute(update(Matter).where(Matter.id == matter.id).values(status="withdrawn", wake_at=None))
        assert (count, head) == (matter.record_count, matter.record_hash)

    assert break_law({OPEN: forget}).law.__name__ == "status_is_the_fold_of_the_record"


def test_an_entry_that_is_altered(break_law):
    def alter(session, matter, at, actor):
        OPEN(session, matter, at, actor)
        session.flush()
        mine = RecordEntry.matter_id == matter.id
        session.execute(update(RecordEntry).where(mine, RecordEntry.kind == "stage_opened").values(body={}))

    assert break_law({OPEN: alter}).law.__name__ == "the_chain_is_sound"


def test_the_system_answering_for_one_who_has_answered(break_law):
    def deem(session, matter, at, actor):
        OPEN(session, matter, at, actor)
        session.flush()
        for seat in session.query(Seat).filter_by(matter_id=matter.id, status=SeatStatus.ANSWERED).limit(1):
            entry(session, matter, "deemed", {"seat": str(seat.id), "kind": "agree"}, at, actor)

    assert break_law({OPEN: deem}).law.__name__ == "an_automatic_act_overwrites_nobody"


def test_an_act_without_a_look_at_the_version(break_law):
    def ignore(session, who, seat_id, draft, _version, at):
        return give_opinion(session, who, seat_id, draft, None, at)

    broken = break_law({give_opinion: ignore}, days=25, matters=40)
    assert broken.law.__name__ == "a_stale_page_changes_nothing"


def test_an_act_without_a_look_at_the_organisation(break_law):
    def ignore(session, who, seat_id, draft, version, at):
        its_own = session.get_one(Seat, seat_id).organisation_id
        return give_opinion(session, replace(who, organisation_id=its_own), seat_id, draft, version, at)

    assert break_law({give_opinion: ignore}).law.__name__ == "whoever_has_no_authority_is_refused"


def test_a_step_that_stumbles(break_law):
    def stumble(_session, matter, _at, _actor):
        raise ValueError(matter.reference)

    broken = break_law({CLIMB: stumble})
    assert broken.law.__name__ == "rounds_do_not_stumble"
    assert "ValueError: 备2026-" in broken.said


def test_an_act_that_breaks(break_law):
    def break_(*_values):
        raise KeyError("seat")

    assert break_law({give_opinion: break_}).law.__name__ == "an_act_ends_in_an_answer_or_in_a_rule"


def test_a_letter_that_leaves_twice(break_law):
    def forget(session, attempts, at):
        receiving.record(session, attempts, at)
        session.flush()
        mine = Notice.id.in_([one.notice_id for one in attempts])
        session.execute(update(Notice).where(mine, Notice.letter == "result").values(wake_at=at, status="created"))

    law = break_law({receiving.record: forget}).law.__name__
    assert law in {"a_receipt_stands_for_a_letter", "no_letter_leaves_twice"}


def test_letters_that_two_workers_claim(break_law):
    def both(session, at, size):
        claimed = claiming.claim(session, at, size)
        session.flush()
        session.execute(update(Notice).where(Notice.id.in_([one.notice_id for one in claimed])).values(wake_at=at))
        return claimed

    assert break_law({claiming.claim: both}).law.__name__ == "no_letter_leaves_twice"


def test_a_round_that_leaves_its_work(break_law):
    def leave(session, matter, at, actor):
        if matter.reference.endswith("3"):
            return
        CONCLUDE(session, matter, at, actor)

    assert break_law({CONCLUDE: leave}).law.__name__ == "nothing_due_is_left_behind"
