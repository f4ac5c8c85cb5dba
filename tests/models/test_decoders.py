"""The processes that decode: each failure costs one refusal, others go on, and nothing is left behind."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from models.decoders import ROOT, Decoders, DecodersBusy
from models.picture_work import CPU_SECONDS, FILES, MEMORY_BYTES
from models.picturing import MOST_BYTES, NotAPicture, PictureTooLarge, pictures_of
from tests.conftest import missing
from tests.hostile_pictures import photo
from tests.stand_in_decoder import SAID

STAND_IN = (sys.executable, "-m", "tests.stand_in_decoder")
DEAF = (*STAND_IN, "deaf")
PHOTO = photo()


def only(decoders: Decoders) -> int:
    """The one process that there is."""
    (process,) = decoders.processes()
    return process


def until_there(path: Path) -> None:
    """Wait for a file that the stand-in touches."""
    while not path.exists():
        time.sleep(0.01)


@pytest.fixture
def decoders() -> Iterator[Decoders]:
    """One place, where the stand-in works."""
    with Decoders(1, STAND_IN) as decoders:
        yield decoders


def test_a_picture_is_decoded_apart_as_it_would_be_here() -> None:
    with Decoders(1) as decoders:
        assert decoders.decode(PHOTO) == pictures_of(PHOTO)
        assert decoders.decode(PHOTO, 100) == pictures_of(PHOTO, 100)
        assert decoders.decode(PHOTO, 100).width <= 100 < decoders.decode(PHOTO).width


def test_no_process_before_the_first_picture_and_none_for_what_is_refused_by_its_length() -> None:
    with Decoders(2) as decoders:
        with pytest.raises(PictureTooLarge):
            decoders.decode(bytes(MOST_BYTES + 1))
        assert not decoders.processes()
        decoders.decode(PHOTO)
        assert len(decoders.processes()) == 1


def test_a_process_has_limits_and_none_of_our_secrets() -> None:
    with Decoders(1) as decoders:
        decoders.decode(PHOTO)
        process = only(decoders)
        asked = (resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)
        held = [resource.prlimit(process, kind) for kind in asked]
        assert held == [(most, most) for most in (MEMORY_BYTES, FILES, 0, 0)]
        used = sum(psutil.Process(process).cpu_times()[:2])
        assert 0 < resource.prlimit(process, resource.RLIMIT_CPU)[0] <= used + CPU_SECONDS + 1
        environment = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
        assert {one.partition(b"=")[0] for one in environment if one} == {b"PATH"}


def test_cpu_time_is_counted_anew_for_every_picture() -> None:
    with Decoders(1) as decoders:
        decoders.decode(PHOTO)
        process = only(decoders)
        resource.prlimit(process, resource.RLIMIT_CPU, (1_000, resource.RLIM_INFINITY))
        decoders.decode(PHOTO)
        assert resource.prlimit(process, resource.RLIMIT_CPU)[0] < 1_000
        assert only(decoders) == process


def test_a_process_killed_midway_costs_its_sender_a_refusal_and_nobody_else_anything(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    with Decoders(2, STAND_IN, 90, 90) as decoders, ThreadPoolExecutor(1) as other:
        hanging = other.submit(decoders.decode, f"hang {begun}".encode())
        until_there(begun)
        stuck = only(decoders)
        assert decoders.decode(PHOTO) == pictures_of(PHOTO)
        os.kill(stuck, signal.SIGKILL)
        with pytest.raises(NotAPicture):
            hanging.result()
        assert stuck not in decoders.processes()
        assert {decoders.decode(PHOTO) for _ in range(4)} == {pictures_of(PHOTO)}


def test_a_process_that_died_between_two_pictures_costs_nobody_anything(decoders: Decoders) -> None:
    decoders.decode(PHOTO)
    gone = only(decoders)
    os.kill(gone, signal.SIGKILL)
    os.waitid(os.P_PID, gone, os.WEXITED | os.WNOWAIT)
    assert decoders.decode(PHOTO) == pictures_of(PHOTO)
    assert only(decoders) != gone


def test_a_decoder_that_hangs_is_replaced(tmp_path: Path) -> None:
    with Decoders(1, STAND_IN, longest_seconds=4) as decoders:
        decoders.decode(PHOTO)
        stuck = only(decoders)
        with pytest.raises(NotAPicture):
            decoders.decode(f"hang {tmp_path / 'begun'}".encode())
        assert not psutil.pid_exists(stuck)
        assert decoders.decode(PHOTO) == pictures_of(PHOTO)


def test_a_decoder_that_never_reads_is_ended_too() -> None:
    with Decoders(1, DEAF, longest_seconds=0.5) as decoders:
        with pytest.raises(NotAPicture):
            decoders.decode(bytes(MOST_BYTES))  # far more than a pipe holds
        assert not decoders.processes()


@pytest.mark.parametrize("sent", [b"die now", b"fill it", b"flood", *(f"say {word}".encode() for word in SAID)])
def test_what_breaks_a_decoder_or_makes_it_talk_nonsense_is_refused(decoders: Decoders, sent: bytes) -> None:
    decoders.decode(PHOTO)
    before = only(decoders)
    with pytest.raises(NotAPicture):
        decoders.decode(sent)
    assert not psutil.pid_exists(before)
    assert decoders.decode(PHOTO) == pictures_of(PHOTO)


def test_a_decoder_that_is_taken_over_writes_nothing(decoders: Decoders, tmp_path: Path) -> None:
    path = tmp_path / "left"
    with pytest.raises(NotAPicture):
        decoders.decode(f"leave {path}".encode())
    assert path.read_bytes() == b""


def test_a_process_is_replaced_after_so_many_pictures() -> None:
    with Decoders(1, most_pictures=2) as decoders:
        decoders.decode(PHOTO)
        first = only(decoders)
        decoders.decode(PHOTO)
        assert not decoders.processes()
        assert not psutil.pid_exists(first)
        decoders.decode(PHOTO)
        assert only(decoders) != first


def test_who_waits_too_long_hears_so_and_closing_ends_what_hangs(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    with ThreadPoolExecutor(1) as other:
        with Decoders(1, STAND_IN, 600, 0.5) as decoders:
            hanging = other.submit(decoders.decode, f"hang {begun}".encode())
            until_there(begun)
            with pytest.raises(DecodersBusy):
                decoders.decode(PHOTO)
            stuck = only(decoders)
        assert isinstance(hanging.exception(), DecodersBusy | NotAPicture)
        assert not decoders.processes()
        assert not psutil.pid_exists(stuck)


def test_more_open_files_than_select_knows_do_no_harm(decoders: Decoders) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2_000:
        missing("a limit of 2,000 open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2_000), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
    try:
        assert decoders.decode(PHOTO) == pictures_of(PHOTO)
    finally:
        for one in opened:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_decoder_does_not_outlive_a_killed_web_process(tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(PHOTO)
    story = (
        "import pathlib, sys, time\n"
        "from models.decoders import Decoders\n"
        "decoders = Decoders(1)\n"
        "decoders.decode(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "print(*decoders.processes(), flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, "-c", story, str(tmp_path / "photo")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as web:
        assert web.stdout is not None
        left = psutil.Process(int(web.stdout.readline()))
        web.kill()
    left.wait(60)
    assert not left.is_running()
