"""The lists that can be taken out: what each is called, its columns, what narrows it, its rows, and who may ask."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from models.export import of_matters, of_people
from models.export.authority import Chosen, administrators, anybody, readers, readers_of_some
from models.export.of_people import Named, Whole
from models.export.rows import Column, Line, Taking
from models.export.tables import ExportKind
from models.officer import Identity
from models.views.matters import Filters
from models.views.staff import OfficerFilters
from models.views.waiting import AnsweredFilters, SeatFilters
from models.words import N_

Narrowing = Filters | SeatFilters | AnsweredFilters | Chosen | OfficerFilters | Named | Whole
N = TypeVar("N", Filters, SeatFilters, AnsweredFilters, Chosen, OfficerFilters, Named, Whole)


@dataclass(frozen=True, slots=True)
class Listing(Generic[N]):
    """One kind of list. `narrowed_by`: the filters that it takes; `may_ask` raises for those whom it is not for.

    `has_identities`: riders stand in it, masked or whole.
    """

    title: str
    columns: tuple[Column, ...]
    narrowed_by: type[N]
    lines: Callable[[Taking, N], Iterator[Line]]
    may_ask: Callable[[Session, Identity, N], None] = anybody
    has_identities: bool = False

    @property
    def names(self) -> frozenset[str]:
        """What its filters are called."""
        return frozenset(one.name for one in fields(self.narrowed_by))

    def narrow(self, values: Mapping[str, Any]) -> N:
        """Its filters from `values` by name; what it does not take is passed over."""
        return self.narrowed_by(**{name: value for name, value in values.items() if name in self.names})

    def kept(self, filters: N) -> dict[str, Any]:
        """The filters as JSON keeps them."""
        return TypeAdapter(self.narrowed_by).dump_python(filters, mode="json")

    def read(self, kept: dict[str, Any]) -> N:
        """The filters that were kept so; what is not among them does not narrow."""
        return TypeAdapter(self.narrowed_by).validate_python(kept)


KINDS: dict[ExportKind, Listing[Any]] = {
    ExportKind.WAITING: Listing(N_("What waits for us"), of_matters.WAITING, SeatFilters, of_matters.waiting_lines),
    ExportKind.ANSWERED: Listing(
        N_("What we have answered"), of_matters.ANSWERED, AnsweredFilters, of_matters.answered_lines
    ),
    ExportKind.FILINGS: Listing(N_("Filings"), of_matters.FILINGS, Filters, of_matters.filing_lines, readers),
    ExportKind.RIDERS: Listing(
        N_("Riders of the filings"), of_matters.RIDERS, Filters, of_matters.rider_lines, readers, has_identities=True
    ),
    ExportKind.RECORD: Listing(
        N_("Progress, entry by entry"), of_matters.RECORD, Chosen, of_matters.record_lines, readers_of_some
    ),
    ExportKind.OFFICERS: Listing(
        N_("Officers"), of_people.OFFICERS, OfficerFilters, of_people.officer_lines, administrators
    ),
    ExportKind.ORGANISATIONS: Listing(
        N_("Organisations"), of_people.ORGANISATIONS, Named, of_people.organisation_lines, administrators
    ),
    ExportKind.ABSENCES: Listing(N_("Deputies"), of_people.ABSENCES, Whole, of_people.absence_lines, administrators),
    ExportKind.LOG: Listing(N_("Log"), of_people.LOG, Whole, of_people.log_lines, administrators),
    ExportKind.LETTERS: Listing(N_("Letters"), of_people.LETTERS, Whole, of_people.letter_lines),
}
