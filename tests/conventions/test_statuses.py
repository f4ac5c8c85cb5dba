"""Every pair of statuses is tried against its noun's transition table; finished statuses are final."""

from itertools import product

import pytest
from sqlalchemy import Enum

from models.base import Base, move
from models.consultation.tables import EXTENSION_MOVES, SEAT_MOVES, STAGE_MOVES
from models.errors import IllegalMove
from models.export.tables import MOVES as EXPORT_MOVES
from models.filing.tables import LINE_MOVES
from models.matter import MOVES as MATTER_MOVES
from models.matter import MatterStatus
from models.notice.tables import MOVES as NOTICE_MOVES
from models.people.tables import ENROLMENT_MOVES, MEMBER_MOVES
from models.report.tables import MOVES as REPORT_MOVES
from models.report.tables import PARKING_MOVES
from models.tables import complete_metadata
from models.training.place_tables import PLACE_MOVES
from models.training.tables import COURSE_MOVES, EVENT_MOVES, TIMETABLE_MOVES

TABLES = {
    "matter": MATTER_MOVES,
    "stage": STAGE_MOVES,
    "seat": SEAT_MOVES,
    "extension": EXTENSION_MOVES,
    "line": LINE_MOVES,
    "notice": NOTICE_MOVES,
    "export": EXPORT_MOVES,
    "report": REPORT_MOVES,
    "parking": PARKING_MOVES,
    "enrolment": ENROLMENT_MOVES,
    "appointment": MEMBER_MOVES,
    "course": COURSE_MOVES,
    "timetable": TIMETABLE_MOVES,
    "session": EVENT_MOVES,
    "place": PLACE_MOVES,
}
PAIRS = [(noun, now, to) for noun, moves in TABLES.items() for now, to in product(type(next(iter(moves))), repeat=2)]


def test_every_stored_status_that_can_change_has_a_table():
    complete_metadata()
    kinds = {type(next(iter(moves))) for moves in TABLES.values()}
    stored = {
        column.type.enum_class
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name == "status" and isinstance(column.type, Enum)
    }
    assert {kind for kind in stored if len(kind) > 1} == kinds


@pytest.mark.parametrize("noun", TABLES)
def test_the_table_speaks_of_every_status(noun):
    moves = TABLES[noun]
    kind = type(next(iter(moves)))
    assert set(moves) == set(kind)


@pytest.mark.parametrize(("noun", "now", "to"), PAIRS)
def test_a_status_goes_where_the_table_lets_it_and_nowhere_else(noun, now, to):
    moves = TABLES[noun]
    if to in moves[now]:
        assert move(noun, moves, now, to) is to
    else:
        with pytest.raises(IllegalMove, match=f"cannot go from {now.value} to {to.value}"):
            move(noun, moves, now, to)


def test_agreed_and_refused_are_final():
    assert not MATTER_MOVES[MatterStatus.AGREED]
    assert not MATTER_MOVES[MatterStatus.REFUSED]
