"""The steps of housekeeping, each one delete that may be repeated."""

from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from models import idempotency, officer
from models.authority import lockout
from models.export import building
from models.filing import uploading
from models.mail_event import tables as mail_events
from models.people import enrolment, held, members
from models.report import unnamed
from tasks.resources import database, settings, vault


@task(cache_policy=NO_CACHE)
def forget_uploads(at: datetime) -> int:
    """Workbooks that were uploaded more than a day before `at`."""
    return database().write(uploading.purge, settings().state_dir / "uploads", at)


@task(cache_policy=NO_CACHE)
def forget_answers(at: datetime) -> int:
    """Answers kept for a repeated request, a day old."""
    return database().write(idempotency.purge, at)


@task(cache_policy=NO_CACHE)
def forget_log_ins(at: datetime) -> int:
    """Tokens and portal sessions that have expired, and tries at log-ins that count no more."""
    return database().write(officer.purge_credentials, at) + database().write(lockout.purge, at)


@task(cache_policy=NO_CACHE)
def forget_exports(at: datetime) -> int:
    """Files of exports whose day is over by `at`."""
    return database().write(building.purge, building.folder_under(settings().state_dir), at)


@task(cache_policy=NO_CACHE)
def forget_mail_events(at: datetime) -> int:
    """What the mail provider told more than a week before `at`: it does not tell that again."""
    return database().write(mail_events.purge, at)


@task(cache_policy=NO_CACHE)
def forget_people(at: datetime) -> int:
    """Riders who wish it and had to wait for the end of a pass, and who asked and did not come; terms that are over end."""
    write = database().write
    return write(held.finish, vault(), at) + write(enrolment.expire, at) + write(members.end_terms, at)


@task(cache_policy=NO_CACHE)
def forget_photos(at: datetime) -> int:
    """Photos that were sent and that no report names."""
    with database().reading() as session:
        return unnamed.purge(session, settings().state_dir / "reports", at)
