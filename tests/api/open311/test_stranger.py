"""A client that others wrote, unchanged: `georeport` from the package index, in both formats, against a live server."""

import pytest
from georeport import GeoReport

from tests.api.open311.conftest import ROOT


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("is_named", [True, False])
def test_georeport_reads_everything(address, world, reports, form, is_named):
    made, other = reports.collect(), reports.collect(category="lamp")
    done = reports.closed(reports.phone())
    city = GeoReport(address + ROOT, jurisdiction=world.district.code if is_named else None, output_format=form)
    codes = [one["service_code"] for one in city.get_service_list()]
    assert {"lamp", "fire-exit"} <= set(codes)
    assert city.get_service_definition("lamp")["service_code"] == "lamp"
    listed = city.get_service_requests()
    assert {one["service_request_id"] for one in listed} == {made.reference, other.reference, done.reference}
    assert len(city.get_service_requests(service_request_id=f"{made.reference},{done.reference}")) == 2
    dated = {"start_date": "2026-11-01T00:00:00Z", "end_date": "2026-11-30T00:00:00Z"}
    assert len(city.get_service_requests(service_code="lamp,fire-exit", status="open", **dated)) == 2
    one = city.get_service_request(done.reference)
    assert (one["service_request_id"], one["status"]) == (done.reference, "closed")
