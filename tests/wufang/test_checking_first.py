"""What `wufang up` checks first: each failure is one clear sentence."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from wufang.checking_first import (
    CannotStart,
    alone,
    check_folder,
    check_port,
    check_ports,
    read_settings,
    unknown_settings,
)


def test_a_wrong_setting_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUFANG_LOOK_SECONDS", "-1")
    with pytest.raises(CannotStart, match=r"The setting WUFANG_LOOK_SECONDS is '-1': .*greater than 0"):
        read_settings()


def test_a_wrong_port_is_named_as_people_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    with pytest.raises(CannotStart, match="The setting PORT is 'eighty'"):
        read_settings()


def test_a_file_in_the_place_of_the_state_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(CannotStart, match=r"The state folder .*/var cannot be written to \(.+\)\. Make it writable"):
        check_folder(tmp_path / "var")


def test_a_taken_port_is_refused_with_the_variable_that_moves_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} on 127\.0\.0\.1 cannot be used .* in PORT\."):
            check_port("127.0.0.1", port, "PORT")


def test_one_port_for_both_servers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    monkeypatch.setenv("PORT", str(port))
    monkeypatch.setenv("WUFANG_PREFECT_PORT", str(port))
    with pytest.raises(CannotStart, match="Change one of them"):
        check_ports(read_settings())


def test_a_second_supervisor_on_the_same_folder_is_told_of_the_first(tmp_path: Path) -> None:
    check_folder(tmp_path)
    script = (
        "import pathlib, sys; from wufang.checking_first import CannotStart, alone\n"
        "try:\n    alone(pathlib.Path(sys.argv[1])).__enter__()\n"
        "except CannotStart as error: print(error)"
    )
    with alone(tmp_path):
        told = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert f"Wufang runs on {tmp_path} already (process " in told.stdout
    with alone(tmp_path):
        pass  # free again


@pytest.mark.parametrize(
    "address", ["nonsense", "mysql://a:secret@b/c", "sqlite://", "postgresql+psycopg://a@b:port/c"]
)
def test_a_database_that_we_do_not_speak_to_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("WUFANG_DATABASE_URL", address)
    with pytest.raises(CannotStart, match="The setting WUFANG_DATABASE_URL is wrong: it must be postgresql") as told:
        read_settings()
    assert "secret" not in str(told.value)


def test_a_public_address_without_its_protocol_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUFANG_PUBLIC_URL", "wufang.example")
    with pytest.raises(CannotStart, match=r"WUFANG_PUBLIC_URL is 'wufang.example': it must begin with http:// or"):
        read_settings()


def test_an_address_of_another_machine_is_told_apart_from_a_taken_port() -> None:
    with pytest.raises(CannotStart, match=r"The address 192\.0\.2\.1 is not one of this machine's .* WUFANG_HOST"):
        check_port("192.0.2.1", 8000, "PORT")


def test_a_misspelt_setting_is_told_and_others_are_left_alone() -> None:
    told = unknown_settings(["WUFANG_LANGAUGE", "WUFANG_XYZ", "WUFANG_HOST", "WUFANG_REQUIRE_ALL", "PORT", "HOME"])
    assert told == [
        "There is no setting WUFANG_LANGAUGE (did you mean WUFANG_LANGUAGE?). It has no effect.",
        "There is no setting WUFANG_XYZ. It has no effect.",
    ]
