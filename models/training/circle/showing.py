"""The circle as it is shown: for one way and one time of the week, with what every hour of that day would be."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from models.district import only_district
from models.errors import NotAllowed, NotFound
from models.officer import Identity
from models.protocol.schema import Party, Title
from models.training.circle.coverage import (
    FAR_MINUTES,
    Circle,
    CommunityCover,
    Moment,
    Point,
    Reach,
    Target,
    by_community,
    measure,
)
from models.training.circle.gathering import Ground, gather, ways_of
from models.training.circle.helping import Help, best_places
from models.training.circle.ways import Way, Ways
from models.training.ruling import CircleRules, training_rules

HOURS = range(7, 23)  # of the day, in the strip
SEERS = frozenset({Party.DEPARTMENT, Party.STREET, Party.COMMUNITY})


@dataclass(frozen=True, slots=True)
class HourCover:
    """How many points are covered at the full hour, and how many targets are open."""

    hour: int
    covered: int
    open: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that a page, a map or another program is told."""

    rules: CircleRules
    way: Way
    moment: Moment
    is_by_road: bool
    ground: Ground
    reach: Reach
    rows: Sequence[CommunityCover]
    helps: Sequence[Help]
    hours: Sequence[HourCover]
    open: int  # targets that are open then

    @property
    def covered(self) -> int:
        """Points within the circle."""
        return int(self.reach.is_covered.sum())

    def minutes(self, place: int) -> int | None:
        """The way of the point of that number, rounded up; None for more than an hour or none at all."""
        taken = float(self.reach.minutes[place])
        return -int(-taken // 1) if taken <= FAR_MINUTES else None

    def target(self, place: int) -> Target | None:
        """Where it leads."""
        number = int(self.reach.nearest[place])
        return self.ground.targets[number] if number >= 0 else None

    def community(self, one: Point | CommunityCover) -> Title:
        """The name of the community that it belongs to."""
        return self.ground.names[one.community]


def sees_circle(who: Identity) -> bool:
    """Whether the circle is this officer's business: departments, streets and communities place sites."""
    return who.party in SEERS


def read_circle(
    session: Session, who: Identity, state_dir: Path, roads: Path | None, way: Way, moment: Moment
) -> Shown:
    """The district's circle. Raises `NotAllowed`, `NotFound` where there is no district yet."""
    if not sees_circle(who):
        raise NotAllowed()
    district = only_district(session)
    if district is None:
        raise NotFound()
    rules = training_rules().circle
    return shown(rules, gather(session, rules, district.id), ways_of(rules, state_dir, roads), way, moment)


def shown(rules: CircleRules, ground: Ground, ways: Ways, way: Way, moment: Moment) -> Shown:
    """Compute what is shown."""
    circle = measure(rules, ways, ground.points, ground.targets)
    reaches = {one: circle.reach(one, moment) for one in Way}
    return Shown(
        rules,
        way,
        moment,
        ways.is_by_road,
        ground,
        reaches[way],
        by_community(ground.points, reaches, way) if ground.points else [],
        best_places(circle, ways, way, reaches[way], ground.points),
        [_hour(circle, way, Moment(moment.weekday, hour * 60)) for hour in HOURS],
        _open(circle, moment),
    )


def _hour(circle: Circle, way: Way, moment: Moment) -> HourCover:
    return HourCover(moment.minute // 60, int(circle.reach(way, moment).is_covered.sum()), _open(circle, moment))


def _open(circle: Circle, moment: Moment) -> int:
    return sum(one.is_open(moment) for one in circle.targets)
