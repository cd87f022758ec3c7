"""Guests over HTTP: a cart without an account, known by a secret token, and what becomes of it at the counter."""

from asyncio import gather
from typing import Any
from uuid import uuid4

import httpx
import pytest

from adapters.postgres.database import Database
from application.catalog.views import ProductView
from entrypoints.shop import Shop
from tests.http.shopping.callers import HOME, Caller, a_product, answered, refused, wrong

TOKEN = "X-Cart-Token"
PASSWORD = "correct horse battery 7"


class Guest:
    """Somebody without an account, who keeps the token that the shop tells them."""

    def __init__(self, client: httpx.AsyncClient, token: str | None = None) -> None:
        self.client = client
        self.token = token

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        held = {TOKEN: self.token} if self.token else {}
        answer = await self.client.request(method, f"/api/{path}", json=body, headers={**held, **told})
        self.token = answer.headers.get(TOKEN, self.token)
        return answer

    async def cart(self) -> Any:
        return answered(await self("GET", "orders/cart/"))

    async def put_in(self, product: ProductView, quantity: int = 1) -> Any:
        return answered(
            await self("POST", "orders/cart/add_item/", {"product_id": str(product.id), "quantity": quantity})
        )

    async def orders(self, product: ProductView, **headers: str) -> Any:
        await self.put_in(product)
        return answered(await self("POST", "orders/cart/checkout/", ORDER, **headers), 201)

    async def signs_in(self, email: str) -> httpx.Response:
        return await self("POST", "auth/login/", {"email": email, "password": PASSWORD})


ORDER = {"shipping_address": HOME, "email": "Guest@Example.com"}


@pytest.fixture
def guest(client: httpx.AsyncClient) -> Guest:
    return Guest(client)


@pytest.fixture
async def lamp(shop: Shop) -> ProductView:
    return await a_product(shop, name="Lamp", price="19.99", stock=5)


async def carts(shop: Shop) -> int:
    async with (await shop.get(Database)).connection() as connection:
        return int(await connection.fetchval("select count(*) from cart where guest is not null"))


def quantities(cart: Any) -> list[tuple[str, int]]:
    return [(item["sku"], item["quantity"]) for item in cart["items"]]


async def an_account(client: httpx.AsyncClient, token: str | None = None) -> str:
    email = f"{uuid4().hex}@example.com"
    headers = {TOKEN: token} if token else {}
    body = {"email": email, "password": PASSWORD}
    assert (await client.post("/api/auth/register/", json=body, headers=headers)).status_code == 201
    return email


async def cart_of(client: httpx.AsyncClient, answer: httpx.Response) -> Any:
    """Of who has just signed in."""
    access = {"authorization": f"Bearer {answered(answer)['access']}"}
    return answered(await client.get("/api/orders/cart/", headers=access))


async def test_a_look_gives_a_fresh_token_and_writes_nothing(shop: Shop, client: httpx.AsyncClient) -> None:
    before = await carts(shop)
    first, second = Guest(client), Guest(client)
    assert ((await first.cart())["items"], (await second.cart())["items"]) == ([], [])
    assert first.token != second.token
    assert [len(each.token or "") for each in (first, second)] == [43, 43]
    token = first.token
    assert (await first.cart())["items"] == []
    assert (first.token, await carts(shop)) == (token, before)


async def test_the_first_item_opens_the_cart_of_that_token_and_only_its_hash_is_kept(
    shop: Shop, guest: Guest, client: httpx.AsyncClient, lamp: ProductView
) -> None:
    before = await carts(shop)
    await guest.cart()
    added = await guest.put_in(lamp, 2)
    assert (await guest.cart(), await carts(shop)) == (added, before + 1)
    assert quantities(added) == [(lamp.sku, 2)]
    assert (await Guest(client).cart())["items"] == []
    async with (await shop.get(Database)).connection() as connection:
        row = await connection.fetchrow("select user_id, guest, cart::text from cart where id = $1::uuid", added["id"])
    assert row is not None
    assert (row["user_id"], len(row["guest"])) == (None, 32)
    assert guest.token is not None and guest.token not in row["cart"] and guest.token.encode() != row["guest"]


async def test_an_item_can_come_before_any_look(guest: Guest, lamp: ProductView) -> None:
    await guest.put_in(lamp)
    assert quantities(await guest.cart()) == [(lamp.sku, 1)]


