"""Carts: what is put in, what is refused, and what the customer sees."""

from asyncio import gather
from uuid import uuid4

import pytest

from application.cart import AddItem, ClearCart, UpdateItem
from application.catalog.changing import ChangeProduct
from application.catalog.inputs import ProductChanges, VariantInput
from application.ports import Store
from domain.accounts import Actor, NotAuthenticated, UserId, UserNotFound
from domain.cart import CartItemNotFound, ItemId
from domain.catalog import ProductId, ProductNotFound, ProductUnavailable
from domain.inventory import InsufficientStock, Shortage
from domain.variants import VariantId, VariantNotFound, VariantRequired
from entrypoints.shop import Customer, Shop


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    return await shop.customer("ann@example.com")


async def set_quantity(ann: Customer, item: object, quantity: int) -> list[int]:
    update_item = await ann.shop.get(UpdateItem)
    return [each.quantity for each in (await update_item(ann.who, ItemId(item), quantity)).items]  # type: ignore[arg-type]


async def change(shop: Shop, slug: str, **fields: object) -> None:
    change_product = await shop.get(ChangeProduct)
    await change_product(Actor.shop(), slug, ProductChanges(**fields))  # type: ignore[arg-type]


async def test_a_cart_that_was_never_filled_is_empty_and_not_kept(shop: Shop, ann: Customer) -> None:
    cart = await ann.cart()
    assert (cart.items, cart.items_count, cart.subtotal, cart.total, cart.currency) == ([], 0, "0.00", "0.00", "USD")
    async with (await shop.get(Store)).transaction() as tx:
        assert ann.who.user is not None
        assert await tx.carts.find_of(ann.who.user) is None


async def test_what_is_put_in_is_shown_with_its_price_now(shop: Shop, ann: Customer) -> None:
    lamp = await shop.has("LAMP", price="19.99", stock=3)
    added = await ann.add("LAMP", 2)
    cart = await ann.cart()
    (item,) = cart.items
    assert added == cart
    assert (item.product, item.variant, item.sku) == (lamp.id, None, "LAMP")
    assert (item.product_name, item.product_slug, item.variant_name) == ("Lamp", "lamp", "")
    assert (item.product_price, item.quantity, item.subtotal, item.available_quantity) == ("19.99", 2, "39.98", 3)
    assert (cart.items_count, cart.subtotal, cart.discount_amount, cart.total) == (2, "39.98", "0.00", "39.98")
    await change(shop, "lamp", price=b'"25.00"')
    assert (await ann.cart()).subtotal == "50.00"


