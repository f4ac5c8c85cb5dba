"""From where a request comes: the other end of the connection, or whom a proxy that is trusted names."""

from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address

from fastapi import Request

from models.settings import Settings, networks_in


def client_of(request: Request) -> str:
    """The address of whoever asks; behind trusted proxies the last one in `X-Forwarded-For` that is none of them."""
    settings: Settings = request.app.state.settings
    peer = request.client.host if request.client else ""
    trusted = _networks(settings.trusted_proxies)
    if not _is_in(peer, trusted):
        return peer
    for named in reversed(request.headers.get("x-forwarded-for", "").split(",")):
        if named.strip() and not _is_in(named.strip(), trusted):
            return named.strip() if _is_address(named.strip()) else peer
    return peer


@cache
def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(networks_in(text))


def _is_in(address: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return bool(networks) and _is_address(address) and any(ip_address(address) in one for one in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
