"""The 15-minute circle: who reaches a training site in time, by community and by time of day, and where one more helps most."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.portal.answering import PageRoute
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of, settings_of
from models.training.circle.coverage import Moment, PointKind
from models.training.circle.gathering import moment_of
from models.training.circle.showing import Shown, read_circle
from models.training.circle.ways import Way
from models.words import N_, Sentence
from templates.pages import words_in

router = APIRouter(route_class=PageRoute, include_in_schema=False)

WAYS: dict[Way, str] = {Way.FOOT: N_("On foot"), Way.EBIKE: N_("By e-bike")}
DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
KINDS: dict[PointKind, str] = {
    PointKind.COMPOUND: N_("Compound"),
    PointKind.CENTRE: N_("Service centre"),
    PointKind.BASE: N_("Rider base"),
}
WITHIN = N_("{minutes} min to {site}")
BEYOND = N_("More than an hour to {site}")
CLOSED = N_("Nothing is open")
OPEN = N_("Training site, open")
SHUT = N_("Training site, closed at this time")
HERE = N_("A site here would cover {gain} more")


def asked(request: Request, at: datetime) -> tuple[Way, Moment]:
    """What the address says, else e-bike and now; what it does not know is passed over."""
    said, now = request.query_params, moment_of(at)
    way, day = said.get("way", ""), said.get("day", "")
    weekday = int(day) if day in {"1", "2", "3", "4", "5", "6", "7"} else now.weekday
    try:
        chosen = time.fromisoformat(said.get("time", ""))
    except ValueError:
        return Way(way) if way in set(Way) else Way.EBIKE, Moment(weekday, now.minute)
    return Way(way) if way in set(Way) else Way.EBIKE, Moment(weekday, chosen.hour * 60 + chosen.minute)


def _read(request: Request, desk: Desk) -> Shown:
    way, moment = asked(request, now_of(request))
    settings = settings_of(request)
    with database_of(request).reading() as session:
        return read_circle(session, desk.who, settings.state_dir, settings.roads, way, moment)


@router.get("/circle")
def show_circle(request: Request, desk: AtDesk) -> Response:
    """The page. Raises `NotAllowed`."""
    shown = _read(request, desk)
    clock = f"{shown.moment.minute // 60:02}:{shown.moment.minute % 60:02}"
    return render(
        request,
        desk,
        "pages/circle",
        shown=shown,
        ways=WAYS,
        days=DAYS,
        kinds=KINDS,
        clock=clock,
        query=f"way={shown.way}&day={shown.moment.weekday}&time={clock}",
        tiles=settings_of(request).map_tiles,
    )


@router.get("/circle/points")
def send_points(request: Request, desk: AtDesk) -> Response:
    """The same as GeoJSON (RFC 7946): points, sites, and the place for one more. Raises `NotAllowed`."""
    shown, words = _read(request, desk), words_in(desk.language).plain
    features = [*_of_points(shown, desk.language, words), *_of_sites(shown, desk.language, words)]
    for one in shown.helps[:1]:
        said = words(Sentence(HERE, {"gain": one.gain}))
        features.append(
            _feature(f"help:{one.place.id}", one.place.spot, "up", one.place.name.of(desk.language), said, 12)
        )
    return JSONResponse({"type": "FeatureCollection", "features": features}, media_type="application/geo+json")


Say = Callable[[Sentence], str]


def _of_points(shown: Shown, language: str, words: Say) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = []
    for place, one in enumerate(shown.ground.points):
        minutes, site = shown.minutes(place), shown.target(place)
        values: dict[str, object] = {"minutes": minutes, "site": site.name} if site else {}
        said = Sentence(CLOSED if site is None else BEYOND if minutes is None else WITHIN, values)
        is_covered = bool(shown.reach.is_covered[place])
        made = _feature(one.id, one.spot, "good" if is_covered else "bad", one.name.of(language), words(said), 5)
        made["properties"]["hollow"] = not is_covered  # told apart without colours, too
        features.append(made)
    return features


def _of_sites(shown: Shown, language: str, words: Say) -> list[dict[str, Any]]:
    listed = [(one, one.is_open(shown.moment)) for one in shown.ground.targets]
    return [
        _feature(
            f"site:{one.id}",
            one.spot,
            "work" if is_open else "plain",
            one.name.of(language),
            words(Sentence(OPEN if is_open else SHUT)),
            9,
        )
        for one, is_open in listed
    ]


def _feature(key: str, spot: tuple[float, float], tone: str, title: str, said: str, radius: int) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": key,
        "geometry": {"type": "Point", "coordinates": [spot[1], spot[0]]},
        "properties": {"tone": tone, "title": title, "place": said, "radius": radius},
    }
