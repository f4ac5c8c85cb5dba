"""A street's whistles: blown for a report, blown again once returned. They are read and answered as filings are."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.orm import Session

from api.asking import Asked
from api.conditions import ExpectedVersion
from api.replaying import Creating, Made
from api.v1.describing import problems
from api.v1.filings import AgainOut
from api.v1.sending import In, Words
from api.v1.shapes import Out
from models.calendars import district_calendar
from models.matter import Matter
from models.officer import Identity
from models.report.categories import report_rules
from models.report.recording import by_reference
from models.whistle.blowing import Whistling, blow, blow_again

MOST_NAMED = 50  # the protocol says how many, in its own sentence

router = APIRouter(tags=["whistles"])


class WhistleIn(In):
    """Of which departments what is asked, by the end of which working day. The first department bears the main part.

    `compound`: where the report lies in one, if it does not say so itself. `words`: without personal data.
    """

    departments: list[UUID] = Field(max_length=MOST_NAMED)
    words: Words = Field(examples=["消防通道长期被占，请到现场会商并限期清理。"])
    settle_by: date
    compound: UUID | None = None

    def whistling(self) -> Whistling:
        """The same for the domain."""
        return Whistling(tuple(self.departments), self.words, self.settle_by, self.compound)


class BlownOut(Out):
    """The matter that the whistle has become; it is read at `/api/v1/filings/{id}`."""

    id: UUID
    reference: str = Field(examples=["哨2026-000001"])


@router.post(
    "/reports/{reference}/whistles",
    status_code=201,
    response_model=BlownOut,
    responses=problems(403, 404, 409, 422),
    operation_id="blowWhistle",
    summary="Whistle for departments",
)
async def blow_whistle(reference: str, body: WhistleIn, ask: Asked, creating: Creating) -> JSONResponse:
    """For the street on whose ground the report lies, or the lead department; one open whistle a report."""

    def act(session: Session, who: Identity) -> Made:
        report_id = by_reference(session, reference).id
        blown = blow(session, report_rules(), who, report_id, body.whistling(), ask.at, district_calendar())
        shape = BlownOut(id=blown.matter_id, reference=blown.reference)
        return Made(shape, f"/api/v1/filings/{shape.id}")

    return await creating.create(act)


@router.post(
    "/whistles/{filing_id}/submission",
    response_model=AgainOut,
    responses=problems(400, 403, 404, 409, 412, 422, 428),
    operation_id="blowWhistleAgain",
    summary="Blow a returned whistle again",
)
async def blow_whistle_again(
    filing_id: UUID, body: WhistleIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """With departments, words and date put right; the place stays. The parties consult anew."""

    def act(session: Session, who: Identity) -> Made:
        blow_again(session, who, filing_id, body.whistling(), version, ask.at, district_calendar())
        session.flush()
        matter = session.get_one(Matter, filing_id)
        shape = AgainOut(id=matter.id, reference=matter.reference, status=matter.status, version=matter.version)
        return Made(shape, f"/api/v1/filings/{matter.id}", 200)

    return await creating.create(act)
