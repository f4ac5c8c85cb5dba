"""A year of 2,000 matters on a simulated clock, with every law looked at after every step: seconds against two minutes.

The run is a process of its own, as by hand: `wufang simulate --seed 1`. Memory, steps and digest stand in the notes, and the
processor's own time, which does not depend on what else the machine does.
"""

import resource
import subprocess
import sys
import time

from benchmarks.staging import ROOT, Row, row, state

SEED, DAYS = 1, 365
BOUND_SECONDS = 120.0


def measure(seed: int = SEED, days: int = DAYS) -> Row:
    """One run; an assertion stops it where a law was broken."""
    words = [sys.executable, "-m", "wufang.simulation", "--seed", str(seed), "--days", str(days)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with state() as environment:
        here = environment | {"PREFECT_HOME": environment["WUFANG_STATE_DIR"]}  # it is imported, and does nothing
        begun = time.perf_counter()
        done = subprocess.run(words, cwd=ROOT, env=here, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    processor = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    return row(
        "simulated_year",
        [seconds],
        [BOUND_SECONDS],
        f"s for {days} days",
        processor_seconds=round(processor, 1),
        peak_mb=round(after.ru_maxrss / 1024),
        seed=seed,
        laws=told[-3],
        digest=told[-1].removeprefix("digest: "),
    )


if __name__ == "__main__":
    print(measure(*map(int, sys.argv[1:])))
