"""The system page, over the whole application: readiness, stuck matters, and who may see them."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from api.app import create_app
from models.crypto import open_vault
from models.database import Database
from models.report.tables import Report, ReportEntry
from models.settings import Settings
from models.training.tables import Event
from tests.api.portal.conftest import Browser
from tests.live import serving
from tests.make import Maker
from wufang.make_reports import Reports
from wufang.make_training import Training

NOBODY_LISTENS = 9  # the discard port: Prefect's server is not there


def test_a_stuck_matter_is_shown_to_administrators_and_tried_again(
    database: Database, tmp_path: Path, at: datetime
) -> None:
    make = Maker(database, open_vault(tmp_path / "keys"), at)  # the application opens its own vault
    world = make.neighbourhood()
    filed = make.filing(world.clerk, [world.compound])
    make.tamper("UPDATE matter SET stuck_at = submitted_at, wake_at = NULL, trouble = 'No street is known.'")
    boss = make.officer(world.lead, is_administrator=True, language="en")
    settings = Settings(
        state_dir=tmp_path, database_url=database.url, prefect_api_url=f"http://127.0.0.1:{NOBODY_LISTENS}/api"
    )
    with serving(create_app(settings, lambda: at)) as address:
        browser = Browser(address)
        browser.log_in(boss.email)
        page = browser.get("/system").text
        assert "No street is known." in page
        assert page.count("not there") == 2  # engine and Prefect; the database is
        assert f'href="http://127.0.0.1:{NOBODY_LISTENS}"' in page
        first = browser.send(f"/system/free/{filed.reference}", {})
        assert "The system tries again now." in first.text
        version = make.matter(filed.matter_id).version
        browser.send(f"/system/free/{filed.reference}", {})
        assert make.matter(filed.matter_id).version == version
        assert make.matter(filed.matter_id).wake_at == at
        clerk = Browser(address)
        clerk.log_in(world.officer(world.company).email)
        assert clerk.get("/system").status_code == 403
        assert clerk.send(f"/system/free/{filed.reference}", {}).status_code == 403
        assert (
            clerk.client.get("/nothing", headers={"Accept": "text/html"})
            .headers["content-type"]
            .startswith("text/html")
        )
        assert clerk.client.get("/api/v1/nothing").headers["content-type"] == "application/problem+json"
        browser.client.close()
        clerk.client.close()


def test_a_stuck_report_and_a_stuck_session_are_shown_and_tried_again(
    database: Database, tmp_path: Path, at: datetime
) -> None:
    make = Maker(database, open_vault(tmp_path / "keys"), at)
    world = make.neighbourhood()
    report, event = Reports(make, world).collect(), Training(make, world).event()
    make.tamper("UPDATE report SET stuck_at = reported_at, wake_at = NULL, tries = 6, trouble = 'No handler is known.'")
    make.tamper("UPDATE event SET wake_at = NULL, tries = 6, trouble = 'No course is known.'")
    boss = make.officer(world.lead, is_administrator=True, language="en")
    settings = Settings(
        state_dir=tmp_path, database_url=database.url, prefect_api_url=f"http://127.0.0.1:{NOBODY_LISTENS}/api"
    )
    with serving(create_app(settings, lambda: at)) as address:
        browser = Browser(address)
        browser.log_in(boss.email)
        page = browser.get("/system").text
        assert "No handler is known." in page
        assert "No course is known." in page
        for key in (report.reference, event.id):
            assert browser.send(f"/system/free/{key}", {}).status_code == 200
        assert "Stuck reports and sessions" not in browser.get("/system").text
        browser.client.close()
    with make.database.reading() as session:
        freed, held = session.get_one(Report, report.report_id), session.get_one(Event, event.id)
        assert (freed.tries, freed.stuck_at, freed.trouble, freed.wake_at) == (0, None, None, at)
        assert (held.tries, held.trouble, held.wake_at) == (0, None, at)
        assert session.scalars(select(ReportEntry.kind).order_by(ReportEntry.position)).all()[-1] == "freed"
