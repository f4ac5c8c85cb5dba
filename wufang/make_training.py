"""Builders of training: sites, trainers, courses, a published session."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from models.base import uuid7
from models.clock import SHANGHAI, local_date
from models.district import Organisation
from models.training.tables import Course, CourseStatus, Event, EventStatus, Site, Timetable, TimetableStatus, Trainer
from wufang.make import Maker, Neighbourhood, invented_name

M = TypeVar("M", Site, Trainer, Course, Event, Timetable)

ALL_DAY = [[weekday, 480, 1320] for weekday in range(1, 8)]  # 08:00 to 22:00
TOWN = (35.23, 113.25)  # about the middle of the town


@dataclass(slots=True)
class Training:
    """Makes what training needs in a small world, as it would be at `make.at`."""

    make: Maker
    world: Neighbourhood
    count: int = 0

    def site(self, owner: Organisation | None = None, community: Organisation | None = None, **changes: object) -> Site:
        """A site of the community, or in its property company's hall."""
        community = community or self.world.community
        values: dict[str, object] = {
            "id": uuid7(),
            "district_id": community.district_id,
            "code": f"site-{self._next():04d}",
            "name_zh": "新兴社区实训室",
            "name_en": "Xinxing training room",
            "address": "新兴路1号",
            "community_id": community.id,
            "owner_id": (owner or community).id,
            "latitude": TOWN[0],
            "longitude": TOWN[1],
            "capacity": 30,
            "equipment": ["projector"],
            "hours": ALL_DAY,
        }
        return self._kept(Site(**(values | changes)))

    def trainer(self, organisation: Organisation | None = None, **changes: object) -> Trainer:
        """A trainer whom a department sends."""
        organisation = organisation or self.world.lead
        number = self._next()
        values: dict[str, object] = {
            "id": uuid7(),
            "district_id": organisation.district_id,
            "organisation_id": organisation.id,
            "name": invented_name(f"trainer-{number}"),
            "email": f"trainer-{number}@shanyang.example",
            "latitude": TOWN[0],
            "longitude": TOWN[1],
            "hours": ALL_DAY,
        }
        return self._kept(Trainer(**(values | changes)))

    def course(
        self, trainers: Sequence[Trainer], organisation: Organisation | None = None, **changes: object
    ) -> Course:
        """A course that a department proposes: two sessions of ninety minutes within the next four weeks."""
        organisation = organisation or self.world.lead
        today = local_date(self.make.at)
        values: dict[str, object] = {
            "id": uuid7(),
            "district_id": organisation.district_id,
            "organisation_id": organisation.id,
            "officer_id": self.world.officer(organisation).id,
            "reference": f"课2026-{self._next():06d}",
            "kind": "course",
            "topic": "ebike",
            "title_zh": "电动车维修与保养",
            "title_en": "E-bike repair and care",
            "words": "带上自己的车，学会换刹车片、查线路。",
            "minutes": 90,
            "session_count": 2,
            "gap_days": 2,
            "least": 5,
            "most": 20,
            "equipment": ["projector"],
            "trainers": [str(one.id) for one in trainers],
            "window_from": today + timedelta(days=7),
            "window_to": today + timedelta(days=34),
            "proposed_at": self.make.at,
        }
        return self._kept(Course(**(values | changes)))

    def event(self, starts_at: datetime | None = None, places: int = 20, **changes: object) -> Event:
        """A published session of a course of one session, at a site of its own."""
        site, trainer = self.site(), self.trainer()
        course = self.course([trainer], session_count=1, most=places, status=CourseStatus.SCHEDULED)
        return self.held(course, site, starts_at or self._evening(), places=places, **changes)

    def held(self, course: Course, site: Site, starts_at: datetime, **changes: object) -> Event:
        """A published session of that course at that site, taught by the first of its trainers."""
        table = self._kept(self._timetable(course, starts_at))
        event_id = uuid7()
        values: dict[str, object] = {
            "id": event_id,
            "district_id": course.district_id,
            "timetable_id": table.id,
            "course_id": course.id,
            "line": 1,
            "ordinal": 1,
            "site_id": site.id,
            "trainer_id": UUID(course.trainers[0]),
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=course.minutes),
            "places": course.most,
            "status": EventStatus.PUBLISHED,
            "uid": f"{event_id}@wufang",
            "changed_at": self.make.at,
        }
        return self._kept(Event(**(values | changes)))

    def get(self, event_id: UUID) -> Event:
        """The session as it stands."""
        with self.make.database.reading() as session:
            return session.get_one(Event, event_id)

    def _timetable(self, course: Course, starts_at: datetime) -> Timetable:
        return Timetable(
            id=uuid7(),
            district_id=course.district_id,
            organisation_id=course.organisation_id,
            officer_id=course.officer_id,
            title_zh="十二月课表",
            title_en="December timetable",
            first_on=local_date(starts_at),
            last_on=local_date(starts_at),
            course_ids=[str(course.id)],
            problem={},
            answer={},
            status=TimetableStatus.PUBLISHED,
            made_at=self.make.at,
            published_at=self.make.at,
        )

    def _evening(self) -> datetime:
        """20:00 in Shanghai, ten days on."""
        day = self.make.at.astimezone(SHANGHAI) + timedelta(days=10)
        return day.replace(hour=20, minute=0, second=0, microsecond=0)

    def _next(self) -> int:
        self.count += 1
        return self.count

    def _kept(self, made: M) -> M:
        def keep(session: Session) -> None:
            session.add(made)
            session.flush()

        self.make.database.write(keep)
        return made
