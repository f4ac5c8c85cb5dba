"""Organisations and officers: who looks after them, what is fixed, and who cannot be taken away."""

import pytest
from sqlalchemy import select

from models.errors import NotAllowed, NotFound
from models.notice.tables import Letter, Notice
from models.officer import Officer, Role
from models.protocol.schema import Party
from models.staff_act import StaffAct, StaffActKind, staff_acts
from models.staffing import (
    CodeWrong,
    EmailTaken,
    EmailWrong,
    FunctionWrong,
    LastAdministrator,
    LastManager,
    NameMissing,
    OfficerDraft,
    OrganisationDraft,
    SuperiorWrong,
    add_organisation,
    change_officer,
    change_organisation,
    invite,
    search_organisations,
    send_account_link,
)

ZHANG = OfficerDraft("张伟", Role.OFFICER, "zh")


@pytest.fixture
def world(any_make):
    return any_make.neighbourhood()


@pytest.fixture
def admin(any_make, world):
    return any_make.identity(any_make.officer(world.lead, is_administrator=True))


@pytest.fixture
def manager(any_make, world):
    return any_make.identity(any_make.officer(world.street, role=Role.MANAGER))


def test_the_administrator_adds_an_organisation(any_make, world, admin):
    draft = OrganisationDraft("云台社区", "Yuntai Community", world.street.id)
    added = any_make.database.write(
        lambda session: add_organisation(session, admin, "410811-yuntai", Party.COMMUNITY, draft, any_make.at).id
    )
    with any_make.database.reading() as session:
        assert [one.id for one in search_organisations(session, "yunTAI")] == [added]
        assert [one.id for one in search_organisations(session, "云台")] == [added]
        assert search_organisations(session, "%") == []
        assert len(search_organisations(session)) == 8


@pytest.mark.parametrize(
    ("code", "party", "values", "broken"),
    [
        ("410811-COMMUNITY-001", Party.COMMUNITY, {}, CodeWrong),
        ("with blank", Party.COMMUNITY, {}, CodeWrong),
        ("", Party.COMMUNITY, {}, CodeWrong),
        ("new", Party.COMMUNITY, {"name_en": " "}, NameMissing),
        ("new", Party.COMMUNITY, {"name_zh": "长" * 101}, NameMissing),
        ("new", Party.COMMUNITY, {"function": "housing"}, FunctionWrong),
        ("new", Party.DEPARTMENT, {}, FunctionWrong),
        ("new", Party.DEPARTMENT, {"function": "住建"}, FunctionWrong),
        ("new", Party.COMMUNITY, {"parent_id": None}, SuperiorWrong),
    ],
)
def test_what_an_organisation_must_not_be(any_make, world, admin, code, party, values, broken):
    named = {"name_zh": "云台", "name_en": "Yuntai", "parent_id": world.street.id} | values
    with pytest.raises(broken):
        any_make.database.write(add_organisation, admin, code, party, OrganisationDraft(**named), any_make.at)


def test_superiors_never_form_a_circle(any_make, world, admin):
    under_itself = OrganisationDraft("定和街道", "Dinghe", world.council.id)
    with pytest.raises(SuperiorWrong):
        any_make.database.write(change_organisation, admin, world.street.id, under_itself, any_make.at)
    lead = OrganisationDraft("区委", "Lead", world.street.id, "social_work")
    with pytest.raises(SuperiorWrong):
        any_make.database.write(change_organisation, admin, world.lead.id, lead, any_make.at)


def test_an_organisation_is_renamed_and_it_is_written_down(any_make, world, admin):
    draft = OrganisationDraft("定和街道办", "Dinghe Office", world.lead.id)
    any_make.database.write(change_organisation, admin, world.street.id, draft, any_make.at)
    any_make.database.write(change_organisation, admin, world.street.id, draft, any_make.at)
    with any_make.database.reading() as session:
        acts = staff_acts(session, admin).rows
    assert [(one.kind, one.details) for one in acts] == [
        (StaffActKind.ORGANISATION_CHANGED, {"changed": ["name_en", "name_zh"]})
    ]


def test_only_the_administrator_changes_organisations(any_make, world, manager):
    draft = OrganisationDraft("我们", "We", world.lead.id)
    with pytest.raises(NotAllowed):
        any_make.database.write(change_organisation, manager, world.street.id, draft, any_make.at)


