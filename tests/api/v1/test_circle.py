"""The 15-minute circle over HTTP."""

from wufang.make_training import TOWN, Training


def test_the_circle_is_read(client, as_, world, make):
    make.tamper("update compound set latitude = :north, longitude = :east", north=TOWN[0], east=TOWN[1])
    Training(make, world).site(hours=[[1, 480, 1080]])
    address = "/api/v1/circle?way=foot&weekday=1&time=10:00"
    read = client.get(address, headers=as_(world.street))
    assert read.status_code == 200
    body = read.json()
    assert (body["way"], body["weekday"], body["time"], body["minutes"]) == ("foot", 1, "10:00", 15)
    assert (body["points"], body["open"], body["is_by_road"]) == (6, 1, False)  # a compound and five bases
    (community,) = body["communities"]
    assert community["community"]["en"] == "Xinxing"
    assert community["on_foot"] == body["covered"]
    assert [one["hour"] for one in body["hours"]] == list(range(7, 23))
    assert body["helps"][0]["gain"] >= 1
    assert client.get(address.replace("10:00", "22:00"), headers=as_(world.lead)).json()["covered"] == 0


def test_what_is_wrong_is_said(client, as_, world):
    for query in ("way=car", "weekday=8", "time=25:00", "time=noon"):
        assert client.get(f"/api/v1/circle?{query}", headers=as_(world.lead)).status_code == 422
    assert client.get("/api/v1/circle", headers=as_(world.company)).status_code == 403
    assert client.get("/api/v1/circle").status_code == 401