@pytest.mark.parametrize("token", ["x", "A" * 42, "A" * 44, "A" * 42 + "=", "ä" * 43, " " * 43])
async def test_what_is_no_token_of_ours_is_taken_for_none(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.get("/api/orders/cart/", headers=[(TOKEN.encode(), token.encode())])
    assert (answered(answer)["items"], answer.headers[TOKEN] == token) == ([], False)


async def test_an_unknown_token_is_an_empty_cart(shop: Shop, client: httpx.AsyncClient) -> None:
    guest, before = Guest(client, "B" * 43), await carts(shop)
    assert (await guest.cart())["items"] == []
    assert answered(await guest("POST", "orders/cart/clear/"))["items"] == []
    item = {"item_id": str(uuid4()), "quantity": 1}
    assert refused(await guest("PATCH", "orders/cart/update_item/", item)) == (404, "cart-item-not-found")
    assert refused(await guest("POST", "orders/cart/checkout/", ORDER)) == (409, "cart-empty")
    assert (guest.token, await carts(shop)) == ("B" * 43, before)


async def test_quantities_change_and_items_go(guest: Guest, lamp: ProductView) -> None:
    item = (await guest.put_in(lamp))["items"][0]["id"]
    changed = await guest("PATCH", "orders/cart/update_item/", {"item_id": item, "quantity": 3})
    assert quantities(answered(changed)) == [(lamp.sku, 3)]
    assert answered(await guest("DELETE", f"orders/cart/remove_item/?item_id={item}"))["items"] == []


async def test_who_is_signed_in_is_told_no_token(ann: Caller) -> None:
    assert TOKEN not in (await ann("GET", "orders/cart/")).headers


async def test_scripts_of_other_origins_may_read_the_token(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/orders/cart/", headers={"origin": "https://elsewhere.example"})
    assert TOKEN in answer.headers.get("access-control-expose-headers", TOKEN)


async def test_a_guest_orders_reads_pays_and_nobody_else_does(
    client: httpx.AsyncClient, guest: Guest, ann: Caller, lamp: ProductView
) -> None:
    await guest.put_in(lamp)
    assert wrong(await guest("POST", "orders/cart/checkout/", {"shipping_address": HOME})) == [("/email", "required")]
    order = answered(await guest("POST", "orders/cart/checkout/", ORDER), 201)
    assert (order["user"], order["email"], order["status"]) == (None, "guest@example.com", "pending")
    assert (await guest.cart())["items"] == []
    for reference in (order["id"], order["order_number"]):
        assert answered(await guest("GET", f"orders/orders/{reference}/"))["id"] == order["id"]
    intent = {"order_id": order["id"]}
    for stranger in (Guest(client, "C" * 43), ann):
        assert refused(await stranger("GET", f"orders/orders/{order['id']}/")) == (404, "order-not-found")
        assert refused(await stranger("POST", f"orders/orders/{order['id']}/cancel/", {})) == (404, "order-not-found")
        assert refused(await stranger("POST", "payments/payments/create_intent/", intent)) == (404, "order-not-found")
    nobody = await client.get(f"/api/orders/orders/{order['id']}/")
    assert refused(nobody) == (401, "not-authenticated")
    made = answered(await guest("POST", "payments/payments/create_intent/", intent))
    card = {"payment_intent_id": made["payment_intent_id"], "card": "4242424242424242"}
    stranger = Guest(client, "C" * 43)
    assert refused(await stranger("POST", "payments/sandbox/confirm/", card)) == (404, "payment-not-found")
    assert answered(await guest("POST", "payments/sandbox/confirm/", card))["status"] == "succeeded"
    assert answered(await guest("GET", f"orders/orders/{order['id']}/"))["payment_status"] == "paid"
    cancelled = answered(await guest("POST", f"orders/orders/{order['id']}/cancel/", {"reason": "too late"}))
    assert cancelled["status"] == "cancelled"


async def test_a_guest_has_no_lists(guest: Guest, lamp: ProductView) -> None:
    await guest.orders(lamp)
    for path in ("orders/orders/", "orders/orders/history/", "payments/payments/", "auth/users/me/"):
        assert refused(await guest("GET", path))[0] == 401


async def test_a_guests_key_is_theirs(client: httpx.AsyncClient, guest: Guest, lamp: ProductView) -> None:
    first = await guest.orders(lamp, idempotency_key="k1")
    again = await guest("POST", "orders/cart/checkout/", ORDER, idempotency_key="k1")
    assert (answered(again, 201), again.headers["idempotent-replayed"]) == (first, "true")
    other = await Guest(client).orders(lamp, idempotency_key="k1")
    assert other["id"] != first["id"]


async def test_at_login_the_cart_goes_along_as_far_as_there_is_stock_and_once(
    shop: Shop, client: httpx.AsyncClient, guest: Guest, lamp: ProductView
) -> None:
    desk = await a_product(shop, stock=9)
    email = await an_account(client)
    earlier = Guest(client)
    await earlier.put_in(lamp, 3)
    await earlier.signs_in(email)
    await guest.put_in(lamp, 4)
    await guest.put_in(desk, 2)
    before = await carts(shop)
    answers = await gather(*(guest.signs_in(email) for _ in range(8)))
    for answer in answers:
        assert quantities(await cart_of(client, answer)) == [(lamp.sku, 5), (desk.sku, 2)]
    assert ((await guest.cart())["items"], await carts(shop)) == ([], before - 1)


async def test_at_registering_too(client: httpx.AsyncClient, guest: Guest, lamp: ProductView) -> None:
    await guest.put_in(lamp, 2)
    email = await an_account(client, guest.token)
    assert quantities(await cart_of(client, await Guest(client).signs_in(email))) == [(lamp.sku, 2)]
    assert (await guest.cart())["items"] == []


async def test_who_cannot_sign_in_takes_nothing(client: httpx.AsyncClient, guest: Guest, lamp: ProductView) -> None:
    await guest.put_in(lamp, 2)
    email = await an_account(client)
    answer = await guest("POST", "auth/login/", {"email": email, "password": "not that one"})
    assert refused(answer) == (401, "invalid-credentials")
    assert quantities(await guest.cart()) == [(lamp.sku, 2)]


async def test_who_ordered_as_a_guest_still_sees_it_when_signed_in(
    client: httpx.AsyncClient, guest: Guest, lamp: ProductView
) -> None:
    order = await guest.orders(lamp)
    access = answered(await guest.signs_in(await an_account(client)))["access"]
    answer = await guest("GET", f"orders/orders/{order['id']}/", authorization=f"Bearer {access}")
    assert answered(answer)["id"] == order["id"]
