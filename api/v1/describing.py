"""What the OpenAPI description says of every route alike: problems, and how the whole is named."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict

from api.problems import MEDIA_TYPE

SUMMARY = "Wufang (五方): riders are filed, five parties consult, passes are issued."
DESCRIPTION = """
Send a token that `wufang token` made: `Authorization: Bearer wf_…`. It acts for its officer.

- **Versions**: a filing and a seat carry an `ETag`. Every change of one needs it back as `If-Match` (428 without,
  412 when it is stale); `*` changes any version.
- **Repeats**: every POST that creates takes an `Idempotency-Key`, kept for 24 hours. The same request gets the first
  answer again with `Idempotent-Replayed: true`; another request with that key gets 422.
- **Pages**: a list gives `next`, to be sent back as `cursor`; rows that are added meanwhile move nothing.
- **Errors** are problem details (RFC 9457), in the language of `Accept-Language` (zh or en), else the officer's.
- **Instants** are UTC; days are days in Shanghai, and both ends of a period are included.
- **People**: names, phones and plates are masked. An export has them whole for those who answer for them, with a
  reason that goes in the record of every filing concerned.
"""
MEANINGS = {
    400: "Not understood",
    401: "No token, or one that is unknown, expired or revoked",
    403: "Not this officer's to do",
    404: "Not there, or not for this officer to see",
    409: "Not possible as things stand",
    410: "No longer kept",
    412: "Changed meanwhile: read it again",
    413: "Too large",
    415: "A file of another kind",
    422: "Not valid; every place is named",
    428: "`If-Match` is missing",
    429: "Too many of these are on their way already",
    503: "Not available at the moment; nothing was done",
}


class FieldProblem(BaseModel):
    """What is wrong at one place. `pointer`: RFC 6901 within the body, or a parameter's name."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """Problem details (RFC 9457). `code` names the broken rule for programs; `detail` says what to do, for people."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "tag:wufang.example,2026:ChangedMeanwhile",
                    "title": "Changed meanwhile",
                    "status": 412,
                    "detail": "This page has changed since you opened it. Read it again, then repeat what you wanted.",
                    "code": "ChangedMeanwhile",
                    "instance": "/api/v1/seats/01a20a68-22dc-7110-ab52-ba5185448379/opinion",
                    "request_id": "6f0d8f6a3c9e4a6db6a7b2b0d8f6a3c9",
                }
            ]
        }
    )
    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    request_id: str
    errors: list[FieldProblem] = []


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route answers with; 401 and 503 can come from each."""
    return {status: {"model": Problem, "description": MEANINGS[status]} for status in sorted({401, 503, *statuses})}


def describe(app: FastAPI) -> None:
    """Make the application describe itself; problems under their own media type."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = get_openapi(
                title="Wufang", version="1", summary=SUMMARY, description=DESCRIPTION, routes=app.routes
            )
            for path in described["paths"].values():
                for operation in path.values():
                    _retype(operation["responses"])
            for unused in ("HTTPValidationError", "ValidationError"):
                described["components"]["schemas"].pop(unused, None)
            app.openapi_schema = described
        return app.openapi_schema

    app.openapi = openapi


def _retype(responses: dict[str, Any]) -> None:
    if responses.get("422", {}).get("description") == "Validation Error":  # FastAPI's own; ours is a problem
        del responses["422"]
    for status, response in responses.items():
        content = response.get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        if status >= "400" and schema.get("$ref", "").endswith("/Problem"):
            content[MEDIA_TYPE] = content.pop("application/json")
