"""Duplicates: near in place, time and category; merged, everybody follows the one that goes on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.report import merging, news
from models.report.merging import NotTheSame
from models.report.tables import Follower, ReportStatus
from wufang.make_reports import RULES


def suggested(reports, made):
    with reports.make.database.reading() as session:
        found = merging.alike(session, RULES, reports.read(made.report_id))
        return [(one.report.reference, one.metres) for one in found]


def test_near_in_place_time_and_category_and_nothing_else(any_reports, at):
    reports = any_reports
    known = {"compound_id": reports.world.compound.id}
    here = reports.collect(position=reports.position(), **known)
    near = reports.collect(position=reports.position(north=50), **known)
    reports.collect(position=reports.position(north=120), **known)  # too far
    reports.collect(category="lamp", position=reports.position(), **known)  # another category
    reports.collect(position=reports.position(), at=at - timedelta(hours=80), **known)  # too long ago
    nearer = reports.collect(position=reports.position(east=-20), **known)
    assert suggested(reports, here) == [(nearer.reference, 20), (near.reference, 50)]


def test_across_the_edge_of_a_square_of_the_grid(reports):
    known = {"compound_id": reports.world.compound.id}
    here = reports.collect(position=reports.position(north=-1, east=-1), **known)
    beyond = reports.collect(position=reports.position(north=1, east=1), **known)
    assert [one for one, _ in suggested(reports, here)] == [beyond.reference]


def test_without_a_position_the_compound_is_near_enough(reports):
    here, other = reports.collect(), reports.collect()
    assert suggested(reports, here) == [(other.reference, None)]


def test_merged_everybody_follows_the_one_that_goes_on_once(reports, at):
    phones = [reports.phone() for _ in range(3)]
    first, second, third = (reports.collect(one) for one in phones)
    who, write = reports.world.who(reports.world.community), reports.make.database.write
    write(merging.merge, who, second.report_id, first.report_id, None, at)
    into = write(merging.merge, who, third.report_id, first.report_id, None, at)
    assert into.reference == first.reference
    merged = reports.read(second.report_id)
    assert (merged.status, merged.due_at, merged.merged_into_id) == (ReportStatus.MERGED, None, first.report_id)
    with reports.make.database.reading() as session:
        followers = session.scalars(select(Follower.phone_id).where(Follower.report_id == first.report_id)).all()
        assert sorted(followers) == sorted(one.phone_id for one in phones)
        assert news.follower_of(session, first.report_id, phones[2].phone_id, None).is_reporter
    assert suggested(reports, first) == []


def test_what_is_over_elsewhere_or_itself_is_no_target(reports, at):
    made, closed = reports.collect(), reports.closed(reports.phone())
    who, write = reports.world.who(reports.world.community), reports.make.database.write
    for into in (made, closed):
        with pytest.raises(NotTheSame):
            write(merging.merge, who, made.report_id, into.report_id, None, at)
