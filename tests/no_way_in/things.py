"""A report, a rider, a session and a timetable that addresses name, with the phone that follows the report."""

from datetime import timedelta

from models.people import members, squads
from models.phone import PhoneIdentity, new_phone
from models.training import places
from models.training.drafting import Asking, ask
from models.training.ruling import training_rules
from tests.make import Maker
from wufang.make_people import People
from wufang.make_reports import Reports
from wufang.make_training import Training

DAY = timedelta(days=1)


def report_things(make: Maker, home, folder) -> dict[str, str]:
    """A report with a photo, and the secret of the phone that follows it."""
    reports, (row, secret) = Reports(make, home), make.database.write(new_phone, home.district.id, "en", make.at)
    kept = reports.photo(folder)
    made = reports.collect(PhoneIdentity(row.id, None, home.district.id, "en"), photos=(kept,))
    return {"report": made.reference, "digest": kept.digest, "phone": secret}


def rider_things(make: Maker, home) -> dict[str, str]:
    """A rider who is enrolled and appointed, a squad and a shift."""
    people, write, day = People(make, home), make.database.write, make.at.date()
    enrolment_id = people.ask(people.phone())
    people.confirm(enrolment_id)
    member = write(members.appoint, people.worker, enrolment_id, members.Term(day, day + DAY, (), "North"), make.at)
    squad = write(squads.make_squad, people.worker, "Squad", 25, make.at)
    shift = write(
        squads.plan, people.worker, squad.id, squads.NewShift(make.at + DAY, make.at + DAY * 1.25, "Gate", 4), make.at
    )
    ids = {"enrolment_id": enrolment_id, "squad_id": squad.id, "shift_id": shift.id}
    return {name: str(one) for name, one in ids.items()} | {"appointment": member.number}


def training_things(make: Maker, home) -> dict[str, str]:
    """A site of the community, a trainer and a course of the lead department, and a timetable that it has asked for."""
    training = Training(make, home, count=100)  # its codes stand beside those of the session above
    site, trainer = training.site(), training.trainer()
    course = training.course([trainer])
    asking = Asking("课表", "", course.window_from, course.window_to, (course.id,))
    table = make.database.write(ask, home.who(home.lead), asking, make.at)
    ids = {"site_id": site.id, "trainer_id": trainer.id, "course_id": course.id, "timetable_id": table.id}
    return {name: str(one) for name, one in ids.items()}


def course_things(make: Maker, home) -> dict[str, str]:
    """A published session that another department than the lead's holds on the community's ground, and a rider's place."""
    training, write = Training(make, home), make.database.write
    course = training.course([training.trainer(home.housing)], home.housing, session_count=1)
    event = training.held(course, training.site(), make.at + DAY)
    rider = People(make, home).crowd(1)[0][0]
    write(places.sign_up, training_rules(), rider, event.id, at=make.at)
    with make.database.reading() as session:
        place = places.place_of(session, event.id, rider.rider_id)
    return {"event_id": str(event.id), "place_id": str(place.id)}
