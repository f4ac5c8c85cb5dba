"""What anybody reads through Open311, in both formats, with every filter."""

from datetime import timedelta
from itertools import chain

import pytest

from models.clock import SHANGHAI
from models.report.categories import report_rules
from models.report.merging import merge
from tests.api.open311.conftest import parsed, texts

DAY = timedelta(days=1)
FIELDS = [
    "service_request_id",
    "status",
    "status_notes",
    "service_name",
    "service_code",
    "description",
    "agency_responsible",
    "service_notice",
    "requested_datetime",
    "updated_datetime",
    "expected_datetime",
    "address",
    "address_id",
    "zipcode",
    "lat",
    "long",
    "media_url",
]  # as the standard has them, in its order


def ids(answer):
    """The references in an answer."""
    assert answer.status_code == 200, answer.text
    return [one["service_request_id"] for one in answer.json()]


def test_discovery_says_where_in_which_formats_and_whom_to_ask(client, world):
    said = client.get("/discovery.json").json()
    assert list(said) == ["changeset", "contact", "key_service", "endpoints"]
    (endpoint,) = said["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"].endswith("/open311/v2")
    assert (endpoint["type"], endpoint["formats"]) == ("test", ["text/xml", "application/json"])
    assert world.lead.name_en in said["contact"]
    assert parsed(client.get("/discovery.xml")) == ("discovery", texts(said))


def test_services_are_the_categories_that_the_public_sees(client, world):
    said = client.get("/services.json").json()
    public = [code for code, one in report_rules().categories.items() if not one.is_private]
    assert [one["service_code"] for one in said] == public
    assert len(public) < len(report_rules().categories)
    lamp = next(one for one in said if one["service_code"] == "lamp")
    assert (lamp["metadata"], lamp["type"], bool(lamp["keywords"]), bool(lamp["group"])) == (
        True,
        "realtime",
        True,
        True,
    )
    assert parsed(client.get("/services.xml")) == ("services", texts(said))


def test_names_come_in_the_readers_language(client, world):
    answer = client.get("/services.json", headers={"Accept-Language": "zh"})
    names = {one["service_code"]: one["service_name"] for one in answer.json()}
    assert names["other"] == "其他"
    assert answer.headers["content-language"] == "zh"


def test_a_service_is_defined_with_its_attribute(client, world):
    said = client.get("/services/lamp.json").json()
    assert said["service_code"] == "lamp"
    assert [(one["code"], one["datatype"], one["required"]) for one in said["attributes"]] == [
        ("spot", "string", False)
    ]
    assert parsed(client.get("/services/lamp.xml")) == ("service_definition", texts(said))


@pytest.mark.parametrize("code", ["no-such", "lonely-person", "food-safety"])
def test_a_service_that_nobody_may_see_is_not_there(client, world, code):
    answer = client.get(f"/services/{code}.json")
    assert (answer.status_code, answer.json()[0]["code"]) == (404, 404)
    assert code in answer.json()[0]["description"]


def test_a_report_is_read_in_both_formats_without_its_words(client, world, reports, at):
    made = reports.collect(words="张师傅的电动车 13800138000", spot="三单元 501")
    answer = client.get(f"/requests/{made.reference}.json")
    (said,) = answer.json()
    assert list(said) == FIELDS
    assert (said["service_request_id"], said["status"], said["service_code"]) == (made.reference, "open", "fire-exit")
    assert said["requested_datetime"] == said["updated_datetime"] == "2026-11-23T09:00:00+08:00"
    assert said["address_id"] == world.compound.code
    assert said["address"].split(", ") == [world.compound.name_en, world.community.name_en, world.district.name_en]
    assert (said["zipcode"], said["media_url"]) == (None, None)
    for hidden in ("13800138000", "张师傅", "三单元", "501"):
        assert hidden not in answer.text
    assert parsed(client.get(f"/requests/{made.reference}.xml")) == ("service_requests", [texts(said)])


