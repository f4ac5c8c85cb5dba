"""A database with very many matters: ballast in bulk, of the shape that the engine writes, over the demo district.

One matter in 300 stays open at 10,000 and a fixed few thousand at 1,000,000, so that what grows is history.
"""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.orm import Session

from models.base import Base, uuid7
from models.consultation.tables import Consultation, Opinion, Seat, Stage
from models.crypto import Vault
from models.database import Database
from models.district import Compound, Organisation
from models.filing.tables import Filing, FilingLine
from models.matter import Matter, MatterPlace, Reader
from models.migrations import upgrade
from models.officer import Officer
from models.protocol.schema import Party
from models.protocol.storing import current, store
from models.record import RecordEntry
from models.rider import NAME, PHONE, PLATE, Rider
from wufang.demo_district import seed

OPEN = 3000  # matters that wait for somebody, whatever the size
RIDERS = 50_000
SOUGHT = 20  # lines of one rider, the newest, whatever the size: what the searches look for
SOUGHT_NAME, SOUGHT_PHONE, SOUGHT_PLATE = "欧阳独秀", "17099999999", "豫H00001"
CHUNK = 5_000  # matters written at once
STATUSES = ("agreed",) * 90 + ("refused",) * 6 + ("returned",) * 2 + ("withdrawn",) * 2
ZERO = "0" * 64


@dataclass(frozen=True, slots=True)
class Ground:
    """The organisations around one compound, and the officer who files."""

    compound: UUID
    company: UUID
    clerk: UUID
    community: UUID
    council: UUID
    street: UUID


@dataclass(slots=True)
class Rows:
    """Rows by table, as values in the order of `COLUMNS`."""

    by_table: dict[type[Base], list[tuple[Any, ...]]] = field(default_factory=dict)

    def add(self, table: type[Base], *values: Any) -> None:
        self.by_table.setdefault(table, []).append(values)


COLUMNS: dict[type[Base], str] = {
    Rider: "id district_id name_sealed name_index phone_sealed phone_index known_at",
    Matter: "id district_id kind reference organisation_id officer_id status result line_count submitted_at version"
    " wake_at tries trouble stuck_at record_count record_hash",
    Filing: "matter_id starts_on ends_on note source_key source_digest",
    FilingLine: "id matter_id number rider_id name_sealed plate_sealed plate_index platform station starts_on ends_on"
    " note_sealed photo status reason decided_by",
    MatterPlace: "id matter_id compound_id",
    Reader: "id matter_id organisation_id copied_to_id matter_status",
    Consultation: "id matter_id number protocol_name protocol_version next_stage resume_after skip_to lines_out opened_at"
    " settled_at",
    Stage: "id consultation_id matter_id position key status outcome opened_at due_at ladder rung is_extended"
    " needs_asking has_added urged_at settled_at",
    Seat: "id stage_id matter_id organisation_id party turn status answer opinion_id stands_for_id holder_id"
    " delegated_by_id added_by_id added_as due_at looked_at answered_at version",
    Opinion: "id seat_id matter_id officer_id kind reason conditions exceptions recorded_by_id evidence at",
    RecordEntry: "matter_id position kind at officer_id organisation_id run body hash",
}


