"""The demo district: its figures, its ladder of superiors, and that it is the same everywhere."""

from collections import Counter
from uuid import UUID

import yaml
from sqlalchemy import select

from models.database import Database
from models.district import Compound, Organisation, lead_department, only_district
from models.officer import Officer, check_password
from models.protocol.schema import Party
from tests.make import Maker
from wufang.demo_district import NAMES, logins, plan, seed


def test_the_figures_are_those_of_the_brief(database: Database) -> None:
    assert seed(database)
    with database.reading() as session:
        parties = Counter(session.scalars(select(Organisation.party)))
        compounds = session.scalars(select(Compound)).all()
    assert parties == {
        Party.DEPARTMENT: 6,
        Party.STREET: 9,
        Party.COMMUNITY: 35,
        Party.COUNCIL: 35,
        Party.PROPERTY: 20,
    }
    assert len(compounds) == 120
    assert len({one.community_id for one in compounds}) == 35
    assert len({one.property_id for one in compounds}) == 20


def test_seeding_twice_changes_nothing(make: Maker) -> None:
    assert seed(make.database)
    before = make.count(Officer)
    assert not seed(make.database)
    assert make.count(Officer) == before


def test_a_district_that_is_there_is_left_alone(make: Maker) -> None:
    make.neighbourhood()
    before = make.count(Organisation)
    assert not seed(make.database)
    assert make.count(Organisation) == before


def test_two_machines_have_the_same_identifiers() -> None:
    first, second = plan(), plan()
    assert [row.id for row in first.officers] == [row.id for row in second.officers]
    assert str(first.organisations["xinxing"].id) == "454271c8-eb39-5199-8f13-ef461dbb815b"
    assert len({row.id for row in first.officers}) == len(first.officers)


def test_every_ladder_ends_at_the_lead_department(any_database: Database) -> None:
    seed(any_database)
    with any_database.reading() as session:
        district = only_district(session)
        assert district is not None
        lead = lead_department(session, district.id)
        by_id = {one.id: one for one in session.scalars(select(Organisation))}
    assert lead.name_zh == "区委社会工作部"
    assert lead.parent_id is None
    ladders = {
        Party.COUNCIL: [Party.COMMUNITY, Party.STREET, Party.DEPARTMENT],
        Party.COMMUNITY: [Party.STREET, Party.DEPARTMENT],
        Party.STREET: [Party.DEPARTMENT],
        Party.PROPERTY: [Party.DEPARTMENT, Party.DEPARTMENT],
        Party.DEPARTMENT: [Party.DEPARTMENT],
    }
    for one in by_id.values():
        above = superiors(one, by_id)
        assert [superior.party for superior in above] == ([] if one.is_lead else ladders[one.party])
        assert (above or [one])[-1].id == lead.id


def superiors(organisation: Organisation, by_id: dict[UUID, Organisation]) -> list[Organisation]:
    """Everybody above it, the nearest first."""
    above: list[Organisation] = []
    parent_id = organisation.parent_id
    while parent_id is not None:
        above.append(by_id[parent_id])
        parent_id = above[-1].parent_id
    return above


def test_the_names_of_the_brief_stand_where_it_says(database: Database) -> None:
    seed(database)
    with database.reading() as session:
        named = {one.name_zh: one for one in session.scalars(select(Organisation))}
        managed = session.scalars(select(Compound).where(Compound.property_id == named["合家安物业"].id)).all()
    assert named["新兴社区"].parent_id == named["定和街道"].id
    assert named["春源社区"].parent_id == named["新城街道"].id
    assert named["新兴社区党群议事会"].parent_id == named["新兴社区"].id
    assert any(one.community_id == named["新兴社区"].id for one in managed)


def test_every_demo_log_in_works(database: Database) -> None:
    seed(database)
    with database.reading() as session:
        for login in logins():
            officer = check_password(session, login.email, login.password)
            organisation = session.get_one(Organisation, officer.organisation_id)
            assert organisation.name == login.organisation
            assert officer.is_administrator == (login.email == "admin@shanyang.example")


def test_every_address_is_one_that_nobody_has(database: Database) -> None:
    seed(database)
    with database.reading() as session:
        emails = session.scalars(select(Officer.email)).all()
    assert emails
    assert all(email.endswith(".example") and email == email.lower() for email in emails)


def test_whatever_the_brief_does_not_name_is_marked_as_invented() -> None:
    names = yaml.safe_load(NAMES.read_text(encoding="utf-8"))
    communities = [one for street in names["streets"] for one in street["communities"]]
    real = [one["zh"] for one in [*names["streets"], *communities, *names["companies"]] if not one.get("invented")]
    assert real == ["定和街道", "新城街道", "新兴社区", "春源社区", "合家安物业"]
