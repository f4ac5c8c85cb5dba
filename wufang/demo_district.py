"""The demo district 山阳区: 9 streets, 35 communities with councils, 20 property companies, 120 compounds.

Names stand in `district_410811.yaml`; those that the brief does not have say `invented: true` there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy.orm import Session

from models.base import Base
from models.database import Database
from models.demo_logins import ADMINISTRATOR, DEMO_PASSWORD, ROLES
from models.district import Compound, District, Organisation, only_district
from models.officer import Officer, Role
from models.protocol.schema import Party, Title
from wufang.make import Neighbourhood, keep, new_compound, new_district, new_officer, new_organisation

NAMES = Path(__file__).with_name("district_410811.yaml")
COMPOUNDS = 120
SOUTH_WEST = (35.195, 113.205)  # of the district's town, WGS84; where in it each place lies is invented
STREETS_A_ROW, COMMUNITIES_A_ROW, COMPOUNDS_A_ROW = 3, 2, 2
STREET_STEP, COMMUNITY_STEP, COMPOUND_STEP = (0.024, 0.032), (0.011, 0.015), (0.0045, 0.006)  # degrees
DOMAINS = {
    Party.DEPARTMENT: "shanyang.example",
    Party.STREET: "jiedao.example",
    Party.COMMUNITY: "shequ.example",
    Party.COUNCIL: "yishihui.example",
    Party.PROPERTY: "wuye.example",
}
TWO_OFFICERS = frozenset({Party.DEPARTMENT, Party.STREET, Party.PROPERTY})


@dataclass(frozen=True, slots=True)
class Login:
    """A demo log-in, to be shown where the demo district is loaded."""

    role: Title
    organisation: Title
    email: str
    password: str


@dataclass(slots=True)
class DemoDistrict:
    """All rows of the demo district, superiors first."""

    district: District
    organisations: dict[str, Organisation] = field(default_factory=dict[str, Organisation])  # by e-mail name
    compounds: list[Compound] = field(default_factory=list[Compound])
    officers: list[Officer] = field(default_factory=list[Officer])

    @property
    def rows(self) -> list[Base]:
        """Everything in an order that the database can take."""
        return [self.district, *self.organisations.values(), *self.compounds, *self.officers]


def seed(database: Database) -> bool:
    """Load the demo district into an empty database. False, and nothing is changed, where a district is there."""
    with database.reading() as session:
        if only_district(session) is not None:
            return False
    return database.write(_load, plan())


def plan() -> DemoDistrict:
    """New rows of the whole district, with the same identifiers on every machine."""
    names = _names()
    made = DemoDistrict(new_district(names["district"]["key"], _title(names["district"]), names["district"]["sign"]))
    _plan_departments(made, names["departments"])
    _plan_streets(made, names["streets"])
    for one in names["companies"]:
        _add(made, Party.PROPERTY, one, made.organisations["housing"])
    _plan_compounds(made, names["compounds"])
    made.officers += _officers(made)
    return made


def logins() -> list[Login]:
    """A handful of log-ins, one for each part that a newcomer may want to play."""
    made = plan()
    emails = {officer.email: officer.organisation_id for officer in made.officers}
    names = {organisation.id: organisation.name for organisation in made.organisations.values()}
    return [Login(role, names[emails[email]], email, DEMO_PASSWORD) for email, role in ROLES.items()]


def neighbourhood() -> Neighbourhood:
    """The compound, company, community and street that stories of the demo district are about."""
    made = plan()
    officers: dict[UUID, Officer] = {}
    for one in made.officers:
        officers.setdefault(one.organisation_id, one)
    named = made.organisations
    return Neighbourhood(
        made.district,
        lead=named["social_work"],
        housing=named["housing"],
        market_supervision=named["market_supervision"],
        street=named["dinghe"],
        community=named["xinxing"],
        council=named["xinxing-council"],
        company=named["hejiaan"],
        compound=made.compounds[0],
        officers=officers,
    )


def _load(session: Session, made: DemoDistrict) -> bool:
    """Looked at once more in the transaction that writes: two processes may start together."""
    if only_district(session) is not None:
        return False
    keep(session, made.rows)
    return True


@cache
def _names() -> dict[str, Any]:
    return yaml.safe_load(NAMES.read_text(encoding="utf-8"))


def _title(one: dict[str, Any]) -> Title:
    return Title(one["zh"], one["en"])


def _council(community: Title) -> Title:
    return Title(f"{community.zh}党群议事会", f"{community.en} Resident Council")


def _add(
    made: DemoDistrict, party: Party, one: dict[str, Any], parent: Organisation | None, function: str | None = None
) -> Organisation:
    new = new_organisation(
        made.district,
        party,
        f"{made.district.code}-{one['key']}",
        _title(one),
        parent,
        function,
        is_lead=one.get("is_lead", False),
    )
    made.organisations[one["key"]] = new
    return new


def _beside(corner: tuple[float, float], number: int, a_row: int, step: tuple[float, float]) -> tuple[float, float]:
    """The place of that number, from 0, in rows from a corner to the north-east."""
    row, column = divmod(number, a_row)
    return round(corner[0] + row * step[0], 6), round(corner[1] + column * step[1], 6)


def _plan_departments(made: DemoDistrict, departments: list[dict[str, Any]]) -> None:
    lead: Organisation | None = None
    for one in departments:  # the lead stands first
        added = _add(made, Party.DEPARTMENT, one, lead, one["key"])
        lead = lead or added


def _plan_streets(made: DemoDistrict, streets: list[dict[str, Any]]) -> None:
    lead = next(iter(made.organisations.values()))
    for place, one in enumerate(streets):
        street = _add(made, Party.STREET, one, lead)
        corner = _beside(SOUTH_WEST, place, STREETS_A_ROW, STREET_STEP)
        street.latitude, street.longitude = corner
        for number, named in enumerate(one["communities"]):
            community = _add(made, Party.COMMUNITY, named, street)
            community.latitude, community.longitude = _beside(corner, number, COMMUNITIES_A_ROW, COMMUNITY_STEP)
            council = _council(_title(named))
            _add(made, Party.COUNCIL, {"key": f"{named['key']}-council", "zh": council.zh, "en": council.en}, community)


def _plan_compounds(made: DemoDistrict, words: dict[str, list[dict[str, Any]]]) -> None:
    """Deal the compounds to communities and companies in order, so that a company's compounds lie side by side."""
    communities = [one for one in made.organisations.values() if one.party is Party.COMMUNITY]
    companies = [one for one in made.organisations.values() if one.party is Party.PROPERTY]
    pairs = list(product(words["second"], words["first"]))
    for place in range(COMPOUNDS):
        second, first = pairs[place]
        name = Title(first["zh"] + second["zh"], f"{first['en']} {second['en']}")
        community = communities[place * len(communities) // COMPOUNDS]
        company = companies[place * len(companies) // COMPOUNDS]
        code = f"{made.district.code}-compound-{place + 1:03d}"
        beside = sum(one.community_id == community.id for one in made.compounds)
        assert community.latitude is not None
        assert community.longitude is not None
        position = _beside((community.latitude, community.longitude), beside, COMPOUNDS_A_ROW, COMPOUND_STEP)
        made.compounds.append(new_compound(code, name, community, company, position))


def _officers(made: DemoDistrict) -> Iterator[Officer]:
    """One or two for each organisation, of two the second is its manager; readers; the district's administrator."""
    for key, organisation in made.organisations.items():
        mailbox, domain = key.removesuffix("-council").replace("_", "-"), DOMAINS[organisation.party]
        yield new_officer(organisation, f"{mailbox}@{domain}")
        if organisation.party in TWO_OFFICERS:
            yield new_officer(organisation, f"{mailbox}-2@{domain}", role=Role.MANAGER)
        if organisation.party is Party.DEPARTMENT:
            yield new_officer(organisation, f"{mailbox}-3@{domain}", role=Role.READER)
    yield new_officer(made.organisations["social_work"], ADMINISTRATOR, is_administrator=True)
