"""No way in: every route, every asker, own and foreign objects. What is refused leaves the database as it was."""

import hashlib
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import Client, Response
from sqlalchemy import select

from api.app import create_app
from api.portal.visiting import Visitor
from models import attachment, deputy
from models.authority.sessions import Limits, Origin, open_session
from models.calendars import district_calendar
from models.chat_rooms import RoomDraft, add_room
from models.consultation.extending import ask_extension
from models.consultation.tables import ExtensionRequest, Seat
from models.database import Database
from models.export import asking
from models.export.asking import Wanted
from models.export.tables import ExportForm, ExportKind
from models.notice.tables import Notice
from models.officer import Credential, Officer, Role, issue_credential
from models.phone import new_phone
from models.picturing import pictures_of
from models.resolution import Resolution
from models.settings import Settings
from models.views.matters import ALL
from tests.conftest import MONDAY_MORNING
from tests.fake_robots import ADDRESSES
from tests.live import serving
from tests.make import Maker
from tests.no_way_in.things import course_things, report_things, rider_things, training_things
from tests.no_way_in.walls import BODIES, ROUTES, Wall
from tests.sendgrid_events import Signer

AT = MONDAY_MORNING
DAY = timedelta(days=1)
SAFE = {"GET"}
FORM = {
    "kind": "agree",
    "reason": "Why not",
    "words": "Some words",
    "version": "1",
    "seen": "1",
    "q": "豫H12345",
    "name": "A name",
    "page": "/",
    "email": "new@shanyang.example",
    "form": "csv",
    "language": "zh",
    "look": "dark",
    "topic": "ebike",
}

NAMED = {"seat": "seat_id", "ground": "organisation_id", "matter": "filing_id"}  # fields that say which object


def all_routes(app: FastAPI) -> set[str]:
    """Every method and path that the application answers."""
    return set(_walk(app.routes, ""))


def _walk(routes, prefix) -> Iterator[str]:
    for one in routes:
        inner = getattr(one, "original_router", None)
        if inner is not None:
            yield from _walk(inner.routes, prefix + one.include_context.prefix)
        for method in (getattr(one, "methods", None) or set()) - {"HEAD"}:
            yield f"{method} {prefix}{one.path}"


@dataclass
class Asker:
    """Somebody who asks: a browser's session, a token and a phone's secret, all may be worthless."""

    session: str = ""
    token: str = ""
    phone: str = ""


@dataclass
class World:
    """The application, who may ask, and the objects that addresses name."""

    app: FastAPI
    address: str
    database: Database
    askers: dict[str, Asker]
    objects: dict[str, str]
    examples: dict[str, object] = field(default_factory=dict)
    eye: sqlite3.Connection | None = None
    known: str = ""
    written: list[tuple[str, int]] = field(default_factory=list)  # requests that changed the database

    def version(self) -> int:
        """Changes whenever anybody commits, even what was rolled back to nothing."""
        assert self.eye is not None
        return self.eye.execute("PRAGMA data_version").fetchone()[0]

    def content(self) -> str:
        """A digest of every row of every table."""
        assert self.eye is not None
        tables = self.eye.execute("select name from sqlite_master where type = 'table' order by name").fetchall()
        rows = [self.eye.execute(f'select * from "{name}"').fetchall() for (name,) in tables]
        return hashlib.sha256(repr(rows).encode()).hexdigest()


@pytest.fixture(scope="module")
def world(database_template, tmp_path_factory, vault) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("wall")
    shutil.copyfile(database_template, folder / "wufang.db")
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    (keys / "seal-1.key").write_bytes(vault.keys["seal-1"])
    (keys / "index.key").write_bytes(vault.index_key)
    database = Database(f"sqlite:///{folder / 'wufang.db'}")
    make = Maker(database, vault, AT)
    settings = Settings(
        state_dir=folder,
        language="en",
        prefect_api_url="http://127.0.0.1:9/api",
        demo=True,
        sendgrid_webhook_key=Signer().public,
    )
    app = create_app(settings, lambda: AT)
    world = World(app, "", database, *_people_and_things(make, folder))
    world.examples = app.openapi()["components"]["schemas"]
    world.eye = sqlite3.connect(folder / "wufang.db")
    with serving(app) as world.address:
        yield world
    world.eye.close()
    database.close()


