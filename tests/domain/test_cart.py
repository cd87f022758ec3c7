"""The cart and its basket: what goes in, how much of it, and what would be bought."""

from datetime import timedelta

import pytest

from domain.accounts import UserId
from domain.cart import (
    MAX_ITEMS,
    MAX_QUANTITY,
    Article,
    Basket,
    Cart,
    CartEmpty,
    CartFull,
    CartId,
    CartItemNotFound,
    ItemId,
    demand,
)
from domain.catalog import Offer, ProductId, ProductNotFound, ProductUnavailable
from domain.inventory import InsufficientStock, Shortage, Sku
from domain.money import Money
from tests.builders import NOW, new_id

LATER = NOW + timedelta(minutes=1)


def an_offer(sku: str, *, on_sale: bool = True, tracked: bool = True) -> Offer:
    return Offer(
        product=ProductId(new_id()),
        variant=None,
        product_name=sku,
        product_slug=sku.lower(),
        variant_name="",
        sku=sku,
        price=Money(1000, "USD"),
        image=None,
        on_sale=on_sale,
        tracked=tracked,
    )


def article(offer: Offer) -> Article:
    return offer.product, offer.variant


def a_basket(*offers: Offer, **available: int) -> Basket:
    return Basket(
        cart=Cart(id=CartId(new_id()), owner=UserId(new_id()), updated_at=NOW),
        offers={article(offer): offer for offer in offers},
        available={Sku(sku): pieces for sku, pieces in available.items()},
    )


def put(basket: Basket, offer: Offer, quantity: int = 1) -> ItemId:
    basket.add(ItemId(new_id()), article(offer), quantity, LATER)
    return next(item.id for item in basket.cart.items if item.article == article(offer))


def held(basket: Basket) -> list[int]:
    return [item.quantity for item in basket.cart.items]


def test_the_same_thing_again_is_more_of_one_item() -> None:
    lamp, desk = an_offer("LAMP"), an_offer("DESK")
    basket = a_basket(lamp, desk, LAMP=5, DESK=5)
    first = put(basket, lamp, 2)
    put(basket, desk)
    assert put(basket, lamp) == first
    assert held(basket) == [3, 1]
    assert basket.cart.updated_at == LATER


def test_no_more_than_there_is_counting_what_is_held() -> None:
    lamp = an_offer("LAMP")
    basket = a_basket(lamp, LAMP=3)
    put(basket, lamp, 3)
    with pytest.raises(InsufficientStock) as refused:
        put(basket, lamp)
    assert refused.value.items == (Shortage("LAMP", 4, 3),)
    assert held(basket) == [3]
    assert refused.value.facts == {"items": [{"sku": "LAMP", "requested": 4, "available": 3}]}


@pytest.mark.parametrize("available", [{}, {"LAMP": 20_000}])
def test_no_item_holds_more_than_9999(available: dict[str, int]) -> None:
    lamp = an_offer("LAMP", tracked=bool(available))
    basket = a_basket(lamp, **available)
    item = put(basket, lamp, MAX_QUANTITY)
    with pytest.raises(InsufficientStock) as refused:
        basket.set_quantity(item, MAX_QUANTITY + 1, LATER)
    assert refused.value.items == (Shortage("LAMP", 10_000, 9_999),)


def test_a_hundred_different_things_and_no_more() -> None:
    offers = [an_offer(f"SKU-{n}", tracked=False) for n in range(MAX_ITEMS + 1)]
    basket = a_basket(*offers)
    for offer in offers[:MAX_ITEMS]:
        put(basket, offer)
    with pytest.raises(CartFull):
        put(basket, offers[MAX_ITEMS])
    put(basket, offers[0])
    assert (len(held(basket)), held(basket)[0]) == (100, 2)


def test_only_what_is_on_sale_goes_in() -> None:
    gone = an_offer("LAMP", on_sale=False)
    with pytest.raises(ProductNotFound):
        put(a_basket(gone, LAMP=5), gone)
    with pytest.raises(ProductNotFound):
        put(a_basket(), an_offer("DESK"))


