"""Reports of the demo district: one on every stretch of its way, all from one rider's phone, and a street's whistle."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from models.crypto import open_vault
from models.database import Database
from models.phone import PhoneIdentity
from models.report import parking, speaking
from models.report.collecting import Collected
from models.report.tables import PhotoMoment, Satisfaction
from models.whistle.blowing import Blown
from wufang.demo_district import neighbourhood
from wufang.demo_people import enrol_riders
from wufang.demo_training import tell_training
from wufang.make import Maker, Neighbourhood
from wufang.make_reports import RULES, Reports, teller


@dataclass(frozen=True, slots=True)
class Told:
    """The references by name, and a whistle that the next round opens."""

    references: dict[str, str]
    whistle: Blown


def tell_reports(make: Maker, world: Neighbourhood, phone: PhoneIdentity, folder: Path) -> Told:
    """Reports of the last two days from that phone; `make.at` is the present, `folder` where photos are kept."""
    reports, now, hour = Reports(make, world), make.at, timedelta(hours=1)
    colours = iter(["#7a4b2b", "#a33b2f", "#3d5a80", "#557a46", "#8a6d3b", "#6b4e71", "#2f6f73", "#444444", "#9c5b2e"])

    def seen(category: str, words: str, ago: float, north: float, east: float, spot: str = "") -> Collected:
        photos = (reports.photo(folder, next(colours, "#7a4b2b")),)
        place = {"position": reports.position(north, east), "spot": spot, "words": words, "photos": photos}
        return reports.collect(phone, category, now - ago * hour, **place)

    made = {
        "closed": seen("fire-exit", "三号楼消防通道被纸箱堵住。", 48, 40, 30, "三号楼东侧"),
        "answered": seen("lamp", "二单元楼道灯不亮。", 40, -60, 80, "二单元门口"),
        "handled": seen("rubbish", "垃圾桶旁堆了建筑垃圾。", 30, 90, -40),
        "resting": seen("gate", "北门道闸抬不起来。", 26, -30, -90, "北门"),
        "late": seen("charging", "一楼有人飞线充电。", 3, 10, 60, "五号楼一单元"),
        "sent": seen("falling-object", "外墙瓷砖松动。", 0.4, 70, 10, "八号楼北面"),
        "deed": seen("cleared-corridor", "清走了三楼的旧家具。", 0.3, 20, 20, "六号楼"),
        "new": seen("fire-exit", "又有电动车挡住出口。", 0.15, 45, 35, "三号楼东侧"),
        "same": seen("fire-exit", "消防门前停满了车。", 0.1, 60, 20),
    }
    _go(reports, folder, phone, made)
    reports.rounds(now)
    whistle = reports.whistle(made["handled"].report_id, world.housing, world.market_supervision, at=now - 2 * hour)
    return Told({name: one.reference for name, one in made.items()}, whistle)


def fill(database: Database, state: Path, at: datetime) -> None:
    """Riders, reports, a whistle and training into a demo district that was loaded just now; `state` is the state folder."""
    make, world = Maker(database, open_vault(state / "keys"), at), neighbourhood()
    tell_reports(make, world, enrol_riders(make, world).phone, state / "reports")
    tell_training(make, world)


def _go(reports: Reports, folder: Path, phone: PhoneIdentity, made: dict[str, Collected]) -> None:
    make, world, hour = reports.make, reports.world, timedelta(hours=1)
    now, write = make.at, make.database.write
    for name, ago in (
        ("closed", 47.9),
        ("answered", 39),
        ("handled", 29),
        ("resting", 25),
        ("late", 2.9),
        ("sent", 0.3),
    ):
        reports.file(made[name].report_id, at=now - ago * hour)
    after = (reports.photo(folder, "#b8bec3", PhotoMoment.AFTER),)
    reports.answer(made["closed"].report_id, at=now - 46 * hour, photos=after)
    reports.close(made["closed"].report_id, at=now - 45 * hour)
    arguments = (make.vault, teller(phone), made["closed"].report_id, Satisfaction.SATISFIED, "", now - 44 * hour)
    write(speaking.rate, *arguments)
    reports.answer(made["answered"].report_id, at=now - 1 * hour, photos=after)
    reports.take_up(made["handled"].report_id, at=now - 28 * hour)
    reports.take_up(made["resting"].report_id, at=now - 24 * hour)
    until = now + timedelta(days=5)
    words = "控制板已向厂家订货，五天后到。"
    write(
        parking.ask_to_park, make.vault, RULES, world.clerk, made["resting"].report_id, words, until, None, now - hour
    )
