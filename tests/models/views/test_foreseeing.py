"""What is foreseen is what then happens: whom each rung names is whom it then asks."""

import pytest

from models.consultation.ladder import RungKind
from models.consultation.looking import mark_looked
from models.protocol.schema import Answering, Escalation, Lapse, LapseWay, Level, Party, SeatRule, UnseenAct
from models.protocol.storing import current
from models.views.foreseeing import foretold
from models.views.standing import standing_of
from models.working_time import Span
from tests.models.consultation.conftest import Desk

HOURS = [Span(working_minutes=60 * n) for n in range(4)]
BOTH = (SeatRule(Party.COMMUNITY), SeatRule(Party.COUNCIL))


@pytest.fixture
def desk(any_make, at):
    return Desk(any_make, at)


def rungs(desk, at=None):
    """The rungs to come of the open stage, as they are shown."""
    with desk.database.reading() as session:
        standing = standing_of(session, desk.who(desk.world.street), desk.matter, at or desk.at)
    return [one for one in standing.stages[-1].rungs if not one.is_done]


def named(rises):
    return {(below.zh, rise.above.zh) for rise in rises for below in rise.below}


def test_every_rung_names_whom_it_will_find_and_whom_it_will_ask(desk):
    ladder = tuple(Escalation(after, Level.SUPERIOR, Answering.IN_STEAD) for after in HOURS[:3])
    lapse = Lapse(Span(working_days=2), LapseWay.ESCALATE)
    desk.consult(seats=BOTH, look_within=HOURS[1], unseen=frozenset(UnseenAct), escalations=ladder, lapse=lapse)
    community, council, street, lead = (
        one.name.zh for one in (desk.world.community, desk.world.council, desk.world.street, desk.world.lead)
    )
    foreseen = rungs(desk)
    look = next(one for one in foreseen if one.kind is RungKind.LOOK)
    assert {one.zh for one in look.who} == {community, council}
    assert named(look.rises) == {(community, street), (council, community)}
    first, second, third = (one for one in foreseen if one.kind is RungKind.ESCALATE)
    assert named(first.rises) == {(community, street), (council, community)}
    assert named(second.rises) == {(street, lead), (community, street)}
    assert named(third.rises) == {(street, lead)}
    assert [one.zh for one in third.stranded] == [lead]
    while desk.matter.wake_at <= third.at:
        rung = next(one for one in foreseen if one.at == desk.matter.wake_at)
        before = {one.id for one in desk.seats()}
        desk.rounds(rung.at)
        asked = {one.organisation_id for one in desk.seats() if one.id not in before}
        names = {one.id: one.name.zh for one in desk.world.organisations}
        expected = {rise.above.zh for rise in rung.rises} if rung.kind is RungKind.ESCALATE else set()
        assert {names[one] for one in asked} == expected


def test_who_has_looked_or_answered_is_named_no_more(desk):
    desk.consult(seats=BOTH, look_within=HOURS[1])
    desk.database.write(mark_looked, desk.who(desk.world.council), desk.matter_id, desk.at)
    look, *_, lapse = rungs(desk)
    assert [one.zh for one in look.who] == [desk.world.community.name.zh]
    assert [one.zh for one in lapse.stranded] == [desk.world.lead.name.zh]
    desk.say(desk.world.council)
    assert all(desk.world.council.name not in one.who for one in rungs(desk))


def test_the_lead_department_is_named_for_everybody_it_will_answer_for(desk):
    desk.consult(seats=BOTH, escalations=(), lapse=Lapse(HOURS[0], LapseWay.ESCALATE))
    (lapse,) = (one for one in rungs(desk) if one.kind is RungKind.LAPSE)
    (rise,) = lapse.rises
    assert rise.above == desk.world.lead.name
    assert set(rise.below) == {desk.world.community.name, desk.world.council.name}


def test_a_stage_to_come_tells_its_ladder_in_spans():
    rule = current("access_filing").stage("district")
    kinds = [one.kind for one in foretold(rule)]
    assert kinds == [RungKind.LOOK, RungKind.REMIND, RungKind.REMIND, RungKind.ESCALATE, RungKind.LAPSE]
    assert foretold(rule)[0].after_opening == rule.look_within
    assert not foretold(rule)[0].is_superior_told