def _people_and_things(make: Maker, folder) -> tuple[dict[str, Asker], dict[str, str]]:
    home, away = make.neighbourhood(), make.neighbourhood()
    objects = _things(make, home, folder) | report_things(make, home, folder / "reports") | rider_things(make, home)
    objects |= training_things(make, home) | course_things(make, home)
    people = {
        "filer": home.officer(home.company),
        "community": home.officer(home.community),
        "council": home.officer(home.council),
        "street": home.officer(home.street),
        "department": home.officer(home.housing),
        "foreign property": away.officer(away.company),
        "foreign community": away.officer(away.community),
        "foreign street": away.officer(away.street),
        "lead": home.officer(home.lead),
        "administrator": make.officer(home.lead, is_administrator=True),
        "reader": make.officer(home.community),
        "manager": make.officer(home.community),
        "foreign manager": make.officer(away.community),
        "deactivated": make.officer(home.community),
    }
    make.database.write(
        _set_roles,
        {
            people["reader"].id: Role.READER,
            people["manager"].id: Role.MANAGER,
            people["foreign manager"].id: Role.MANAGER,
        },
    )
    askers = {name: make.database.write(_let_in, one.id) for name, one in people.items()}
    askers["expired"] = make.database.write(_let_in, people["community"].id, AT - 2 * DAY)
    askers["nobody"] = Asker()
    askers["follower"] = Asker(phone=objects.pop("phone"))
    askers["another phone"] = Asker(phone=make.database.write(new_phone, home.district.id, "en", AT)[1])
    make.tamper("update officer set is_active = false where id = :id", id=people["deactivated"].id.hex)
    return askers, objects


def _set_roles(session, roles) -> None:
    for officer_id, role in roles.items():
        session.get_one(Officer, officer_id).role = role


def _let_in(session, officer_id, at=AT) -> Asker:
    limits = Limits(DAY, DAY)
    token = issue_credential(session, officer_id, "wall", at, DAY)
    return Asker(open_session(session, officer_id, Origin(), limits, at), token)


OF_NOBODY = {
    "upload_id": str(uuid4()),
    "secret": "x" * 43,
    "name": "access_filing",
    "version": "2",
    "act": "comment",
    "mark": "came",
    "name:path": "wufang.css",
    "letter": "invitation",
    "sample": "1",
    "language": "zh",
}


