"""Builders of reports: phones, photos that are drawn, and reports on every stretch of their way."""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from PIL import Image, ImageDraw
from sqlalchemy import select

from models import photo
from models.calendars import district_calendar
from models.clock import local_date
from models.district import Organisation
from models.officer import Identity
from models.phone import PhoneIdentity, new_phone
from models.picturing import pictures_of
from models.report import checking, climbing, handling, triaging
from models.report.categories import report_rules
from models.report.collecting import Collected, KeptPhoto, NewReport, Reporter, collect
from models.report.places import Position
from models.report.speaking import Teller
from models.report.tables import PhotoMoment, Report
from models.report.triaging import Filing
from models.whistle.blowing import Blown, Whistling, blow
from wufang.make import Maker, Neighbourhood

RULES, CALENDAR = report_rules(), district_calendar()
WIDTH, HEIGHT = 640, 480
WHISTLED = "街道多次清理后仍有堆放，请相关部门到现场会商，明确责任并限期整治。"  # what a street asks
WALL, FLOOR, THING = "#c9cfd3", "#8d979e", "#7a4b2b"


def drawn(colour: str = THING) -> bytes:
    """A picture of a thing in a corridor, as a PNG."""
    made = Image.new("RGB", (WIDTH, HEIGHT), WALL)
    pen = ImageDraw.Draw(made)
    pen.polygon([(0, HEIGHT), (WIDTH, HEIGHT), (WIDTH - 120, 260), (120, 260)], fill=FLOOR)
    pen.rectangle((240, 90, 400, 270), outline="#5c666d", width=6)
    pen.polygon([(250, 400), (420, 400), (400, 250), (270, 250)], fill=colour)
    written = io.BytesIO()
    made.save(written, "PNG")
    return written.getvalue()


@dataclass(frozen=True, slots=True)
class Reports:
    """Makes reports in a small world as they would be at `at`."""

    make: Maker
    world: Neighbourhood

    def phone(self, at: datetime | None = None) -> PhoneIdentity:
        """A phone on which nobody is known."""
        phone, _ = self.make.database.write(new_phone, self.world.district.id, "zh", at or self.make.at)
        return PhoneIdentity(phone.id, None, self.world.district.id, "zh")

    def new(self, category: str = "fire-exit", **changes: object) -> NewReport:
        """What is reported: in the world's compound unless told otherwise."""
        known: dict[str, object] = {"words": "楼道里堆了东西。", "compound_id": self.world.compound.id}
        return NewReport(category, **(known | changes))  # pyright: ignore[reportArgumentType] - its fields by name

    def collect(
        self,
        phone: PhoneIdentity | None = None,
        category: str = "fire-exit",
        at: datetime | None = None,
        **changes: object,
    ) -> Collected:
        """A report comes in from that phone, or a new one."""
        phone = phone or self.phone(at)
        reporter = Reporter(phone.district_id, phone.phone_id, phone.rider_id)
        new = self.new(category, **changes)
        write, vault = self.make.database.write, self.make.vault
        return write(collect, vault, RULES, reporter, new, at or self.make.at, CALENDAR)

    def file(self, report_id: UUID, filing: Filing = Filing(), at: datetime | None = None) -> Report:  # noqa: B008 - frozen
        """The community files it and sends it on."""
        who = self.world.who(self.world.community)
        write, vault = self.make.database.write, self.make.vault
        return write(triaging.file, vault, RULES, who, report_id, filing, None, at or self.make.at, CALENDAR)

    def take_up(self, report_id: UUID, who: Identity | None = None, at: datetime | None = None) -> Report:
        """The company, or somebody else, takes it up."""
        who = who or self.world.clerk
        return self.make.database.write(handling.take_up, RULES, who, report_id, None, at or self.make.at, CALENDAR)

    def answer(
        self,
        report_id: UUID,
        who: Identity | None = None,
        at: datetime | None = None,
        photos: tuple[KeptPhoto, ...] = (),
    ) -> Report:
        """It is said to be settled."""
        who, write, vault = who or self.world.clerk, self.make.database.write, self.make.vault
        words = "已清理。"
        return write(handling.answer, vault, RULES, who, report_id, words, photos, None, at or self.make.at, CALENDAR)

    def close(self, report_id: UUID, who: Identity | None = None, at: datetime | None = None) -> Report:
        """The community has checked it."""
        who = who or self.world.who(self.world.community)
        return self.make.database.write(checking.close, self.make.vault, who, report_id, "", None, at or self.make.at)

    def closed(self, phone: PhoneIdentity, at: datetime | None = None) -> Collected:
        """The whole way at one instant."""
        made = self.collect(phone, at=at)
        self.file(made.report_id, at=at)
        self.answer(made.report_id, at=at)
        self.close(made.report_id, at=at)
        return made

    def whistle(self, report_id: UUID, *departments: Organisation, at: datetime | None = None, days: int = 11) -> Blown:
        """The street whistles for departments, that of the world's housing where none is named, `days` ahead."""
        at, named = at or self.make.at, departments or (self.world.housing,)
        day = local_date(at) + timedelta(days=days)
        while not CALENDAR.is_working_day(day):
            day += timedelta(days=1)
        asked = Whistling(tuple(one.id for one in named), WHISTLED, day)
        return self.make.database.write(blow, RULES, self.world.who(self.world.street), report_id, asked, at, CALENDAR)

    def round(self, at: datetime) -> dict[UUID, str | None]:
        """One round over the reports that are due at `at`."""
        with self.make.database.reading() as session:
            ids = [report_id for report_id, _ in climbing.due(session, at, 1000)]
        return self.make.database.write(climbing.take_step, RULES, CALENDAR, ids, at, "round")

    def rounds(self, at: datetime) -> None:
        """Every rung that is due by `at`, at its own minute."""
        while (due := self._next(at)) is not None:
            self.round(due)

    def _next(self, at: datetime) -> datetime | None:
        with self.make.database.reading() as session:
            query = select(Report.wake_at).where(Report.wake_at <= at).order_by(Report.wake_at).limit(1)
            return session.scalars(query).first()

    def read(self, report_id: UUID) -> Report:
        """The report as it stands."""
        with self.make.database.reading() as session:
            return session.get_one(Report, report_id)

    def photo(self, folder: Path, colour: str = THING, moment: PhotoMoment = PhotoMoment.BEFORE) -> KeptPhoto:
        """A drawn photo, kept in `folder`."""
        made = pictures_of(drawn(colour))
        digest = photo.keep(folder, self.make.vault, made.picture)
        thumbnail = photo.keep(folder, self.make.vault, made.thumbnail)
        return KeptPhoto(digest, thumbnail, made.width, made.height, moment)

    def position(self, north: float = 0.0, east: float = 0.0) -> Position:
        """A position so many metres north and east of a corner of the district."""
        return Position(35.23 + north / 111_195, 113.25 + east / 90_800, 8)


def teller(phone: PhoneIdentity) -> Teller:
    """The phone as the rules of reporters see it."""
    return Teller(phone.phone_id, phone.rider_id)
