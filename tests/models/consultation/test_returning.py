"""A matter returned to its filer or to an earlier stage, on both databases."""

from dataclasses import replace

import pytest

from models.consultation.acting import AnsweredAlready, HeardOnly, NotInProtocol, WordsMissing
from models.consultation.adding import add_signer
from models.consultation.opinions import Draft, LineException, StageSettled
from models.consultation.returning import NoWayBack, return_to_filer, return_to_stage
from models.consultation.tables import OpinionKind, SeatStatus, SigningPlace, StageOutcome
from models.errors import ChangedMeanwhile, NotAllowed
from models.filing.submitting import NothingLeft, submit_again
from models.matter import MatterStatus
from models.notice import tables
from models.officer import OnlyReads, Role
from models.protocol.schema import Between, ObjectionWay, Returns, StageAct
from models.views.standing import standing_of

ALL_BACK = ("filer", "stage_1", "stage_2")
NEIGHBOURS = ("community", "council", "street")


def excepting(line):
    return Draft(OpinionKind.AGREE, exceptions=(LineException(line, "不认识"),))


def agree_all(desk, draft=None):
    """Everybody agrees in the open stage; then the next one opens."""
    for name in NEIGHBOURS:
        desk.say(getattr(desk.world, name), draft if draft and name == "council" else Draft(OpinionKind.AGREE))
    desk.round()


def at_stage(desk, number, between, *drafts, lines=4):
    """A consultation of three stages in which all before stage `number` have agreed."""
    desk.consult(3, lines=lines, returns=Returns(ALL_BACK[:number], between), objection=ObjectionWay.RETURN)
    for place in range(number - 1):
        agree_all(desk, drafts[place] if place < len(drafts) else None)
    assert desk.stage.key == f"stage_{number}"
    return desk


def test_a_matter_returned_to_an_earlier_stage_runs_through_the_stages_between_again(desk):
    world = at_stage(desk, 3, Between.RERUN).world
    desk.say(world.community)
    acted = desk.do(return_to_stage, world.street, "stage_1", "请重新勘查")
    assert acted.is_stage_settled
    assert desk.stage.outcome is StageOutcome.SENT_BACK
    assert desk.status(world.council) is SeatStatus.CLOSED
    desk.round()
    assert desk.stage.key == "stage_1"
    assert desk.asked() == set(NEIGHBOURS)
    agree_all(desk)
    assert desk.stage.key == "stage_2"
    agree_all(desk)
    agree_all(desk)
    assert desk.matter.status is MatterStatus.AGREED
    desk.check()


def test_the_stages_between_are_skipped_where_the_protocol_says_so(desk):
    world = at_stage(desk, 3, Between.SKIP).world
    desk.do(return_to_stage, world.street, "stage_1", "请重新勘查")
    desk.round()
    assert desk.stage.key == "stage_1"
    agree_all(desk)
    assert (desk.stage.key, desk.stage.position) == ("stage_3", 5)
    agree_all(desk)
    assert desk.matter.status is MatterStatus.AGREED


@pytest.mark.parametrize(("between", "out"), [(Between.RERUN, []), (Between.SKIP, ["2"])])
def test_lines_that_a_stage_excepted_are_looked_at_again_where_it_runs_again(desk, between, out):
    world = at_stage(desk, 3, between, excepting(1), excepting(2)).world
    assert sorted(desk.consultation.lines_out) == ["1", "2"]
    desk.do(return_to_stage, world.street, "stage_1", "请重新勘查")
    assert sorted(desk.consultation.lines_out) == out
    desk.round()
    desk.say(world.council, excepting(1))


def test_those_who_are_asked_again_are_told_why(desk):
    world = at_stage(desk, 2, Between.RERUN).world
    desk.do(return_to_stage, world.street, "stage_1", "请重新勘查")
    desk.round()
    with desk.database.reading() as session:
        facts = tables.of_matter(session, desk.matter_id)[-1].facts
    assert facts["sent_back"] == {"zh": "小区与社区会签", "en": "Neighbourhood countersign"}


