"""The world's objects that addresses name, one of each kind, by the names that routes give them."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from models import attachment, deputy
from models.authority.sessions import Limits, Origin, open_session
from models.calendars import district_calendar
from models.chat_rooms import RoomDraft, add_room
from models.consultation.extending import ask_extension
from models.consultation.tables import ExtensionRequest, Seat
from models.export import asking
from models.export.asking import Wanted
from models.export.tables import ExportForm, ExportKind
from models.notice.tables import Notice
from models.officer import Credential
from models.people import members, squads
from models.phone import PhoneIdentity, new_phone
from models.picturing import pictures_of
from models.resolution import Resolution
from models.views.matters import ALL
from tests.conftest import MONDAY_MORNING
from tests.fake_robots import ADDRESSES
from tests.make import Maker
from wufang.make_people import People
from wufang.make_reports import Reports

AT = MONDAY_MORNING
DAY = timedelta(days=1)
OF_NOBODY = {
    "upload_id": str(uuid4()),
    "secret": "x" * 43,
    "name": "access_filing",
    "version": "2",
    "act": "comment",
    "name:path": "wufang.css",
    "letter": "invitation",
    "sample": "1",
    "language": "zh",
}


def things(make: Maker, home, folder) -> dict[str, str]:
    filed = make.filing(home.clerk, [home.compound])
    make.open(filed.matter_id)
    done = make.filing(home.clerk, [home.compound], seed=3)
    make.agree_through(home, done.matter_id)
    make.conclude(done.matter_id)
    write, attached = make.database.write, _attached(make, home, folder, filed.matter_id)
    export_id = write(asking.ask, home.clerk, Wanted(ExportKind.FILINGS, ExportForm.CSV, ALL), AT)
    away, there = home.officer(home.community), make.officer(home.community)
    absence = write(deputy.appoint, make.identity(away), away.id, there.id, AT + DAY, AT + 2 * DAY, AT)
    chief = make.identity(make.officer(home.lead, is_administrator=True))
    room = write(add_room, chief, make.vault, home.community.id, RoomDraft("Room", ADDRESSES["wecom"]), AT)
    with make.database.reading() as session:
        seat = session.scalars(
            select(Seat).where(Seat.matter_id == filed.matter_id, Seat.organisation_id == home.community.id)
        ).one()
        notice = session.scalars(select(Notice).where(Notice.officer_id == away.id)).first()
        resolution = session.scalars(select(Resolution)).one()
    others = _report(make, home, folder / "reports") | _rider(make, home)
    return (
        OF_NOBODY
        | others
        | {
            "reference": filed.reference,
            "filing_id": str(filed.matter_id),
            "key": str(filed.matter_id),
            "seat_id": str(seat.id),
            "attachment_id": str(attached),
            "export_id": str(export_id),
            "absence_id": str(getattr(absence, "id", absence)),
            "officer_id": str(home.officer(home.community).id),
            "organisation_id": str(home.community.id),
            "room_id": str(room.id),
            "notice_id": str(notice.id) if notice else str(uuid4()),
            "number": resolution.number,
            "word": resolution.check,
            "request_id": _more_time(make, home.who(home.community), seat),
            "session_id": str(write(_session_of, home.clerk.officer_id)),
        }
    )


def _attached(make: Maker, home, folder, matter_id) -> object:
    readied = attachment.make_ready("a.pdf", b"%PDF-1.7\n%%EOF\n", pictures_of)
    digest = attachment.keep(folder / "attachments", make.vault, readied)
    return make.database.write(attachment.attach, make.vault, home.clerk, matter_id, readied, digest, AT)


def _report(make: Maker, home, folder) -> dict[str, str]:
    """A report with a photo, and the secret of the phone that follows it."""
    reports, (row, secret) = Reports(make, home), make.database.write(new_phone, home.district.id, "en", AT)
    kept = reports.photo(folder)
    made = reports.collect(PhoneIdentity(row.id, None, home.district.id, "en"), photos=(kept,))
    return {"report": made.reference, "digest": kept.digest, "phone": secret}


def _rider(make: Maker, home) -> dict[str, str]:
    """A rider who is enrolled and appointed, a squad and a shift."""
    people, write, day = People(make, home), make.database.write, AT.date()
    enrolment_id = people.ask(people.phone())
    people.confirm(enrolment_id)
    member = write(members.appoint, people.worker, enrolment_id, members.Term(day, day + DAY, (), "North"), AT)
    squad = write(squads.make_squad, people.worker, "Squad", 25, AT)
    shift = write(squads.plan, people.worker, squad.id, squads.NewShift(AT + DAY, AT + DAY * 1.25, "Gate", 4), AT)
    ids = {"enrolment_id": enrolment_id, "squad_id": squad.id, "shift_id": shift.id}
    return {name: str(one) for name, one in ids.items()} | {"appointment": member.number}


def _more_time(make: Maker, who, seat) -> str:
    words = "We must look on site."
    make.database.write(ask_extension, who, seat.id, words, district_calendar(), None, AT)
    with make.database.reading() as session:
        return str(session.scalars(select(ExtensionRequest.id)).one())


def _session_of(session, officer_id):
    open_session(session, officer_id, Origin(), Limits(DAY, DAY), AT)
    session.flush()
    return session.scalars(select(Credential.id).where(Credential.officer_id == officer_id)).first()
