"""The in-process shop: the walk of its docstring, and what it is made of."""

from datetime import timedelta

import pytest
from dishka import Provider, Scope

from application.cart import ShowCart
from application.catalog.inputs import VariantInput
from application.ports import NewOrderNumber
from domain.accounts import Role
from domain.catalog import ProductNotFound
from entrypoints.shop import Shop, open_shop


async def test_from_a_lamp_to_a_mail(shop: Shop) -> None:
    await shop.has("LAMP", price="19.99", stock=3)
    ann = await shop.customer("ann@example.com")
    await ann.add("LAMP", 2)
    order = await ann.checkout()
    await ann.pay(order)
    await shop.run_jobs()
    (mail,) = await shop.mails()
    assert order.order_number in mail.subject
    assert (await ann.order(order.id)).payment_status == "paid"
    assert (await shop.stock("LAMP")).on_hand == 1


async def test_somebody_who_comes_again_is_the_same(shop: Shop) -> None:
    first, again = [await shop.customer("ann@example.com") for _ in range(2)]
    assert first.who == again.who
    staff = await shop.customer("staff@example.com", Role.ORDER_MANAGER)
    assert (staff.who.is_staff, first.who.is_staff) == (True, False)


async def test_what_is_bought_is_named_by_its_sku(shop: Shop) -> None:
    red = VariantInput(name="Red", sku="CUP-R", attributes={"Colour": "Red"}, stock_quantity=2)
    cup = await shop.has("CUP", stock=0, variants=[red])
    assert await shop.article("CUP-R") == (cup.id, cup.variants[0].id)
    assert await shop.article("CUP") == (cup.id, None)
    with pytest.raises(ProductNotFound):
        await shop.article("NOTHING")
    with pytest.raises(KeyError):
        await shop.stock("NOTHING")


async def test_time_passes_at_a_word(shop: Shop) -> None:
    show_cart = await shop.get(ShowCart)
    before = show_cart.clock()
    shop.clock.pass_(timedelta(days=3))
    assert timedelta(days=3) <= show_cart.clock() - before < timedelta(days=3, minutes=1)


async def test_without_settings_it_is_in_memory_and_parts_can_be_replaced() -> None:
    numbers = Provider(scope=Scope.APP)
    numbers.provide(lambda: lambda: "ORD-1", provides=NewOrderNumber)
    async with open_shop(None, numbers) as shop:
        await shop.has("LAMP")
        ann = await shop.customer("ann@example.com")
        assert (await ann.buy("LAMP")).order_number == "ORD-1"
        assert (await (await shop.get(ShowCart))(ann.who)).items == []
    async with open_shop() as other:
        with pytest.raises(ProductNotFound):
            await other.article("LAMP")
