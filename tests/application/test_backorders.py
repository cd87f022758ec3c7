"""Pieces that are sold before they are there."""

import pytest

from application.inventory import AdjustStock, AllowBackorders, Correction
from domain.accounts import Actor
from domain.inventory import BelowReserved, Sku
from entrypoints.shop import Shop


async def test_an_order_of_pieces_that_are_not_there_yet_can_be_paid(shop: Shop) -> None:
    await shop.has("LAMP", stock=1)
    await (await shop.get(AllowBackorders))(Actor.shop(), Sku("LAMP"), 2)
    ann = await shop.customer("ann@example.com")
    order = await ann.buy("LAMP", 3)
    await ann.pay(order)
    assert (await ann.order(order.id)).payment_status == "paid"
    assert await left(shop) == (-2, 0, 0)
    adjust = await shop.get(AdjustStock)
    with pytest.raises(BelowReserved):
        await adjust(Actor.shop(), Correction(sku=Sku("LAMP"), delta=-1, reason="broken"))
    await adjust(Actor.shop(), Correction(sku=Sku("LAMP"), delta=3, reason="received"))
    assert await left(shop) == (1, 0, 3)


async def left(shop: Shop) -> tuple[int, int, int]:
    item = await shop.stock("LAMP")
    return item.on_hand, item.reserved, item.available
