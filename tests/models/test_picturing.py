"""Pictures made plain: upright, small, on white, the first frame, and nothing but pixels."""

import io

import pytest
from PIL import Image, ImageOps

from models.picturing import (
    EDGE_PIXELS,
    MOST_BYTES,
    NEAR_ENOUGH,
    THUMBNAIL_PIXELS,
    NotAPicture,
    PictureTooLarge,
    pictures_of,
)
from tests.hostile_pictures import is_plain, photo, saved

CORNERS = {(0, 0): "red", (1, 0): "lime", (0, 1): "blue", (1, 1): "yellow"}


def opened(jpeg: bytes) -> Image.Image:
    """The picture of a file."""
    return Image.open(io.BytesIO(jpeg)).convert("RGB")


def corners(picture: Image.Image) -> list[tuple[bool, ...]]:
    """Which of red, green and blue there is in the middle of each quarter."""
    width, height = picture.size
    places = [(width // 4, height // 4), (width * 3 // 4, height // 4)]
    places += [(across, height * 3 // 4) for across, _ in places]
    return [tuple(part > 127 for part in picture.getpixel(place)) for place in places]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("held", range(1, 9))
def test_a_picture_comes_out_upright_however_the_phone_was_held(kind: str, held: int) -> None:
    picture = Image.new("RGB", (400, 200))
    for (across, down), colour in CORNERS.items():
        picture.paste(Image.new("RGB", (200, 100), colour), (across * 200, down * 100))
    exif = Image.Exif()
    exif[0x0112] = held
    sent = saved(picture, kind, exif=exif, quality=95)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(sent))).convert("RGB")  # Pillow's own reading
    made = pictures_of(sent)
    assert (made.width, made.height) == opened(made.picture).size == upright.size
    assert corners(opened(made.picture)) == corners(opened(made.thumbnail)) == corners(upright)


@pytest.mark.parametrize(
    ("sent", "picture", "thumbnail"),
    [
        ((5000, 3750), (2048, 1536), (320, 240)),
        ((3750, 5000), (1536, 2048), (240, 320)),
        ((2048, 1152), (2048, 1152), (320, 180)),
        ((300, 200), (300, 200), (300, 200)),
        ((20_000, 1), (2048, 1), (320, 1)),
    ],
    ids=["wide", "tall", "as large as may be", "small stays small", "a line"],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_longer_edge_is_bounded(
    kind: str, sent: tuple[int, int], picture: tuple[int, int], thumbnail: tuple[int, int]
) -> None:
    made = pictures_of(saved(Image.new("RGB", sent, "teal"), kind))
    assert (made.width, made.height) == picture
    assert (opened(made.picture).size, opened(made.thumbnail).size) == (picture, thumbnail)


def test_a_phones_photo_is_read_at_half_its_size_and_not_scaled() -> None:
    made = pictures_of(saved(Image.new("RGB", (4032, 3024), "teal"), "JPEG"))
    assert (made.width, made.height) == (2016, 1512)


@pytest.mark.parametrize("edge", [100, 600, 2400])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_who_asks_says_how_large(kind: str, edge: int) -> None:
    made = pictures_of(saved(Image.new("RGB", (3000, 2000), "teal"), kind), edge)
    least = NEAR_ENOUGH * edge if kind == "JPEG" else edge
    assert least <= made.width <= edge
    assert made.height == round(made.width * 2 / 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_metadata_stay_behind(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "at home, 3rd Street"
    exif[0x8825] = {1: "N", 2: (35.0, 14.0, 30.0)}
    sent = photo(kind, exif=exif, icc_profile=b"a profile of that very phone")
    assert b"3rd Street" in sent
    made = pictures_of(sent)
    for jpeg in (made.picture, made.thumbnail):
        assert is_plain(jpeg)
        assert not Image.open(io.BytesIO(jpeg)).getexif()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_white(kind: str, mode: str) -> None:
    made = pictures_of(saved(Image.new(mode, (40, 40)), kind, lossless=True))
    assert opened(made.picture).getpixel((20, 20)) == (255, 255, 255)
    assert opened(made.thumbnail).getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_so_is_the_colour_that_stands_for_transparent(mode: str) -> None:
    picture = Image.new("RGB", (40, 40), "black").convert(mode)
    which = picture.getpixel((0, 0))
    made = pictures_of(saved(picture, "PNG", transparency=which))
    assert opened(made.picture).getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_what_moves_the_first_frame_is_kept(kind: str) -> None:
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("red", "lime", "blue")]
    sent = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert corners(opened(pictures_of(sent).picture)) == [(True, False, False)] * 4


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16"])
def test_other_colours_are_read(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    if mode == "I;16":
        picture = Image.frombytes(mode, (40, 40), (0x2000).to_bytes(2, "little") * 1600)
        expected = 0x20
    else:
        picture, expected = Image.new("RGB", (40, 40), "black").convert(mode), 0
    seen = opened(pictures_of(saved(picture, kind)).picture).getpixel((20, 20))
    assert all(abs(part - expected) <= 4 for part in seen)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_name_says_nothing_and_the_content_everything(kind: str) -> None:
    assert pictures_of(photo(kind)).width == 640
    for other in ("GIF", "BMP", "TIFF", "PPM"):
        with pytest.raises(NotAPicture):
            pictures_of(photo(other))


def test_bytes_and_pixels_are_bounded() -> None:
    with pytest.raises(PictureTooLarge):
        pictures_of(photo() + bytes(MOST_BYTES))
    with pytest.raises(PictureTooLarge):
        pictures_of(saved(Image.new("1", (8_001, 5_000)), "PNG"))
    at_the_limit = pictures_of(saved(Image.new("1", (8_000, 5_000)), "PNG"))
    assert (at_the_limit.width, max(opened(at_the_limit.thumbnail).size)) == (EDGE_PIXELS, THUMBNAIL_PIXELS)