def test_expected_is_our_deadline_to_settle(client, reports, at):
    made = reports.collect()
    (before,) = client.get(f"/requests/{made.reference}.json").json()
    assert before["expected_datetime"] > before["requested_datetime"]
    reports.file(made.report_id)
    reports.take_up(made.report_id)
    (said,) = client.get(f"/requests/{made.reference}.json").json()
    due_at = reports.read(made.report_id).settle_due_at
    assert said["expected_datetime"] == due_at.astimezone(SHANGHAI).isoformat()
    assert said["service_notice"].startswith("To be settled by")
    assert said["agency_responsible"] == reports.world.company.name_en


def test_a_settled_report_is_closed_at_its_instant(client, reports, at):
    made = reports.closed(reports.phone(), at)
    (said,) = client.get(f"/requests/{made.reference}.json").json()
    assert (said["status"], said["status_notes"], said["expected_datetime"]) == ("closed", "Closed", None)
    assert said["updated_datetime"] == "2026-11-23T09:00:00+08:00"


def test_a_position_is_shown_to_a_hundred_metres_only(client, world, reports):
    made = reports.collect(compound_id=None, community_id=world.community.id, position=reports.position(123, 45))
    (said,) = client.get(f"/requests/{made.reference}.json").json()
    assert (said["lat"], said["long"]) == (35.231, 113.25)


def test_private_reports_are_nowhere(client, reports):
    made = reports.collect(category="lonely-person", words="Somebody")
    assert ids(client.get("/requests.json")) == []
    assert ids(client.get("/requests.json", params={"service_request_id": made.reference})) == []
    assert client.get(f"/requests/{made.reference}.json").status_code == 404
    assert client.get(f"/tokens/{made.reference}.json").status_code == 404


def test_a_merged_report_is_out_of_the_lists_but_its_sender_still_finds_it(client, world, reports, make, at):
    one, other = reports.collect(), reports.collect()
    who = world.who(world.community)
    make.database.write(merge, who, other.report_id, one.report_id, None, at)
    assert ids(client.get("/requests.json")) == [one.reference]
    (said,) = client.get(f"/requests/{other.reference}.json").json()
    assert (said["status"], said["status_notes"]) == ("closed", "Merged into another")


def test_reports_are_asked_for_by_name(client, reports):
    one, two, _ = (reports.collect() for _ in range(3))
    asked = {"service_request_id": f"{two.reference}, {one.reference},报2026-999999,nonsense", "status": "closed"}
    assert ids(client.get("/requests.json", params=asked)) == [two.reference, one.reference]
    answer = client.get("/requests.json", params={"service_request_id": ",".join(["x"] * 1001)})
    assert answer.status_code == 400


def test_service_codes_and_status_narrow(client, reports, at):
    lamp, road = reports.collect(category="lamp"), reports.collect(category="road")
    done = reports.closed(reports.phone())
    assert ids(client.get("/requests.json", params={"service_code": "lamp"})) == [lamp.reference]
    both = client.get("/requests.json?service_code=lamp,road&service_code=manhole")
    assert set(ids(both)) == {lamp.reference, road.reference}
    assert ids(client.get("/requests.json", params={"service_code": "no-such"})) == []
    assert set(ids(client.get("/requests.json", params={"status": "open"}))) == {lamp.reference, road.reference}
    assert ids(client.get("/requests.json", params={"status": "closed"})) == [done.reference]
    assert len(ids(client.get("/requests.json", params={"status": "open,closed"}))) == 3
    assert client.get("/requests.json", params={"status": "late"}).status_code == 400


def test_dates_narrow_with_both_ends_included_and_default_to_90_days(client, reports, at, now):
    old, edge, late = (reports.collect(at=at + days * DAY) for days in (0, 10, 100))
    now[0] = at + 100 * DAY
    assert ids(client.get("/requests.json")) == [late.reference, edge.reference]
    since = {"start_date": at.isoformat()}
    assert ids(client.get("/requests.json", params=since)) == [edge.reference, old.reference]
    until = {"end_date": (at + 10 * DAY).isoformat()}
    assert ids(client.get("/requests.json", params=until)) == [edge.reference, old.reference]
    assert ids(client.get("/requests.json", params=since | until)) == [edge.reference, old.reference]
    unescaped = "/requests.json?start_date=2026-11-23T09:00:01+08:00&end_date=2026-12-31T00:00:00Z"
    assert ids(client.get(unescaped)) == [edge.reference]


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:00Z"},
        {"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
        {"start_date": "2026-02-01"},
        {"start_date": "2026-02-01T00:00:00"},
        {"end_date": "yesterday"},
        {"end_date": "0001-01-01T00:00:00+14:00"},
        {"updated_after": "9999-12-31T23:59:59-12:00"},
        {"page": "0"},
        {"page": "٣"},
        {"page_size": "1001"},
        {"page": "11"},
        {"page": "9" * 50},
    ],
)
def test_what_cannot_be_asked_is_said_in_one_sentence(client, world, wrong):
    answer = client.get("/requests.json", params=wrong)
    (said,) = answer.json()
    assert (answer.status_code, said["code"]) == (400, 400)
    assert said["description"].endswith(".")
    assert parsed(client.get("/requests.xml", params=wrong)) == ("errors", [texts(said)])


