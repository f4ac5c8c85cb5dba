"""Courses and services in the scene: a month of sessions, and a rider who has a place, waits, is offered one, was there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import uuid7
from models.clock import SHANGHAI
from models.district import Organisation
from models.phone import PhoneIdentity, new_phone
from models.protocol.schema import Party
from models.rider import recognise
from models.training.place_tables import Certificate, Place, PlaceGroup, PlaceStatus
from models.training.places import plain_word
from models.training.ruling import training_rules
from models.training.tables import Course, CourseStatus, Event, EventStatus, Need, Site
from tests.make import Maker
from wufang.make import Neighbourhood, invented_name
from wufang.make_people import People
from wufang.make_training import Training

WORDS = {
    "ebike": "带上自己的车，学会换刹车片、查线路、看懂电池鼓包。工具和耗材现场提供，零基础也能来。",
    "first_aid": "心肺复苏、止血包扎、中暑处理，人人上手练。全程参加者发证书。",
    "fire": "住处和站点怎样充电才安全，起火了先做什么。",
    "health": "康复科医师坐诊，逐人看颈、肩、腰、腿，教三个歇单时能做的动作。",
    "calligraphy": "写春联，送自家人。笔墨纸砚都有。",
    "homework": "大学生志愿者辅导小学作业，家长在隔壁上课。",
}
CODE = "HX7K-2M4P"
CHECK = "training-check-word"
NUMBER = "训2026-000012"
OTHER_TOPICS = ("traffic", "video", "rights", "computer", "cooking", "homecare")


@dataclass(frozen=True, slots=True)
class Taught:
    """The sessions' ids by name, and the secret of the rider's phone."""

    events: dict[str, UUID]
    secret: str

    def page(self, name: str) -> str:
        """A session's address on the phone."""
        return f"/m/courses/{self.events[name]}"

    @property
    def notice(self) -> str:
        """Where its hosts print the notice of a session."""
        return f"/courses/{self.events['here']}/notice"

    def of_rider(self) -> dict[str, str]:
        """Every page of a rider about courses, by a name."""
        sessions = {f"course-{name}": self.page(name) for name in self.events}
        return sessions | {
            "courses": "/m/courses",
            "courses-narrowed": "/m/courses?topic=cooking&community=near",
            "course-scanned": f"{self.page('here')}?code={CODE}",
            "needs": "/m/needs",
            "certificate": f"/m/certificates/{NUMBER}",
            "certificate-check": f"/check/certificate/{CHECK}",
            "month": "/courses",
        }


NOTHING_TAUGHT = Taught({}, "")


def course_pages(taught: Taught, rider: str, host: str, community: str) -> Iterator[tuple[str, str, str]]:
    """Name, who looks at it and address: every page of a rider, and what a community with that code sees."""
    for name, address in taught.of_rider().items():
        yield name, rider, address
    yield "month-community", host, f"/courses?community={community}"
    yield "course-notice", host, taught.notice


