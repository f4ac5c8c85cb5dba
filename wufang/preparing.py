"""`python -m wufang.preparing`: tables, protocols, the demo district with riders and reports into an empty database, before anything starts.

A process of its own, so that the supervisor stays small. Prints what it did and the demo log-ins; 2 where the
database refuses or a protocol is wrong, with one sentence.
"""

import sys

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from models.clock import utcnow
from models.database import Database
from models.errors import RuleBroken
from models.migrations import upgrade
from models.protocol.storing import check_unchanged
from models.settings import Settings
from wufang.demo_district import logins, seed
from wufang.demo_reports import fill


def prepare(settings: Settings) -> list[str]:
    """Migrate, check the protocols, and seed where it is wanted. Returns lines to show at the end of the start."""
    upgrade(settings.database)
    database = Database(settings.database)
    try:
        with database.reading() as session:
            check_unchanged(session)  # before a filing meets it
        if not settings.demo:
            return []
        if (
            seed(database) and not settings.has_mail_provider
        ):  # its people's addresses are invented: nobody writes to them
            fill(database, settings.state_dir, utcnow())
    finally:
        database.close()
    return [
        "Log-ins of the demo district",
        *(f"  {one.email:26} {one.password}   {one.role.zh} {one.role.en}, {one.organisation.zh}" for one in logins()),
    ]


def main() -> int:
    """Prepare; 2 where the database cannot be reached or changed."""
    settings = Settings()
    try:
        lines = prepare(settings)
    except SQLAlchemyError as error:
        address = make_url(settings.database).render_as_string(hide_password=True)
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        print(
            f"The database {address} cannot be used ({reason}). Check WUFANG_DATABASE_URL and its server.",
            file=sys.stderr,
        )
        return 2
    except RuleBroken as broken:
        print(broken.said, file=sys.stderr)
        return 2
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
