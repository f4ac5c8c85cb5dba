"""What officers do with a report, over HTTP: every act, once, with its version, by whom it is for."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import Client, Response

from models.report.tables import ReportStatus
from tests.api.v1.conftest import As
from tests.api.v1.test_reports import send_photo
from tests.make import Maker, Neighbourhood
from wufang.make_reports import Reports

ANY = {"If-Match": "*"}


@pytest.fixture
def reports(make: Maker, world: Neighbourhood) -> Reports:
    """Reports of the world."""
    return Reports(make, world)


class Doer:
    """Acts on one report."""

    def __init__(self, client: Client, reference: str) -> None:
        self.client, self.reference = client, reference

    def __call__(self, act: str, headers: dict[str, str], body: dict[str, Any] | None = None, **more: str) -> Response:
        """One act, whatever the version."""
        address = f"/api/v1/reports/{self.reference}/{act}"
        return self.client.post(address, json=body, headers=ANY | headers | more)


def said(answer: Response) -> tuple[int, str]:
    """Status and the report's status, or the problem's code."""
    body = answer.json()
    return answer.status_code, body.get("code") or body["status"]


def test_the_whole_way(client: Client, as_: As, world: Neighbourhood, reports: Reports) -> None:
    do = Doer(client, reports.collect().reference)
    community, company = as_(world.community), as_(world.company)
    filed = do("filing", community, {"level": "high", "words": "请先清通道"})
    assert said(filed) == (200, "dispatched")
    assert filed.json()["handler_id"] == str(world.company.id)
    assert said(do("taking-up", company)) == (200, "handling")
    photo = send_photo(client, company)
    assert said(do("answer", company, {"words": "已清理", "photos": [photo["photo"]]})) == (200, "answered")
    assert said(do("sending-back", community, {"words": "还有一半"})) == (200, "handling")
    assert said(do("answer", company, {"words": "全清了"})) == (200, "answered")
    assert said(do("closing", company, {})) == (403, "NotAllowed")  # nobody checks what they did themselves
    assert said(do("closing", community, {"words": "看过了"})) == (200, "closed")
    read = client.get(f"/api/v1/reports/{do.reference}", headers=community).json()
    kinds = [one["kind"] for one in read["steps"]]
    assert kinds == ["reported", "filed", "dispatched", "taken_up", "answered", "sent_back", "answered", "closed"]
    assert [one["moment"] for one in read["photos"]] == ["after"]
    assert read["level"] == "high"


def test_declining_needs_a_reason(client: Client, as_: As, world: Neighbourhood, reports: Reports) -> None:
    do, community = Doer(client, reports.collect().reference), as_(world.community)
    assert said(do("decline", community, {"words": " "})) == (422, "ReasonMissing")
    assert said(do("decline", community, {"words": "现场没有"})) == (200, "declined")
    assert said(do("filing", community, {})) == (409, "AlreadyTriaged")


def test_a_deed_is_confirmed_and_a_report_is_not(
    client: Client, as_: As, world: Neighbourhood, reports: Reports, tmp_path: Any
) -> None:
    community = as_(world.community)
    deed = Doer(client, reports.collect(category="cleared-corridor", photos=(reports.photo(tmp_path),)).reference)
    assert said(deed("filing", community, {})) == (422, "OnlyADeed")
    assert said(deed("confirmation", community)) == (200, "closed")
    assert said(Doer(client, reports.collect().reference)("confirmation", community)) == (422, "NoDeed")


def test_giving_back_and_sending_on(client: Client, as_: As, world: Neighbourhood, reports: Reports) -> None:
    do, community = Doer(client, reports.collect().reference), as_(world.community)
    do("filing", community, {})
    assert said(do("giving-back", as_(world.company), {"words": "不归我们"})) == (200, "filed")
    sent = do("filing", community, {"handler_id": str(world.street.id)})
    assert (said(sent), sent.json()["handler_id"]) == ((200, "dispatched"), str(world.street.id))
    back = do("dispatch", community, {"handler_id": str(world.company.id), "words": "还是物业"})
    assert (said(back), back.json()["handler_id"]) == ((200, "dispatched"), str(world.company.id))
    other = do("dispatch", community, {"handler_id": str(world.council.district_id), "words": "?"})
    assert other.status_code in {404, 422}


def test_parking_is_asked_and_answered(client: Client, as_: As, world: Neighbourhood, reports: Reports) -> None:
    do, community, company = Doer(client, reports.collect().reference), as_(world.community), as_(world.company)
    do("filing", community, {})
    do("taking-up", company)
    until = (reports.make.at + timedelta(days=5)).date().isoformat()
    for wrong in ("2020-01-01", "9999-12-31"):
        assert said(do("parking", company, {"words": "等配件", "until": wrong})) == (422, "ParkedTooLong")
    assert said(do("parking", company, {"words": "等配件", "until": until})) == (200, "handling")
    read = client.get(f"/api/v1/reports/{do.reference}", headers=community).json()
    assert (read["parking"]["words"], read["may"]["decide_parking"]) == ("等配件", True)
    assert said(do("parking-answer", company, {"is_granted": True}))[0] == 403
    assert said(do("parking-answer", community, {"is_granted": False})) == (422, "ReasonMissing")
    assert said(do("parking-answer", community, {"is_granted": True})) == (200, "parked")


def test_merging(client: Client, as_: As, world: Neighbourhood, reports: Reports, stranger: dict[str, str]) -> None:
    first, second, community = reports.collect(), reports.collect(), as_(world.community)
    do = Doer(client, second.reference)
    assert said(do("merge", community, {"into": second.reference})) == (422, "NotTheSame")
    assert said(do("merge", community, {"into": "报2026-999999"})) == (404, "NotFound")
    assert said(do("merge", community, {"into": first.reference})) == (200, "merged")
    read = client.get(f"/api/v1/reports/{second.reference}", headers=community).json()
    assert read["merged_into"] == first.reference


def test_an_act_is_done_once(client: Client, as_: As, world: Neighbourhood, reports: Reports) -> None:
    made, community = reports.collect(), as_(world.community) | {"Idempotency-Key": "one"}
    do = Doer(client, made.reference)
    first, again = do("filing", community, {}), do("filing", community, {})
    assert (first.json(), again.headers["idempotent-replayed"]) == (again.json(), "true")
    assert said(do("filing", community, {"words": "else"}))[0] == 422


def test_a_version_is_needed_and_must_be_the_newest(
    client: Client, as_: As, world: Neighbourhood, reports: Reports, stranger: dict[str, str]
) -> None:
    made, community = reports.collect(), as_(world.community)
    address = f"/api/v1/reports/{made.reference}"
    tag = client.get(address, headers=community).headers["etag"]
    assert client.post(f"{address}/filing", json={}, headers=community).status_code == 428
    assert client.post(f"{address}/filing", json={}, headers=community | {"If-Match": '"999"'}).status_code == 412
    assert client.post(f"{address}/filing", json={}, headers=stranger | {"If-Match": '"999"'}).status_code == 404
    assert reports.read(made.report_id).status is ReportStatus.COLLECTED
    done = client.post(f"{address}/filing", json={}, headers=community | {"If-Match": tag})
    assert done.status_code == 200
    assert client.get(address, headers=community).headers["etag"] == f'"{done.json()["version"]}"'


def test_who_is_not_asked_does_nothing(client: Client, as_: As, world: Neighbourhood, reports: Reports) -> None:
    do = Doer(client, reports.collect().reference)
    assert said(do("taking-up", as_(world.community)))[0] in {403, 409}
    do("filing", as_(world.community), {})
    assert said(do("filing", as_(world.company), {})) == (403, "NotAllowed")
    assert said(do("answer", as_(world.street), {"words": "好了"})) == (403, "NotAllowed")
    assert said(do("answer", as_(world.council), {"words": "好了"})) == (404, "NotFound")
