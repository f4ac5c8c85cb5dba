"""`wufang circle`: read the district's road map, tell who is in the 15-minute circle, and where more sites would help most."""

from datetime import datetime
from typing import Annotated

import typer

from models.clock import utcnow
from models.database import Database
from models.district import only_district
from models.errors import RuleBroken
from models.settings import Settings
from models.training.circle.coverage import Circle, Moment, measure
from models.training.circle.gathering import Ground, gather, moment_of, roads_folder, ways_of
from models.training.circle.helping import covers
from models.training.circle.showing import Shown, shown
from models.training.circle.ways import Way, Ways
from models.training.ruling import CircleRules, training_rules

CLOCK = "%H:%M"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("circle")(circle)


def circle(
    way: Annotated[Way, typer.Option(help="On foot or by e-bike")] = Way.EBIKE,
    day: Annotated[int, typer.Option(min=0, max=7, help="Weekday, 1 is Monday; 0: today")] = 0,
    time: Annotated[str, typer.Option(help="In Shanghai, such as 20:00; without it, now")] = "",
    more: Annotated[int, typer.Option(min=0, max=20, help="How many more sites to look for")] = 1,
) -> None:
    """Print the coverage by community, the worst first. With WUFANG_ROADS the road map is read first and kept."""
    settings, rules = Settings(), training_rules().circle
    try:
        if settings.roads:
            from models.training.circle.roads import prepare  # noqa: PLC0415 - every command imports this module

            typer.echo(f"Roads: {prepare(roads_folder(settings.state_dir), settings.roads).name}.")
        ground = _gather(settings, rules)
    except RuleBroken as broken:
        typer.echo(str(broken), err=True)
        raise typer.Exit(1) from None
    ways = ways_of(rules, settings.state_dir, settings.roads)
    told = shown(rules, ground, ways, way, _moment(day, time))
    _tell(told)
    if more and ground.points:
        _tell_more(measure(rules, ways, ground.points, ground.targets), ways, told, more)


def _gather(settings: Settings, rules: CircleRules) -> Ground:
    database = Database(settings.database)
    try:
        with database.reading() as session:
            district = only_district(session)
            return gather(session, rules, district.id) if district else Ground([], [], {})
    finally:
        database.close()


def _moment(day: int, time: str) -> Moment:
    now = moment_of(utcnow())
    try:
        chosen = datetime.strptime(time, CLOCK) if time else None  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        raise typer.BadParameter("a time is said like 20:00", param_hint="--time") from None
    return Moment(day or now.weekday, chosen.hour * 60 + chosen.minute if chosen else now.minute)


def _tell(told: Shown) -> None:
    total = len(told.ground.points)
    by = "by the road map" if told.is_by_road else "by straight lines"
    typer.echo(f"{told.covered} of {total} places are in the circle ({told.way}, {by}); {told.open} sites are open.")
    for one in told.rows:
        typer.echo(f"  {told.community(one).zh}: {one.covered[told.way]} of {one.points}")


def _tell_more(circle: Circle, ways: Ways, told: Shown, more: int) -> None:
    from tasks.circle import choose_sites  # noqa: PLC0415 - every command imports this module, and this is the solver

    near = covers(circle, ways, told.way, circle.points)
    weights = [0 if is_covered else 1 for is_covered in told.reach.is_covered.tolist()]
    chosen = choose_sites([row.nonzero()[0].tolist() for row in near], weights, more)
    proven = "no other choice gains more" if chosen.is_proven else f"at most {chosen.bound} could be gained"
    typer.echo(f"{len(chosen.candidates)} more sites would bring {chosen.gain} places into the circle ({proven}):")
    for place in chosen.candidates:
        one = circle.points[place]
        typer.echo(f"  {one.name.zh} ({told.community(one).zh})")
