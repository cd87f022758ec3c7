"""Where a request comes from: the peer's address, or what the trusted proxies in front of us say it is."""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Any

FORWARDED_FOR = b"x-forwarded-for"
UNKNOWN = "unknown"


def address(scope: Any) -> str:
    """The caller's, counting from the right as many entries of X-Forwarded-For as there are proxies of ours.

    What stands further left was written by the caller. An IPv6 address stands for its /64: one party has all of it.
    """
    proxies: int = scope["proxies"]
    peer = scope["client"][0] if scope.get("client") else UNKNOWN
    if proxies:
        told = _entries(value for name, value in scope["headers"] if name == FORWARDED_FOR)
        if len(told) >= proxies:
            return _party(told[-proxies]) or _party(peer) or peer
    return _party(peer) or peer


def _entries(values: Iterable[bytes]) -> list[str]:
    return [part.strip() for value in values for part in value.decode("latin-1").split(",")]


def _party(text: str) -> str:
    """Empty for what is no address."""
    try:
        found = ip_address(text)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped) if found.ipv4_mapped else str(IPv6Address(int(found) >> 64 << 64)) + "/64"
    return str(found)
