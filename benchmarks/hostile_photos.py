"""Hostile photos, 20 of each kind, through the processes that decode: refused, made safe, and the memory that they took.

Memory is the most that a process held resident at any time, one new process for each kind; the limit is the address
space that a process gives itself. Notes: by kind, and a 12-megapixel photo of about 4 MB as phones send it.
"""

import statistics
import time
from collections import Counter

import psutil

from benchmarks import report_photo
from benchmarks.staging import Row, row
from models.decoders import Decoders
from models.picture_work import MEMORY_BYTES
from models.picturing import NotAPicture, PictureTooLarge
from tests.hostile_pictures import EACH, KINDS, hostile, is_plain, peak_megabytes

LIMIT_MEGABYTES = MEMORY_BYTES / 2**20
HONEST = 10  # runs of the honest photo


def measure() -> Row:
    """The highest peak of all kinds against the limit, in MB."""
    kinds = {kind: _kind(hostile(kind)) for kind in KINDS}
    highest = max(float(one["peak_mb"]) for one in kinds.values())
    return row("hostile_photos", [highest], [LIMIT_MEGABYTES], "MB at most", each=EACH, **kinds, **_honest())


def _kind(files: list[bytes]) -> dict[str, float]:
    """What became of the files of one kind."""
    became: Counter[str] = Counter()
    peaks, slowest = {0: 0.0}, 0.0
    with Decoders(1) as decoders:
        for sent in files:
            begun = time.perf_counter()
            became[_outcome(decoders, sent)] += 1
            slowest = max(slowest, time.perf_counter() - begun)
            peaks |= {process: peak_megabytes(process) for process in decoders.processes()}
    counted = {word: became[word] for word in ("refused", "made_safe", "unsafe")}
    return counted | {"peak_mb": round(max(peaks.values())), "slowest_s": round(slowest, 2)}


def _outcome(decoders: Decoders, sent: bytes) -> str:
    try:
        made = decoders.decode(sent)
    except (NotAPicture, PictureTooLarge):
        return "refused"
    return "made_safe" if is_plain(made.picture) and is_plain(made.thumbnail) else "unsafe"


def _honest() -> dict[str, float]:
    """Milliseconds for one after another, once the process is warm: by the clock, and of its CPU."""
    sent = report_photo.photo(1)
    lasted: list[float] = []
    with Decoders(1) as decoders:
        decoders.decode(sent)
        (process,) = decoders.processes()
        before = sum(psutil.Process(process).cpu_times()[:2])
        for _ in range(HONEST):
            begun = time.perf_counter()
            decoders.decode(sent)
            lasted.append(time.perf_counter() - begun)
        used = (sum(psutil.Process(process).cpu_times()[:2]) - before) / HONEST
        peak = peak_megabytes(process)
    told = {"honest_mb": len(sent) / 1e6, "honest_ms": statistics.median(lasted) * 1000}
    told |= {"honest_cpu_ms": used * 1000, "honest_peak_mb": peak}
    return {name: round(value, 1) for name, value in told.items()}


if __name__ == "__main__":
    print(measure())
