"""How staff change variants one by one, and what becomes of stock, carts and orders by it."""

from typing import Any

import msgspec
import pytest
from dishka import AsyncContainer

from application.catalog.inputs import VariantChanges, VariantInput
from application.catalog.varying import AddVariant, ChangeVariant, RemoveVariant
from application.catalog.views import VariantView
from domain.accounts import Actor
from domain.catalog import ProductUnavailable
from domain.errors import Forbidden, InvalidField
from domain.variants import SkuTaken, VariantId, VariantNotFound
from tests.application.desk import MANAGER, Desk, amount, sizes
from tests.audit import audit

NOTHING = msgspec.Raw(b"null")


class Rack(Desk):
    """A desk where variants are made one by one, of a shirt."""

    async def add(self, size: str, **fields: Any) -> VariantView:
        told = {"name": size, "sku": f"SHIRT-{size}", "attributes": {"Size": size}, **fields}
        return (await (await self.container.get(AddVariant))(MANAGER, "shirt", VariantInput(**told))).view

    async def vary(self, id: VariantId, **fields: Any) -> VariantView:
        change = await self.container.get(ChangeVariant)
        return (await change(MANAGER, "shirt", id, VariantChanges(**fields))).view

    async def remove(self, id: VariantId) -> None:
        await (await self.container.get(RemoveVariant))(MANAGER, "shirt", id)


@pytest.fixture
async def rack(container: AsyncContainer) -> Rack:
    return Rack(container)


async def test_only_catalogue_managers_change_variants(container: AsyncContainer, rack: Rack) -> None:
    (small,) = (await rack.create("Shirt", variants=sizes(S=1))).variants
    with pytest.raises(Forbidden):
        await (await container.get(AddVariant))(Actor(), "shirt", VariantInput(name="L", sku="L", attributes={}))
    with pytest.raises(Forbidden):
        await (await container.get(ChangeVariant))(Actor(), "shirt", small.id, VariantChanges())
    with pytest.raises(Forbidden):
        await (await container.get(RemoveVariant))(Actor(), "shirt", small.id)


async def test_what_is_answered_is_what_is_shown(rack: Rack) -> None:
    await rack.create("Shirt")
    small = await rack.add("S", stock_quantity=3)
    large = await rack.add("L", price=amount("12"), stock_quantity=2, is_active=False)
    shown = await rack.shown("shirt")
    assert (shown.variants, shown.stock_quantity, shown.on_hand) == ([small, large], 3, 5)
    assert (small.price, large.price, large.in_stock) == ("10.00", "12.00", True)
    large = await rack.vary(large.id, price=amount("11"), attributes={"Size": "XL"}, is_active=True)
    shown = await rack.shown("shirt")
    assert (shown.variants, shown.stock_quantity) == ([small, large], 5)
    assert [(option.name, option.values) for option in shown.options] == [("Size", ["S", "XL"])]
    assert (await rack.vary(large.id, price=NOTHING)).price == "10.00"


async def test_the_first_variant_takes_the_products_stock_unless_one_is_named(rack: Rack) -> None:
    await rack.create("Shirt", stock_quantity=5)
    assert (await rack.add("S")).stock_quantity == 5
    assert (await rack.stock("SHIRT"), await rack.stock("SHIRT-S")) == (None, (5, 0))
    assert (await rack.add("M")).stock_quantity == 0
    await rack.create("Other", stock_quantity=5)
    add = await rack.container.get(AddVariant)
    new = VariantInput(name="S", sku="OTHER-S", attributes={}, stock_quantity=2)
    assert (await add(MANAGER, "other", new)).view.stock_quantity == 2
    await audit(rack.container)


