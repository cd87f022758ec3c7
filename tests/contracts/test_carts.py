"""What every store of carts must do."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from application.ports import Store
from domain.accounts import User, UserId
from domain.cart import CartId, ItemId
from domain.catalog import Product, ProductId
from domain.inventory import InsufficientStock, Shelf, Sku, StockItem
from domain.money import Money

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def test_what_was_put_into_a_cart_is_in_it(store: Store) -> None:
    user = User.register(UserId(uuid4()), "ann@example.com", "x", NOW)
    lamp = Product.create(at=NOW, id=ProductId(uuid4()), name="Lamp", slug="lamp", sku="LAMP", price=Money(1999, "USD"))
    async with store.transaction() as tx:
        await tx.users.save(user)
        await tx.products.save([lamp])
        await tx.stock.save(Shelf({Sku("LAMP"): StockItem.receive(Sku("LAMP"), 3, NOW)}))
    async with store.transaction() as tx:
        basket = await tx.carts.take_of(user.id, CartId(uuid4()), NOW, adding=(lamp.id, None))
        basket.add(ItemId(uuid4()), (lamp.id, None), 2, NOW)
        await tx.carts.save(basket.cart)
    async with store.transaction() as tx:
        found = await tx.carts.find_of(user.id)
    assert found is not None
    assert [(item.product, item.quantity) for item in found.cart.items] == [(lamp.id, 2)]
    assert [(offer.sku, quantity, str(offer.price)) for offer, quantity in found.priced()] == [("LAMP", 2, "19.99")]
    with pytest.raises(InsufficientStock):
        found.add(ItemId(uuid4()), (lamp.id, None), 2, NOW)
