"""Whatever is asked or sent, nothing breaks: never 5xx, always a document of the standard."""

import json
from urllib.parse import quote, urlencode

import pytest
from defusedxml import ElementTree
from httpx import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.rate_limits import Often
from tests.api.open311.conftest import ROOT
from tests.live import serving

NAMES = [
    "jurisdiction_id",
    "service_request_id",
    "service_code",
    "start_date",
    "end_date",
    "updated_after",
    "updated_before",
    "status",
    "page",
    "page_size",
    "api_key",
    "lat",
    "long",
    "address_string",
    "address_id",
    "description",
    "attribute[spot]",
    "media",
    "media_url",
]
WORDS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", "open", "closed", "lamp", "410811", "报2026-000001", "tidied-bikes", "35.23", "113.25", "-1"]),
    st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
    st.floats().map(str),
    st.integers().map(str),
    st.binary(max_size=12).map(lambda raw: raw.decode("latin-1")),
)
FIELDS = st.lists(st.tuples(st.sampled_from(NAMES), WORDS), max_size=8)
PATHS = st.sampled_from(
    ["/services", "/services/lamp", "/requests", "/requests/报2026-000001", "/discovery", "/tokens/x"]
)
MANY = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def calm(app, reports, key):
    """A client of an application that counts nobody's questions, with a report to find."""
    reports.collect()
    app.state.settings.limits_url = "redis://127.0.0.1:9"  # a counter that does not answer holds nobody back
    with serving(app) as address, Client(base_url=address + ROOT, timeout=30) as client:
        yield client


def check(answer, form):
    """A document of the standard in that format."""
    assert answer.status_code < 500, answer.text
    assert answer.headers["content-type"].startswith("text/xml" if form == "xml" else "application/json")
    document = ElementTree.fromstring(answer.content) if form == "xml" else json.loads(answer.content)
    if answer.status_code >= 400:
        assert (document.tag == "errors") if form == "xml" else ([*document[0]] == ["code", "description"])


@MANY
@given(path=PATHS, fields=FIELDS, form=st.sampled_from(["xml", "json"]))
def test_no_question_breaks_it(calm, path, fields, form):
    check(calm.get(f"{path}.{form}?{urlencode(fields, errors='replace')}"), form)


@MANY
@given(
    code=st.text(min_size=1, max_size=20).filter(lambda text: "/" not in text),
    kind=st.sampled_from(["services", "requests", "tokens"]),
)
def test_no_name_breaks_it(calm, code, kind):
    answer = calm.get(f"/{kind}/{quote(code, safe='', errors='replace')}")
    assert answer.status_code < 500, answer.text


@MANY
@given(fields=FIELDS, form=st.sampled_from(["xml", "json"]), is_known=st.booleans())
def test_no_form_breaks_it(calm, key, fields, form, is_known):
    sent = [*fields, ("api_key", key)] if is_known else fields
    body = urlencode(sent, errors="replace")
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    check(calm.post(f"/requests.{form}", content=body, headers=headers), form)


def test_who_asks_too_often_is_told_when_to_come_back(client, world):
    for _ in range(Often.FEED.item.amount):
        answer = client.get("/tokens/x.json")
    answer = client.get("/tokens/x.json")
    assert (answer.status_code, answer.json()[0]["code"]) == (429, 429)
    assert int(answer.headers["retry-after"]) > 0