def _things(make: Maker, home, folder) -> dict[str, str]:
    filed = make.filing(home.clerk, [home.compound])
    make.open(filed.matter_id)
    done = make.filing(home.clerk, [home.compound], seed=3)
    make.agree_through(home, done.matter_id)
    make.conclude(done.matter_id)
    write = make.database.write
    attached = _attached(make, home, folder, filed.matter_id)
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
    return OF_NOBODY | {
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


def _attached(make: Maker, home, folder, matter_id) -> object:
    readied = attachment.make_ready("a.pdf", b"%PDF-1.7\n%%EOF\n", pictures_of)
    digest = attachment.keep(folder / "attachments", make.vault, readied)
    return make.database.write(attachment.attach, make.vault, home.clerk, matter_id, readied, digest, AT)


def _more_time(make: Maker, who, seat) -> str:
    words = "We must look on site."
    make.database.write(ask_extension, who, seat.id, words, district_calendar(), None, AT)
    with make.database.reading() as session:
        return str(session.scalars(select(ExtensionRequest.id)).one())


def _session_of(session, officer_id):
    open_session(session, officer_id, Origin(), Limits(DAY, DAY), AT)
    session.flush()
    return session.scalars(select(Credential.id).where(Credential.officer_id == officer_id)).first()


def ask(world: World, route: str, asker: Asker, **changed) -> Response:
    """One request of a route about the world's objects, with a body that would do."""
    method, path = route.split(" ")
    values = dict(world.objects)
    if "/lines/{number}" in path:
        values["number"] = "1"
    if "/rooms/{room_id}" in path:
        values["act"] = "off"
    if "/reports/{reference}" in path:
        values |= {"reference": values["report"], "act": "withdraw" if path.startswith("/m/") else "decline"}
    if "/members/{number}" in path or "/appointments/{number}" in path:
        values["number"] = values["appointment"]
    for noun, act in (("/people/{enrolment_id}/", "end"), ("/squads/", "plan"), ("/shifts/", "cancel")):
        values |= {"act": act} if noun in path else {}
    filled = re.sub(r"\{([^}]+)\}", lambda match: values[match[1]], path)
    before, content = world.version(), world.known or world.content()
    with Client(base_url=world.address, follow_redirects=False, timeout=20) as client:
        if path.startswith("/api/"):
            answer = _ask_api(world, client, method, path, filled, asker)
        else:
            answer = _ask_page(world, client, method, filled, asker, changed)
    world.known = content if world.version() == before else world.content()
    if world.known != content:
        world.written.append((route, answer.status_code))
    return answer


def _ask_api(world: World, client: Client, method, path, filled, asker: Asker) -> Response:
    headers = {"If-Match": "*", "Idempotency-Key": str(uuid4())}
    if asker.token:
        headers["Authorization"] = f"Bearer {asker.token}"
    if method in SAFE or method == "DELETE":
        return client.request(method, filled, headers=headers)
    kind, body = body_of(world, method, path)
    if kind == "json":
        return client.request(method, filled, headers=headers, json=body)
    return client.request(method, filled, headers=headers, files={"file": ("a.pdf", b"%PDF-1.7\n%%EOF\n")}, data=body)


def body_of(world: World, method: str, path: str) -> tuple[str, dict]:
    """A body that passes as such."""
    if f"{method} {path}" in BODIES:
        return "json", BODIES[f"{method} {path}"]
    described = world.app.openapi()["paths"][path][method.lower()].get("requestBody", {}).get("content", {})
    if "application/json" not in described:
        return "form", {"compounds": str(uuid4())}
    schema = described["application/json"]["schema"]
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    examples = world.examples.get(name, {}).get("examples") or schema.get("examples") or [{}]
    return "json", examples[0]


def _ask_page(world: World, client: Client, method, filled, asker: Asker, changed) -> Response:
    if asker.session:
        client.cookies.set("wufang_session", asker.session)
    if asker.phone:
        client.cookies.set("wufang_phone", asker.phone)
    if method in SAFE:
        return client.get(filled + ("?version=0" if filled.endswith(("/events", "/standing")) else ""))
    secret = asker.phone if filled.startswith("/m/") else asker.session
    objects = {name: world.objects[key] for name, key in NAMED.items()}
    fields = FORM | objects | {"form_word": Visitor("en", secret=secret).form_word}
    headers = {"Origin": world.address} | changed.get("headers", {})
    for name in changed.get("without", ()):
        fields.pop(name)
    return client.post(filled, data=fields, headers=headers)


def test_every_route_is_listed_and_every_listed_route_is_there(world: World) -> None:
    found = all_routes(world.app)
    missing = sorted(found - set(ROUTES))
    assert not missing, f"say in tests/no_way_in/walls.py who may come in by: {missing}"
    assert not set(ROUTES) - found


CLOSED = sorted(name for name, route in ROUTES.items() if route.wall not in {Wall.OPEN, Wall.FOLLOWER})
OF_MATTERS = sorted(name for name, route in ROUTES.items() if route.wall is Wall.READER_OF_MATTER)
OF_REPORTS = sorted(name for name, route in ROUTES.items() if route.wall is Wall.READER_OF_REPORT)
OF_FOLLOWERS = sorted(name for name, route in ROUTES.items() if route.wall is Wall.FOLLOWER)
OF_DEPARTMENTS = sorted(name for name, route in ROUTES.items() if route.wall is Wall.DEPARTMENT)
OWNED = sorted(name for name, route in ROUTES.items() if route.wall is Wall.OWNER)
FOR_STAFF = sorted(name for name, route in ROUTES.items() if route.wall in {Wall.STAFF, Wall.ADMINISTRATOR})
ACTS = sorted(name for name, route in ROUTES.items() if route.is_act)
FORMS = sorted(name for name in ROUTES if name.startswith("POST /") and not name.startswith("POST /api/"))


@pytest.mark.parametrize("asker", ["nobody", "expired", "deactivated"])
def test_who_is_not_logged_in_comes_no_further_than_the_door(world: World, asker: str) -> None:
    world.written, let_in = [], []
    for route in CLOSED:
        answer = ask(world, route, world.askers[asker])
        is_shut = answer.status_code == 401 if "/api/" in route else _is_door(answer)
        if not is_shut:
            let_in.append((route, answer.status_code))
    assert not let_in, "\n".join(map(str, let_in))
    assert world.written == []


def _is_door(answer: Response) -> bool:
    """The log-in page, or the way to it."""
    if answer.status_code == 303:
        return answer.headers["location"].startswith("/login")
    return answer.status_code in {401, 403} and "wufang_session" not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize("asker", ["foreign property", "foreign community", "foreign street", "foreign manager"])
def test_a_foreign_matter_does_not_exist(world: World, asker: str) -> None:
    world.written, seen = [], []
    for route in OF_MATTERS + OF_REPORTS + OF_DEPARTMENTS + OWNED:
        answer = ask(world, route, world.askers[asker])
        if answer.status_code not in {403, 404}:
            seen.append((route, answer.status_code, answer.text[:200]))
    assert not seen, "\n".join(map(str, seen))
    assert world.written == []


@pytest.mark.parametrize("asker", ["filer", "street", "lead", "foreign manager", "reader"])
def test_what_belongs_to_one_officer_or_to_staff_is_nobody_else_s(world: World, asker: str) -> None:
    world.written, seen = [], []
    routes = [
        one for one in FOR_STAFF if asker != "foreign manager" or "{" in one or ROUTES[one].wall is Wall.ADMINISTRATOR
    ]
    for route in routes:
        answer = ask(world, route, world.askers[asker])
        if answer.status_code == 303 and answer.headers["location"].startswith("/admin/"):
            continue  # on to a page that has its own wall
        if answer.status_code not in {403, 404}:
            seen.append((route, answer.status_code, answer.text[:200]))
    assert not seen, "\n".join(map(str, seen))
    assert world.written == []


def test_the_lead_department_reads_every_matter_and_nothing_that_is_one_s_own(world: World) -> None:
    world.written, seen = [], []
    for route in OWNED:
        answer = ask(world, route, world.askers["lead"])
        if answer.status_code not in {403, 404}:
            seen.append((route, answer.status_code, answer.text[:200]))
    assert not seen, "\n".join(map(str, seen))
    assert world.written == []


def test_a_reader_acts_on_nothing(world: World) -> None:
    world.written, done = [], []
    for route in ACTS:
        if route == "POST /filings/{reference}/acts/{act}":
            continue  # the act of the world's objects is a comment, which readers may write
        answer = ask(world, route, world.askers["reader"])
        if answer.status_code not in {403, 404}:
            done.append((route, answer.status_code, answer.text[:200]))
    assert not done, "\n".join(map(str, done))
    assert world.written == []


@pytest.mark.parametrize("asker", ["nobody", "another phone", "community", "administrator"])
def test_a_report_is_read_on_no_other_phone(world: World, asker: str) -> None:
    world.written, seen = [], []
    for route in OF_FOLLOWERS:
        answer = ask(world, route, world.askers[asker])
        if answer.status_code not in {403, 404}:
            seen.append((route, answer.status_code, answer.text[:200]))
    assert not seen, "\n".join(map(str, seen))
    assert world.written == []


FOREIGN_FORMS = {
    "without the form's word": {"without": ("form_word",)},
    "from another site": {"headers": {"Origin": "https://elsewhere.example"}},
    "said to be cross-site": {"headers": {"Sec-Fetch-Site": "cross-site"}},
}


@pytest.mark.parametrize("how", FOREIGN_FORMS)
def test_no_form_from_elsewhere_is_taken(world: World, how: str) -> None:
    world.written, taken = [], []
    for route in FORMS:
        asker = "follower" if route.startswith("POST /m/") else "administrator"
        answer = ask(world, route, world.askers[asker], **FOREIGN_FORMS[how])
        if answer.status_code != 403:
            taken.append((route, answer.status_code))
    assert not taken, "\n".join(map(str, taken))
    assert world.written == []


@pytest.mark.parametrize("asker", ["community", "administrator"])
def test_nothing_behind_the_log_in_is_kept_on_the_way(world: World, asker: str) -> None:
    """No browser that the next person sits at, and no cache between, has a page, a file or an answer of somebody's."""
    shown, kept = 0, []
    for route in CLOSED:
        if not route.startswith("GET ") or route.endswith("/events"):  # a stream, which has a test of its own
            continue
        answer = ask(world, route, world.askers[asker])
        shown += answer.status_code == 200
        if answer.headers.get("cache-control") != "no-store":
            kept.append((route, answer.status_code, answer.headers.get("cache-control")))
    assert not kept, "\n".join(map(str, kept))
    assert shown > 20


def test_those_who_may_come_in_do(world: World) -> None:
    """The walls have doors: without this, a portal that refuses everything would pass."""
    for asker in (
        "filer",
        "community",
        "council",
        "street",
        "department",
        "lead",
        "reader",
        "manager",
        "administrator",
    ):
        for route in ("GET /", "GET /filings", "GET /account", "GET /exports", "GET /api/v1/me", "GET /api/v1/filings"):
            assert ask(world, route, world.askers[asker]).status_code == 200, (asker, route)
    for asker in ("filer", "community", "street", "lead", "reader", "administrator"):
        for route in ("GET /filings/{reference}", "GET /api/v1/filings/{key}", "GET /filings/{reference}/print"):
            assert ask(world, route, world.askers[asker]).status_code == 200, (asker, route)
    for route in ("GET /admin/officers", "GET /system", "GET /admin/log"):
        assert ask(world, route, world.askers["administrator"]).status_code == 200, route
    assert ask(world, "GET /admin/officers/{officer_id}", world.askers["manager"]).status_code == 200
    for route in (
        "GET /admin/letters",
        "GET /admin/letters/{letter}",
        "GET /admin/letters/{letter}/{sample}/{language}",
    ):
        assert ask(world, route, world.askers["administrator"]).status_code == 200, route
    rooms = "/organisations/{organisation_id}/rooms"
    for route in (f"GET /admin{rooms}", f"GET /api/v1{rooms}", "GET /account/letters", "GET /api/v1/me/preference"):
        assert ask(world, route, world.askers["manager"]).status_code == 200, route


def test_whoever_has_to_do_with_a_report_reads_it(world: World) -> None:
    officers = ("community", "street", "lead", "reader", "administrator")
    reading = [(asker, route) for asker in officers for route in OF_REPORTS if not route.endswith("/whistle")]
    reading.append(("street", "GET /reports/{reference}/whistle"))  # the form is the street's alone
    reading += [("follower", route) for route in ("GET /m", "GET /m/report", "GET /m/reports", *OF_FOLLOWERS)]
    for asker, route in reading:
        if route.startswith("GET ") and not ROUTES[route].is_act:
            assert ask(world, route, world.askers[asker]).status_code == 200, (asker, route)
