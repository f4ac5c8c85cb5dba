"""Photos over HTTP: made plain and small, sealed, shown to those who may read the filing."""

import io
from pathlib import Path
from uuid import UUID, uuid4

import psutil
import pytest
from fastapi import FastAPI
from httpx import Client
from PIL import Image

from models.matter import MatterStatus
from tests.api.v1.conftest import As
from tests.live import serving
from tests.make import Maker, Neighbourhood

ANY = {"If-Match": "*"}


def picture(kind: str = "JPEG", size: tuple[int, int] = (1200, 800)) -> bytes:
    """A picture whose metadata say where it was taken."""
    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "at home, 3rd Street"
    Image.new("RGB", size, "orange").save(written, kind, exif=exif)
    return written.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_small_plain_and_sealed(
    client: Client, as_: As, world: Neighbourhood, matter_id: UUID, state: Path, kind: str, make: Maker
) -> None:
    address, mine = f"/api/v1/filings/{matter_id}/lines/2/photo", as_(world.company)
    before = make.matter(matter_id).version
    answer = client.put(address, content=picture(kind), headers=mine | {"If-Match": f'"{before}"'})
    assert (answer.status_code, answer.headers["etag"]) == (204, f'"{before + 1}"')
    shown = client.get(address, headers=as_(world.council))
    with Image.open(io.BytesIO(shown.content)) as kept:
        assert (kept.format, kept.size) == ("JPEG", (600, 400))
        assert not kept.getexif()
    assert b"3rd Street" not in shown.content
    (sealed,) = (state / "photos").iterdir()
    assert b"JFIF" not in sealed.read_bytes()
    lines = client.get(f"/api/v1/filings/{matter_id}/lines", headers=mine).json()["rows"]
    assert [line["number"] for line in lines if line["has_photo"]] == [2]


def test_the_same_photo_again_changes_nothing(
    client: Client, as_: As, world: Neighbourhood, matter_id: UUID, make: Maker
) -> None:
    address, mine = f"/api/v1/filings/{matter_id}/lines/2/photo", as_(world.company) | ANY
    tags = {client.put(address, content=picture(), headers=mine).headers["etag"] for _ in range(2)}
    assert tags == {f'"{make.matter(matter_id).version}"'}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"no picture", "NotAPhoto"),
        (b"", "NotAPhoto"),
        (picture()[:500], "NotAPhoto"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "NotAPhoto"),
        (picture("GIF"), "NotAPhoto"),
        (b"x" * (5 * 1024 * 1024 + 1), "PhotoTooLarge"),
        (picture("PNG", (10_000, 5_000)), "PhotoTooLarge"),
    ],
    ids=["text", "nothing", "cut", "svg", "gif", "bytes", "pixels"],
)
def test_what_is_no_photo_is_refused(
    client: Client, as_: As, world: Neighbourhood, matter_id: UUID, state: Path, content: bytes, code: str
) -> None:
    address = f"/api/v1/filings/{matter_id}/lines/2/photo"
    refused = client.put(address, content=content, headers=as_(world.company) | ANY)
    assert (refused.status_code, refused.json()["code"]) == (413 if code == "PhotoTooLarge" else 415, code)
    assert not (state / "photos").exists()


def test_only_the_filer_gives_photos_and_only_readers_see_them(
    client: Client, as_: As, world: Neighbourhood, matter_id: UUID, stranger: dict[str, str], state: Path
) -> None:
    address, mine = f"/api/v1/filings/{matter_id}/lines/2/photo", as_(world.company)
    for headers, status in ((as_(world.council), 403), (stranger, 404), ({}, 401)):
        assert client.put(address, content=picture(), headers=headers | ANY).status_code == status
    assert client.put(address, content=picture(), headers=mine).status_code == 428
    assert not (state / "photos").exists()
    assert client.put(address, content=picture(), headers=mine | {"If-Match": '"1"'}).status_code == 412
    assert client.get(address, headers=mine).status_code == 404
    assert client.put(address, content=picture(), headers=mine | ANY).status_code == 204
    assert client.get(address, headers=stranger).status_code == 404
    assert client.get(address).status_code == 401
    for other in (f"/api/v1/filings/{matter_id}/lines/99/photo", f"/api/v1/filings/{uuid4()}/lines/1/photo"):
        assert client.put(other, content=picture(), headers=mine | ANY).status_code == 404


def test_a_concluded_filing_takes_no_photo(client: Client, as_: As, world: Neighbourhood, make: Maker) -> None:
    matter_id = make.filing(world.clerk, [world.compound], 2).matter_id
    make.agree_through(world, matter_id)
    make.conclude(matter_id)
    assert make.matter(matter_id).status is MatterStatus.AGREED
    address = f"/api/v1/filings/{matter_id}/lines/1/photo"
    refused = client.put(address, content=picture(), headers=as_(world.company) | ANY)
    assert (refused.status_code, refused.json()["code"]) == (409, "FilingIsOver")


def test_photos_are_decoded_by_processes_that_end_with_the_application(
    app: FastAPI, as_: As, world: Neighbourhood, matter_id: UUID
) -> None:
    address = f"/api/v1/filings/{matter_id}/lines/2/photo"
    with serving(app) as there, Client(base_url=there) as client:
        assert not app.state.decoders.processes()  # no memory before the first photo
        assert client.put(address, content=picture(), headers=as_(world.company) | ANY).status_code == 204
        (process,) = app.state.decoders.processes()
        assert psutil.pid_exists(process)
    assert not psutil.pid_exists(process)
