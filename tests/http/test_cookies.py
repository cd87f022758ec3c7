"""The API sets no cookie and reads none, so that no other site can make somebody's browser act for them."""

import re
from pathlib import Path
from typing import Any

import httpx

from domain.accounts import Role
from entrypoints.shop import Shop
from tests.http.test_authorisation import ANONYMOUS, GUEST, TABLE, asked, client, container, credentials, shop

__all__ = ["client", "container", "shop"]
PAGES = ["/", "/api/docs/", "/api/docs/redoc/", "/api/schema/", "/problems/", "/dev/mail", "/metrics", "/admin/"]
SPOKEN = re.compile(r"\bcookies?\b|set-cookie", re.IGNORECASE)
ERASE = "DELETE /api/auth/users/me/"  # after which one is nobody
NAMES = ("access", "access_token", "token", "session", "sessionid", "authorization", "x-cart-token", "cart_token")


def told(answer: httpx.Response) -> tuple[int, dict[str, Any]]:
    """What was answered, but for what is another each time."""
    ours = {"x-request-id", "date", "x-cart-token"}
    return answer.status_code, {name: value for name, value in answer.headers.items() if name not in ours}


async def test_no_answer_sets_a_cookie(shop: Shop, client: httpx.AsyncClient) -> None:
    checked = 0
    for actor in (ANONYMOUS, GUEST, Role.CUSTOMER, Role.ADMIN):
        head = await credentials(shop, client, actor)
        for operation in [*TABLE, *(f"GET {page}" for page in PAGES)]:
            method, path = asked(operation)
            who = await credentials(shop, client, actor) if operation == ERASE else head
            answer = await client.request(method, path, headers=who)
            assert "set-cookie" not in answer.headers, operation
            checked += 1
    assert checked == 4 * (len(TABLE) + len(PAGES))
    assert not client.cookies


async def test_what_is_in_a_cookie_lets_nobody_in(shop: Shop, client: httpx.AsyncClient) -> None:
    root = (await credentials(shop, client, Role.ADMIN))["authorization"]
    guest = (await credentials(shop, client, GUEST))["x-cart-token"]
    values = {name: guest if "cart" in name else root.partition(" ")[2] for name in NAMES} | {"Authorization": root}
    cookie = {"cookie": "; ".join(f"{name}={value}" for name, value in values.items())}
    for operation in TABLE:
        method, path = asked(operation)
        with_it = told(await client.request(method, path, headers=cookie))
        assert with_it == told(await client.request(method, path)), operation


def test_no_code_of_ours_speaks_of_cookies_but_to_keep_them_out_of_logs() -> None:
    """The day that it must, for pages that staff log in to, it shall be in a place of its own, and this will tell."""
    ours = [path for floor in ("entrypoints", "application", "adapters") for path in Path(floor).rglob("*.py")]
    speaking = [str(path) for path in ours if SPOKEN.search(path.read_text(encoding="utf-8"))]
    assert speaking == ["entrypoints/logging.py"]