async def test_a_variant_keeps_its_stock_under_another_sku(rack: Rack) -> None:
    await rack.create("Shirt", variants=sizes(S=3, L=4))
    small, _ = (await rack.shown("shirt")).variants
    changed = await rack.vary(small.id, sku="TEE-S")
    assert (changed.id, changed.stock_quantity) == (small.id, 3)
    assert (await rack.stock("SHIRT-S"), await rack.stock("TEE-S"), await rack.stock("SHIRT-L")) == (
        None,
        (3, 0),
        (4, 0),
    )
    await audit(rack.container)


async def test_stock_is_set_beside_what_orders_hold(rack: Rack) -> None:
    await rack.create("Shirt", variants=sizes(S=3))
    (small,) = (await rack.shown("shirt")).variants
    await (await rack.shop.customer("ann@example.com")).buy("SHIRT-S", 2)
    assert (await rack.vary(small.id, stock_quantity=4)).stock_quantity == 4
    assert await rack.stock("SHIRT-S") == (6, 2)
    await rack.change("shirt", track_inventory=False)
    with pytest.raises(InvalidField):
        await rack.vary(small.id, stock_quantity=1)


async def test_a_variant_that_was_sold_goes_and_its_orders_stay(rack: Rack) -> None:
    await rack.create("Shirt", variants=sizes(S=3, L=2))
    small, large = (await rack.shown("shirt")).variants
    ann = await rack.shop.customer("ann@example.com")
    order = await ann.buy("SHIRT-S", 2)
    await rack.remove(small.id)
    shown = await rack.shown("shirt")
    assert (shown.variants, shown.stock_quantity, await rack.stock("SHIRT-S")) == ([large], 2, (2, 2))
    await ann.pay(order)
    paid = await ann.order(order.order_number)
    assert [(line.sku, line.variant_name) for line in paid.items] == [("SHIRT-S", "S")]
    with pytest.raises(VariantNotFound):
        await rack.remove(small.id)
    await rack.shop.run_jobs()
    await audit(rack.container)


async def test_a_cart_cannot_be_bought_with_a_variant_that_is_gone(rack: Rack) -> None:
    await rack.create("Shirt", variants=sizes(S=3))
    (small,) = (await rack.shown("shirt")).variants
    ann = await rack.shop.customer("ann@example.com")
    await ann.add("SHIRT-S")
    await rack.remove(small.id)
    with pytest.raises(ProductUnavailable):
        await ann.checkout()


async def test_after_the_last_variant_the_product_is_sold_itself(rack: Rack) -> None:
    await rack.create("Shirt", variants=sizes(S=3))
    (small,) = (await rack.shown("shirt")).variants
    await rack.remove(small.id)
    shown = await rack.shown("shirt")
    assert (shown.has_variants, shown.options, shown.stock_quantity) == (False, [], 0)
    assert (await rack.change("shirt", stock_quantity=7)).stock_quantity == 7
    assert (await rack.stock("SHIRT"), await rack.stock("SHIRT-S")) == ((7, 0), None)
    await audit(rack.container)


async def test_a_sku_is_taken_once_over_all_products(rack: Rack) -> None:
    await rack.create("Shirt", variants=sizes(S=3))
    await rack.create("Lamp")
    (small,) = (await rack.shown("shirt")).variants
    for sku in ("LAMP", "SHIRT-S"):
        with pytest.raises(SkuTaken):
            await rack.add("X", sku=sku)
    with pytest.raises(SkuTaken):
        await rack.vary(small.id, sku="LAMP")
    assert (await rack.shown("shirt")).variants == [small]


async def test_an_archived_product_has_its_variants_for_good(rack: Rack) -> None:
    await rack.create("Shirt", variants=sizes(S=3))
    (small,) = (await rack.shown("shirt")).variants
    await (await rack.shop.customer("ann@example.com")).buy("SHIRT-S", 1)
    await rack.delete("shirt")
    with pytest.raises(ProductUnavailable):
        await rack.add("L")
    with pytest.raises(ProductUnavailable):
        await rack.vary(small.id, name="X")
    with pytest.raises(ProductUnavailable):
        await rack.remove(small.id)
