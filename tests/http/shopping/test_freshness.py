"""What a customer does shows at once to everybody who looks at the product."""

import httpx

from entrypoints.shop import Shop
from tests.http.shopping.callers import Caller, a_product


async def test_a_checkout_and_a_cancellation_are_in_the_detail_at_once(
    shop: Shop, client: httpx.AsyncClient, ann: Caller
) -> None:
    product = await a_product(shop, stock=5)

    async def left() -> int:
        answer = await client.get(f"/api/products/products/{product.slug}/")
        quantity: int = answer.json()["stock_quantity"]
        return quantity

    assert await left() == 5
    order = await ann.orders(product)
    assert await left() == 4
    await ann("POST", f"orders/orders/{order['id']}/cancel/", {})
    assert await left() == 5
