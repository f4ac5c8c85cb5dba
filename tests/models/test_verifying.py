"""Whatever is changed behind the domain's back is found and named."""

import pytest

from models.consultation.opinions import Draft
from models.consultation.tables import Opinion, OpinionKind
from models.consultation.withdrawing import withdraw
from models.matter import MatterStatus
from models.record import RecordEntry
from models.verifying import Verified, verify
from tests.make import Maker, Neighbourhood

CONDITIONS = Draft(OpinionKind.AGREE_WITH_CONDITIONS, conditions="请从北门进出")


@pytest.fixture
def world(any_make: Maker) -> Neighbourhood:
    """Two filings: one concluded, one only submitted."""
    world = any_make.neighbourhood()
    filed = any_make.filing(world.clerk, [world.compound])
    any_make.agree_through(world, filed.matter_id, CONDITIONS)
    any_make.conclude(filed.matter_id)
    assert any_make.matter(filed.matter_id).status is MatterStatus.AGREED
    any_make.filing(world.clerk, [world.compound], seed=2)
    return world


def verified(make: Maker) -> Verified:
    with make.database.reading() as session:
        return verify(session)


def broken(make: Maker) -> list[str]:
    return [str(said) for said in verified(make).broken]


def test_a_whole_record_is_counted_and_nothing_is_broken(any_make: Maker, world: Neighbourhood) -> None:
    found = verified(any_make)
    assert world.organisations
    assert (found.matters, found.broken) == (2, [])
    assert found.entries == any_make.count(RecordEntry)
    assert found.opinions == any_make.count(Opinion) > 0


@pytest.mark.usefixtures("world")
class TestTampering:
    def test_an_altered_entry(self, any_make: Maker) -> None:
        any_make.tamper("update record_entry set at = '2026-11-20 00:00:00+00:00' where position = 2")
        assert broken(any_make) == ["备2026-000001: the record is broken at entry 2."]

    def test_a_removed_entry_in_the_middle(self, any_make: Maker) -> None:
        any_make.tamper("delete from record_entry where position = 3")
        assert broken(any_make)[0] == "备2026-000001: the record is broken at entry 3."

    def test_a_removed_last_entry(self, any_make: Maker) -> None:
        any_make.tamper("delete from record_entry where matter_id in (select id from matter where status='submitted')")
        assert broken(any_make) == [
            "备2026-000002: the record's last entry is not the one that the matter names.",
            "备2026-000002: the status is submitted, but the record tells –.",
        ]

    def test_a_changed_status(self, any_make: Maker) -> None:
        any_make.tamper("update matter set status = 'refused' where status = 'agreed'")
        assert broken(any_make) == ["备2026-000001: the status is refused, but the record tells agreed."]

    def test_a_changed_head(self, any_make: Maker) -> None:
        any_make.tamper("update matter set record_hash = :other where status = 'agreed'", other="f" * 64)
        assert broken(any_make) == ["备2026-000001: the record's last entry is not the one that the matter names."]

    def test_other_words_in_an_opinion(self, any_make: Maker) -> None:
        any_make.tamper(
            "update opinion set conditions = '不限' where id = (select id from opinion order by id desc limit 1)"
        )
        found = broken(any_make)
        assert len(found) == 2
        assert "that is not there" in found[0]
        assert found[1] == "备2026-000001: an opinion of 2026-11-23 01:00 UTC is not what the record says."

    def test_another_reason_for_an_excepted_line(self, any_make: Maker) -> None:
        any_make.tamper(
            'update opinion set exceptions = \'[{"line": 1, "reason": "其他"}]\''
            " where id = (select id from opinion order by id desc limit 1)"
        )
        assert len(broken(any_make)) == 2

    def test_an_opinion_slipped_in(self, any_make: Maker) -> None:
        any_make.tamper(
            "insert into opinion (id, seat_id, matter_id, kind, reason, conditions, exceptions, at)"
            " select matter_id, seat_id, matter_id, 'object', '', '', '[]', at from opinion limit 1"
        )
        assert broken(any_make) == ["备2026-000001: an opinion of 2026-11-23 01:00 UTC is not what the record says."]

    def test_other_words_with_an_act(self, any_make: Maker, world: Neighbourhood) -> None:
        again = any_make.filing(world.clerk, [world.compound], seed=3).matter_id
        any_make.database.write(withdraw, world.clerk, again, "名单有误", None, any_make.at)
        assert broken(any_make) == []
        any_make.tamper("update remark set words = '另有原因'")
        altered = ["备2026-000003: what was said with entry 2 is not what the record says."]
        assert broken(any_make) == altered
        any_make.tamper("delete from remark")
        assert broken(any_make) == altered

    def test_a_value_that_cannot_be_read(self, any_make: Maker) -> None:
        any_make.tamper("update matter set status = 'forgotten' where status = 'agreed'")
        assert broken(any_make) == ["备2026-000001: its rows hold values that cannot be read."]
        assert verified(any_make).matters == 2
