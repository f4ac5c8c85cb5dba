"""Builders of a district and what happens in it: the tests and the demo district are made by the same ones.

Identifiers follow from codes, so that the same code is the same row on every machine. All people are invented.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from models.base import Base
from models.clock import local_date
from models.crypto import Vault
from models.database import Database
from models.demo_logins import DEMO_PASSWORD
from models.district import Compound, District, Organisation
from models.filing.submitting import Submission, Submitted, submit
from models.officer import Identity, Officer, Role, hash_password
from models.protocol.schema import Party, Title
from models.rider_rules import RiderLine

SPACE = UUID("6f1e6d0e-5d0b-5c0c-9f53-410811000000")  # name space of the identifiers that follow from codes
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = ("建国", "秀兰", "晓燕", "志强", "海霞", "文博", "雨桐", "国庆", "丽娟", "浩然", "春梅", "永刚", "思远", "玉珍")
PLATFORMS = ("美团", "饿了么", "UU跑腿")
FILED_DAYS = 365  # of an invented rider's period, both ends included


@cache
def password_hash(password: str = DEMO_PASSWORD) -> str:
    """One hash for all demo officers: Argon2 is slow on purpose."""
    return hash_password(password)


def identifier(kind: str, code: str) -> UUID:
    """The identifier of the thing of that kind and code, the same on every machine."""
    return uuid5(SPACE, f"{kind}:{code}")


def invented_name(code: str) -> str:
    """An invented person's name that follows from `code`."""
    number = identifier("name", code).int
    return SURNAMES[number % len(SURNAMES)] + GIVEN[number // 1000 % len(GIVEN)]


def new_district(code: str, name: Title, sign: str) -> District:
    """A district that is not kept yet."""
    return District(id=identifier("district", code), code=code, name_zh=name.zh, name_en=name.en, sign=sign)


def new_organisation(
    district: District,
    party: Party,
    code: str,
    name: Title,
    parent: Organisation | None = None,
    function: str | None = None,
    *,
    is_lead: bool = False,
) -> Organisation:
    """An organisation that is not kept yet."""
    return Organisation(
        id=identifier("organisation", code),
        district_id=district.id,
        code=code,
        party=party,
        function=function,
        name_zh=name.zh,
        name_en=name.en,
        parent_id=parent.id if parent else None,
        is_lead=is_lead,
    )


def new_compound(
    code: str,
    name: Title,
    community: Organisation,
    company: Organisation,
    position: tuple[float, float] | None = None,
) -> Compound:
    """A compound that is not kept yet; `position`: latitude and longitude of its middle, WGS84."""
    latitude, longitude = position or (None, None)
    return Compound(
        id=identifier("compound", code),
        district_id=community.district_id,
        code=code,
        name_zh=name.zh,
        name_en=name.en,
        community_id=community.id,
        property_id=company.id,
        latitude=latitude,
        longitude=longitude,
    )


def new_officer(
    organisation: Organisation,
    email: str,
    *,
    is_administrator: bool = False,
    language: str = "zh",
    role: Role = Role.OFFICER,
) -> Officer:
    """An officer with an invented name and the demo password, not kept yet."""
    return Officer(
        id=identifier("officer", email),
        organisation_id=organisation.id,
        name=invented_name(email),
        email=email,
        language=language,
        password_hash=password_hash(),
        role=role,
        is_administrator=is_administrator,
        is_active=True,
    )


def keep(session: Session, rows: Sequence[Base]) -> None:
    """Write new rows, table by table; in `rows` superiors stand before those below them."""
    order = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
    for _, same in groupby(sorted(rows, key=lambda row: order[row.__tablename__]), key=type):
        session.add_all(same)
        session.flush()  # without relations between the classes, a session does not know which row needs which


def identity_of(officer: Officer, organisation: Organisation) -> Identity:
    """The officer as the rules see them."""
    return Identity(
        officer.id, organisation.id, organisation.party, officer.is_administrator, officer.language, officer.role
    )


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A small world with one organisation of each party, one compound, and one officer for each organisation."""

    district: District
    lead: Organisation
    housing: Organisation
    market_supervision: Organisation
    street: Organisation
    community: Organisation
    council: Organisation
    company: Organisation
    compound: Compound
    officers: dict[UUID, Officer] = field(repr=False)  # by organisation

    @property
    def organisations(self) -> tuple[Organisation, ...]:
        """All of them, superiors first."""
        departments = (self.lead, self.housing, self.market_supervision)
        return (*departments, self.street, self.community, self.council, self.company)

    def officer(self, organisation: Organisation) -> Officer:
        """The officer who acts for the organisation."""
        return self.officers[organisation.id]

    def who(self, organisation: Organisation) -> Identity:
        """The same as the rules see them."""
        return identity_of(self.officers[organisation.id], organisation)

    @property
    def clerk(self) -> Identity:
        """The property company's clerk, who files."""
        return self.who(self.company)


class Maker:
    """Makes rows in `database` as they would be at `at` (aware). Codes are counted where none is given."""

    def __init__(self, database: Database, vault: Vault, at: datetime) -> None:
        self.database, self.vault, self.at = database, vault, at
        self._district: District | None = None
        self._departments: dict[str, Organisation] = {}
        self._officers: dict[UUID, Officer] = {}
        self._numbers: dict[str, int] = {}

    def keep(self, *rows: Base) -> None:
        """Write new rows in one transaction."""
        self.database.write(keep, rows)

    def district(self) -> District:
        """The district 山阳区, made once."""
        if self._district is None:
            self._district = new_district("410811", Title("山阳区", "Shanyang District"), "山")
            self.keep(self._district)
        return self._district

    def organisation(
        self,
        party: Party,
        name: Title | None = None,
        parent: Organisation | None = None,
        function: str | None = None,
        *,
        is_lead: bool = False,
    ) -> Organisation:
        """An organisation of that party."""
        made = self._new_organisation(party, name, parent, function, is_lead=is_lead)
        self.keep(made)
        return made

    def compound(self, community: Organisation, company: Organisation, name: Title | None = None) -> Compound:
        """A compound of the community that the company manages."""
        made = self._new_compound(community, company, name)
        self.keep(made)
        return made

    def officer(
        self,
        organisation: Organisation,
        *,
        is_administrator: bool = False,
        language: str = "zh",
        role: Role = Role.OFFICER,
    ) -> Officer:
        """An officer who acts for the organisation."""
        made = self._new_officer(organisation, is_administrator=is_administrator, language=language, role=role)
        self.keep(made)
        return made

    def identity(self, officer: Officer) -> Identity:
        """The officer as the rules see them."""
        with self.database.reading() as session:
            return identity_of(officer, session.get_one(Organisation, officer.organisation_id))

    def neighbourhood(self, number: int | None = None) -> Neighbourhood:
        """A small world; a second one shares district and departments with the first."""
        district = self.district()
        count = self._number("neighbourhood") if number is None else number
        lead, housing, market = self._three_departments()
        street = self._new_organisation(Party.STREET, _numbered("定和街道", "Dinghe Street", count), lead)
        community = self._new_organisation(Party.COMMUNITY, _numbered("新兴社区", "Xinxing", count), street)
        council = self._new_organisation(Party.COUNCIL, _numbered("新兴议事会", "Xinxing Council", count), community)
        company = self._new_organisation(Party.PROPERTY, _numbered("合家安物业", "Hejia'an", count), housing)
        local = [street, community, council, company]
        officers = [self._new_officer(one) for one in local]
        compound = self._new_compound(community, company, _numbered("锦绣花园", "Jinxiu Garden", count))
        self.keep(*local, *officers, compound)
        return Neighbourhood(
            district, lead, housing, market, street, community, council, company, compound, dict(self._officers)
        )

    def rider_lines(self, count: int, seed: int = 0) -> tuple[RiderLine, ...]:
        """Invented riders, the same for the same seed; no phone comes twice."""
        chance = random.Random(seed)  # noqa: S311 - invented people, not secrets
        starts_on = local_date(self.at)
        phones = chance.sample(range(10**8), count)
        return tuple(
            RiderLine(
                name=chance.choice(SURNAMES) + chance.choice(GIVEN),
                phone=f"170{phone:08d}",
                platform=chance.choice(PLATFORMS),
                station="定和站",
                plate=f"豫H{chance.randrange(10**5):05d}电",
                starts_on=starts_on,
                ends_on=starts_on + timedelta(days=FILED_DAYS - 1),
                note="",
            )
            for phone in phones
        )

    def filing(
        self,
        clerk: Identity,
        compounds: Sequence[Compound],
        lines: int | Sequence[RiderLine] = 3,
        *,
        seed: int = 0,
        at: datetime | None = None,
    ) -> Submitted:
        """A filing as the clerk submits it: so many invented riders, or these."""
        riders = self.rider_lines(lines, seed) if isinstance(lines, int) else tuple(lines)
        submission = Submission(tuple(one.id for one in compounds), riders)
        return self.database.write(submit, clerk, self.vault, submission, at or self.at)

    def _three_departments(self) -> tuple[Organisation, Organisation, Organisation]:
        """Lead, housing and market supervision, made once, with an officer each."""
        if not self._departments:
            lead = self._new_organisation(
                Party.DEPARTMENT, Title("区委社会工作部", "Social Work Department"), None, "social_work", is_lead=True
            )
            housing = self._new_organisation(Party.DEPARTMENT, Title("区住建局", "Housing"), lead, "housing")
            market = self._new_organisation(
                Party.DEPARTMENT, Title("区市场监管局", "Market Supervision"), lead, "market_supervision"
            )
            made = (lead, housing, market)
            self.keep(*made, *(self._new_officer(one) for one in made))
            self._departments = {one.code: one for one in made}
        lead, housing, market = self._departments.values()
        return lead, housing, market

    def _new_organisation(
        self,
        party: Party,
        name: Title | None,
        parent: Organisation | None,
        function: str | None = None,
        *,
        is_lead: bool = False,
    ) -> Organisation:
        code = f"410811-{party.value}-{self._number(party.value):03d}"
        return new_organisation(
            self.district(), party, code, name or Title(code, code), parent, function, is_lead=is_lead
        )

    def _new_compound(self, community: Organisation, company: Organisation, name: Title | None) -> Compound:
        code = f"410811-compound-{self._number('compound'):03d}"
        return new_compound(code, name or Title(code, code), community, company)

    def _new_officer(
        self,
        organisation: Organisation,
        *,
        is_administrator: bool = False,
        language: str = "zh",
        role: Role = Role.OFFICER,
    ) -> Officer:
        email = f"{organisation.code}-{self._number(organisation.code)}@shanyang.example"
        made = new_officer(organisation, email, is_administrator=is_administrator, language=language, role=role)
        self._officers.setdefault(organisation.id, made)
        return made

    def _number(self, series: str) -> int:
        self._numbers[series] = self._numbers.get(series, 0) + 1
        return self._numbers[series]


def _numbered(zh: str, en: str, count: int) -> Title:
    """The first of a name is plain, the others are numbered."""
    return Title(zh, en) if count == 1 else Title(f"{zh}{count}", f"{en} {count}")
