"""A Monday morning in the demo district: filings in every state, so that no page of the portal is empty."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import attachment, chat, deputy
from models.authority import links
from models.calendars import district_calendar
from models.chat_rooms import RoomDraft, add_room, try_room
from models.comment import CommentKind, add_comment
from models.consultation.extending import ask_extension
from models.consultation.opinions import Draft, LineException
from models.consultation.tables import OpinionKind
from models.consultation.urging import urge
from models.consultation.withdrawing import withdraw
from models.demo_logins import ADMINISTRATOR
from models.district import Organisation
from models.filing.submitting import Submitted
from models.mailbox import Message, folder_under
from models.notice import claiming, receiving
from models.notice.receiving import Attempt
from models.notice.tables import Notice, NoticeStatus
from models.officer import officer_by_email
from models.picturing import pictures_of
from models.read_mark import mark_read
from models.saved_filter import save_filter
from tasks.mail.mailbox import MailboxTransport
from templates.letters import render_letter
from tests.browser.scene_courses import NOTHING_TAUGHT, Taught, tell_courses
from tests.browser.scene_training import tell_sites
from tests.fake_robots import ADDRESSES
from tests.make import Maker
from wufang import demo_district
from wufang.demo_people import enrol_riders
from wufang.demo_reports import tell_reports
from wufang.demo_training import Planned, tell_training
from wufang.make import Neighbourhood

ADDRESS = "https://wufang.shanyang.example"
LEFT = "chunyuan@yishihui.example"  # a council's only member, who has left
OBJECTION = Draft(OpinionKind.OBJECT, "消防通道常被外卖电动车占用，请先划定停车点。")
SCAN = b"%PDF-1.4 the plan of the gate %%EOF"


@dataclass(slots=True)
class Scene:
    """The district, its organisations of the story, and what there is to see by name."""

    make: Maker
    world: Neighbourhood
    folder: Path
    filings: dict[str, Submitted]
    secret: str  # of a one-time link that lives
    plate: str  # of a rider of the filing that waits
    reports: dict[str, str] = field(default_factory=dict[str, str])  # references by name
    phone: str = ""  # the secret of the phone on which they were reported, an enrolled rider's
    phone_to_meet: str = ""  # of a phone whose rider the community is to meet
    member: str = ""  # the address of a letter of appointment
    appointment: str = ""  # the same on the rider's phone
    appointment_check: str = ""  # where everybody checks it
    whistle: str = ""  # the address of a street's whistle
    planned: Planned | None = None  # timetables, published, consulted on, drafted
    taught: Taught = NOTHING_TAUGHT  # courses, in which the rider of the reports takes part

    def page(self, name: str) -> str:
        """The address of a filing."""
        return f"/filings/{self.filings[name].reference}"


def set_scene(make: Maker, folder: Path, language: str = "zh") -> Scene:
    """Load the demo district and let five days pass; `make.at` is the present, `folder` the state folder.

    `language`: what all officers read, and so the letters' as well.
    """
    demo_district.seed(make.database)
    make.tamper("update officer set language = :language", language=language)
    world = demo_district.neighbourhood()
    now = make.at
    filings = {
        "done": _file(make, world, 1, 8, now - timedelta(days=6)),
        "refused": _file(make, world, 2, 3, now - timedelta(days=5, hours=20)),
        "late": _file(make, world, 0, 12, now - timedelta(days=5)),
        "objected": _file(make, world, 2, 5, now - timedelta(days=4)),
        "returned": _file(make, world, 3, 4, now - timedelta(days=3, hours=20)),
        "withdrawn": _file(make, world, 1, 2, now - timedelta(days=3, hours=19)),
        "street": _file(make, world, 1, 9, now - timedelta(days=2, hours=21)),
        "waiting": _file(make, world, 0, 6, now - timedelta(days=2, hours=18)),
        "stale": _file(make, world, 2, 2, now - timedelta(hours=1)),
        "new": _file(make, world, 3, 7, now - timedelta(minutes=50)),
        "newer": _file(make, world, 0, 1, now - timedelta(minutes=40)),
    }
    plate = make.rider_lines(6, seed=int((now - timedelta(days=2, hours=18)).timestamp()))[0].plate
    scene = Scene(make, world, folder, filings, _link(make, world), plate)
    _tell_stories(scene)
    for tell in (_talk, _chat, _deliver, _report, _open_sites):
        tell(scene)
    return scene


def _open_sites(scene: Scene) -> None:
    tell_sites(scene.make)


def _file(make: Maker, world: Neighbourhood, compound: int, riders: int, at: datetime) -> Submitted:
    """A filing of the story's company, opened by the next round."""
    compounds = [demo_district.plan().compounds[compound]]
    made = make.filing(world.clerk, compounds, riders, seed=int(at.timestamp()), at=at)
    make.open(made.matter_id, at + timedelta(minutes=1))
    return made


