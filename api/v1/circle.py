"""The 15-minute circle: coverage by community, by hour, and where one more site would help most."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.asking import Asked
from api.v1.describing import problems
from api.v1.plain import Name, Out
from models.training.circle.coverage import Moment, PointKind
from models.training.circle.gathering import moment_of
from models.training.circle.showing import Shown, read_circle
from models.training.circle.ways import Way

router = APIRouter(prefix="/circle", tags=["training"])
CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"


class CommunityOut(Out):
    """A community's points and how many of them are in the circle; `farthest`: minutes, null for over an hour or nothing open."""

    community_id: str
    community: Name
    points: int
    on_foot: int
    by_ebike: int
    farthest: int | None


class HourOut(Out):
    """The full hour, sites that are open then, points in the circle."""

    hour: int
    open: int
    covered: int


class HelpOut(Out):
    """A place for one more site, each after the ones before it; `gain`: points that it brings into the circle."""

    id: str
    kind: PointKind
    name: Name
    latitude: float
    longitude: float
    gain: int


class CircleOut(Out):
    """The circle at one time of the week. `minutes`: how far it reaches; `is_by_road`: else straight lines with a detour."""

    way: Way
    weekday: int
    time: str
    minutes: int
    is_by_road: bool
    points: int
    covered: int
    open: int
    communities: list[CommunityOut]
    hours: list[HourOut]
    helps: list[HelpOut]


@router.get("", responses=problems(403, 422), operation_id="readCircle", summary="Read the 15-minute circle")
def read(
    ask: Asked,
    way: Annotated[Way, Query(description="On foot or by e-bike")] = Way.EBIKE,
    weekday: Annotated[int | None, Query(ge=1, le=7, description="1 is Monday; without it, today")] = None,
    time: Annotated[str | None, Query(pattern=CLOCK, description="In Shanghai, as 20:00; without it, now")] = None,
) -> CircleOut:
    """For departments, streets and communities. The worst community stands first."""
    now, settings = moment_of(ask.at), ask.settings
    minute = int(time[:2]) * 60 + int(time[3:]) if time else now.minute
    moment = Moment(weekday or now.weekday, minute)
    return _out(
        ask.read(lambda session, who: read_circle(session, who, settings.state_dir, settings.roads, way, moment))
    )


def _out(shown: Shown) -> CircleOut:
    minute = shown.moment.minute
    return CircleOut(
        way=shown.way,
        weekday=shown.moment.weekday,
        time=f"{minute // 60:02}:{minute % 60:02}",
        minutes=shown.rules.minutes,
        is_by_road=shown.is_by_road,
        points=len(shown.ground.points),
        covered=shown.covered,
        open=shown.open,
        communities=[
            CommunityOut(
                community_id=one.community,
                community=Name.model_validate(shown.community(one)),
                points=one.points,
                on_foot=one.covered[Way.FOOT],
                by_ebike=one.covered[Way.EBIKE],
                farthest=one.farthest[shown.way],
            )
            for one in shown.rows
        ],
        hours=[HourOut.model_validate(one) for one in shown.hours],
        helps=[
            HelpOut(
                id=one.place.id,
                kind=one.place.kind,
                name=Name.model_validate(one.place.name),
                latitude=one.place.spot[0],
                longitude=one.place.spot[1],
                gain=one.gain,
            )
            for one in shown.helps
        ],
    )
