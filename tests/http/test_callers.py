"""Whose request it is: forwarded addresses count only for the proxies that are ours."""

from typing import Any

import pytest

from entrypoints.http import callers

PEER = "203.0.113.9"


def scope(*forwarded: str, proxies: int) -> dict[str, Any]:
    return {
        "client": (PEER, 1234),
        "proxies": proxies,
        "headers": [(b"x-forwarded-for", value.encode()) for value in forwarded],
    }


@pytest.mark.parametrize(
    ("forwarded", "proxies", "found"),
    [
        (["198.51.100.1"], 0, PEER),
        (["198.51.100.1"], 1, "198.51.100.1"),
        (["10.0.0.1, 198.51.100.1"], 1, "198.51.100.1"),
        (["10.0.0.1", "198.51.100.1"], 1, "198.51.100.1"),
        (["198.51.100.1, 192.0.2.7"], 2, "198.51.100.1"),
        (["10.0.0.1, 198.51.100.1, 192.0.2.7"], 2, "198.51.100.1"),
        (["198.51.100.1"], 2, PEER),
        ([], 1, PEER),
        (["nonsense"], 1, PEER),
        (["198.51.100.1, "], 1, PEER),
        (["2001:db8::1:2"], 1, "2001:db8::/64"),
        (["2001:db8::ffff:1"], 1, "2001:db8::/64"),
        (["::ffff:198.51.100.1"], 1, "198.51.100.1"),
    ],
)
def test_the_caller_is_counted_from_the_right(forwarded: list[str], proxies: int, found: str) -> None:
    assert callers.address(scope(*forwarded, proxies=proxies)) == found


def test_a_caller_on_a_socket_has_no_address() -> None:
    assert callers.address({"client": None, "proxies": 0, "headers": []}) == "unknown"