def _link(make: Maker, world: Neighbourhood) -> str:
    sent = make.database.write(
        links.send_link, make.vault, world.officer(world.market_supervision), links.LinkPurpose.INVITATION, make.at
    )
    return links.secret_of(make.vault, sent.id)


def _tell_stories(scene: Scene) -> None:
    """What the parties said about each."""
    make, world, now = scene.make, scene.world, scene.make.at
    excepted = (LineException(2, "居民反映多次逆行"),)
    matters = {name: one.matter_id for name, one in scene.filings.items()}
    day = timedelta(days=1)
    _say(scene, "done", world.community, Draft(OpinionKind.AGREE, exceptions=excepted), now - 5 * day)
    _say(scene, "done", world.council, Draft(OpinionKind.AGREE, "居民小组已知悉。"), now - 5 * day)
    make.open(matters["done"], now - 5 * day)
    _say(
        scene, "done", world.housing, Draft(OpinionKind.AGREE_WITH_CONDITIONS, "", "入区限速 15 公里。"), now - 4 * day
    )
    _say(scene, "done", world.street, Draft(OpinionKind.AGREE), now - 4 * day)
    make.conclude(matters["done"], now - 4 * day)
    _say(scene, "late", world.council, Draft(OpinionKind.AGREE), now - 4 * day)
    _agree_neighbours(scene, "refused", now - 5 * day)
    _say(scene, "refused", world.street, OBJECTION, now - 4 * day)
    make.open(matters["refused"], now - 4 * day)
    for organisation in (world.community, world.council):  # two of four: no majority can agree any more
        _say(scene, "refused", organisation, OBJECTION, now - 3 * day)
    make.conclude(matters["refused"], now - 3 * day)
    _agree_neighbours(scene, "objected", now - 3 * day)
    _say(scene, "objected", world.street, OBJECTION, now - timedelta(hours=70))
    make.open(matters["objected"], now - timedelta(hours=69))
    _say(
        scene, "objected", world.company, Draft(OpinionKind.AGREE, "已与站点约定只走北门。"), now - timedelta(hours=68)
    )
    _say(scene, "returned", world.council, OBJECTION, now - 3 * day)
    make.conclude(matters["returned"], now - 3 * day)
    make.database.write(withdraw, world.clerk, matters["withdrawn"], "名单重复。", None, now - timedelta(hours=67))
    _agree_neighbours(scene, "street", now - timedelta(hours=66))
    _say(
        scene,
        "street",
        world.housing,
        Draft(OpinionKind.AGREE_WITH_CONDITIONS, "", "只走北门。"),
        now - timedelta(hours=65),
    )
    for name in ("late", "waiting", "street", "objected"):
        _let_time_pass(make, matters[name])


def _agree_neighbours(scene: Scene, name: str, at: datetime) -> None:
    """Community and council agree, and the second stage opens."""
    for organisation in (scene.world.community, scene.world.council):
        _say(scene, name, organisation, Draft(OpinionKind.AGREE), at)
    scene.make.open(scene.filings[name].matter_id, at)


def _say(scene: Scene, name: str, organisation: Organisation, draft: Draft, at: datetime) -> None:
    """An organisation's opinion on the seat that is asked now."""
    asked = scene.make.asked(scene.filings[name].matter_id)
    seat = next(one for one in asked if one.organisation_id == organisation.id)
    scene.make.say(scene.world.who(organisation), seat, draft, at)


def _let_time_pass(make: Maker, matter_id: UUID) -> None:
    """Every rung of the ladder that is due by now is climbed at its own instant."""
    while (due := make.matter(matter_id).wake_at) is not None and due <= make.at:
        make.climb(matter_id, due)


