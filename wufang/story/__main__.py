"""The story, chapter by chapter. Exits 0 only if everything it says was seen to be so."""

import sys
from datetime import UTC, datetime

from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from wufang.story import chapters
from wufang.story.telling import Clock, NotSo, Teller
from wufang.story.world import running

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)  # 9:30 in Shanghai, a working day


def main() -> int:
    """Tell it; 1 where something was not so."""
    clock = Clock(MONDAY)
    teller = Teller(clock)
    teller.step("启动临时环境", "A throw-away state starts: database, Prefect server, web application")
    try:
        # Prefect's heartbeat thread sleeps whole seconds, and a run waits for it: 1.1 s a round instead of 0.07 s.
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}), running(clock) as world:
            chapters.tell(world, teller)
    except NotSo as failed:
        print(f"\nNot so · 不符: {failed}", file=sys.stderr, flush=True)
        return 1
    print("\nEverything the story says was seen to be so · 以上各步均已核实", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