def test_an_invited_officer_gets_a_letter_and_has_no_password(any_make, world, manager):
    any_make.database.write(
        invite, manager, any_make.vault, world.street.id, " Zhang@Jiedao.EXAMPLE ", ZHANG, any_make.at
    )
    with any_make.database.reading() as session:
        officer = session.scalars(select(Officer).where(Officer.email == "zhang@jiedao.example")).one()
        letter = session.scalars(select(Notice).where(Notice.officer_id == officer.id)).one().letter
    assert (officer.password_hash, officer.is_active, officer.role) == ("", True, Role.OFFICER)
    assert letter is Letter.ACCOUNT_INVITATION


@pytest.mark.parametrize("email", ["", "zhang", "a b@x.example", "a@b", "a@b.example,c@d.example"])
def test_what_is_no_address(any_make, world, manager, email):
    with pytest.raises(EmailWrong):
        any_make.database.write(invite, manager, any_make.vault, world.street.id, email, ZHANG, any_make.at)


def test_one_account_for_an_address(any_make, world, manager):
    taken = world.officer(world.council).email
    with pytest.raises(EmailTaken):
        any_make.database.write(invite, manager, any_make.vault, world.street.id, taken, ZHANG, any_make.at)


def test_a_manager_stays_at_home(any_make, world, manager):
    with pytest.raises(NotAllowed):
        any_make.database.write(invite, manager, any_make.vault, world.council.id, "a@b.example", ZHANG, any_make.at)
    with pytest.raises(NotFound):
        any_make.database.write(change_officer, manager, world.officer(world.council).id, ZHANG, any_make.at)
    risen = OfficerDraft("张伟", Role.MANAGER, "zh", is_administrator=True)
    with pytest.raises(NotAllowed):
        any_make.database.write(change_officer, manager, world.officer(world.street).id, risen, any_make.at)


def test_a_plain_officer_looks_after_nobody(any_make, world):
    who = world.who(world.street)
    with pytest.raises(NotAllowed):
        any_make.database.write(invite, who, any_make.vault, world.street.id, "a@b.example", ZHANG, any_make.at)
    with any_make.database.reading() as session, pytest.raises(NotAllowed):
        staff_acts(session, who)


def test_a_manager_does_not_rule_over_an_administrator(any_make, world, admin):
    boss = any_make.identity(any_make.officer(world.lead, role=Role.MANAGER))
    with pytest.raises(NotAllowed):
        any_make.database.write(send_account_link, boss, any_make.vault, admin.officer_id, any_make.at)


def test_the_last_administrator_and_the_last_manager_stay(any_make, world, admin, manager):
    with pytest.raises(LastAdministrator):
        any_make.database.write(change_officer, admin, admin.officer_id, ZHANG, any_make.at)
    with pytest.raises(LastManager):
        any_make.database.write(change_officer, admin, manager.officer_id, ZHANG, any_make.at)
    any_make.officer(world.street, role=Role.MANAGER)
    any_make.database.write(change_officer, admin, manager.officer_id, ZHANG, any_make.at)
    any_make.officer(world.lead, is_administrator=True)
    any_make.database.write(change_officer, admin, admin.officer_id, ZHANG, any_make.at)


def test_a_link_is_a_reset_for_whoever_has_a_password(any_make, world, manager):
    any_make.database.write(send_account_link, manager, any_make.vault, world.officer(world.street).id, any_make.at)
    invited = any_make.database.write(
        lambda session: (
            invite(session, manager, any_make.vault, world.street.id, "z@jiedao.example", ZHANG, any_make.at).id
        )
    )
    any_make.database.write(send_account_link, manager, any_make.vault, invited, any_make.at)
    with any_make.database.reading() as session:
        letters = [one.letter for one in session.scalars(select(Notice).order_by(Notice.id))]
    assert letters == [Letter.PASSWORD_RESET, Letter.ACCOUNT_INVITATION, Letter.ACCOUNT_INVITATION]


def test_a_manager_reads_the_own_log_only(any_make, world, admin, manager):
    any_make.database.write(invite, admin, any_make.vault, world.council.id, "a@b.example", ZHANG, any_make.at)
    any_make.database.write(invite, manager, any_make.vault, world.street.id, "c@d.example", ZHANG, any_make.at)
    with any_make.database.reading() as session:
        assert len(staff_acts(session, admin).rows) == 2
        [own] = staff_acts(session, manager).rows
        page = staff_acts(session, admin, limit=1)
        assert len(staff_acts(session, admin, page.next).rows) == 1
    assert own.organisation == world.street.name
    assert any_make.count(StaffAct) == 2
