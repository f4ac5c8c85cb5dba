"""Training in the demo district: sites, trainers, courses, what riders need; a published timetable, one that is consulted on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import uuid7
from models.calendars import district_calendar
from models.clock import SHANGHAI, local_date
from models.district import Compound, Organisation
from models.officer import Identity, Officer, Role
from models.phone import PhoneIdentity
from models.protocol.schema import Party, Title
from models.training import (
    check_in,
    consulting,
    courses,
    drafting,
    feedback,
    needs,
    places,
    publishing,
    sites,
    trainers,
)
from models.training.consulting import Submitted
from models.training.problem import Hours, Key, Placement
from models.training.proposing import pose
from models.training.ruling import TrainingRules, training_rules
from models.training.tables import Course, Event, Site, Timetable, TimetableStatus, Trainer
from tasks.timetable_apart import solve_apart
from wufang.make import Maker, Neighbourhood, identity_of, invented_name
from wufang.make_people import People

DAY = timedelta(days=1)
SECONDS = 3.0  # for a draft: a good one is enough here
ALL_WEEK: tuple[Hours, ...] = tuple((day, 480, 1320) for day in range(1, 8))
EVENINGS: tuple[Hours, ...] = tuple((day, 810, 1320) for day in range(1, 7))
EVERY = 3  # community has a site
RIDERS = 40
WINTER = 40  # days: what is planned beyond is the planner's own
DEPARTMENTS = ("human_resources", "health", "unions")
WORDS = {
    "ebike": "带上自己的车，学会换刹车片、查线路、看懂电池鼓包。零基础也能来。",
    "first_aid": "心肺复苏、止血包扎、中暑处理，人人上手练。",
    "fire": "住处和站点怎样充电才安全，起火了先做什么。",
    "health": "康复科医师坐诊，看颈、肩、腰、腿，教三个歇单时能做的动作。",
    "calligraphy": "写春联，送自家人。笔墨纸砚都有。",
    "cooking": "五道家常菜，从切配到出锅。",
    "computer": "做表、写简历、发邮件，一人一台电脑。",
    "homecare": "老人照护的基本功，可接着考证。",
    "rights": "工伤、社保、平台规则，律师当场答。",
    "traffic": "路口、盲区、夜间：事故怎样发生，怎样躲开。",
    "driving": "考货运证要学的规则和实操，两次课。",
    "video": "用手机拍好一分钟，学会直播的规矩。",
}
PUBLISHED = ("fire", "ebike", "health", "first_aid", "calligraphy")  # by topic
CONSULTED = ("cooking", "computer", "homecare", "rights")
DRAFTED = ("video", "traffic", "driving")
TO_PLAN = "calligraphy"
OF_PLANNER = frozenset({*CONSULTED, *DRAFTED, TO_PLAN})
TWICE = frozenset({"ebike", "first_aid", "cooking", "computer", "video", "driving"})
EQUIPMENT = {"ebike": "workshop", "computer": "computers", "cooking": "kitchen", "first_aid": "dolls"}
OUR_WISHES = ("cooking", "first_aid", "ebike", "video", "homework", "driving", "computer")


@dataclass(slots=True)
class Planned:
    """What there is to look at: the matter that is consulted on, sessions by name, the timetables."""

    submitted: Submitted
    published_id: UUID
    consulted_id: UUID
    draft_id: UUID
    events: dict[str, UUID] = field(default_factory=dict[str, UUID])


@dataclass(slots=True)
class _Town:
    make: Maker
    world: Neighbourhood
    rules: TrainingRules
    officers: dict[UUID, Identity]
    bodies: Sequence[Organisation]
    sites: list[Site] = field(default_factory=list[Site])
    trainers: list[Trainer] = field(default_factory=list[Trainer])

    def who(self, body: Organisation) -> Identity:
        return self.officers[body.id]

    def department(self, number: int) -> Organisation:
        """One of those that send trainers and propose courses."""
        named = {one.function: one for one in self.bodies}
        return named[DEPARTMENTS[number % len(DEPARTMENTS)]]

    @property
    def planner(self) -> Identity:
        """The department that makes timetables."""
        return self.who(self.department(0))


def tell_training(make: Maker, world: Neighbourhood) -> Planned:
    """Weeks of training around `make.at`, which is the present; the demo district is loaded."""
    town = _town(make, world)
    _enter_sites(town)
    _enter_trainers(town)
    riders = [one for one, _ in People(make, world).crowd(RIDERS)]
    _say_needs(town, riders)
    published = [_propose(town, number, topic, 1, 27) for number, topic in enumerate(PUBLISHED)]
    consulted = [_propose(town, number, topic, 8, 41) for number, topic in enumerate(CONSULTED)]
    drafted = [_propose(town, number, topic, 8, 41) for number, topic in enumerate(DRAFTED)]
    _propose(town, 0, TO_PLAN, 14, 60)
    published_id, events = _publish(town, published)
    consulted_id = _draft(town, consulted, Title("冬季课表（二）", "Winter timetable, part 2"), 10, 37)
    submitted = make.database.write(consulting.submit, town.planner, consulted_id, None, make.at)
    draft_id = _draft(town, drafted, Title("冬季课表（三）", "Winter timetable, part 3"), 10, 30)
    planned = Planned(submitted, published_id, consulted_id, draft_id)
    planned.events |= {"held": events[0].id, "free": events[1].id, "full": events[2].id}
    _take_places(town, events, riders)
    return planned


def _town(make: Maker, world: Neighbourhood) -> _Town:
    with make.database.reading() as session:
        bodies = session.scalars(select(Organisation).order_by(Organisation.code)).all()
        officers = session.scalars(select(Officer).where(Officer.role == Role.OFFICER).order_by(Officer.email)).all()
    by_id = {one.id: one for one in bodies}
    found: dict[UUID, Identity] = {}
    for one in officers:
        body = by_id[one.organisation_id]
        found.setdefault(body.id, identity_of(one, body))
    return _Town(make, world, training_rules(), found, bodies)


def _enter_sites(town: _Town) -> None:
    """A site in every third community; two of them are halls of the property company there."""
    communities = [one for one in town.bodies if one.party is Party.COMMUNITY]
    chosen = [town.world.community, *(one for one in communities[::EVERY] if one.id != town.world.community.id)]
    with town.make.database.reading() as session:
        halls = {one.community_id: one.property_id for one in session.scalars(select(Compound))}
    kinds = ("projector", "workshop", "computers", "kitchen", "dolls")
    for number, one in enumerate(chosen[:12]):
        is_hall = number in {0, 5}
        name = f"{one.name_zh.removesuffix('社区')}{'会所' if is_hall else '实训点'}"
        entry = sites.SiteEntry(
            name_zh=name,
            name_en=f"{one.name_en.removesuffix(' Community')} {'hall' if is_hall else 'training site'}",
            address=f"{one.name_zh}党群服务中心{number % 3 + 1}楼",
            community_id=one.id,
            owner_id=halls.get(one.id) if is_hall else None,
            latitude=round((one.latitude or 35.23) + 0.002, 6),
            longitude=round((one.longitude or 113.25) + 0.001, 6),
            capacity=(30, 24, 16, 40)[number % 4],
            child_places=6 if number % 4 == 0 else 0,
            equipment=("projector", kinds[number % len(kinds)], kinds[(number + 2) % len(kinds)]),
            hours=ALL_WEEK if number % 2 == 0 else EVENINGS,
        )
        town.sites.append(town.make.database.write(sites.make_site, town.rules, town.who(one), entry))


def _enter_trainers(town: _Town) -> None:
    for number in range(9):
        site = town.sites[number % len(town.sites)]
        entry = trainers.TrainerEntry(
            name=invented_name(f"demo-trainer-{number}"),
            email=f"trainer-{number + 1}@shanyang.example",
            latitude=site.latitude,
            longitude=site.longitude,
            hours=EVENINGS if number % 3 else ALL_WEEK,
        )
        made = town.make.database.write(trainers.make_trainer, town.who(town.department(number)), entry)
        town.trainers.append(made)


def _say_needs(town: _Town, riders: Sequence[PhoneIdentity]) -> None:
    """Each says one or two topics and some evenings or afternoons, near one of the communities that have a site."""

    def say(session: Session) -> None:
        for number, one in enumerate(riders):
            slots = [f"{day}-{'evening' if number % 3 else 'afternoon'}" for day in range(1 + number % 3, 7, 2)]
            near = town.sites[number % 5].community_id if number % 4 else None
            for topic in {OUR_WISHES[number % 4], OUR_WISHES[number % len(OUR_WISHES)]}:
                needs.ask(session, town.rules, one, topic, slots, near, town.make.at - 9 * DAY)

    town.make.database.write(say)


def _propose(town: _Town, number: int, topic: str, first: int, last: int) -> Course:
    said, today = town.rules.topic(topic), local_date(town.make.at)
    department = town.department(0 if topic in OF_PLANNER and last > WINTER else number)
    entry = courses.CourseEntry(
        kind=said.kind,
        topic=topic,
        title_zh=said.title.zh,
        title_en=said.title.en,
        words=WORDS[topic],
        minutes=90 if topic in TWICE else 60,
        session_count=2 if topic in TWICE else 1,
        gap_days=2,
        least=5,
        most=8 if topic == "health" else 20,
        trainers=[one.id for one in town.trainers[number % 3 :: 3]],
        window_from=today + first * DAY,
        window_to=today + last * DAY,
        equipment=(EQUIPMENT[topic],) if topic in EQUIPMENT else (),
    )
    return town.make.database.write(courses.propose, town.rules, town.who(department), entry, town.make.at - 14 * DAY)


def _publish(town: _Town, planned: Sequence[Course]) -> tuple[UUID, list[Event]]:
    """The timetable of these weeks, as it was agreed a while ago."""
    make, at = town.make, town.make.at - 10 * DAY
    table = Timetable(
        id=uuid7(),
        district_id=town.world.district.id,
        organisation_id=town.planner.organisation_id,
        officer_id=town.planner.officer_id,
        title_zh="冬季课表（一）",
        title_en="Winter timetable, part 1",
        first_on=local_date(at),
        last_on=local_date(make.at + 21 * DAY),
        course_ids=[str(one.id) for one in planned],
        problem={},
        answer={},
        status=TimetableStatus.PUBLISHED,
        made_at=at,
        published_at=at,
    )
    when = ((-3, 14, 0), (2, 20, 0), (1, 14, 30), (3, 20, 0), (8, 15, 0), (4, 20, 0), (6, 20, 0))
    keys = [(one, number) for number in (1, 2) for one in planned if number <= one.session_count]
    placed: dict[Key, Placement] = {}
    for place, (course, number) in enumerate(keys):
        days, hour, minute = when[place]
        starts_at = datetime.combine(local_date(make.at + days * DAY), time(hour, minute), SHANGHAI)
        site = town.sites[(0, 2, 0, 1, 3, 4, 0)[place]]
        placed[str(course.id), number] = Placement(str(site.id), str(town.trainers[place].id), starts_at)

    def publish(session: Session) -> list[Event]:
        session.add(table)
        session.flush()
        kept = {one.id: session.get_one(Course, one.id) for one in planned}
        made = drafting.add_events(session, table, kept, placed, at)
        publishing.publish(session, town.rules, make.vault, made, at)
        courses.settle_status(session, list(kept))
        return made

    made = make.database.write(publish)
    by_key = {(str(one.course_id), one.ordinal): one for one in made}
    return table.id, [by_key[str(course.id), number] for course, number in keys]


def _draft(town: _Town, planned: Sequence[Course], title: Title, first: int, last: int) -> UUID:
    """A draft that the solver has made, of these days from now."""
    make, today = town.make, local_date(town.make.at)
    chosen = tuple(one.id for one in planned)
    asking = drafting.Asking(title.zh, title.en, today + first * DAY, today + last * DAY, chosen)
    table = make.database.write(drafting.ask, town.planner, asking, make.at)
    claimed = make.database.write(drafting.claim, make.at)
    assert claimed is not None
    with make.database.reading() as session:
        problem = pose(session, town.rules, district_calendar(), session.get_one(Timetable, table.id), make.at)
    answer = solve_apart(problem, SECONDS)
    make.database.write(drafting.draft, *claimed, problem, answer, make.at)
    return table.id


def _take_places(town: _Town, events: Sequence[Event], riders: Sequence[PhoneIdentity]) -> None:
    """One session that is over, one that is full with people waiting, others with room."""
    make, write = town.make, town.make.database.write
    counts = (9, 11, 12, 8, 5, 6, 3)  # the third has eight places: four wait
    for place, (event, count) in enumerate(zip(events, counts, strict=True)):
        for number in range(count):
            rider = riders[(place * 7 + number) % len(riders)]
            at = make.at - 6 * DAY + timedelta(hours=number)
            write(places.sign_up, town.rules, rider, event.id, at=at)
    _was_held(town, events[0], riders)


def _was_held(town: _Town, event: Event, riders: Sequence[PhoneIdentity]) -> None:
    write, vault = town.make.database.write, town.make.vault
    host = town.who(next(one for one in town.bodies if one.id == town.sites[0].community_id))
    said = ((5, "讲得明白，回去就把充电器换了。"), (5, ""), (4, "时间再晚半小时更好。"))
    with town.make.database.reading() as session:
        taken = [one.place.id for one in check_in.attending(session, vault, host, event.id)]
    for place_id in taken[:7]:
        write(check_in.mark_came, town.rules, host, place_id, event.starts_at + timedelta(minutes=3))
    for rider, (stars, words) in zip(riders, said, strict=False):
        write(feedback.give_feedback, vault, rider, event.id, stars, words, event.ends_at + timedelta(hours=2))
