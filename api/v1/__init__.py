"""The JSON API, version 1, under `/api/v1`."""

from fastapi import APIRouter

from api.v1 import filings, me, photos, protocols, rounds, seats, uploads

router = APIRouter(prefix="/api/v1")
# In this order: "/filings/template" must be looked for before "/filings/{key}".
for part in (uploads.router, filings.router, photos.router, seats.router, rounds.router, protocols.router, me.router):
    router.include_router(part)
