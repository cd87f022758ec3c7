"""Orders over HTTP: lists, details, and cancelling."""

from asyncio import gather
from typing import Any

import httpx
import pytest

from application.catalog.views import ProductView
from domain.accounts import Role
from entrypoints.shop import Shop
from tests.http.shopping.callers import MISSING, Caller, a_caller, a_product, answered, refused

ITEM = {
    *("id", "order_number", "status", "payment_status", "total_amount", "currency", "items_count", "created_at"),
}
ROUTES = [
    ("GET", "orders/orders/"),
    ("GET", "orders/orders/history/"),
    ("GET", f"orders/orders/{MISSING}/"),
    ("POST", f"orders/orders/{MISSING}/cancel/"),
]


@pytest.fixture
async def lamp(shop: Shop) -> ProductView:
    return await a_product(shop, name="Lamp", price="19.99", stock=50)


async def numbers(who: Caller, query: str = "") -> list[str]:
    return [order["order_number"] for order in (await who.get(f"orders/orders/{query}"))["results"]]


async def test_a_list_has_its_envelope_and_its_items(ann: Caller, bob: Caller, lamp: ProductView) -> None:
    assert await ann.get("orders/orders/") == {"next": None, "previous": None, "results": []}
    first, second = await ann.orders(lamp, 3), await ann.orders(lamp)
    await bob.orders(lamp)
    told = await ann.get("orders/orders")
    assert [each.keys() for each in told["results"]] == [ITEM, ITEM]
    assert told["results"][1] == {
        "id": first["id"],
        "order_number": first["order_number"],
        "status": "pending",
        "payment_status": "pending",
        "total_amount": "65.97",
        "currency": "USD",
        "items_count": 3,
        "created_at": first["created_at"],
    }
    assert told["results"][0]["id"] == second["id"]


async def test_pages_are_followed_by_their_references(ann: Caller, lamp: ProductView) -> None:
    orders = [(await ann.orders(lamp))["order_number"] for _ in range(5)][::-1]
    first = await ann.get("orders/orders/?page_size=2&status=pending")
    assert first["next"].startswith("/api/orders/orders/?")
    second = await ann.get(first["next"].removeprefix("/api/"))
    third = await ann.get(second["next"].removeprefix("/api/"))
    pages = [[order["order_number"] for order in page["results"]] for page in (first, second, third)]
    assert (pages, third["next"], first["previous"]) == ([orders[:2], orders[2:4], orders[4:]], None, None)
    back = await ann.get(second["previous"].removeprefix("/api/"))
    assert [order["order_number"] for order in back["results"]] == orders[:2]


async def test_lists_are_filtered(ann: Caller, lamp: ProductView) -> None:
    paid, cancelled, pending = [await ann.orders(lamp) for _ in range(3)]
    answered(await ann.pays(paid))
    await ann.post(f"orders/orders/{cancelled['id']}/cancel/")
    names = {order["order_number"]: name for order, name in ((paid, "paid"), (cancelled, "gone"), (pending, "open"))}

    async def found(query: str) -> list[str]:
        return [names[number] for number in await numbers(ann, query)]

    assert await found("?status=processing") == ["paid"]
    assert await found("?payment_status=paid") == ["paid"]
    assert await found("?payment_status=pending&status=cancelled") == ["gone"]
    moment = cancelled["created_at"]
    assert await found(f"?created_after={moment}") == ["open", "gone"]
    assert await found(f"?created_before={moment}") == ["paid"]
    assert await found(f"?created_after={moment.removesuffix('Z')}") == ["open", "gone"]
    assert [names[each["order_number"]] for each in (await ann.get("orders/orders/history/"))["results"]] == ["gone"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("status=lost", "status"),
        ("status=", "status"),
        ("payment_status=maybe", "payment_status"),
        ("created_after=yesterday", "created_after"),
        ("created_before=2026-13-01T00:00:00Z", "created_before"),
        ("created_after=0001-01-01T00:00:00%2B14:00", "created_after"),
        ("created_before=9999-12-31T23:59:59-14:00", "created_before"),
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_size=9223372036854775808", "page_size"),
        ("page_size=two", "page_size"),
        ("cursor=made-up", "cursor"),
        ("cursor=%00", "cursor"),
        ("user=ann", "user"),
        (f"q={'x' * 255}", "q"),
    ],
)
async def test_what_is_no_filter(ann: Caller, query: str, name: str) -> None:
    answer = await ann("GET", f"orders/orders/?{query}")
    assert refused(answer) == (422, "validation-error")
    assert [error["pointer"] for error in answer.json()["errors"]] == [name]


