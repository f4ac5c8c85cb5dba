"""People through the API: the same rules as on the pages, and the header with which a deputy acts."""

from datetime import timedelta
from uuid import uuid4

import pytest

from models.deputy import appoint
from models.officer import Role

DAY = timedelta(days=1)


@pytest.fixture
def manager(make, world, bearing):
    return bearing(make.officer(world.street, role=Role.MANAGER).id)


def test_organisations(client, world, administrator, manager):
    listed = client.get("/api/v1/organisations", params={"q": "定和"}, headers=administrator).json()["rows"]
    assert [one["name"]["zh"] for one in listed] == ["定和街道"]
    sent = {"code": "410811-new", "party": "community", "name_zh": "云台", "name_en": "Yuntai"}
    sent |= {"parent_id": str(world.street.id)}
    added = client.post("/api/v1/organisations", json=sent, headers=administrator)
    assert added.status_code == 201
    assert client.post("/api/v1/organisations", json=sent, headers=administrator).json()["code"] == "CodeWrong"
    change = {name: sent[name] for name in ("name_zh", "parent_id")} | {"name_en": "Yuntai Community"}
    address = f"/api/v1/organisations/{added.json()['id']}"
    assert client.put(address, json=change, headers=administrator).json()["name"]["en"] == "Yuntai Community"
    assert client.get("/api/v1/organisations", headers=manager).status_code == 403
    assert client.put(address, json=change, headers=manager).status_code == 403


def test_officers(client, world, manager, as_):
    sent = {"organisation_id": str(world.street.id), "email": "zhang@jiedao.example", "name": "张伟"}
    made = client.post("/api/v1/officers", json=sent, headers=manager)
    assert made.status_code == 201
    assert made.json()["has_password"] is False
    address = f"/api/v1/officers/{made.json()['id']}"
    assert client.post("/api/v1/officers", json=sent, headers=manager).json()["code"] == "EmailTaken"
    changed = client.put(address, json={"name": "张伟", "role": "reader"}, headers=manager).json()
    assert changed["role"] == "reader"
    assert client.get(address, headers=manager).json() == changed
    assert len(client.get("/api/v1/officers", headers=manager).json()["rows"]) == 3
    assert client.delete(address, headers=manager).json()["is_active"] is False
    assert client.get("/api/v1/officers", params={"left": True}, headers=manager).json()["rows"][0]["name"] == "张伟"
    assert client.get(address, headers=as_(world.street)).status_code == 403
    other = f"/api/v1/officers/{world.officer(world.council).id}"
    assert client.get(other, headers=manager).status_code == 404
    assert client.delete(other, headers=manager).status_code == 404


def test_absences(client, make, world, manager, as_):
    deputy, me = world.officer(world.community), as_(world.street)
    sent = {"deputy_id": str(deputy.id), "starts_at": make.at.isoformat(), "ends_at": (make.at + DAY).isoformat()}
    kept = client.post("/api/v1/absences", json=sent, headers=me)
    assert (kept.status_code, kept.json()["is_now"]) == (201, True)
    assert client.post("/api/v1/absences", json=sent, headers=me).json()["code"] == "AbsencesOverlap"
    assert client.get("/api/v1/absences", headers=me).json()["rows"] == [kept.json()]
    assert client.get("/api/v1/absences", params={"all": True}, headers=manager).json()["rows"] == [kept.json()]
    assert client.get("/api/v1/absences", params={"all": True}, headers=me).status_code == 403
    address = f"/api/v1/absences/{kept.json()['id']}"
    assert client.delete(address, headers=as_(world.council)).status_code == 403
    assert client.delete(address, headers=me).status_code == 204
    assert client.get("/api/v1/absences", headers=me).json()["rows"] == []


def test_a_deputy_acts_with_the_header_while_the_absence_lasts(client, clock, make, world, as_, matter_id):
    away, deputy = world.officer(world.council), world.officer(world.street)
    make.database.write(appoint, make.identity(away), away.id, deputy.id, make.at, make.at + DAY, make.at)
    headers = as_(world.street) | {"Wufang-Acting-For": str(away.id)}
    seat = next(one for one in make.asked(matter_id) if one.organisation_id == world.council.id)
    address = f"/api/v1/seats/{seat.id}/opinion"
    assert client.put(address, json={"kind": "agree"}, headers=as_(world.street) | {"If-Match": "*"}).status_code == 403
    assert client.get("/api/v1/me", headers=headers).json()["organisation_id"] == str(world.council.id)
    given = client.put(address, json={"kind": "agree"}, headers=headers | {"If-Match": "*"})
    assert given.status_code == 200
    for wrong in (str(uuid4()), "nobody", ""):
        refused = client.get("/api/v1/me", headers=headers | {"Wufang-Acting-For": wrong})
        assert (refused.status_code, refused.json()["code"]) == (403, "HatGone")
    assert client.get("/api/v1/officers", headers=headers).json()["code"] == "TakeHatOff"
    clock.at = make.at + DAY
    assert client.get("/api/v1/me", headers=headers).json()["code"] == "HatGone"
