"""Signals as something to wait for: no code of ours runs inside a signal handler."""

import select
import signal
import socket
from types import FrameType

STOPPING = frozenset({signal.SIGTERM, signal.SIGINT})


class StopSignal:
    """SIGTERM and SIGINT, remembered; a child's end wakes the waiter early. For the main thread only."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self.is_given = False
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for one in (*STOPPING, signal.SIGCHLD):
            signal.signal(one, _heard)

    def wait(self, seconds: float) -> bool:
        """Wait until a signal comes or the time has passed; whether we are to stop."""
        if select.select([self._reader], [], [], seconds)[0]:
            self.is_given = self.is_given or any(number in STOPPING for number in self._reader.recv(64))
        return self.is_given


def _heard(_number: int, _frame: FrameType | None) -> None:
    """Python has written the signal's number into the socket already."""