@pytest.mark.parametrize("between", Between)
def test_a_matter_that_its_filer_put_right_is_consulted_on_once_more(desk, between):
    world = at_stage(desk, 2, between, excepting(2)).world
    desk.do(return_to_filer, world.street, "名单有误")
    assert desk.matter.status is MatterStatus.DECIDED
    desk.round()
    assert desk.matter.status is MatterStatus.RETURNED
    assert desk.got(world.company)[-1] == "result"
    if between is Between.SKIP:
        with pytest.raises(NothingLeft):
            _again(desk, {1, 3, 4})  # line 2 is out already
    _again(desk, {1})
    desk.round()
    assert (desk.consultation.number, desk.matter.status) == (2, MatterStatus.CONSULTING)
    assert desk.stage.key == "neighbourhood"  # the protocol in force has no stage of that name: it begins at its first
    desk.check()


def _again(desk, drop):
    desk.database.write(submit_again, desk.world.clerk, desk.matter_id, frozenset(drop), "", None, desk.at)


@pytest.mark.parametrize("is_skipping", [True, False])
def test_under_the_protocol_in_force_the_district_gets_its_matter_straight_back(desk, is_skipping):
    """`access_filing` from version 2 on: the second stage returns to the filer and skips, the first does not."""
    world = desk.world
    desk.matter_id = desk.make.filing(world.clerk, [world.compound], 3).matter_id
    desk.round()
    desk.say(world.community)
    if is_skipping:
        desk.say(world.council, excepting(2))
        desk.round()
        desk.do(return_to_filer, world.housing, "三号骑手证件不清")
    else:
        desk.do(return_to_filer, world.council, "三号骑手证件不清")
    desk.round()
    _again(desk, {3})
    desk.round()
    assert desk.stage.key == ("district" if is_skipping else "neighbourhood")
    assert sorted(desk.consultation.lines_out) == (["2", "3"] if is_skipping else ["3"])
    with desk.database.reading() as session:
        coming = [one.key for one in standing_of(session, world.clerk, desk.matter, desk.at).coming]
    assert coming == ([] if is_skipping else ["district"])


def test_an_objection_after_a_return_has_the_whole_consultation_run_again(desk):
    world = at_stage(desk, 2, Between.SKIP).world
    desk.do(return_to_stage, world.street, "stage_1", "请重新勘查")
    desk.round()
    desk.say(world.council, Draft(OpinionKind.OBJECT, reason="太吵"))
    assert desk.consultation.skip_to is None


def test_returning_is_refused(desk):
    world = at_stage(desk, 2, Between.RERUN).world
    with pytest.raises(WordsMissing):
        desk.do(return_to_filer, world.street, " ")
    for key in ("stage_2", "stage_3", "nowhere", "conciliation"):
        with pytest.raises(NoWayBack):
            desk.do(return_to_stage, world.street, key, "退回")
    with pytest.raises(OnlyReads):
        desk.do(return_to_filer, world.street, "退回", who=replace(desk.who(world.street), role=Role.READER))
    with pytest.raises(NotAllowed):
        desk.do(return_to_filer, world.street, "退回", who=desk.who(world.council))
    with pytest.raises(ChangedMeanwhile):
        desk.do(return_to_filer, world.street, "退回", version=9)
    desk.do(add_signer, world.street, world.housing.id, SigningPlace.BEFORE, "")
    with pytest.raises(HeardOnly):
        desk.do(return_to_filer, world.housing, "退回")
    desk.say(world.council)
    with pytest.raises(AnsweredAlready):
        desk.do(return_to_filer, world.council, "退回")
    seat = desk.seat(world.community)
    desk.do(return_to_stage, world.community, "stage_1", "退回")
    desk.round()
    with pytest.raises(StageSettled):
        desk.database.write(return_to_filer, desk.who(world.community), seat.id, "退回", None, desk.at)
    desk.consult(acts=frozenset({StageAct.ADD}), returns=None)
    with pytest.raises(NotInProtocol):
        desk.do(return_to_filer, world.street, "退回")