async def test_adding_again_adds_up_and_stock_counts_what_is_there_already(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", stock=3)
    await ann.add("LAMP")
    await ann.add("LAMP", 2)
    with pytest.raises(InsufficientStock) as refused:
        await ann.add("LAMP")
    assert refused.value == InsufficientStock((Shortage("LAMP", 4, 3),))
    assert [(item.sku, item.quantity) for item in (await ann.cart()).items] == [("LAMP", 3)]


async def test_what_others_hold_cannot_be_put_in(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", stock=3)
    await (await shop.customer("bob@example.com")).buy("LAMP", 2)
    with pytest.raises(InsufficientStock) as refused:
        await ann.add("LAMP", 2)
    assert refused.value == InsufficientStock((Shortage("LAMP", 2, 1),))


async def test_uncounted_goods_end_at_what_a_line_can_hold(shop: Shop, ann: Customer) -> None:
    await shop.has("GIFT", stock=None)
    cart = await ann.add("GIFT", 9_999)
    assert cart.items[0].available_quantity is None
    with pytest.raises(InsufficientStock) as refused:
        await ann.add("GIFT")
    assert refused.value == InsufficientStock((Shortage("GIFT", 10_000, 9_999),))


async def test_of_a_product_in_variants_one_is_bought(shop: Shop, ann: Customer) -> None:
    colours = [
        VariantInput(name="Red", sku="CUP-R", attributes={"Colour": "Red"}, stock_quantity=2),
        VariantInput(name="Blue", sku="CUP-B", attributes={"Colour": "Blue"}, stock_quantity=1),
    ]
    cup = await shop.has("CUP", price="5", stock=0, variants=colours)
    await ann.add("CUP-R", 2)
    cart = await ann.add("CUP-B")
    assert [(item.variant_name, item.sku, item.available_quantity) for item in cart.items] == [
        ("Red", "CUP-R", 2),
        ("Blue", "CUP-B", 1),
    ]
    add_item = await shop.get(AddItem)
    with pytest.raises(VariantRequired):
        await add_item(ann.who, (ProductId(cup.id), None), 1)
    with pytest.raises(VariantNotFound):
        await add_item(ann.who, (ProductId(cup.id), VariantId(uuid4())), 1)
    with pytest.raises(ProductNotFound):
        await add_item(ann.who, (ProductId(uuid4()), None), 1)


async def test_what_left_the_catalogue_is_shown_as_gone_and_can_only_be_taken_out(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", price="19.99")
    await shop.has("DESK", price="100.00")
    await ann.add("LAMP", 2)
    await ann.add("DESK")
    await change(shop, "lamp", is_active=False)
    with pytest.raises(ProductNotFound):
        await ann.add("LAMP")
    cart = await ann.cart()
    lamp = cart.items[0]
    assert (lamp.quantity, lamp.product_price, lamp.subtotal, lamp.available_quantity) == (2, "0.00", "0.00", 0)
    assert cart.total == "100.00"
    with pytest.raises(ProductUnavailable):
        await set_quantity(ann, lamp.id, 1)
    assert await set_quantity(ann, lamp.id, 0) == [1]


async def test_quantities_are_set_items_removed_and_all_of_it_cleared(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", stock=5)
    await shop.has("DESK", stock=5)
    await ann.add("LAMP", 3)
    lamp, desk = (await ann.add("DESK")).items
    assert await set_quantity(ann, lamp.id, 5) == [5, 1]
    assert await set_quantity(ann, lamp.id, 1) == [1, 1]
    with pytest.raises(InsufficientStock):
        await set_quantity(ann, lamp.id, 6)
    with pytest.raises(CartItemNotFound):
        await set_quantity(ann, uuid4(), 1)
    update_item, clear_cart = await shop.get(UpdateItem), await shop.get(ClearCart)
    assert [item.sku for item in (await update_item(ann.who, ItemId(lamp.id), 0)).items] == ["DESK"]
    with pytest.raises(CartItemNotFound):
        await update_item(ann.who, ItemId(lamp.id), 0)
    assert desk.id in [item.id for item in (await ann.cart()).items]
    assert (await clear_cart(ann.who)).items == []
    assert (await clear_cart(ann.who)).items == []


async def test_nobody_reaches_into_anothers_cart(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP")
    item = (await ann.add("LAMP")).items[0]
    bob = await shop.customer("bob@example.com")
    with pytest.raises(CartItemNotFound):
        await set_quantity(bob, item.id, 0)
    assert (await bob.cart()).items == []
    assert (await ann.cart()).items_count == 1


async def test_who_has_no_account_has_no_cart(shop: Shop) -> None:
    lamp = await shop.has("LAMP")
    add_item = await shop.get(AddItem)
    with pytest.raises(NotAuthenticated):
        await add_item(Actor(), (ProductId(lamp.id), None), 1)
    with pytest.raises(UserNotFound):
        await add_item(Actor(UserId(uuid4())), (ProductId(lamp.id), None), 1)


async def test_ten_hands_at_once_lose_nothing(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", stock=10)
    await shop.has("DESK", stock=10)
    await gather(*(ann.add(sku) for sku in ["LAMP", "DESK"] * 5))
    assert sorted((item.sku, item.quantity) for item in (await ann.cart()).items) == [("DESK", 5), ("LAMP", 5)]
