"""The log: one line an event, tracebacks without the values at hand, which may be people's."""

import structlog

TRACEBACK = structlog.dev.plain_traceback


def configure_log() -> None:
    """Set the log up, once a process.

    What structlog does unasked shows every local variable of every frame: names and phones, after seconds of drawing.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=TRACEBACK),
        ]
    )