def _talk(scene: Scene) -> None:
    """Words, a file, marks, a filter and an absence."""
    make, world, now = scene.make, scene.world, scene.make.at
    write, matter_id = make.database.write, scene.filings["waiting"].matter_id
    write(
        add_comment,
        world.who(world.council),
        matter_id,
        CommentKind.QUESTION,
        "骑手走哪个门？夜里怎么办？",
        None,
        now - timedelta(hours=60),
    )
    write(
        add_comment,
        world.who(world.street),
        matter_id,
        CommentKind.COMMENT,
        "与上月的停车整治一并考虑。",
        None,
        now - timedelta(hours=59),
    )
    readied = attachment.make_ready("北门示意图.pdf", SCAN, pictures_of)
    digest = attachment.keep(scene.folder, make.vault, readied)
    write(attachment.attach, make.vault, world.clerk, matter_id, readied, digest, now - timedelta(hours=58))
    _ask_for_more_time(scene, "newer", now - timedelta(minutes=20))
    write(urge, world.clerk, scene.filings["late"].matter_id, now - timedelta(minutes=30))
    write(mark_read, world.who(world.community), matter_id, make.matter(matter_id).version, now - timedelta(hours=1))
    write(save_filter, world.who(world.community), "逾期的", "/", "due=late", now)
    manager = next(one for one in demo_district.plan().officers if one.email == "dinghe-2@jiedao.example")
    away = deputy.whole_days(now.date() + timedelta(days=2), now.date() + timedelta(days=6))
    officer = world.officer(world.street)
    write(deputy.appoint, world.who(world.street), officer.id, manager.id, *away, now)
    make.tamper("update officer set is_active = false where email = :email", email=LEFT)


def _chat(scene: Scene) -> None:
    """The street has two rooms, and the robot of one is gone."""
    make, street, now = scene.make, scene.world.street, scene.make.at
    with make.database.reading() as session:
        chief = make.identity(officer_by_email(session, ADMINISTRATOR))
    for name, kind in (("街道工作群", "dingtalk"), ("小区联络群", "wecom")):
        room = make.database.write(add_room, chief, make.vault, street.id, RoomDraft(name, ADDRESSES[kind]), now)
        make.database.write(try_room, chief, room.id, now)
    works, broken = make.database.write(chat.claim, now)
    make.database.write(chat.receive, works, now)
    make.database.write(chat.put_back, broken, "WeCom answered 93000: invalid webhook url", now)


def _fail(session: Session, ids: list[UUID], at: datetime) -> None:
    """A letter to a mailbox that there is not, and one of which every try failed."""
    reason = "SendGrid answered 400: Does not contain a valid address."
    dead, stuck = (Attempt(one, NoticeStatus.TEMPORARY_FAILURE, reason="SendGrid answered 503: Down") for one in ids)
    for notice in session.scalars(select(Notice).where(Notice.id == stuck.notice_id)):
        notice.tries = receiving.MOST_TRIES
    refused = replace(dead, status=NoticeStatus.PERMANENT_FAILURE, reason=reason, is_mailbox=True)
    receiving.record(session, [refused, stuck], at)


def _ask_for_more_time(scene: Scene, name: str, at: datetime) -> None:
    """The community asks its street for more time."""
    make, world = scene.make, scene.world
    asked = make.asked(scene.filings[name].matter_id)
    seat = next(one for one in asked if one.organisation_id == world.community.id)
    words = "需与网格员到现场核实三号楼地库出入口，申请延期。"
    make.database.write(ask_extension, world.who(world.community), seat.id, words, district_calendar(), None, at)


def _report(scene: Scene) -> None:
    """Riders, and their reports on every stretch of the way; the whistle waits for its departments."""
    make, riders = scene.make, enrol_riders(scene.make, scene.world)
    told = tell_reports(make, scene.world, riders.phone, scene.folder / "reports")
    make.open(told.whistle.matter_id, make.at - timedelta(hours=2))
    scene.reports.update(told.references)
    scene.phone, scene.phone_to_meet = riders.secret, riders.secret_to_meet
    scene.whistle = f"/filings/{told.whistle.reference}"
    scene.member, scene.appointment = f"/people/members/{riders.number}", f"/m/appointments/{riders.number}"
    scene.appointment_check = f"/check/appointment/{riders.check}"
    scene.taught = tell_courses(make, scene.world, (riders.phone, riders.secret))
    scene.planned = tell_training(make, scene.world)
    make.open(scene.planned.submitted.matter_id)


def _deliver(scene: Scene) -> None:
    """Every letter that is due lies in the mailbox, as rounds of letters would leave it."""
    make = scene.make
    transport = MailboxTransport(folder_under(scene.folder))
    claimed = make.database.write(claiming.claim, make.at, 1000)
    failed = [one for one in claimed if one.letter == "copy"][:2]
    make.database.write(_fail, [one.notice_id for one in failed], make.at)
    for one in claimed:
        if one in failed:
            continue
        letter = render_letter(
            one.letter, one.language, one.facts, ADDRESS, make.at, lambda link_id: links.secret_of(make.vault, link_id)
        )
        receipt = transport.send(
            [
                Message(
                    one.notice_id, one.to, letter.subject, letter.text, letter.html, one.language, one.letter, make.at
                )
            ]
        )
        make.database.write(
            receiving.receive, one.notice_id, NoticeStatus.DELIVERED, receipt.provider, receipt.message_id, make.at
        )
