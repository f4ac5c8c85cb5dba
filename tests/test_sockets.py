"""Tests reach no further than this machine."""

import socket

import pytest

FAR = "192.0.2.1"  # kept for documentation (RFC 5737): nobody has it


def test_far_addresses_are_refused_before_anything_is_sent() -> None:
    with socket.socket() as far, pytest.raises(RuntimeError, match=FAR):
        far.connect((FAR, 80))


def test_far_names_are_not_looked_up() -> None:
    with pytest.raises(RuntimeError, match="sendgrid"):
        socket.getaddrinfo("api.sendgrid.example", 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_reached(host: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection((host, server.getsockname()[1])) as near,
    ):
        assert near.getpeername() == server.getsockname()
