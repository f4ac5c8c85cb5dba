"""`wufang verify` finds a report whose record was altered, and only that."""

import pytest

from models.report.verifying import verify_reports


def broken(reports):
    with reports.make.database.reading() as session:
        found = verify_reports(session, reports.make.vault)
        return found.reports, [str(one) for one in found.broken]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("update report_entry set kind = 'closed' where position = 2", "broken at entry 2"),
        ("delete from report_entry where position = 4", "broken at entry 4"),
        ("update report set status = 'declined'", "the status is declined, but the record tells closed"),
        ("update report_entry set said_sealed = 'x.y' where position = 5", "what was said with entry 5"),
        ("update report set record_hash = 'no'", "not the one that the matter names"),
    ],
)
def test_what_was_altered_is_named(reports, change, said):
    made = reports.closed(reports.phone())
    assert broken(reports) == (1, [])
    reports.make.tamper(change)
    count, sentences = broken(reports)
    assert count == 1
    assert any(made.reference in one and said in one for one in sentences), sentences


def test_words_that_were_erased_break_nothing(reports):
    reports.closed(reports.phone())
    reports.make.tamper("update report_entry set said_sealed = null")
    assert broken(reports) == (1, [])
