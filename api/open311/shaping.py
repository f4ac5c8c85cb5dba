"""Our categories and reports in the words of the standard. Instants are W3C dates with the zone of Shanghai."""

from datetime import datetime
from typing import Any

from models.clock import SHANGHAI
from models.report.categories import Category
from models.views.public_requests import PublicRequest
from models.views.report_states import REPORTS
from models.words import N_, Sentence
from templates.pages import words_in

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
FORMATS = ["text/xml", "application/json"]
SPOT = "spot"  # the one attribute, of every service
CONTACT = N_("{department} answers for this service; its public page is {address}.")
KEYS = N_("Ask {department} for a key. Whoever runs the server makes it with “wufang open311-key --name NAME”.")
OF_SERVICE = N_("{category}: say where it is and what you saw; a photo helps.")
OF_DEED = N_("{category}: you did it yourself. A photo must show it, which the community checks.")
WHERE_EXACTLY = N_("Where exactly, in words: stairway, gate, floor.")
ONE_LINE = N_("One line, at most {limit} characters.")
EXPECTED = N_("To be settled by {when}.")
TAKEN = N_(
    "The community looks at it first. Names, e-mail, phone number and media_url are not kept: send photos as media."
)


def w3c(at: datetime | None) -> str | None:
    """An instant as the standard writes it, to the second."""
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at else None


def discovery(language: str, department: str, address: str, changed_at: datetime, *, is_test: bool) -> dict[str, Any]:
    """Where the service is and whom to ask."""
    say = words_in(language).plain
    changeset = changed_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return {
        "changeset": changeset,
        "contact": say(Sentence(CONTACT, {"department": department, "address": f"{address}/public"})),
        "key_service": say(Sentence(KEYS, {"department": department})),
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{address}/open311/v2",
                "changeset": changeset,
                "type": "test" if is_test else "production",
                "formats": FORMATS,
            }
        ],
    }


def service(category: Category, language: str) -> dict[str, Any]:
    """A category in the list of services."""
    sentence = OF_DEED if category.is_deed else OF_SERVICE
    return {
        "service_code": category.code,
        "service_name": category.title.of(language),
        "description": words_in(language).plain(Sentence(sentence, {"category": category.title.of(language)})),
        "metadata": True,
        "type": "realtime",
        "keywords": ", ".join(category.words),
        "group": category.group.of(language),
    }


def definition(category: Category, language: str, longest: int) -> dict[str, Any]:
    """What else may be said with a report of a category: where exactly, in words."""
    say = words_in(language).plain
    return {
        "service_code": category.code,
        "attributes": [
            {
                "variable": True,
                "code": SPOT,
                "datatype": "string",
                "required": False,
                "datatype_description": say(Sentence(ONE_LINE, {"limit": longest})),
                "order": 1,
                "description": say(Sentence(WHERE_EXACTLY)),
            }
        ],
    }


def request(one: PublicRequest, district: str, language: str) -> dict[str, Any]:
    """A report as anybody may read it: category and place instead of the reporter's words."""
    point, say = one.point, words_in(language).plain
    places = dict.fromkeys((point.place.of(language), one.community.of(language), district))
    notice = say(Sentence(EXPECTED, {"when": one.expected_at})) if one.expected_at else None
    return {
        "service_request_id": point.reference,
        "status": "open" if one.is_open else "closed",
        "status_notes": say(Sentence(REPORTS[point.status])),
        "service_name": point.title.of(language),
        "service_code": point.category,
        "description": f"{point.title.of(language)} · {point.place.of(language)}",
        "agency_responsible": one.handler.of(language),
        "service_notice": notice,
        "requested_datetime": w3c(point.reported_at),
        "updated_datetime": w3c(one.updated_at),
        "expected_datetime": w3c(one.expected_at),
        "address": ", ".join(places),
        "address_id": one.address_id,
        "zipcode": None,
        "lat": point.latitude,
        "long": point.longitude,
        "media_url": None,
    }


def taken(reference: str, language: str) -> dict[str, Any]:
    """The answer to a report that came in."""
    notice = words_in(language).plain(Sentence(TAKEN))
    return {"service_request_id": reference, "service_notice": notice, "account_id": None}
