"""What lets the report's page open without a network: a service worker, which must be served beside the pages it serves."""

from fastapi import APIRouter, Request, Response

from api.phone.visiting import PhoneRoute
from api.portal.serving import STATIC, address_of

router = APIRouter(route_class=PhoneRoute, include_in_schema=False)
NAMES = (
    "vendor/tabler.min.css",
    "vendor/leaflet.css",
    "vendor/leaflet.js",
    "wufang.css",
    "wufang.js",
    "map.js",
    "report.js",
    "wufang.svg",
)


@router.get("/m/worker.js")
def send_worker(request: Request) -> Response:  # noqa: ARG001 - one shape for all routes
    """The worker, with the addresses of what it keeps."""
    listed = ", ".join(f'"{address_of(name)}"' for name in NAMES)
    script = (STATIC / "worker.js").read_text("utf-8").replace("/* ASSETS */", listed)
    headers = {"Service-Worker-Allowed": "/m", "Cache-Control": "no-cache"}
    return Response(script, media_type="text/javascript", headers=headers)
