"""Orders for contract tests: bought through the in-process shop, looked at through the store."""

from typing import Any

from application.ports import Store
from domain.ordering import Order, OrderId
from entrypoints.shop import Customer, Shop


async def an_order(ann: Customer, quantity: int = 1) -> Order:
    """Of lamps, of which there are enough."""
    placed = await ann.buy("LAMP", quantity)
    return await loaded(ann.shop, OrderId(placed.id))


async def loaded(shop: Shop, id: OrderId) -> Order:
    store = await shop.get(Store)
    async with store.transaction() as tx:
        return await tx.orders.get(id)


def known(aggregate: Any) -> dict[str, Any]:
    """Its fields, to compare aggregates by."""
    return {name: getattr(aggregate, name) for name in aggregate.__dataclass_fields__}
