"""Carts: what a customer or a guest means to buy, priced afresh at every look."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from application.ports import Clock, Currency, NewId, Store, Transaction
from domain.accounts import Actor, GuestId, Owner, UserId
from domain.cart import Article, Basket, Cart, CartId, ItemId
from domain.inventory import Sku
from domain.money import Money, total

Change = Callable[[Basket, datetime], None]


class CartItemView(msgspec.Struct, frozen=True):
    id: UUID
    product: UUID
    variant: UUID | None
    product_name: str
    product_slug: str
    variant_name: str
    sku: str
    product_price: str
    product_image: str | None
    quantity: int
    subtotal: str
    available_quantity: int | None
    """None where stock is not counted."""


class CartView(msgspec.Struct, frozen=True):
    id: UUID
    items: list[CartItemView]
    items_count: int
    subtotal: str
    discount_amount: str
    total: str
    currency: str
    coupon: str | None
    updated_at: datetime


class Baskets(Protocol):
    """Reads carts for looking at."""

    async def of(self, owner: Owner) -> Basket | None: ...


def cart_view(basket: Basket, currency: str, at: datetime) -> CartView:
    """What the customer sees. An item that can no longer be bought is shown with nothing available and no price.

    A coupon that does not hold takes off nothing; checkout says why.
    """
    items = [_item_view(basket, n, currency) for n in range(len(basket.cart.items))]
    prices = [_price(basket, item.article, currency) * item.quantity for item in basket.cart.items]
    subtotal, discount = total(prices, currency), _discount(basket, currency, at)
    return CartView(
        id=basket.cart.id,
        items=items,
        items_count=sum(item.quantity for item in items),
        subtotal=str(subtotal),
        discount_amount=str(discount),
        total=str(subtotal - discount),
        currency=currency,
        coupon=basket.coupon.code if basket.coupon else None,
        updated_at=basket.cart.updated_at,
    )


def _discount(basket: Basket, currency: str, at: datetime) -> Money:
    purchase = basket.purchase(at)
    if basket.coupon is None or basket.coupon.refusal(purchase):
        return Money.zero(currency)
    return total(basket.coupon.relief(purchase).shares, currency)


def _price(basket: Basket, article: Article, currency: str) -> Money:
    offer = basket.offers.get(article)
    return offer.price if offer and offer.on_sale else Money.zero(currency)


def _item_view(basket: Basket, n: int, currency: str) -> CartItemView:
    item = basket.cart.items[n]
    offer = basket.offers.get(item.article)
    price = _price(basket, item.article, currency)
    available = basket.available.get(Sku(offer.sku)) if offer and offer.on_sale else 0
    return CartItemView(
        id=item.id,
        product=item.product,
        variant=item.variant,
        product_name=offer.product_name if offer else "",
        product_slug=offer.product_slug if offer else "",
        variant_name=offer.variant_name if offer else "",
        sku=offer.sku if offer else "",
        product_price=str(price),
        product_image=offer.image if offer else None,
        quantity=item.quantity,
        subtotal=str(price * item.quantity),
        available_quantity=available,
    )


@dataclass(frozen=True, slots=True)
class ShowCart:
    """A cart that was never filled is shown empty; nothing is written."""

    baskets: Baskets
    clock: Clock
    new_id: NewId
    currency: Currency

    async def __call__(self, who: Actor) -> CartView:
        owner = who.must_own()
        basket = await self.baskets.of(owner)
        now = self.clock()
        empty = Cart(id=CartId(self.new_id()), owner=owner, updated_at=now)
        return cart_view(basket or Basket(cart=empty), self.currency, now)


@dataclass(frozen=True, slots=True)
class ChangeCart:
    """The frame of every change: the cart is taken, changed, saved and shown.

    Only what is added opens a cart; of one that was never opened nothing is kept.
    """

    store: Store
    clock: Clock
    new_id: NewId
    currency: Currency

    async def __call__(self, who: Actor, change: Change, adding: Article | None = None) -> CartView:
        owner, new, now = who.must_own(), CartId(self.new_id()), self.clock()
        async with self.store.transaction() as tx:
            kept = await (tx.carts.open_of(owner, new, now, adding) if adding else tx.carts.take_of(owner))
            basket = kept or Basket(cart=Cart(id=new, owner=owner, updated_at=now))
            change(basket, now)
            if kept is not None:
                await tx.carts.save(basket.cart)
        return cart_view(basket, self.currency, now)


@dataclass(frozen=True, slots=True)
class AddItem:
    change: ChangeCart
    new_id: NewId

    async def __call__(self, who: Actor, article: Article, quantity: int) -> CartView:
        """Raises ProductNotFound, VariantNotFound, VariantRequired, CartFull or InsufficientStock."""
        item = ItemId(self.new_id())
        return await self.change(who, lambda basket, now: basket.add(item, article, quantity, now), adding=article)


@dataclass(frozen=True, slots=True)
class UpdateItem:
    change: ChangeCart

    async def __call__(self, who: Actor, item: ItemId, quantity: int) -> CartView:
        """0 removes. Raises CartItemNotFound, ProductUnavailable or InsufficientStock."""
        return await self.change(who, lambda basket, now: basket.set_quantity(item, quantity, now))


@dataclass(frozen=True, slots=True)
class ClearCart:
    change: ChangeCart

    async def __call__(self, who: Actor) -> CartView:
        return await self.change(who, lambda basket, now: basket.clear(now))


async def merge_carts(tx: Transaction, guest: GuestId | None, user: UserId, new_id: NewId, at: datetime) -> None:
    """What a guest put into a cart goes with them when they sign in, once: the guest's cart is gone then."""
    left = await tx.carts.take_of(guest) if guest is not None else None
    if left is None:
        return
    basket = await tx.carts.open_of(user, CartId(new_id()), at)
    basket.merge(left, at)
    await tx.carts.save(basket.cart)
    await tx.carts.remove(left.cart)
