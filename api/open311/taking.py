"""A report from a program that holds a key: kept once, with the photos that came along; who sent it is not kept."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.open311 import shaping
from api.open311.answering import PREFIX, NotReadable, Open311Route, answer
from api.open311.asking import district_for
from api.open311.reading import public_category
from api.pictures import keep_pictures, uploads_of
from api.places import position_in
from api.portal.guarding import MOST_FILES
from api.portal.visiting import database_of, now_of, vault_of
from api.problems import language_of
from api.rate_limits import Often, hold_back
from models.calendars import district_calendar
from models.errors import RuleBroken
from models.open311_key import KeyHolder, holder_of
from models.report.categories import report_rules
from models.report.collecting import Collected, NewReport, Reporter, collect
from models.report.places import Position
from models.views.public_requests import Addressed, address_in, address_of
from models.words import N_

MOST_FIELDS = 200
NOWHERE = Addressed()
ONCE = "idempotency-key"

router = APIRouter(prefix=PREFIX, route_class=Open311Route, include_in_schema=False)


class ServiceMissing(RuleBroken):
    """A report of nothing."""

    sentence = N_("Send the service_code of what you report; GET services lists them.")
    status = 400


class AddressUnknown(RuleBroken):
    """An address that names no place of ours."""

    sentence = N_("No compound and no community of the district is named there. Send lat and long, or its address_id.")
    status = 400


async def take_fields(request: Request) -> AsyncIterator[FormData]:
    """The form, urlencoded or multipart. Broken ones raise HTTP 400."""
    async with request.form(max_fields=MOST_FIELDS, max_files=MOST_FILES) as form:
        yield form


Fields = Annotated[FormData, Depends(take_fields)]


@router.post("/requests")
@router.post("/requests.xml")
@router.post("/requests.json")
def take_request(request: Request, form: Fields) -> Response:
    """Take a report. An `Idempotency-Key` that was sent before gets the first answer again, with 200."""
    hold_back(request, Often.FEED)
    fields = read_fields(request, form)
    with database_of(request).reading() as session:
        holder = holder_of(session, fields.get("api_key", ""))
        district_for(session, fields)
    hold_back(request, Often.PROGRAM, str(holder.key_id))
    made = _take(request, form, fields, holder)
    said = shaping.taken(made.reference, language_of(request))
    return answer(request, "service_requests", [said], 201 if made.is_new else 200)


def read_fields(request: Request, form: FormData) -> dict[str, str]:
    """The texts of the form, and the key and jurisdiction where they stand in the address. Raises `NotReadable`."""
    asked = {name: request.query_params.get(name, "") for name in ("api_key", "jurisdiction_id")}
    fields = asked | {name: value.strip() for name, value in form.items() if isinstance(value, str) and value.strip()}
    try:
        "".join(fields.values()).encode()
    except UnicodeEncodeError:
        raise NotReadable() from None
    return fields


def _take(request: Request, form: FormData, fields: dict[str, str], holder: KeyHolder) -> Collected:
    if not fields.get("service_code"):
        raise ServiceMissing()
    category = public_category(fields["service_code"])
    position = position_in({"latitude": fields.get("lat"), "longitude": fields.get("long")})
    with database_of(request).reading() as session:
        where = _where(session, holder.district_id, fields, position)
    new = NewReport(
        category=category.code,
        words=fields.get("description", ""),
        spot=fields.get(f"attribute[{shaping.SPOT}]") or fields.get("address_string", ""),
        position=position,
        compound_id=where.compound_id,
        community_id=where.community_id,
        photos=keep_pictures(request, uploads_of(form, "media")),
        client_key=request.headers.get(ONCE),
    )
    reporter = Reporter(holder.district_id, api_key_id=holder.key_id)
    write, vault = database_of(request).write, vault_of(request)
    return write(collect, vault, report_rules(), reporter, new, now_of(request), district_calendar())


def _where(session: Session, district_id: UUID, fields: dict[str, str], position: Position | None) -> Addressed:
    """By address_id, else by position, else by the names in address_string. Raises `AddressUnknown`."""
    found = None
    if code := fields.get("address_id", ""):
        found = address_of(session, district_id, code)
    elif position is None and (words := fields.get("address_string", "")):
        found = address_in(session, district_id, words)
    else:
        return NOWHERE  # the position says it, or `PlaceMissing` is raised
    if found is None:
        raise AddressUnknown()
    return found
