"""Which wall stands before each route. A route that is missing here fails the build: say who may come in, and by what object."""

from dataclasses import dataclass, field
from enum import Enum, auto


class Wall(Enum):
    """Who comes in."""

    OPEN = auto()  # anybody: nothing of anybody's is shown, or the address itself is the key
    LOGGED_IN = auto()  # any officer, and only to what is the officer's own: there is no object to name
    READER_OF_MATTER = auto()  # those whose organisation may read the matter that the address names
    OWNER = auto()  # the one officer, or the one organisation, that the object belongs to
    STAFF = auto()  # administrators, and managers for their own organisation
    ADMINISTRATOR = auto()


@dataclass(frozen=True)
class Route:
    """A wall; `is_act`: a reader of the organisation may not do it; `fields`: what a form of it carries besides."""

    wall: Wall
    is_act: bool = False
    fields: dict[str, str] = field(default_factory=dict)


OPEN, LOGGED_IN, MATTER = Route(Wall.OPEN), Route(Wall.LOGGED_IN), Route(Wall.READER_OF_MATTER)
OWNER, STAFF, ADMINISTRATOR = Route(Wall.OWNER), Route(Wall.STAFF), Route(Wall.ADMINISTRATOR)
ACT = Route(Wall.READER_OF_MATTER, is_act=True)

