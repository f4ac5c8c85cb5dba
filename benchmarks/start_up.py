"""Start-up and idling: `wufang up` from an empty state to a page that answers, again on the same state, and memory.

`make up` from nothing is measured by hand: `git clone … fresh && cd fresh && time make up`.
"""

import sys
import time

import psutil

from benchmarks.staging import Row, process, row, state

IDLE_SECONDS = 20


def measure() -> Row:
    """Seconds to the first page from an empty state; notes: the second start, memory and CPU share while idle.

    Memory in MB: resident, and (`all_mb`) the processes together with what they share counted once.
    """
    with state() as environment:
        first, _ = _start(environment)
        second, idle = _start(environment)
    return row("start_up", [first], [], "s to a page, empty state", second_start=second, **idle)


def _start(environment: dict[str, str]) -> tuple[float, dict[str, object]]:
    url = f"http://127.0.0.1:{environment['PORT']}/login"
    begun = time.perf_counter()
    with process([sys.executable, "-m", "wufang.supervisor"], environment, url, 90) as pid:
        seconds = round(time.perf_counter() - begun, 2)
        while not _is_whole(pid):
            time.sleep(0.5)
        time.sleep(10)
        return seconds, _idle(pid)


def _is_whole(pid: int) -> bool:
    return len(psutil.Process(pid).children()) == 3 and time.time() - psutil.Process(pid).create_time() > 15


def _idle(pid: int) -> dict[str, object]:
    listed = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    before = sum(sum(one.cpu_times()[:2]) for one in listed)
    time.sleep(IDLE_SECONDS)
    used = sum(sum(one.cpu_times()[:2]) for one in listed) - before
    memory = {_name(one): round(one.memory_info().rss / 1e6) for one in listed}
    together = round(sum(one.memory_full_info().pss for one in listed) / 1e6)  # Linux's proportional share
    return {"resident_mb": memory, "all_mb": together, "idle_cpu_share": round(used / IDLE_SECONDS, 3)}


def _name(running: psutil.Process) -> str:
    words = " ".join(running.cmdline())
    known = {"supervisor": "supervisor", "prefect_server": "prefect", "api.app": "web", "wufang.engine": "engine"}
    return next((name for part, name in known.items() if part in words), str(running.pid))


if __name__ == "__main__":
    print(measure())