def test_a_quantity_is_set_and_nought_removes() -> None:
    lamp, desk = an_offer("LAMP"), an_offer("DESK")
    basket = a_basket(lamp, desk, LAMP=5, DESK=5)
    first, second = put(basket, lamp), put(basket, desk)
    basket.set_quantity(first, 5, LATER)
    assert held(basket) == [5, 1]
    basket.set_quantity(second, 0, LATER)
    assert held(basket) == [5]
    with pytest.raises(CartItemNotFound):
        basket.set_quantity(second, 1, LATER)
    with pytest.raises(InsufficientStock):
        basket.set_quantity(first, 6, LATER)
    basket.offers.clear()
    with pytest.raises(ProductUnavailable):
        basket.set_quantity(first, 1, LATER)
    basket.set_quantity(first, 0, LATER)
    assert held(basket) == []


def test_what_is_removed_or_cleared_is_gone() -> None:
    lamp, desk = an_offer("LAMP"), an_offer("DESK")
    basket = a_basket(lamp, desk, LAMP=5, DESK=5)
    first, second = put(basket, lamp), put(basket, desk)
    basket.cart.remove(first, LATER)
    with pytest.raises(CartItemNotFound):
        basket.cart.remove(first, LATER)
    assert [item.id for item in basket.cart.items] == [second]
    basket.cart.clear(LATER)
    assert basket.cart.items == []


def test_what_would_be_bought_comes_with_its_offers_in_order() -> None:
    lamp, gift = an_offer("LAMP"), an_offer("GIFT", tracked=False)
    basket = a_basket(lamp, gift, LAMP=2)
    put(basket, gift, 3)
    put(basket, lamp, 2)
    assert basket.priced() == [(gift, 3), (lamp, 2)]
    assert demand(basket.priced()) == {"LAMP": 2}


def test_an_empty_cart_buys_nothing() -> None:
    with pytest.raises(CartEmpty):
        a_basket().priced()


def test_what_is_no_longer_sold_or_there_cannot_be_bought() -> None:
    lamp, desk = an_offer("LAMP"), an_offer("DESK")
    basket = a_basket(lamp, desk, LAMP=2, DESK=2)
    put(basket, lamp, 2)
    put(basket, desk, 2)
    basket.available = {Sku("LAMP"): 1, Sku("DESK"): 0}
    with pytest.raises(InsufficientStock) as refused:
        basket.priced()
    assert refused.value.items == (Shortage("DESK", 2, 0), Shortage("LAMP", 2, 1))
    del basket.offers[article(desk)]
    with pytest.raises(ProductUnavailable):
        basket.priced()


def test_pieces_of_one_sku_are_summed() -> None:
    lamp = an_offer("LAMP")
    assert demand([(lamp, 2), (an_offer("LAMP"), 3), (an_offer("GIFT", tracked=False), 9)]) == {"LAMP": 5}


def test_two_carts_become_one_as_far_as_there_is_stock() -> None:
    lamp, desk, gone, out = an_offer("LAMP"), an_offer("DESK"), an_offer("GONE"), an_offer("OUT")
    mine, other = a_basket(lamp, LAMP=5), a_basket(lamp, desk, gone, out, LAMP=5, DESK=9, GONE=9, OUT=9)
    put(mine, lamp, 3)
    for offer, quantity in ((lamp, 4), (desk, 2), (gone, 1), (out, 1)):
        put(other, offer, quantity)
    other.available[Sku("OUT")] = 0
    del other.offers[article(gone)]
    mine.merge(other, LATER)
    assert [(offer.sku, quantity) for offer, quantity in mine.priced()] == [("LAMP", 5), ("DESK", 2)]
    assert mine.cart.updated_at == LATER
    assert held(other) == [4, 2, 1, 1]


def test_what_is_there_does_not_become_less_by_more() -> None:
    lamp = an_offer("LAMP")
    mine, other = a_basket(lamp, LAMP=5), a_basket(lamp, LAMP=5)
    put(mine, lamp, 5)
    put(other, lamp, 1)
    mine.available[Sku("LAMP")] = 2
    mine.merge(other, LATER)
    assert held(mine) == [5]


def test_of_two_full_carts_one_is_left_full() -> None:
    offers = [an_offer(f"SKU-{n}", tracked=False) for n in range(MAX_ITEMS + 1)]
    mine, other = a_basket(*offers[:MAX_ITEMS]), a_basket(*offers[1:])
    for offer in offers[:MAX_ITEMS]:
        put(mine, offer)
    for offer in offers[1:]:
        put(other, offer)
    mine.merge(other, LATER)
    assert held(mine) == [1] + [2] * (MAX_ITEMS - 1)
