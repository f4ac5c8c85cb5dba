"""The protocols 议事规则 as anybody who sits can read them."""

from fastapi import APIRouter, Request, Response

from api.portal.answering import PageRoute
from api.portal.rendering import render
from api.portal.spans import span_said
from api.portal.visiting import AtDesk, database_of
from models.matter import MatterKind
from models.protocol.storing import current
from models.views.functions import department_names

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/protocols")
def show_protocols(request: Request, desk: AtDesk) -> Response:
    """The protocol of each kind of matter, in the version with which new consultations open."""
    protocols = [current(kind.value) for kind in MatterKind]
    with database_of(request).reading() as session:
        departments = department_names(session)
    return render(request, desk, "pages/protocols", protocols=protocols, departments=departments, span=span_said)