async def test_staff_see_everybodys_and_search(
    shop: Shop, client: httpx.AsyncClient, ann: Caller, bob: Caller, lamp: ProductView
) -> None:
    staff = await a_caller(shop, client, Role.ORDER_MANAGER)
    order, other = await ann.orders(lamp), await bob.orders(lamp)
    assert (await numbers(staff))[:2] == [other["order_number"], order["order_number"]]
    assert await numbers(staff, f"?user={ann.person.who.user}") == [order["order_number"]]
    assert await numbers(staff, f"?q={ann.person.email.upper()}") == [order["order_number"]]
    assert await numbers(staff, f"?q={other['order_number'][4:]}") == [other["order_number"]]
    assert await numbers(ann, f"?user={bob.person.who.user}&q={bob.person.email}") == [order["order_number"]]
    assert await staff.get(f"orders/orders/{order['id']}/") == order
    analyst = await a_caller(shop, client, Role.ANALYST)
    assert await numbers(analyst) == []
    assert refused(await analyst("GET", f"orders/orders/{order['id']}/")) == (404, "order-not-found")


async def test_an_order_is_found_by_id_and_by_number_and_only_by_its_owner(
    ann: Caller, bob: Caller, lamp: ProductView
) -> None:
    order = await ann.orders(lamp)
    for reference in (order["id"], order["order_number"]):
        assert await ann.get(f"orders/orders/{reference}/") == order
        assert refused(await bob("GET", f"orders/orders/{reference}/")) == (404, "order-not-found")
        assert refused(await bob("POST", f"orders/orders/{reference}/cancel/")) == (404, "order-not-found")


@pytest.mark.parametrize("reference", ["ORD-NOPE", MISSING, "0", "..", "'", "%25", "%F0%9F%92%A9", "x" * 1000])
async def test_what_is_no_order(ann: Caller, reference: str) -> None:
    assert refused(await ann("GET", f"orders/orders/{reference}/"))[0] == 404
    assert refused(await ann("POST", f"orders/orders/{reference}/cancel/", {}))[0] in {404, 405}


async def test_the_tag_of_an_order_follows_its_version(ann: Caller, lamp: ProductView) -> None:
    order = await ann.orders(lamp)
    path = f"orders/orders/{order['id']}/"
    tag = (await ann("GET", path)).headers["etag"]
    assert tag == '"1"'
    same = await ann("GET", path, if_none_match=tag)
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert (await ann("GET", path, if_none_match='W/"1"')).status_code == 304
    assert (await ann("GET", path, if_none_match='"0", "1"')).status_code == 304
    answered(await ann.pays(order))
    changed = await ann("GET", path, if_none_match=tag)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')


async def test_cancelling_gives_everything_back_and_can_be_done_once(
    shop: Shop, ann: Caller, lamp: ProductView
) -> None:
    order = await ann.orders(lamp, 2)
    cancelled = await ann.post(f"orders/orders/{order['id']}/cancel/", {"reason": "too slow"})
    assert cancelled.keys() == order.keys()
    assert (cancelled["status"], cancelled["payment_status"]) == ("cancelled", "pending")
    assert cancelled["timeline"][-1] == {"at": cancelled["cancelled_at"], "event": "cancelled", "detail": "too slow"}
    assert (await shop.stock(lamp.sku)).available == 50
    again = await ann("POST", f"orders/orders/{order['id']}/cancel", {})
    assert refused(again) == (409, "order-not-cancellable")
    assert (again.json()["status_now"], again.json()["allowed"]) == ("cancelled", [])


async def test_a_paid_order_is_refunded_when_it_is_cancelled(ann: Caller, lamp: ProductView) -> None:
    order = await ann.orders(lamp, 2)
    answered(await ann.pays(order))
    cancelled = await ann.post(f"orders/orders/{order['order_number']}/cancel/", None)
    assert (cancelled["status"], cancelled["payment_status"]) == ("cancelled", "refunded")
    (payment,) = (await ann.get("payments/payments/"))["results"]
    assert (payment["status"], payment["amount_refunded"]) == ("refunded", order["total_amount"])


async def test_cancelled_ten_times_at_once_it_is_cancelled_once(shop: Shop, ann: Caller, lamp: ProductView) -> None:
    order = await ann.orders(lamp, 2)
    answers = await gather(*(ann("POST", f"orders/orders/{order['id']}/cancel/") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert (await shop.stock(lamp.sku)).available == 50


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"reason": 7}, 422),
        ({"reason": "x" * 501}, 422),
        ({"reason": None}, 422),
        ({"because": "x"}, 422),
        ([], 422),
        (b"{", 400),
    ],
)
async def test_what_is_no_reason(ann: Caller, lamp: ProductView, body: Any, status: int) -> None:
    order = await ann.orders(lamp)
    assert refused(await ann("POST", f"orders/orders/{order['id']}/cancel/", body))[0] == status
    assert (await ann.get(f"orders/orders/{order['id']}/"))["status"] == "pending"


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_nobody_sees_orders(client: httpx.AsyncClient, method: str, path: str) -> None:
    assert refused(await client.request(method, f"/api/{path}", content=b"{broken")) == (401, "not-authenticated")