@dataclass(slots=True)
class _Story:
    make: Maker
    world: Neighbourhood
    training: Training
    rider: PhoneIdentity
    others: list[UUID]
    sites: list[Site]

    def course(self, topic: str, sessions: int = 1, **changes: object) -> Course:
        """A course of that topic."""
        said = training_rules().topic(topic)
        named = {"kind": said.kind, "topic": topic, "title_zh": said.title.zh, "title_en": said.title.en}
        named |= {"words": WORDS.get(topic, ""), "session_count": sessions, "status": CourseStatus.SCHEDULED}
        return self.training.course([self.training.trainer()], **(named | changes))

    def put(self, event: Event, status: PlaceStatus, rider_id: UUID | None = None, **changes: object) -> None:
        """A place of the story's rider, or of somebody else, counted with the session."""
        values: dict[str, object] = {
            "id": uuid7(),
            "event_id": event.id,
            "rider_id": rider_id or self.rider.rider_id,
            "status": status,
            "asked_at": self.make.at - timedelta(days=2),
        }

        self._put(event, status, [Place(**(values | changes))])

    def _put(self, event: Event, status: PlaceStatus, places: list[Place]) -> None:
        def keep(session: Session) -> None:
            session.add_all(places)
            kept = session.get_one(Event, event.id)
            if status is PlaceStatus.WAITING:
                kept.waiting += len(places)
            else:
                kept.taken += len(places)

        self.make.database.write(keep)

    def fill(self, event: Event, others: list[UUID], status: PlaceStatus = PlaceStatus.TAKEN) -> None:
        """Other people, who asked one after the other."""
        first = self.make.at - timedelta(hours=60)
        rows = [
            Place(
                id=uuid7(),
                event_id=event.id,
                rider_id=rider_id,
                status=status,
                asked_at=first + timedelta(hours=10 * number),
            )
            for number, rider_id in enumerate(others)
        ]
        self._put(event, status, rows)

    def keep(self, *rows: object) -> None:
        """Rows as they are."""
        self.make.database.write(lambda session: session.add_all(rows))


def tell_courses(make: Maker, world: Neighbourhood, known: tuple[PhoneIdentity, str] | None = None) -> Taught:
    """Sessions before and after `make.at`, which is the present: a Monday morning.

    `known`: the phone, with its secret, of the rider who takes part; without one somebody is enrolled.
    """
    rider, secret = known or _enrol(make, world)
    story = _begin(make, world, rider)
    events = _mine(story) | _open(story)
    _month(story)
    events["attended"] = _was_there(story)
    slots = ["1-evening", "2-afternoon", "3-evening", "4-evening", "6-afternoon"]
    for topic in ("ebike", "first_aid"):
        phone = {"district_id": world.district.id, "phone_id": story.rider.phone_id, "rider_id": story.rider.rider_id}
        story.keep(Need(id=uuid7(), topic=topic, slots=slots, asked_at=make.at, **phone))
    return Taught({name: one.id for name, one in events.items()}, secret)


def _enrol(make: Maker, world: Neighbourhood) -> tuple[PhoneIdentity, str]:
    """A rider whom the community knows."""
    row, secret = make.database.write(new_phone, world.district.id, "zh", make.at)
    people = People(make, world)
    asker = PhoneIdentity(row.id, None, world.district.id, "zh")
    rider_id = people.confirm(people.ask(asker, people.asked("王强", "17000000099")))
    return PhoneIdentity(row.id, rider_id, world.district.id, "zh"), secret


def _begin(make: Maker, world: Neighbourhood, rider: PhoneIdentity) -> _Story:
    """People who fill the rooms, and the sites."""
    crowd = [(invented_name(f"crowd-{one}"), f"171{one:08d}") for one in range(30)]
    others = list(make.database.write(recognise, make.vault, world.district.id, crowd, make.at).values())
    training = Training(make, world, 500)  # numbers beside those of the demo district
    with make.database.reading() as session:
        query = select(Organisation).where(Organisation.party == Party.COMMUNITY).order_by(Organisation.code)
        listed = [one for one in session.scalars(query) if one.id != world.community.id]
    sites = [training.site(world.company, world.community, child_places=6, **_at(world.community, 0.003))]
    for one in islice(cycle(listed or [world.community]), 5):
        named = {"name_zh": f"{one.name_zh}实训点", "name_en": f"{one.name_en} training site"}
        sites.append(training.site(community=one, address=f"{one.name_zh}党群服务中心二楼", **named, **_at(one, 0.002)))
    return _Story(make, world, training, rider, others, sites)


def _at(community: Organisation, north: float) -> dict[str, float]:
    return {"latitude": (community.latitude or 35.23) + north, "longitude": community.longitude or 113.25}


