"""Filing lists as workbooks (.xlsx): read, refused, marked and offered."""

from models.workbook.marking import mark_roster
from models.workbook.reading import CellFault, Roster, RosterRow, read_roster
from models.workbook.template import roster_template

__all__ = ["CellFault", "Roster", "RosterRow", "mark_roster", "read_roster", "roster_template"]