def fill(url: str, vault: Vault, count: int, at: datetime, seed_number: int = 1) -> None:
    """Make the demo district with `count` matters of the two years before `at`, in the database at `url`, which is new."""
    upgrade(url)
    database = Database(url)
    seed(database)
    protocol = current("access_filing")
    database.write(lambda session: store(session, protocol, at) and None)
    with database.reading() as session:
        maker = Ballast(session, vault, count, at, seed_number, protocol.version)
    database.close()
    write = _sqlite_writer(url) if url.startswith("sqlite") else _postgres_writer(url)
    for rows in maker.chunks():
        write(rows)
    engine = create_engine(url)
    with engine.begin() as connection:
        values = {"name": f"reference-{at.year}", "value": count + 1}
        connection.execute(text("INSERT INTO counter (name, value) VALUES (:name, :value)"), values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What years have filled PostgreSQL has vacuumed by itself; what was filled just now it would only get to.
        connection.execute(text("ANALYZE" if url.startswith("sqlite") else "VACUUM (ANALYZE)"))
    engine.dispose()


class Ballast:
    """Invented matters, the same for the same seed."""

    def __init__(self, session: Session, vault: Vault, count: int, at: datetime, number: int, version: int) -> None:
        self.vault, self.count, self.at, self.version = vault, count, at, version
        self.chance = random.Random(number)
        parents = {one.id: one for one in session.scalars(select(Organisation))}
        councils = {one.parent_id: one.id for one in parents.values() if one.party is Party.COUNCIL}
        clerks: dict[UUID, UUID] = {}
        for officer in session.scalars(select(Officer).order_by(Officer.email)):
            clerks.setdefault(officer.organisation_id, officer.id)
        self.officers = clerks
        self.grounds = [
            Ground(
                one.id,
                one.property_id,
                clerks[one.property_id],
                one.community_id,
                councils[one.community_id],
                parents[one.community_id].parent_id,  # type: ignore[arg-type]
            )
            for one in session.scalars(select(Compound).order_by(Compound.code))
        ]
        functions = {one.function: one.id for one in parents.values() if one.party is Party.DEPARTMENT}
        self.district_id = next(iter(parents.values())).district_id
        self.housing, self.market = functions["housing"], functions["market_supervision"]
        self.riders = [uuid7() for _ in range(min(RIDERS, count))]
        self.sought = uuid7()
        self.name, self.plate = vault.seal("王小明"), vault.seal("豫H34135电")

    def chunks(self) -> Iterator[Rows]:
        """All rows, in an order that foreign keys allow."""
        riders = Rows()
        for place, rider_id in enumerate(self.riders):
            phone = f"170{place:08d}"
            riders.add(
                Rider, rider_id, self.district_id, self.name, self.vault.blind(NAME, named(place)), self.name,
                self.vault.blind(PHONE, phone), self.at,
            )  # fmt: skip
        riders.add(
            Rider, self.sought, self.district_id, self.name, self.vault.blind(NAME, SOUGHT_NAME), self.name,
            self.vault.blind(PHONE, SOUGHT_PHONE), self.at,
        )  # fmt: skip
        yield riders
        for start in range(0, self.count, CHUNK):
            rows = Rows()
            for place in range(start, min(start + CHUNK, self.count)):
                self._matter(rows, place)
            yield rows

    def _matter(self, rows: Rows, place: int) -> None:
        is_open = place >= self.count - min(OPEN, self.count // 3)
        ground = self.chance.choice(self.grounds)
        submitted = (
            self.at - timedelta(minutes=self.count - place)
            if self.count > 10**5
            else self.at - timedelta(hours=2 * (self.count - place) / 100)
        )
        status = "consulting" if is_open else self.chance.choice(STATUSES)
        matter_id = uuid7()
        result = status if status in {"agreed", "refused", "returned"} else None
        rows.add(
            Matter, matter_id, self.district_id, "access_filing", f"备2024-{place:07d}", ground.company, ground.clerk,
            status, result, 1, submitted, 8, None, 0, None, None, 6, ZERO,
        )  # fmt: skip
        rows.add(Filing, matter_id, date(2026, 1, 1), date(2026, 12, 31), "", None, None)
        self._line(rows, matter_id, place, status)
        rows.add(MatterPlace, uuid7(), matter_id, ground.compound)
        self._readers(rows, matter_id, ground, status)
        self._consultation(rows, matter_id, ground, submitted, is_open=is_open)
        for position, kind in enumerate(("submitted", "opened", "stage_opened", "stage_settled", "decided", "agreed")):
            rows.add(RecordEntry, matter_id, position + 1, kind, submitted, None, None, "bench", _json({"stage": "neighbourhood", "due_at": "2026-01-01T00:00:00+00:00", "seats": [], "outcome": "agreed", "lines_out": [], "result": "agreed", "number": "x", "lines": 1}), ZERO)  # fmt: skip

    def _line(self, rows: Rows, matter_id: UUID, place: int, status: str) -> None:
        rider = self.riders[self.chance.randrange(len(self.riders))]
        plate = self.vault.blind(PLATE, f"豫H{place % 90_000 + 10_000:05d}")
        if place >= self.count - SOUGHT:
            rider, plate = self.sought, self.vault.blind(PLATE, SOUGHT_PLATE)
        line = {"agreed": "passed", "refused": "refused", "withdrawn": "withdrawn"}.get(status, "filed")
        rows.add(
            FilingLine, uuid7(), matter_id, 1, rider, self.name, self.plate, plate, "美团", "定和站", date(2026, 1, 1),
            date(2026, 12, 31), None, None, line, "", None,
        )  # fmt: skip

    def _readers(self, rows: Rows, matter_id: UUID, ground: Ground, status: str) -> None:
        rows.add(Reader, uuid7(), matter_id, ground.company, None, status)
        for one in (ground.community, ground.council, ground.street, self.housing):
            rows.add(Reader, uuid7(), matter_id, one, None, status)
        rows.add(Reader, uuid7(), matter_id, self.market, self.market, status)

    def _consultation(self, rows: Rows, matter_id: UUID, ground: Ground, opened: datetime, *, is_open: bool) -> None:
        run_id, ends = uuid7(), opened + timedelta(days=1)
        due = self.at + timedelta(minutes=self.chance.randrange(-600, 3000)) if is_open else ends
        rows.add(
            Consultation, run_id, matter_id, 1, "access_filing", self.version, None, None, None, _json({}), opened,
            None if is_open else ends,
        )  # fmt: skip
        last = self.chance.random() < 0.5 if is_open else True
        for position, (key, sitting) in enumerate(self._stages(ground)[: 2 if last else 1], 1):
            stage_id, waits = uuid7(), is_open and (position == 2 or not last)
            rows.add(
                Stage, stage_id, run_id, matter_id, position, key, "open" if waits else "settled",
                None if waits else "agreed", opened, due, _json([]), 0, False, False, False, None,
                None if waits else ends,
            )  # fmt: skip
            self._seats(rows, matter_id, stage_id, sitting, due, ends, waits=waits)

    def _stages(self, ground: Ground) -> tuple[tuple[str, tuple[tuple[UUID, str], ...]], ...]:
        return (
            ("neighbourhood", ((ground.community, "community"), (ground.council, "council"))),
            ("district", ((ground.street, "street"), (self.housing, "department"))),
        )

    def _seats(
        self, rows: Rows, matter_id: UUID, stage_id: UUID, sitting: Sequence[tuple[UUID, str]], due: datetime,
        ends: datetime, *, waits: bool,
    ) -> None:  # fmt: skip
        for turn, (organisation, party) in enumerate(sitting):
            seat_id, opinion_id = uuid7(), None if waits else uuid7()
            answered = None if waits else ends - timedelta(minutes=turn)
            rows.add(
                Seat, seat_id, stage_id, matter_id, organisation, party, turn, "asked" if waits else "answered",
                None if waits else "agree", opinion_id, None, None, None, None, None, due, answered, answered, 2,
            )  # fmt: skip
            if opinion_id:
                officer = self.officers[organisation]
                rows.add(
                    Opinion, opinion_id, seat_id, matter_id, officer, "agree", "", "", _json([]), None, None, answered
                )


def named(place: int) -> str:
    """An invented name; ten riders of fifty thousand share each."""
    return "王" + chr(0x4E00 + place % 5000)


def _json(value: Any) -> str:
    return json.dumps(value)


def _sqlite_writer(url: str) -> Any:
    """Rows into SQLite by its own driver, without waiting for the disk: a measurement's database may be lost."""
    engine = create_engine(url)
    raw = engine.raw_connection()
    raw.execute("PRAGMA synchronous=OFF")
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA cache_size=-400000")

    def plain(value: Any) -> Any:
        if isinstance(value, UUID):
            return value.hex
        if isinstance(value, datetime):
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
        return value.isoformat() if isinstance(value, date) else value

    def write(rows: Rows) -> None:
        for table, listed in _in_order(rows):
            names = COLUMNS[table].split()
            places = ", ".join("?" for _ in names)
            columns = ", ".join(f'"{name}"' for name in names)
            statement = f'INSERT INTO "{table.__tablename__}" ({columns}) VALUES ({places})'
            raw.cursor().executemany(statement, (tuple(map(plain, row)) for row in listed))
        raw.commit()

    return write


def _postgres_writer(url: str) -> Any:
    """Rows into PostgreSQL by COPY."""
    address = make_url(url)
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(plain)
    connection.execute("SET synchronous_commit = off")

    def write(rows: Rows) -> None:
        with connection.cursor() as cursor:
            for table, listed in _in_order(rows):
                columns = ", ".join(f'"{name}"' for name in COLUMNS[table].split())
                with cursor.copy(f'COPY "{table.__tablename__}" ({columns}) FROM STDIN') as copy:
                    for row in listed:
                        copy.write_row(row)
        connection.commit()

    return write


def _in_order(rows: Rows) -> Iterable[tuple[type[Base], list[tuple[Any, ...]]]]:
    return ((table, rows.by_table[table]) for table in COLUMNS if table in rows.by_table)


def fresh_name() -> str:
    """A name for a database of one's own."""
    return f"wufang_bench_{uuid4().hex[:8]}"