def _on(story: _Story, days: int, hour: int, minute: int = 0) -> datetime:
    """So many days from the present, at that time in Shanghai."""
    day = story.make.at.astimezone(SHANGHAI) + timedelta(days=days)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _mine(story: _Story) -> dict[str, Event]:
    """Sessions at which the rider stands in one way or another."""
    held, sites, now = story.training.held, story.sites, story.make.at
    plain = plain_word(CODE)
    code = {"code_sealed": story.make.vault.seal(plain), "code_digest": story.make.vault.blind("session code", plain)}
    here = held(story.course("calligraphy", most=24), sites[0], _on(story, 0, 9, 15), **code)
    story.fill(here, story.others[:11])
    story.put(here, PlaceStatus.TAKEN)
    taken = held(story.course("fire", most=30), sites[1], _on(story, 1, 14))
    group = PlaceGroup(
        id=uuid7(), event_id=taken.id, word="K7PM4RTX", made_by_id=story.rider.rider_id, made_at=now, size=4
    )
    story.keep(group)
    story.put(taken, PlaceStatus.TAKEN, group_id=group.id)
    for rider_id in story.others[:2]:
        story.put(taken, PlaceStatus.TAKEN, rider_id, group_id=group.id)
    offered = held(story.course("first_aid", 2, most=12), sites[0], _on(story, 2, 20))
    story.fill(offered, story.others[:11])
    story.put(offered, PlaceStatus.OFFERED, offered_until=now + timedelta(minutes=100))
    story.fill(offered, story.others[11:14], PlaceStatus.WAITING)
    waiting = held(story.course("health", most=8), sites[2], _on(story, 3, 14, 30))
    story.fill(waiting, story.others[:8])
    story.fill(waiting, story.others[8:12], PlaceStatus.WAITING)
    story.put(waiting, PlaceStatus.WAITING)
    return {"here": here, "taken": taken, "offered": offered, "waiting": waiting}


def _open(story: _Story) -> dict[str, Event]:
    """Sessions that anybody can ask for, a full one, and one that is cancelled."""
    held, sites = story.training.held, story.sites
    course = story.course("ebike", 2, most=20)
    free = held(course, sites[0], _on(story, 3, 20), child_places=6)
    held(course, sites[0], _on(story, 5, 20), ordinal=2, child_places=6)
    story.fill(free, story.others[:8])
    full = held(story.course("homework", most=6), sites[3], _on(story, 5, 14))
    story.fill(full, story.others[:6])
    story.fill(full, story.others[6:9], PlaceStatus.WAITING)
    reason = "讲师当日有赛事任务，改到下月再办，已报名的骑手优先。"
    off = held(story.course("traffic"), sites[4], _on(story, 4, 14), status=EventStatus.CANCELLED, reason=reason)
    return {"free": free, "full": full, "cancelled": off}


def _month(story: _Story) -> None:
    """The rest of the month, before and after."""
    for number in range(26):
        topic = OTHER_TOPICS[number % len(OTHER_TOPICS)]
        days, hour = number - 8 + number // 4, (14, 20, 8)[number % 3]
        status = EventStatus.HELD if days < 0 else EventStatus.PUBLISHED
        event = story.training.held(
            story.course(topic, most=10 + number % 15),
            story.sites[number % len(story.sites)],
            _on(story, days, hour, 30),
            status=status,
        )
        story.fill(event, story.others[: number % 10])


def _was_there(story: _Story) -> Event:
    """A course that the rider attended as a whole, and the certificate of it."""
    course = story.course("driving", status=CourseStatus.ENDED)
    event = story.training.held(course, story.sites[1], _on(story, -4, 20), status=EventStatus.HELD)
    came_at = event.starts_at - timedelta(minutes=6)
    story.put(event, PlaceStatus.ATTENDED, came_at=came_at, came_by="code")
    story.keep(
        Certificate(
            id=uuid7(),
            district_id=course.district_id,
            course_id=course.id,
            rider_id=story.rider.rider_id,
            number=NUMBER,
            check=CHECK,
            issued_at=event.ends_at,
        )
    )
    return event
