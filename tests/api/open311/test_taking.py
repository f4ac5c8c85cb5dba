"""Programs report: the key, where it is, what is kept and what is not, photos, once however often it is sent."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select

from models.base import Base
from models.open311_key import keys_of, revoke_key
from models.report.collecting import MOST_PHOTOS
from models.report.recording import entries
from models.report.tables import Report, ReportPhoto
from tests.api.open311.conftest import parsed
from wufang.make_reports import drawn


@pytest.fixture
def sent(key, world):
    """A report that would be taken."""
    return {
        "api_key": key,
        "service_code": "lamp",
        "address_id": world.compound.code,
        "description": "灯坏了",
    }


@pytest.fixture
def only(make):
    """Reads the one report that there is."""

    def only():
        with make.database.reading() as session:
            return session.scalars(select(Report)).one()

    return only


def refused(answer, status):
    """The sentence with which something was refused."""
    (said,) = answer.json()
    assert (answer.status_code, said["code"]) == (status, status), answer.text
    return said["description"]


def test_a_report_comes_in_and_is_read_again(client, sent, only, make):
    answer = client.post("/requests.json", data=sent)
    (said,) = answer.json()
    report = only()
    assert answer.status_code == 201
    assert list(said) == ["service_request_id", "service_notice", "account_id"]
    assert (report.reference, report.category, report.status) == (said["service_request_id"], "lamp", "collected")
    assert (make.vault.open(report.words_sealed), report.compound_id is None) == ("灯坏了", False)
    with make.database.reading() as session:
        assert entries(session, report.id)[0].body["way"] == "program"
    assert client.get(f"/requests/{report.reference}.json").json()[0]["status"] == "open"


def test_the_answer_is_xml_where_xml_is_asked_for(client, sent, only):
    name, (said,) = parsed(client.post("/requests.xml", data=sent))
    assert (name, said["service_request_id"]) == ("service_requests", only().reference)


def test_who_sent_it_is_not_kept(client, sent, make, database):
    people = {
        "email": "zhang@mail.example",
        "phone": "13900001111",
        "first_name": "Somebody",
        "last_name": "Zhangsan",
        "device_id": "tt222111",
        "account_id": "acc-9",
        "media_url": "http://127.0.0.1:9/a.jpg",
    }
    assert client.post("/requests.json", data=sent | people).status_code == 201
    dump = "".join(str(row) for row in _everything(make))
    assert "lamp" in dump
    assert [value for value in people.values() if value in dump] == []
    with make.database.reading() as session:
        assert session.scalars(select(ReportPhoto)).all() == []


def _everything(make):
    with make.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            yield from session.execute(select(table)).all()


@pytest.mark.parametrize("key_sent", ["", "o311_nonsense", "é\u0000"])
def test_without_a_key_nothing_is_taken(client, sent, make, key_sent):
    assert "api_key" in refused(client.post("/requests.json", data=sent | {"api_key": key_sent}), 403)
    name, (said,) = parsed(client.post("/requests.xml", data=sent | {"api_key": key_sent}))
    assert (name, said["code"], make.count(Report)) == ("errors", "403", 0)


def test_a_revoked_key_opens_nothing(client, sent, make, world, at):
    with make.database.reading() as session:
        (known,) = keys_of(session, world.district.id)
    make.database.write(revoke_key, world.district.id, known.id, at)
    refused(client.post("/requests.json", data=sent), 403)


def test_the_key_may_stand_in_the_address(client, sent):
    key = sent.pop("api_key")
    assert client.post("/requests.json", params={"api_key": key}, data=sent).status_code == 201


def test_it_is_placed_by_position_by_code_or_by_name(client, sent, make, world):
    community = {"address_id": world.community.code}
    named = {"address_id": "", "address_string": f"Gate 3, {world.compound.name_en.upper()}"}
    told = {"address_id": "", "address_string": f"{world.community.name_zh}门口"}
    for change in (community, named, told):
        assert client.post("/requests.json", data=sent | change).status_code == 201, change
    with make.database.reading() as session:
        found = session.scalars(select(Report).order_by(Report.id)).all()
    assert [one.compound_id is not None for one in found] == [False, True, False]
    assert {one.community_id for one in found} == {world.community.id}
    assert make.vault.open(found[1].spot_sealed) == named["address_string"]


def test_a_position_is_wgs84(client, sent, make, world, only):
    make.tamper("update compound set latitude = 35.23, longitude = 113.25")
    place = {"address_id": "", "lat": "35.2301", "long": "113.2501", "attribute[spot]": "二号楼"}
    assert client.post("/requests.json", data=sent | place).status_code == 201
    report = only()
    assert (report.latitude, report.longitude, report.compound_id) == (35.2301, 113.2501, world.compound.id)
    assert make.vault.open(report.spot_sealed) == "二号楼"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"service_code": ""}, 400),
        ({"service_code": "no-such"}, 404),
        ({"service_code": "lonely-person"}, 404),
        ({"jurisdiction_id": "city.example"}, 404),
        ({"address_id": "no-such"}, 400),
        ({"address_id": ""}, 400),
        ({"address_id": "", "address_string": "Somewhere"}, 400),
        ({"address_id": "", "lat": "35.2"}, 400),
        ({"address_id": "", "lat": "nan", "long": "inf"}, 400),
        ({"address_id": "", "lat": "1e999", "long": "0"}, 400),
        ({"address_id": "", "lat": "0", "long": "0"}, 400),
        ({"description": "x" * 4001}, 400),
        ({"service_code": "tidied-bikes"}, 400),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(client, sent, make, change, status):
    assert refused(client.post("/requests.json", data=sent | change), status)
    assert make.count(Report) == 0


def test_sentences_come_in_the_readers_language(client, sent):
    answer = client.post("/requests.json", data=sent | {"service_code": ""}, headers={"Accept-Language": "zh-CN"})
    assert "service_code" in refused(answer, 400)
    assert answer.headers["content-language"] == "zh"
    assert re.search("[\u4e00-\u9fff]", answer.text)


def test_the_standard_lets_programs_say_much_or_nothing(client, sent, make):
    for words in ("x" * 4000, ""):
        assert client.post("/requests.json", data=sent | {"description": words}).status_code == 201
    assert make.count(Report) == 2


def test_what_is_sent_twice_is_kept_once(client, sent, make):
    headers = {"Idempotency-Key": "one"}
    first, second = (client.post("/requests.json", data=sent, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code, first.json()) == (201, 200, second.json())
    assert client.post("/requests.json", data=sent, headers={"Idempotency-Key": "two"}).status_code == 201
    assert make.count(Report) == 2


def test_photos_come_along_and_are_made_plain(client, sent, make, app):
    files = [("media", ("a.png", drawn())), ("media", ("b.exe", drawn("#123456")))]
    assert client.post("/requests.json", data=sent | {"service_code": "tidied-bikes"}, files=files).status_code == 201
    with make.database.reading() as session:
        kept = session.scalars(select(ReportPhoto)).all()
    assert len(kept) == 2
    sealed = (app.state.settings.state_dir / "reports" / kept[0].digest).read_bytes()
    assert Image.open(io.BytesIO(make.vault.open_bytes(sealed))).format == "JPEG"


def test_a_file_that_is_no_photo_is_refused(client, sent, make):
    answer = client.post("/requests.json", data=sent, files={"media": ("a.jpg", b"MZ no photo")})
    assert "photo" in refused(answer, 415)
    many = [("media", ("a.png", drawn())) for _ in range(MOST_PHOTOS + 1)]
    assert str(MOST_PHOTOS) in refused(client.post("/requests.json", data=sent, files=many), 400)
    assert make.count(Report) == 0


def part(name, text):
    """A form with one part."""
    return b'--x\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + text + b"\r\n--x--\r\n"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("multipart/form-data", b"no boundary", 400),
        ("multipart/form-data; boundary=x", b"no part", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken", 403),  # what there is has no key
        ("multipart/form-data; boundary=x; charset=unicode_escape", part(b"a", b"\\ud800"), 400),
        ("multipart/form-data; boundary=x; charset=punycode", part(b"\xff", b"\xff"), 403),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(201)), 400),
    ],
)
def test_what_is_no_form_is_refused(client, world, kind, body, status):
    refused(client.post("/requests.json", content=body, headers={"Content-Type": kind}), status)


def test_a_body_without_a_form_has_no_key(client, world):
    refused(client.post("/requests.json", json={"service_code": "lamp"}), 403)