ROUTES: dict[str, Route] = {
    "GET /": LOGGED_IN,
    "GET /account": LOGGED_IN,
    "GET /account/absence": LOGGED_IN,
    "POST /account/absence": LOGGED_IN,
    "POST /account/absence/{absence_id}/cancel": OWNER,
    "GET /account/password": LOGGED_IN,
    "POST /account/password": LOGGED_IN,
    "GET /account/second-factor": LOGGED_IN,
    "POST /account/second-factor": LOGGED_IN,
    "GET /account/sessions": LOGGED_IN,
    "POST /account/sessions": LOGGED_IN,
    "GET /admin": STAFF,
    "GET /admin/deputies": STAFF,
    "POST /admin/deputies/{absence_id}/cancel": STAFF,
    "GET /admin/log": STAFF,
    "GET /admin/officers": STAFF,
    "POST /admin/officers": STAFF,
    "GET /admin/officers/new": STAFF,
    "GET /admin/officers/{officer_id}": STAFF,
    "POST /admin/officers/{officer_id}": STAFF,
    "POST /admin/officers/{officer_id}/absence": STAFF,
    "POST /admin/officers/{officer_id}/hand-over": STAFF,
    "POST /admin/officers/{officer_id}/{act}": STAFF,
    "GET /admin/organisations": ADMINISTRATOR,
    "GET /admin/unreached": ADMINISTRATOR,
    "POST /admin/organisations": ADMINISTRATOR,
    "GET /admin/organisations/new": ADMINISTRATOR,
    "GET /admin/organisations/{organisation_id}": ADMINISTRATOR,
    "POST /admin/organisations/{organisation_id}": ADMINISTRATOR,
    "GET /api/v1/absences": LOGGED_IN,
    "POST /api/v1/absences": LOGGED_IN,
    "DELETE /api/v1/absences/{absence_id}": OWNER,
    "GET /api/v1/exports": LOGGED_IN,
    "POST /api/v1/exports": LOGGED_IN,
    "GET /api/v1/exports/{export_id}": OWNER,
    "GET /api/v1/exports/{export_id}/file": OWNER,
    "GET /api/v1/extensions": LOGGED_IN,
    "POST /api/v1/extensions/{request_id}/answer": ACT,
    "GET /api/v1/filings": LOGGED_IN,
    "POST /api/v1/filings": LOGGED_IN,
    "GET /api/v1/filings/template": LOGGED_IN,
    "POST /api/v1/filings/workbook": LOGGED_IN,
    "GET /api/v1/filings/{filing_id}/attachments": MATTER,
    "POST /api/v1/filings/{filing_id}/attachments": ACT,
    "GET /api/v1/filings/{filing_id}/attachments/{attachment_id}": MATTER,
    "GET /api/v1/filings/{filing_id}/comments": MATTER,
    "POST /api/v1/filings/{filing_id}/comments": MATTER,
    "GET /api/v1/filings/{filing_id}/lines/{number}/photo": MATTER,
    "PUT /api/v1/filings/{filing_id}/lines/{number}/photo": ACT,
    "PUT /api/v1/filings/{filing_id}/look": MATTER,
    "POST /api/v1/filings/{filing_id}/submission": ACT,
    "POST /api/v1/filings/{filing_id}/urging": ACT,
    "POST /api/v1/filings/{filing_id}/withdrawal": ACT,
    "GET /api/v1/filings/{key}": MATTER,
    "GET /api/v1/filings/{key}/lines": MATTER,
    "GET /api/v1/filings/{key}/rounds": MATTER,
    "GET /api/v1/filings/{key}/timeline": MATTER,
    "GET /api/v1/me": LOGGED_IN,
    "DELETE /api/v1/me/sessions": LOGGED_IN,
    "GET /api/v1/me/sessions": LOGGED_IN,
    "DELETE /api/v1/me/sessions/{session_id}": OWNER,
    "GET /api/v1/officers": STAFF,
    "POST /api/v1/officers": STAFF,
    "DELETE /api/v1/officers/{officer_id}": STAFF,
    "GET /api/v1/officers/{officer_id}": STAFF,
    "PUT /api/v1/officers/{officer_id}": STAFF,
    "GET /api/v1/openapi.json": OPEN,
    "GET /api/v1/organisations": LOGGED_IN,
    "GET /api/v1/organisations/unreached": ADMINISTRATOR,
    "POST /api/v1/organisations": ADMINISTRATOR,
    "PUT /api/v1/organisations/{organisation_id}": ADMINISTRATOR,
    "GET /api/v1/protocols": LOGGED_IN,
    "GET /api/v1/protocols/{name}": LOGGED_IN,
    "GET /api/v1/protocols/{name}/{version}": LOGGED_IN,
    "POST /api/v1/rounds": ADMINISTRATOR,
    "POST /api/v1/seats/agreements": LOGGED_IN,
    "GET /api/v1/seats/waiting": LOGGED_IN,
    "GET /api/v1/seats/{seat_id}": MATTER,
    "POST /api/v1/seats/{seat_id}/advice": ACT,
    "POST /api/v1/seats/{seat_id}/delegation": ACT,
    "DELETE /api/v1/seats/{seat_id}/draft": MATTER,
    "GET /api/v1/seats/{seat_id}/draft": MATTER,
    "PUT /api/v1/seats/{seat_id}/draft": ACT,
    "PUT /api/v1/seats/{seat_id}/opinion": ACT,
    "POST /api/v1/seats/{seat_id}/extension": ACT,
    "POST /api/v1/seats/{seat_id}/opinion-on-behalf": ACT,
    "POST /api/v1/seats/{seat_id}/recall": ACT,
    "POST /api/v1/seats/{seat_id}/removal": ACT,
    "POST /api/v1/seats/{seat_id}/return": ACT,
    "POST /api/v1/seats/{seat_id}/signers": ACT,
    "POST /api/v1/seats/{seat_id}/taking-back": ACT,
    "POST /api/v1/seats/{seat_id}/transfer": ACT,
    "POST /api/v1/uploads": LOGGED_IN,
    "GET /api/v1/uploads/{upload_id}": OWNER,
    "POST /api/v1/uploads/{upload_id}/import": OWNER,
    "GET /api/v1/uploads/{upload_id}/marked": OWNER,
    "GET /check/{word}": OPEN,
    "GET /check/{word}/code.svg": OPEN,
    "GET /exports": LOGGED_IN,
    "POST /exports": LOGGED_IN,
    "GET /exports/{export_id}/file": OWNER,
    "GET /filings": LOGGED_IN,
    "GET /filings/new": LOGGED_IN,
    "POST /filings/new": LOGGED_IN,
    "GET /filings/new/{upload_id}": OWNER,
    "POST /filings/new/{upload_id}": OWNER,
    "GET /filings/new/{upload_id}/marked": OWNER,
    "GET /filings/template": LOGGED_IN,
    "GET /filings/{reference}": MATTER,
    "POST /filings/{reference}/acts/{act}": ACT,
    "POST /filings/{reference}/again": ACT,
    "GET /filings/{reference}/attachments/{attachment_id}": MATTER,
    "GET /filings/{reference}/events": MATTER,
    "POST /filings/{reference}/opinion": ACT,
    "GET /filings/{reference}/print": MATTER,
    "GET /filings/{reference}/standing": MATTER,
    "POST /filters": LOGGED_IN,
    "POST /hat": LOGGED_IN,
    "POST /inbox/agree": LOGGED_IN,
    "POST /language": OPEN,
    "GET /link/{secret}": OPEN,
    "POST /link/{secret}": OPEN,
    "GET /livez": OPEN,
    "GET /login": OPEN,
    "POST /login": OPEN,
    "POST /login/code": OPEN,
    "GET /login/forgotten": OPEN,
    "POST /login/forgotten": OPEN,
    "GET /login/oidc": OPEN,
    "GET /login/oidc/return": OPEN,
    "POST /logout": OPEN,
    "POST /look": OPEN,
    "GET /mailbox": LOGGED_IN,
    "GET /mailbox/{notice_id}": OWNER,
    "GET /mailbox/{notice_id}/html": OWNER,
    "GET /protocols": LOGGED_IN,
    "GET /readyz": OPEN,
    "GET /resolutions/{number}": MATTER,
    "GET /search": LOGGED_IN,
    "POST /search": LOGGED_IN,
    "GET /static/{name:path}": OPEN,
    "GET /system": ADMINISTRATOR,
    "POST /system/free/{reference}": ADMINISTRATOR,
}


