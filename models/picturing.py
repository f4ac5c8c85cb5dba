"""Pictures from strangers made plain: decoded under limits, upright, small, without metadata. Pure; knows only Pillow.

`models.picture_work` runs this in a process of its own, so this module imports next to nothing.
"""

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from models.errors import RuleBroken
from models.words import N_

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 40_000_000  # a small file can unpack to a picture that fills the memory
EDGE_PIXELS = 2048  # of the picture's longer edge: half of what most phones take
NEAR_ENOUGH = 0.75  # of that edge: a JPEG that reads as large as this is not scaled, a fifth of the time
THUMBNAIL_PIXELS = 320
QUALITY = 80
WEBP_HEADER = 30  # bytes in which each kind of WebP has told its size
FORMATS = ("JPEG", "PNG", "WEBP")
TRANSPARENT = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})
ORIENTATION = 0x0112  # the EXIF tag that says how the camera was held
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class PictureTooLarge(RuleBroken):
    """More bytes or pixels than a phone's camera needs."""

    sentence = N_("The photo is too large. Send one of at most {megabytes} MB and {megapixels} million pixels.")
    status = 413

    def __init__(self) -> None:
        super().__init__(megabytes=MOST_BYTES // 1024 // 1024, megapixels=MOST_PIXELS // 1_000_000)


class NotAPicture(RuleBroken):
    """Not a picture that we read, whatever its name says."""

    sentence = N_("This file is not a photo that can be read. Send a JPEG, PNG or WebP picture.")
    status = 415


@dataclass(frozen=True, slots=True)
class Pictures:
    """The picture and its thumbnail, both JPEG; width and height of the picture in pixels."""

    picture: bytes
    thumbnail: bytes
    width: int
    height: int


Decode = Callable[[bytes, int], Pictures]  # the file, and the most pixels on the picture's longer edge


def pictures_of(sent: bytes, edge: int = EDGE_PIXELS) -> Pictures:
    """The picture in `sent`: its first frame, upright, at most `edge` pixels, on white, nothing but pixels.

    Raises `PictureTooLarge`, `NotAPicture`.
    """
    if len(sent) > MOST_BYTES or _webp_pixels(sent[:WEBP_HEADER]) > MOST_PIXELS:
        raise PictureTooLarge()
    try:
        # Pillow warns of odd metadata, and of sizes when it opens a file: the limit below is stricter.
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(sent), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureTooLarge()
            return _plain(opened, edge)
    except Image.DecompressionBombError as error:
        raise PictureTooLarge() from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, OverflowError, MemoryError) as error:
        raise NotAPicture() from error


def _webp_pixels(head: bytes) -> int:
    """Pixels that a WebP says it has (RFC 9649, 2.5 to 2.7); 0 for any other file.

    Its library makes room for all of them, twice, as soon as it opens the file: before Pillow could be asked for the size.
    """
    if len(head) < WEBP_HEADER or head[:4] + head[8:12] != b"RIFFWEBP":
        return 0
    kind, frame = head[12:16], head[20:]
    if kind == b"VP8X":
        return (int.from_bytes(frame[4:7], "little") + 1) * (int.from_bytes(frame[7:10], "little") + 1)
    if kind == b"VP8L":
        bits = int.from_bytes(frame[1:5], "little")
        return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 ":
        return (int.from_bytes(frame[6:8], "little") & 0x3FFF) * (int.from_bytes(frame[8:10], "little") & 0x3FFF)
    return 0


def _plain(opened: Image.Image, edge: int) -> Pictures:
    turned = opened.getexif().get(ORIENTATION, 1)
    # Lets a large JPEG be read at half or a quarter of its size, where that is near enough to what is wanted.
    opened.draft("RGB", _fitting(opened.size, round(edge * NEAR_ENOUGH)))
    small = _scaled(opened, edge)
    # A new picture: nothing but the pixels comes along.
    if small.mode == "RGBA":
        picture = Image.new("RGB", small.size, "white")
        picture.paste(small, mask=small.getchannel("A"))
    else:
        picture = Image.new("RGB", small.size, None)
        picture.paste(small)
    if turned in TURNS:
        picture = picture.transpose(TURNS[turned])
    # Averaged in whole steps first, a third of the time: nobody sees it at this size.
    size = _fitting(picture.size, THUMBNAIL_PIXELS)
    thumbnail = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.0)
    return Pictures(_jpeg(picture), _jpeg(thumbnail), picture.width, picture.height)


def _fitting(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """The size scaled down so that its longer edge is at most `edge`."""
    share = min(1.0, edge / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def _scaled(opened: Image.Image, edge: int) -> Image.Image:
    """In colours, with transparency where there is any, and small enough."""
    has_alpha = opened.mode in TRANSPARENT or "transparency" in opened.info
    mode = "RGBA" if has_alpha else "RGB"
    if opened.mode == "I;16":  # sixteen bits of grey, the lower byte first; `convert` would make nearly all of it white
        opened = Image.frombytes("L", opened.size, opened.tobytes()[1::2])
    plain = opened if opened.mode == mode else opened.convert(mode)
    wanted = _fitting(plain.size, edge)
    if wanted == plain.size:
        return plain
    # Bilinear: as good as the eye can tell on photos scaled by less than two, and half the time of bicubic.
    return plain.resize(wanted, Image.Resampling.BILINEAR, reducing_gap=2.0)


def _jpeg(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()
