"""Whose address a request comes from.

The peer's, unless the peer is one of our proxies: then the one header that the proxy
overwrites. `X-Forwarded-For` is never read, since Cloudflare appends to what the
client sent, and neither is any other header.
"""

import functools
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.conf import settings
from django.http import HttpRequest

HEADER = "X-Real-IP"
# What one household or one machine is given, and may choose addresses from.
IPV6_PREFIX = 64
# A peer without an address came through a UNIX socket, which only this machine has.
UNIX_SOCKET = ""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def client_address(request: HttpRequest) -> str:
    """Return the client's address in its canonical form, or an empty text.

    Empty only when a proxy on a UNIX socket names nobody.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    if not _is_proxy(peer):
        return str(_parsed(peer) or "")
    named = request.headers.get(HEADER, "")
    # Servers join a repeated header with commas.
    client = _parsed(named.partition(",")[0]) or _parsed(peer)
    return str(client or "")


def neighbourhood(address: str) -> str:
    """Return what stands for the address in a limit: an IPv6 client has a whole /64."""
    if ":" not in address:
        return address
    return str(ip_network((address, IPV6_PREFIX), strict=False))


def _is_proxy(peer: str) -> bool:
    if peer == UNIX_SOCKET:
        return True
    address = _parsed(peer)
    networks = _networks(tuple(settings.TRUSTED_PROXIES))
    return address is not None and any(address in network for network in networks)


@functools.cache
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


def _parsed(text: str) -> Address | None:
    """Return the address, or None for anything else.

    An IPv4 client of a dual-stack socket is IPv4, and a zone is not part of an address;
    either would give one client several names.
    """
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or IPv6Address(int(address))