def test_changes_are_listed_by_their_instant_for_who_keeps_a_copy(client, reports, at, now):
    one, two = reports.collect(at=at), reports.collect(at=at + DAY)
    reports.file(one.report_id, at=at + 2 * DAY)
    now[0] = at + 3 * DAY
    asked = {"updated_after": (at + DAY).isoformat()}
    assert ids(client.get("/requests.json", params=asked)) == [one.reference, two.reference]
    assert ids(client.get("/requests.json", params=asked | {"start_date": (at + DAY).isoformat()})) == [two.reference]
    assert ids(client.get("/requests.json", params={"updated_before": (at + DAY).isoformat()})) == [two.reference]


def test_pages_lead_through_everything_once(client, reports, at):
    made = [reports.collect(at=at - number * DAY).reference for number in range(5)]
    read, link = [], "/requests.json?page_size=2&status=open"
    while link:
        answer = client.get(link)
        read.append(ids(answer))
        following = answer.links.get("next", {}).get("url", "")
        link = following[following.index("/requests") :] if following else ""
    assert [len(page) for page in read] == [2, 2, 1]
    assert list(chain.from_iterable(read)) == made


def test_a_token_is_its_reference(client, reports):
    made = reports.collect()
    said = client.get(f"/tokens/{made.reference}.json").json()
    assert said == [{"service_request_id": made.reference, "token": made.reference}]
    assert parsed(client.get(f"/tokens/{made.reference}.xml")) == ("service_requests", said)
    assert client.get("/tokens/x.json").json()[0]["code"] == 404


@pytest.mark.parametrize("path", ["/services", "/services/lamp", "/requests", "/requests/x", "/tokens/x", "/discovery"])
def test_only_our_jurisdiction_is_known(client, world, path):
    answer = client.get(f"{path}.json", params={"jurisdiction_id": "city.example"})
    assert (answer.status_code, answer.json()[0]["code"]) == (404, 404)
    assert world.district.code in answer.json()[0]["description"]
    named = client.get(f"{path}.json", params={"jurisdiction_id": world.district.code})
    assert (named.status_code, named.text) == ((plain := client.get(f"{path}.json")).status_code, plain.text)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "text/xml; charset=utf-8"),
        ("application/json", "application/json; charset=utf-8"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/xml; charset=utf-8"),
        ("application/json, text/xml;q=0.5", "application/json; charset=utf-8"),
    ],
)
def test_without_a_suffix_the_accept_header_decides(client, world, accept, kind):
    for path in ("/services", "/services/lamp", "/requests", "/nothing"):
        assert client.get(path, headers={"Accept": accept}).headers["content-type"] == kind


def test_what_strays_under_the_address_is_answered_as_the_standard_wants(client, world):
    for method, path, status in (("GET", "/nothing.json", 404), ("DELETE", "/requests.json", 405)):
        answer = client.request(method, path, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.json()[0]["code"]) == (status, status)
    assert parsed(client.get("/services/%01%EF%BF%BF.xml"))[0] == "errors"


def test_an_empty_database_has_nothing(client):
    for path in ("/discovery", "/services", "/requests"):
        assert client.get(f"{path}.json").json()[0]["code"] == 404


def test_it_is_open_data_for_every_site(client, world):
    assert client.get("/services.json").headers["access-control-allow-origin"] == "*"
