"""The table of lists: each is whole, and its filters come back from JSON as they went in."""

from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

import pytest

from models.export.kinds import KINDS
from models.export.tables import ExportKind
from models.matter import MatterStatus, ReaderWay
from models.protocol.schema import Party

ONE = UUID("5d8f3f7e-0c2e-5f0e-9a44-2f3f1f1f7c11")
VALUES = {
    "statuses": frozenset({MatterStatus.AGREED, MatterStatus.REFUSED}),
    "kind": None,
    "compound_id": ONE,
    "awaited": Party.COUNCIL,
    "organisation_id": ONE,
    "is_stuck": True,
    "way": ReaderWay.COPY,
    "due_from": datetime(2026, 11, 23, 4, tzinfo=UTC),
    "due_until": datetime(2026, 11, 24, 4, tzinfo=UTC),
    "officer_id": ONE,
    "is_held": True,
    "matter_ids": frozenset({ONE}),
    "words": "Zhang",
    "has_left": True,
}


def test_every_kind_is_in_the_table():
    assert set(KINDS) == set(ExportKind)


@pytest.mark.parametrize("kind", ExportKind)
def test_filters_are_kept_whole(kind):
    listing = KINDS[kind]
    assert listing.names <= set(VALUES), "give the new filter a value here"
    filters = listing.narrow(VALUES)
    assert {name: getattr(filters, name) for name in listing.names} == {name: VALUES[name] for name in listing.names}
    assert listing.read(listing.kept(filters)) == filters


def test_what_earlier_versions_kept_is_read():
    kept = {"statuses": ["agreed"], "compound_id": str(ONE), "awaited": None, "way": "copy", "due_from": None}
    filters = KINDS[ExportKind.FILINGS].read(kept | {"due_until": None, "officer_id": None, "organisation_id": None})
    assert (filters.statuses, filters.compound_id, filters.way) == (
        frozenset({MatterStatus.AGREED}),
        ONE,
        ReaderWay.COPY,
    )
    assert KINDS[ExportKind.WAITING].read(kept).compound_id == ONE


def test_filters_left_out_do_not_narrow():
    for listing in KINDS.values():
        unset = listing.narrow({})
        assert {getattr(unset, one.name) for one in fields(unset)} <= {None, False, "", frozenset()}
