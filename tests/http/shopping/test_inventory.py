"""Stock over HTTP, for the catalogue's managers."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.accounts import Role
from entrypoints.shop import Shop
from tests.http.shopping.callers import a_caller

BASE = "inventory"


async def test_a_manager_sees_and_corrects_stock(shop: Shop, client: httpx.AsyncClient) -> None:
    await shop.has("DESK", stock=7)
    mia = await a_caller(shop, client, Role.CATALOG_MANAGER)
    adjusted = await mia.post(f"{BASE}/DESK/adjust/", {"delta": -2, "reason": "broken"})
    wanted = {
        "sku": "DESK",
        "on_hand": 5,
        "reserved": 0,
        "available": 5,
        "low_stock_threshold": 5,
        "backorder_limit": 0,
        "version": 2,
    }
    assert adjusted == wanted
    assert await mia.get(f"{BASE}/DESK/") == wanted
    assert wanted in (await mia.get(f"{BASE}/?low_stock=true&page_size=100"))["results"]
    moves = (await mia.get(f"{BASE}/DESK/movements/"))["results"]
    assert [(move["on_hand"], move["reason"], move["note"]) for move in moves] == [
        (-2, "adjusted", "broken"),
        (7, "received", ""),
    ]
    bulk = await mia.post(f"{BASE}/bulk/", {"items": [{"sku": "DESK", "on_hand": 9, "reason": "counted"}]})
    assert bulk == {"results": [{"sku": "DESK", "ok": True}]}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"delta": -99, "reason": "lost"}, 409, "below-reserved"),
        ({"reason": "nothing"}, 422, "delta-or-on-hand"),
        ({"delta": 1, "on_hand": 1, "reason": "both"}, 422, "delta-or-on-hand"),
        ({"delta": 1}, 422, "validation-error"),
        ({"delta": "1", "reason": "text"}, 422, "validation-error"),
        ({"on_hand": -1, "reason": "negative"}, 422, "validation-error"),
        ({"delta": 2**31, "reason": "huge"}, 422, "validation-error"),
        ({"delta": 1, "reason": "more", "by": "me"}, 422, "validation-error"),
    ],
)
async def test_a_wrong_correction_changes_nothing(
    shop: Shop, client: httpx.AsyncClient, body: dict[str, Any], status: int, code: str
) -> None:
    await shop.has(sku := f"SHELF-{uuid4().hex}", stock=7)
    mia = await a_caller(shop, client, Role.CATALOG_MANAGER)
    answer = await mia("POST", f"{BASE}/{sku}/adjust/", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await shop.stock(sku)).version == 1


async def test_stock_is_nobody_elses_business(shop: Shop, client: httpx.AsyncClient) -> None:
    ann = await a_caller(shop, client)
    for path in (f"{BASE}/", f"{BASE}/DESK/", f"{BASE}/DESK/movements/"):
        assert (await ann("GET", path)).status_code == 403
        assert (await client.get(f"/api/{path}")).status_code == 401


async def test_what_is_not_stocked_is_not_found(shop: Shop, client: httpx.AsyncClient) -> None:
    mia = await a_caller(shop, client, Role.CATALOG_MANAGER)
    for path in (f"{BASE}/NONE/", f"{BASE}/NONE/movements/"):
        answer = await mia("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (404, "stock-not-found")
