"""Grid members, squads and rotas; codes; what is held and what becomes of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from models.authority.lockout import OF_A_NETWORK
from models.domain_event import EventKind, unbooked
from models.errors import IllegalMove, NotAllowed, NotFound
from models.filing.tables import FilingLine
from models.people import codes, enrolment, held, members, squads
from models.people.codes import CodeTriesUsedUp, CodeWrong, NotKnownHere
from models.people.enrolment import enrolments_of, live_enrolment
from models.people.holding import FIELDS, Whose
from models.people.members import AlreadyMember, AreaMissing, NotEnrolled, Term, TermWrong, is_grid_member
from models.people.squads import (
    NewShift,
    NotInSquad,
    ShiftFull,
    ShiftOver,
    ShiftOverlaps,
    ShiftToCome,
    ShiftWrong,
    SquadFull,
    SquadWrong,
)
from models.people.tables import Ending, Erasure
from models.report.verifying import verify_reports
from models.rider import Rider
from wufang.make_reports import Reports

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TODAY = date(2026, 11, 23)


def live(people, rider):
    with people.make.database.reading() as session:
        return live_enrolment(session, rider.rider_id).id


def term(people, **changes):
    known = Term(TODAY, date(2027, 11, 22), [people.world.compound.id])
    return replace(known, **changes)


def appoint(people, rider, at=None, **changes):
    write = people.make.database.write
    return write(members.appoint, people.worker, live(people, rider), term(people, **changes), at or people.make.at)


def is_member(people, rider, at):
    with people.make.database.reading() as session:
        return is_grid_member(session, rider.rider_id, at)


def test_a_member_is_one_from_the_first_to_the_last_day_of_the_term(any_people):
    rider, at = any_people.rider(), any_people.make.at
    made = appoint(any_people, rider, ends_on=TODAY + DAY)
    assert made.number == "网格〔2026〕1号"
    assert [is_member(any_people, rider, at + n * DAY) for n in range(3)] == [True, True, False]
    assert any_people.make.database.write(members.end_terms, at + DAY) == 0
    assert any_people.make.database.write(members.end_terms, at + 2 * DAY) == 1
    assert is_member(any_people, rider, at + DAY)


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"starts_on": None}, TermWrong),
        ({"ends_on": TODAY - DAY}, TermWrong),
        ({"starts_on": TODAY + 2 * DAY, "ends_on": TODAY + DAY}, TermWrong),
        ({"ends_on": TODAY + timedelta(days=731)}, TermWrong),
        ({"compound_ids": []}, AreaMissing),
        ({"area": "x" * 201}, AreaMissing),
    ],
)
def test_a_wrong_term_or_area_is_said(people, changes, broken):
    rider = people.rider()
    with pytest.raises(broken):
        appoint(people, rider, **changes)


def test_two_years_are_not_too_long_and_words_are_an_area(people):
    made = appoint(people, people.rider(), ends_on=TODAY + timedelta(days=730), compound_ids=[], area="东门一带")
    assert made.area == "东门一带"


def test_a_strangers_compound_is_no_area(people):
    other = people.make.neighbourhood()
    with pytest.raises(AreaMissing):
        appoint(people, people.rider(), compound_ids=[other.compound.id])


def test_one_appointment_at_a_time_and_one_that_is_over_makes_room(people):
    rider = people.rider()
    appoint(people, rider, ends_on=TODAY)
    with pytest.raises(AlreadyMember):
        appoint(people, rider)
    again = appoint(people, rider, at=people.make.at + DAY, starts_on=TODAY + DAY)
    assert again.sequence == 2


def test_only_a_confirmed_rider_is_appointed(people):
    asked = people.ask(people.phone())
    with pytest.raises(NotEnrolled):
        people.make.database.write(members.appoint, people.worker, asked, term(people), people.make.at)


def test_an_appointment_ends_with_the_consent_it_stands_on(any_people):
    rider, at = any_people.rider(), any_people.make.at
    appoint(any_people, rider)
    any_people.make.database.write(enrolment.withdraw, rider, live(any_people, rider), at + HOUR)
    with any_people.make.database.reading() as session:
        [member] = members.members_of(session, rider.rider_id)
    assert member.ending is Ending.CONSENT_WITHDRAWN
    assert not is_member(any_people, rider, at + HOUR)
    assert is_member(any_people, rider, at)


def test_a_member_steps_down_once_and_nobody_else_does(people):
    rider, stranger, at = people.rider(), people.phone(), people.make.at
    number = appoint(people, rider).number
    with pytest.raises(NotFound):
        people.make.database.write(members.resign, stranger, number, at)
    people.make.database.write(members.resign, rider, number, at)
    with pytest.raises(IllegalMove):
        people.make.database.write(members.resign, rider, number, at)


def squad(people, most=25):
    return people.make.database.write(squads.make_squad, people.worker, "新兴小队", most, people.make.at).id


def shift(people, squad_id, hours=24, wanted=1):
    at = people.make.at
    new = NewShift(at + hours * HOUR, at + (hours + 2) * HOUR, "东门", wanted)
    return people.make.database.write(squads.plan, people.worker, squad_id, new, at).id


def act(people, do, rider, one, at=None):
    return people.make.database.write(do, rider, one, at or people.make.at)


def test_a_squad_takes_so_many_and_no_more(any_people):
    one = squad(any_people, 2)
    riders = [any_people.rider(phone=f"1700000000{n}") for n in range(3)]
    for rider in (*riders[:2], riders[0]):
        act(any_people, squads.join_squad, rider, one)
    with pytest.raises(SquadFull):
        act(any_people, squads.join_squad, riders[2], one)
    act(any_people, squads.leave_squad, riders[0], one)
    act(any_people, squads.join_squad, riders[2], one)


def test_a_squad_has_one_leader(any_people):
    one, write, at = squad(any_people), any_people.make.database.write, any_people.make.at
    riders = [any_people.rider(phone=f"1700000000{n}") for n in range(2)]
    for rider in riders:
        act(any_people, squads.join_squad, rider, one)
        write(squads.lead, any_people.worker, one, rider.rider_id, at)
    with any_people.make.database.reading() as session:
        leading = [squads.membership(session, one, rider.rider_id).is_leader for rider in riders]
    assert leading == [False, True]


def test_squads_are_a_communitys(people):
    for other in (people.world.company, people.world.street):
        with pytest.raises(NotAllowed):
            people.make.database.write(squads.make_squad, people.world.who(other), "小队", 25, people.make.at)


def test_only_the_communitys_own_riders_join(people):
    one = squad(people)
    with pytest.raises(NotFound):
        act(people, squads.join_squad, people.phone(), one)


@pytest.mark.parametrize(("name", "most"), [("", 25), ("x" * 41, 25), ("x", 1), ("x", 101)])
def test_a_wrong_squad_is_said(people, name, most):
    with pytest.raises(SquadWrong):
        people.make.database.write(squads.make_squad, people.worker, name, most, people.make.at)


def test_a_shift_is_not_over_filled_not_past_and_not_beside_another(any_people):
    one = squad(any_people)
    first, second = (any_people.rider(phone=f"1700000000{n}") for n in range(2))
    standing = shift(any_people, one)
    with pytest.raises(NotInSquad):
        act(any_people, squads.sign_up, first, standing)
    for rider in (first, second):
        act(any_people, squads.join_squad, rider, one)
    act(any_people, squads.sign_up, first, standing)
    act(any_people, squads.sign_up, first, standing)
    with pytest.raises(ShiftFull):
        act(any_people, squads.sign_up, second, standing)
    with pytest.raises(ShiftOverlaps):
        act(any_people, squads.sign_up, first, shift(any_people, one, 25))
    act(any_people, squads.sign_up, first, shift(any_people, one, 26))  # half-open: one ends as the other begins
    late = any_people.make.at + DAY
    with pytest.raises(ShiftOver):
        act(any_people, squads.sign_out, first, standing, late)
    act(any_people, squads.sign_out, first, standing)
    act(any_people, squads.sign_up, second, standing, late - timedelta(minutes=1))


def test_who_came_is_written_down_once_it_has_begun(people):
    one, rider, write = squad(people), people.rider(), people.make.database.write
    act(people, squads.join_squad, rider, one)
    standing = shift(people, one)
    act(people, squads.sign_up, rider, standing)
    with pytest.raises(ShiftToCome):
        write(squads.write_who_came, people.worker, standing, {rider.rider_id}, people.make.at)
    write(squads.write_who_came, people.worker, standing, {rider.rider_id}, people.make.at + DAY)
    assert [row["came"] for row in rows(people, rider, "shifts")] == [True]


@pytest.mark.parametrize("changes", [{"place": ""}, {"wanted": 0}, {"starts_at": None}, {"ends_at": None}])
def test_a_wrong_shift_is_said(people, changes):
    at = people.make.at
    new = NewShift(at + HOUR, at + 2 * HOUR, "东门", 1)
    wrong = {"starts_at": at, "ends_at": at + 14 * HOUR} | {k: v for k, v in changes.items() if v is not None}
    picked = {key: wrong[key] for key in changes}
    with pytest.raises(ShiftWrong):
        people.make.database.write(squads.plan, people.worker, squad(people), replace(new, **picked), at)


def join(people, phone, number, code, at=None):
    write, vault, at = people.make.database.write, people.make.vault, at or people.make.at
    purses = write(codes.open_purses, vault, number, "10.0.0.0/24", at)
    return write(codes.join, vault, phone, number, code, purses, at)


def test_a_code_opens_until_the_next_and_a_one_time_code_once_within_a_day(any_people):
    rider, write, vault, at = (
        any_people.rider(),
        any_people.make.database.write,
        any_people.make.vault,
        any_people.make.at,
    )
    old = write(codes.make_code, vault, rider, at)
    new = write(codes.make_code, vault, rider, at)
    with pytest.raises(CodeWrong):
        join(any_people, any_people.phone(), "17000000001", old)
    assert join(any_people, any_people.phone(), "170 0000 0001", new.lower().replace("-", " ")) == rider.rider_id
    once = write(codes.issue_code, vault, any_people.worker, live(any_people, rider), at)
    last = at + DAY - timedelta(minutes=1)
    assert join(any_people, any_people.phone(), "17000000001", once, last) == rider.rider_id
    with pytest.raises(CodeWrong):
        join(any_people, any_people.phone(), "17000000001", once, last)
    late = write(codes.issue_code, vault, any_people.worker, live(any_people, rider), at)
    with pytest.raises(CodeWrong):
        join(any_people, any_people.phone(), "17000000001", late, at + DAY)


def test_tries_run_out_and_nobody_unknown_has_a_code(people):
    for _ in range(OF_A_NETWORK.most):
        with pytest.raises(CodeWrong):
            join(people, people.phone(), "17000000001", "x")
    with pytest.raises(CodeTriesUsedUp):
        join(people, people.phone(), "17000000001", "x")
    with pytest.raises(NotKnownHere):
        people.make.database.write(codes.make_code, people.make.vault, people.phone(), people.make.at)


def rows(people, rider, kind):
    with people.make.database.reading() as session:
        whose = Whose(rider.phone_id, rider.rider_id, people.make.at)
        [found] = [one.rows for one in held.held_about(session, people.make.vault, whose) if one.kind == kind]
    return found


def test_all_that_is_held_has_its_words(people):
    rider = people.rider()
    appoint(people, rider)
    act(people, squads.join_squad, rider, squad(people))
    kinds = ("enrolments", "appointments", "squads", "phones", "acts")
    assert all(rows(people, rider, kind) for kind in kinds)
    assert {key for kind in kinds for row in rows(people, rider, kind) for key in row} <= set(FIELDS)


def erase(people, rider, at):
    whose = Whose(rider.phone_id, rider.rider_id, at)
    return people.make.database.write(lambda session: held.erase(session, people.make.vault, whose) is not None)


def test_deleting_leaves_no_name_anywhere(any_people):
    rider, at = any_people.rider(), any_people.make.at
    appoint(any_people, rider)
    assert erase(any_people, rider, at) is False
    with any_people.make.database.reading() as session:
        row = session.get_one(Rider, rider.rider_id)
        assert any_people.make.vault.open(row.name_sealed) == ""
        assert row.phone_index == row.name_index == f"erased:{row.id}"
        [one] = enrolments_of(session, rider.phone_id, rider.rider_id)
        assert (one.ending, one.name_sealed, one.phone_index) == (Ending.ERASED, None, None)
        assert session.get_one(Erasure, rider.rider_id).done_at == at


def test_what_a_running_pass_needs_goes_the_day_after_it(any_people):
    make, at = any_people.make, any_people.make.at
    filed = replace(make.rider_lines(1)[0], ends_on=TODAY + DAY)
    made = make.filing(any_people.world.clerk, [any_people.world.compound], [filed])
    rider = any_people.rider(filed.name, filed.phone)
    make.agree_through(any_people.world, made.matter_id)
    make.conclude(made.matter_id)
    assert erase(any_people, rider, at) is True
    assert make.database.write(held.finish, make.vault, at + DAY) == 0
    assert make.database.write(held.finish, make.vault, at + 2 * DAY) == 1
    with make.database.reading() as session:
        [line] = session.query(FilingLine)
        assert make.vault.open(line.name_sealed) == ""
        assert line.plate_sealed is None


def test_what_a_confirmed_report_is_credited_for_is_nobody_s_after_deletion(people):
    rider, other = people.rider(), people.rider("李明", "17000000002")
    reports = Reports(people.make, people.world)
    mine, theirs = reports.closed(rider), reports.closed(other)
    erase(people, rider, people.make.at)
    with people.make.database.reading() as session:
        credited = {one.body["report"]: one.body["rider"] for one in unbooked(session, EventKind.REPORT_CONFIRMED)}
    assert credited == {mine.reference: None, theirs.reference: str(other.rider_id)}


def test_the_words_of_a_report_that_is_over_go_and_its_record_stays_whole(any_people):
    rider, other = any_people.rider(), any_people.rider("李明", "17000000002")
    reports = Reports(any_people.make, any_people.world)
    over, handled, theirs = reports.closed(rider), reports.collect(phone=rider), reports.closed(other)
    assert reports.read(over.report_id).words_sealed is not None
    erase(any_people, rider, any_people.make.at)
    assert reports.read(over.report_id).words_sealed is None
    assert reports.read(handled.report_id).words_sealed is not None
    assert reports.read(theirs.report_id).words_sealed is not None
    with any_people.make.database.reading() as session:
        assert verify_reports(session, any_people.make.vault).broken == []
