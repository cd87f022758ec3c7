"""How many SQL statements a request costs, counted at the driver; BEGIN and COMMIT cost none."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from adapters.postgres.counting import StatementCount
from application.catalog.inputs import VariantInput
from application.catalog.views import ProductView
from application.ports import Store
from application.promotions import CreateCoupon, NewCoupon
from domain.accounts import Actor
from domain.categories import Category
from domain.promotions import Kind
from entrypoints.observing import Statements
from entrypoints.shop import Shop
from tests.builders import a_category, new_id
from tests.http.shopping.callers import HOME, Caller, a_product

CHECKOUT = "orders/cart/checkout/"
COUPON = NewCoupon(code="BUDGET", kind=Kind.PERCENT, value="10", usage_limit=9, per_customer_limit=9)
BODY = {"shipping_address": HOME}


@dataclass(frozen=True, slots=True)
class Budget:
    """What Ann's requests cost."""

    ann: Caller
    count: StatementCount

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> int:
        """The statements of a request that goes well."""
        self.count.begin()
        response = await self.ann(method, path, body, **headers)
        assert response.status_code < 300, response.text
        return len(await self.count.statements())


@pytest.fixture
async def cost(shop: Shop, ann: Caller, bob: Caller) -> Budget:
    """On a connection that has checked out before: asyncpg asks once for the types of a statement's parameters."""
    await bob.orders(await a_product(shop))
    count = await shop.get(Statements)
    assert isinstance(count, StatementCount)
    return Budget(ann, count)


@pytest.fixture
async def goods(shop: Shop) -> list[ProductView]:
    return [await a_product(shop, stock=100, tags=["new"]) for _ in range(5)]


async def a_shelf_of(shop: Shop) -> Category:
    shelf = a_category(f"Shelf {new_id()}", slug=f"shelf-{new_id()}")
    async with (await shop.get(Store)).transaction() as tx:
        await tx.categories.save([shelf])
    return shelf


async def test_the_catalogue_is_read_with_one_statement_each(
    shop: Shop, cost: Budget, goods: list[ProductView]
) -> None:
    shelf = await a_shelf_of(shop)
    size = VariantInput(name="S", sku=f"S-{new_id()}", attributes={"Size": "S"}, stock_quantity=3)
    shirt = await a_product(shop, stock=0, variants=[size], category=shelf.slug)
    for path in (
        "",
        "?min_price=1&in_stock=true&tag=new&ordering=price&page_size=2",
        f"?category={shelf.slug}",
        "?attr.Size=S",
        f"{goods[0].slug}/",
        f"{shirt.id}/",
    ):
        assert (path, await cost("GET", f"products/products/{path}")) == (path, 1)
    for path in ("", "?tree=true", f"{shelf.slug}/"):
        assert (path, await cost("GET", f"products/categories/{path}")) == (path, 1)


async def test_a_cart_is_read_with_one_statement_empty_or_full(cost: Budget, goods: list[ProductView]) -> None:
    assert await cost("GET", "orders/cart/") == 1
    for product in goods:
        await cost.ann.put_in(product)
    assert await cost("GET", "orders/cart/") == 1


async def test_an_item_is_put_in_with_three_at_most(cost: Budget, goods: list[ProductView]) -> None:
    costs = [await cost("POST", "orders/cart/add_item/", {"product_id": str(product.id)}) for product in goods]
    assert costs == [3, 2, 2, 2, 2]
    again = await cost("POST", "orders/cart/add_item/", {"product_id": str(goods[0].id)})
    assert again == 2
    item = (await cost.ann.get("orders/cart/"))["items"][0]["id"]
    assert await cost("PATCH", "orders/cart/update_item/", {"item_id": item, "quantity": 1}) == 2
    assert await cost("DELETE", f"orders/cart/remove_item/?item_id={item}") == 2
    assert await cost("POST", "orders/cart/clear/") == 2


@pytest.mark.parametrize("lines", [1, 5])
@pytest.mark.parametrize("key", [None, "k"])
async def test_checkout_costs_two_however_many_lines(
    cost: Budget, goods: list[ProductView], lines: int, key: str | None
) -> None:
    for product in goods[:lines]:
        await cost.ann.put_in(product, 2)
    headers = {"idempotency_key": f"{key}{lines}"} if key else {}
    assert await cost("POST", CHECKOUT, BODY, **headers) == 2
    if key:
        assert await cost("POST", CHECKOUT, BODY, **headers) == 1


async def test_orders_and_payments_are_read_with_one_statement_each(cost: Budget, goods: list[ProductView]) -> None:
    orders = [await cost.ann.orders(product) for product in goods[:3]]
    await cost.ann.pays(orders[0])
    assert await cost("GET", "orders/orders/") == 1
    assert await cost("GET", "orders/orders/?page_size=1&status=pending") == 1
    assert await cost("GET", "orders/orders/history/") == 1
    assert await cost("GET", f"orders/orders/{orders[0]['id']}/") == 1
    assert await cost("GET", f"orders/orders/{orders[0]['order_number']}/") == 1
    assert await cost("GET", "payments/payments/") == 1
    (payment,) = (await cost.ann.get("payments/payments/"))["results"]
    assert await cost("GET", f"payments/payments/{payment['id']}/") == 1


async def test_the_count_is_real(cost: Budget, client: httpx.AsyncClient, goods: list[ProductView]) -> None:
    """The suite would be green without a counter: see that it counts, and that the answer tells it."""
    cost.count.begin()
    await cost.ann.put_in(goods[0])
    sent = await cost.count.statements()
    assert [statement.split()[0] for statement in sent] == ["--", "insert", "update"]
    answer = await client.get("/api/products/products/")
    assert "1" in answer.headers["server-timing"]


async def test_a_coupon_costs_cart_and_checkout_no_statement_more(
    shop: Shop, cost: Budget, ann: Caller, goods: list[ProductView]
) -> None:
    await (await shop.get(CreateCoupon))(Actor.shop(), COUPON)
    await ann.put_in(goods[0])
    await ann.post("orders/cart/apply_coupon/", {"code": "budget"})
    assert await cost("GET", "orders/cart/") == 1
    assert await cost("POST", CHECKOUT, BODY) == 2
