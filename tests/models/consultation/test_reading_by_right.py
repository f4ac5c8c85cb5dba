"""Whoever may record on behalf reads the matter and is offered the act; nobody else comes to read it."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from models.consultation.on_behalf import AnsweredThemselves, Evidence, EvidenceKind, give_on_behalf
from models.consultation.opinions import Draft
from models.consultation.tables import OpinionKind, SeatStatus
from models.consultation.urging import urge
from models.errors import NotAllowed, NotFound
from models.matter import Reader, visible
from models.officer import OnlyReads, Role
from models.protocol.schema import Mode, Party, SeatRule
from models.views.doings import Doing, doings_of
from models.views.matters import ALL, by_reference, listed
from models.views.searching import search
from models.views.standing import standing_of

AGREE = Draft(OpinionKind.AGREE)


@pytest.fixture
def evidence(at):
    return Evidence(EvidenceKind.PHONE, "王主任", "同意", at.date())


def reads(desk, who):
    try:
        with desk.database.reading() as session:
            return visible(session, desk.matter_id, who).id == desk.matter_id
    except NotFound:
        return False


def offered(desk, who):
    """The organisations for which the page offers to record."""
    with desk.database.reading() as session:
        matter = visible(session, desk.matter_id, who)
        doings = doings_of(session, who, matter, standing_of(session, who, matter, desk.at), desk.at)
        seats = {one.id: one.organisation_id for one in desk.seats()}
        assert (Doing.ON_BEHALF in doings.may) is bool(doings.on_behalf)
        return {seats[one.id] for one in doings.on_behalf}


def record(desk, who, organisation, evidence):
    return desk.do(give_on_behalf, organisation, AGREE, evidence, who=who)


class NotKept(Exception):
    """Undoes what was only tried."""


def try_to_record(desk, who, seat, evidence):
    """Whether the act would be done."""

    def tried(session):
        give_on_behalf(session, who, seat.id, AGREE, evidence, None, desk.at)
        raise NotKept

    try:
        desk.database.write(tried)
    except NotKept:
        return True
    except (NotFound, NotAllowed):
        return False


def test_who_may_record_reads_and_is_offered_it_and_nobody_else_is(desk, evidence):
    """Each organisation of two neighbourhoods, each seat: the rule, the page and the reading say the same."""
    desk.consult()
    elsewhere, world = desk.make.neighbourhood(), desk.world
    everybody = {one.id: one for one in (*world.organisations, *elsewhere.organisations)}
    sitting = {one.organisation_id for one in desk.seats()} | {world.company.id}
    may = {}
    for one in everybody.values():
        who = desk.make.identity((world.officers | elsewhere.officers)[one.id])
        may[one.id] = {seat.organisation_id for seat in desk.seats() if try_to_record(desk, who, seat, evidence)}
        assert reads(desk, who) is (one.id in sitting or bool(may[one.id])), (
            one.code
        )  # housing, the filer's superior: no
        if reads(desk, who):
            assert offered(desk, who) == may[one.id], one.code
    lead, street, community, council = (one.id for one in (world.lead, world.street, world.community, world.council))
    assert {one: what for one, what in may.items() if what} == {
        lead: {street, community, council},
        street: {community},
        community: {council},
    }


def test_the_lead_records_by_phone_and_keeps_what_it_had_a_hand_in(desk, evidence):
    desk.consult()
    world, lead = desk.world, desk.who(desk.world.lead)
    record(desk, lead, world.street, evidence)
    assert desk.seat(world.street).status is SeatStatus.ANSWERED
    assert desk.kinds()[-1] == "recorded_on_behalf"
    assert "answered_for_you" in desk.got(world.street)
    desk.check()
    with desk.database.reading() as session:
        assert [row.matter_id for row in listed(session, lead, ALL, desk.at).rows] == [desk.matter_id]


def test_a_superior_that_does_not_sit_reads_and_learns_that_the_party_has_answered_itself(desk, evidence):
    desk.consult(seats=(SeatRule(Party.COMMUNITY), SeatRule(Party.COUNCIL)))
    street = desk.who(desk.world.street)
    assert offered(desk, street) == {desk.world.community.id}
    desk.say(desk.world.community)
    assert offered(desk, street) == set()
    with pytest.raises(AnsweredThemselves):
        record(desk, street, desk.world.community, evidence)


def test_the_filer_s_superior_reads_once_the_filer_is_asked_and_keeps_what_it_recorded(desk, evidence):
    desk.consult(seats=(SeatRule(Party.PROPERTY, is_declared=True), SeatRule(Party.COUNCIL)))
    housing, company = desk.who(desk.world.housing), desk.world.company
    assert not reads(desk, housing)
    desk.consult(seats=(SeatRule(Party.PROPERTY), SeatRule(Party.COUNCIL)))
    assert offered(desk, housing) == {company.id}
    record(desk, housing, company, evidence)
    desk.say(company, Draft(OpinionKind.ABSTAIN))
    assert reads(desk, housing)
    assert offered(desk, housing) == set()


def test_a_community_without_a_seat_records_for_those_on_its_ground(desk, evidence):
    desk.consult(seats=(SeatRule(Party.COUNCIL), SeatRule(Party.STREET)))
    community, stranger = desk.who(desk.world.community), desk.make.neighbourhood()
    assert offered(desk, community) == {desk.world.council.id}
    assert not reads(desk, desk.make.identity(stranger.officers[stranger.community.id]))
    record(desk, community, desk.world.council, evidence)
    assert desk.seat(desk.world.council).answer is OpinionKind.AGREE


def test_for_whom_is_not_asked_yet_nothing_is_offered(desk):
    desk.consult(seats=(SeatRule(Party.STREET), SeatRule(Party.COUNCIL)), mode=Mode.IN_TURN)
    assert offered(desk, desk.who(desk.world.community)) == set()
    desk.say(desk.world.street)
    desk.round()
    assert offered(desk, desk.who(desk.world.community)) == {desk.world.council.id}


def test_the_lead_reads_every_matter_of_its_district_and_its_lists_stay_its_own(desk, vault):
    desk.consult()
    lead, reference = desk.who(desk.world.lead), desk.matter.reference
    rider = desk.make.rider_lines(2)[0]
    with desk.database.reading() as session:
        assert by_reference(session, reference, lead) == desk.matter_id
        assert listed(session, lead, ALL, desk.at).rows == ()
        rows = select(func.count()).select_from(Reader).where(Reader.organisation_id == lead.organisation_id)
        assert session.scalar(rows) == 0
        for words in (reference, reference[1:], rider.phone, rider.name):
            hits = search(session, lead, vault, words, desk.at)
            assert [hit.row.matter_id for hit in hits] == [desk.matter_id], words


def test_a_superior_finds_what_it_may_record_for_by_its_whole_reference_only(desk, vault):
    desk.consult(seats=(SeatRule(Party.COMMUNITY), SeatRule(Party.COUNCIL)))
    street, housing = desk.who(desk.world.street), desk.who(desk.world.housing)
    reference, rider = desk.matter.reference, desk.make.rider_lines(2)[0]
    with desk.database.reading() as session:
        assert [one.row.matter_id for one in search(session, street, vault, reference, desk.at)] == [desk.matter_id]
        assert [one.row.matter_id for one in search(session, street, vault, reference[1:], desk.at)] == [desk.matter_id]
        for who, words in ((street, reference[:-1]), (street, rider.phone), (housing, reference)):
            assert search(session, who, vault, words, desk.at) == ()


def test_a_lead_of_another_district_reads_nothing(desk):
    desk.consult()
    lead = desk.world.lead
    desk.make.tamper(
        "insert into district (id, code, name_zh, name_en, sign) select :other, '410899', name_zh, name_en, sign "
        "from district",
        other=_sql(desk, desk.world.compound.id),
    )
    desk.make.tamper(
        "update organisation set district_id = :other where id = :lead",
        other=_sql(desk, desk.world.compound.id),
        lead=_sql(desk, lead.id),
    )
    assert not reads(desk, desk.who(lead))


def _sql(desk, value):
    return value if not desk.database.is_sqlite else value.hex


def test_readers_of_the_lead_record_nothing_and_a_lead_s_officer_urges(desk, evidence):
    desk.consult()
    lead = desk.who(desk.world.lead)
    with pytest.raises(OnlyReads):
        record(desk, replace(lead, role=Role.READER), desk.world.street, evidence)
    assert reads(desk, replace(lead, role=Role.READER))
    desk.database.write(urge, lead, desk.matter_id, desk.at)
    assert "urged" in desk.got(desk.world.community)
