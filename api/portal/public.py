"""What everybody may see: what was reported and settled, by place, without people."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.places import box_in
from api.portal import report_looks
from api.portal.answering import PageRoute
from api.portal.rendering import render
from api.portal.visiting import AnyVisitor, database_of, now_of, settings_of
from api.rate_limits import Often, hold_back
from models.district import only_district
from models.errors import NotFound
from models.report.categories import report_rules
from models.views.report_map import Point, grounds, public_counts, public_points

DAYS = 30
NEWEST = 60  # reports in the page's list

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/public")
def show_public(request: Request, visitor: AnyVisitor) -> Response:
    """The public page of the last 30 days."""
    at = now_of(request)
    with database_of(request).reading() as session:
        district = only_district(session)
        if district is None:
            raise NotFound()
        counts = public_counts(session, district.id, at, DAYS)
        points = public_points(session, report_rules(), district.id, None, at - timedelta(days=DAYS), NEWEST)
    shown = {
        "district": district.name_zh if visitor.language == "zh" else district.name_en,
        "counts": counts,
        "points": points,
        "days": DAYS,
        "looks": report_looks,
        "tiles": settings_of(request).map_tiles,
    }
    return render(request, visitor, "pages/public", **shown)


@router.get("/public/reports.geojson")
def send_feed(request: Request, visitor: AnyVisitor, bbox: str = "", category: str = "") -> Response:
    """The reports of the last 30 days as GeoJSON (RFC 7946), at most 500, the newest first; `bbox` as there."""
    hold_back(request, Often.FEED)
    at = now_of(request)
    with database_of(request).reading() as session:
        district = only_district(session)
        if district is None:
            raise NotFound()
        since = at - timedelta(days=DAYS)
        wanted = category if category in report_rules().categories else None
        points = public_points(session, report_rules(), district.id, box_in(bbox), since, category=wanted)
    return JSONResponse(feature_collection(points, visitor.language), media_type="application/geo+json")


def feature_collection(points: list[Point], language: str) -> dict[str, object]:
    """Points as GeoJSON; those without a position have no geometry."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": one.reference,
                "geometry": None
                if one.latitude is None
                else {"type": "Point", "coordinates": [one.longitude, one.latitude]},
                "properties": {
                    "reference": one.reference,
                    "category": one.category,
                    "title": one.title.of(language),
                    "place": one.place.of(language),
                    "status": one.status.value,
                    "tone": report_looks.STATUSES[one.status].tone,
                    "reported_at": one.reported_at.isoformat(),
                    "closed_at": one.closed_at.isoformat() if one.closed_at else None,
                },
            }
            for one in points
        ],
    }


@router.get("/public/places")
def send_places(request: Request, visitor: AnyVisitor) -> Response:
    """The district's communities and compounds as GeoJSON: what a map without tiles is drawn from."""
    with database_of(request).reading() as session:
        district = only_district(session)
        listed = grounds(session, district.id) if district else []
    features = [
        {
            "type": "Feature",
            "id": f"{one.kind}:{one.id}",
            "geometry": {"type": "Point", "coordinates": [one.longitude, one.latitude]},
            "properties": {"kind": one.kind, "name": one.name.of(visitor.language)},
        }
        for one in listed
    ]
    return JSONResponse(
        {"type": "FeatureCollection", "features": features},
        media_type="application/geo+json",
        headers={"Cache-Control": "private, max-age=600"},
    )
