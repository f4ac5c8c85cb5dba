"""What must hold before anything starts. Each failure is one clear sentence."""

import errno
import fcntl
import os
import socket
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError

from models.settings import Settings

SECRET = {"database_url"}  # may hold a password
OTHERS = {"WUFANG_REQUIRE_ALL"}  # of the tests, not of the system


class CannotStart(Exception):
    """Why `wufang up` does not start, in a sentence that says what to change."""


def read_settings() -> Settings:
    """The settings. Raises `CannotStart` naming the variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"WUFANG_{name.upper()}"
        said = "" if name in SECRET else f" {first['input']!r}"
        reason = first["msg"].removeprefix("Value error, ")
        raise CannotStart(f"The setting {variable} is{said or ' wrong'}: {reason}. Correct it.") from error


def unknown_settings(environment: Iterable[str]) -> list[str]:
    """A sentence for each variable that looks like a setting and is none: misspelt ones would be passed over."""
    known = {str(one.validation_alias or f"WUFANG_{name.upper()}") for name, one in Settings.model_fields.items()}
    strange = sorted(name for name in environment if name.startswith("WUFANG_") and name not in known | OTHERS)
    return [f"There is no setting {name}{_hint(name, known)}. It has no effect." for name in strange]


def _hint(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0.8)
    return f" (did you mean {close[0]}?)" if close else ""


def check_folder(folder: Path) -> None:
    """The state folder can be made and written to. Raises `CannotStart`."""
    probe = folder / "run" / "probe"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # a new one is its owner's alone: people stand in it
        probe.parent.mkdir(exist_ok=True)
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise CannotStart(
            f"The state folder {folder} cannot be written to ({reason}). Make it writable, "
            "or name another one in WUFANG_STATE_DIR."
        ) from error


def check_port(host: str, port: int, variable: str) -> None:
    """The address is this machine's, nobody listens on the port, and we may. Raises `CannotStart`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise CannotStart(
                    f"The address {host} is not one of this machine's ({reason}). Correct WUFANG_HOST."
                ) from error
            raise CannotStart(
                f"Port {port} on {host} cannot be used ({reason}). Stop what uses it, or name another port in {variable}."
            ) from error


def check_ports(settings: Settings) -> None:
    """The ports of the web application and of our Prefect server are free. Raises `CannotStart`."""
    check_port(settings.host, settings.port, "PORT")
    if settings.is_prefect_ours:
        if settings.port == settings.prefect_port:
            raise CannotStart(f"PORT and WUFANG_PREFECT_PORT are both {settings.port}. Change one of them.")
        check_port("127.0.0.1", settings.prefect_port, "WUFANG_PREFECT_PORT")


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """One supervisor a state folder, until the block ends. Raises `CannotStart` naming the other's process."""
    with (folder / "run" / "wufang.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise CannotStart(
                f"Wufang runs on {folder} already (process {lock.read().strip()}). Stop it first, "
                "or name another folder in WUFANG_STATE_DIR."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