NOBODY = "00000000-0000-0000-0000-000000000001"
EVIDENCE = {"kind": "phone", "said_by": "Wang", "words": "He agrees.", "said_on": "2026-11-20"}

# Bodies that pass as such, so that what refuses is a wall and not the form; the others show an example of their own.
BODIES: dict[str, dict[str, object]] = {
    "POST /api/v1/absences": {
        "deputy_id": NOBODY,
        "starts_at": "2026-12-01T00:00:00+08:00",
        "ends_at": "2026-12-02T00:00:00+08:00",
    },
    "POST /api/v1/extensions/{request_id}/answer": {"is_granted": True},
    "POST /api/v1/filings/{filing_id}/withdrawal": {"reason": "Filed twice."},
    "POST /api/v1/officers": {"name": "Li", "organisation_id": NOBODY, "email": "li@shanyang.example"},
    "PUT /api/v1/officers/{officer_id}": {"name": "Li"},
    "POST /api/v1/organisations": {"code": "x-1", "party": "street", "name_zh": "街", "name_en": "Street"},
    "PUT /api/v1/organisations/{organisation_id}": {"name_zh": "街", "name_en": "Street"},
    "POST /api/v1/seats/agreements": {"seats": [{"seat_id": NOBODY, "version": 1}]},
    "POST /api/v1/seats/{seat_id}/advice": {"advice": "Agree."},
    "POST /api/v1/seats/{seat_id}/delegation": {"officer_id": NOBODY, "words": "Please."},
    "POST /api/v1/seats/{seat_id}/extension": {"reason": "We must look on site."},
    "POST /api/v1/seats/{seat_id}/opinion-on-behalf": {"opinion": {"kind": "agree"}, "evidence": EVIDENCE},
    "POST /api/v1/seats/{seat_id}/return": {"to": "filer", "reason": "Wrong riders."},
    "POST /api/v1/seats/{seat_id}/signers": {"organisation_id": NOBODY, "place": "before", "words": "Please."},
    "POST /api/v1/seats/{seat_id}/transfer": {"officer_id": NOBODY, "words": "Please."},
}
