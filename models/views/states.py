"""What states are called (msgids): one word for each, on pages and in what is taken out."""

from typing import Any

from models.consultation.tables import OpinionKind
from models.filing.tables import LineStatus
from models.matter import MatterStatus
from models.words import N_

MATTERS: dict[MatterStatus, str] = {
    MatterStatus.SUBMITTED: N_("Submitted"),
    MatterStatus.CONSULTING: N_("In consultation"),
    MatterStatus.DECIDED: N_("Decided, taking effect"),
    MatterStatus.AGREED: N_("Agreed"),
    MatterStatus.REFUSED: N_("Refused"),
    MatterStatus.RETURNED: N_("Returned to the filer"),
    MatterStatus.WITHDRAWN: N_("Withdrawn by the filer"),
}
LINES: dict[LineStatus, str] = {
    LineStatus.FILED: N_("In consultation"),
    LineStatus.DROPPED: N_("Taken out by the filer"),
    LineStatus.EXCEPTED: N_("Excepted"),
    LineStatus.REFUSED: N_("Refused"),
    LineStatus.PASSED: N_("Pass issued"),
    LineStatus.WITHDRAWN: N_("Withdrawn by the filer"),
}
OPINIONS: dict[OpinionKind, str] = {
    OpinionKind.AGREE: N_("Agree"),
    OpinionKind.AGREE_WITH_CONDITIONS: N_("Agree with conditions"),
    OpinionKind.OBJECT: N_("Object"),
    OpinionKind.ABSTAIN: N_("Abstain"),
}

# By kind: words of different kinds may be spelled alike.
WORDS: dict[type, dict[Any, str]] = {MatterStatus: MATTERS, LineStatus: LINES, OpinionKind: OPINIONS}
