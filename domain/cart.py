"""The cart: what somebody means to buy. It holds no prices; those are the catalogue's, at each look."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NewType, Protocol
from uuid import UUID

from domain.accounts import UserId
from domain.catalog import Offer, ProductId, ProductNotFound, ProductUnavailable, VariantId
from domain.errors import Conflict, NotFound
from domain.inventory import Demand, InsufficientStock, Shortage, Sku, shortages

CartId = NewType("CartId", UUID)
ItemId = NewType("ItemId", UUID)

Article = tuple[ProductId, VariantId | None]  # what can be put into a cart

MAX_ITEMS = 100
MAX_QUANTITY = 9_999


class CartEmpty(Conflict):
    code = "cart-empty"


class CartFull(Conflict):
    """More different things than one order can hold."""

    code = "cart-full"


class CartItemNotFound(NotFound):
    code = "cart-item-not-found"


@dataclass(frozen=True, slots=True, kw_only=True)
class CartItem:
    id: ItemId
    product: ProductId
    variant: VariantId | None
    sku: Sku
    quantity: int

    @property
    def article(self) -> Article:
        return self.product, self.variant


@dataclass(slots=True, eq=False, kw_only=True)
class Cart:
    """One cart per user. Its version counts its changes."""

    id: CartId
    user: UserId | None
    updated_at: datetime
    items: list[CartItem] = field(default_factory=list)
    version: int = 0

    def add(self, id: ItemId, offer: Offer, quantity: int, available: int | None, at: datetime) -> None:
        """Put so many more into the cart; `available` is None for what is not tracked.

        Raises ProductNotFound for what is not on sale, CartFull, or InsufficientStock counting what is in the cart already.
        """
        if not offer.on_sale:
            raise ProductNotFound
        held = self._of(Sku(offer.sku))
        wanted = quantity + (held.quantity if held else 0)
        _must_have(Sku(offer.sku), wanted, available)
        if held:
            self._replace(held, wanted)
        elif len(self.items) >= MAX_ITEMS:
            raise CartFull
        else:
            item = CartItem(
                id=id, product=offer.product, variant=offer.variant, sku=Sku(offer.sku), quantity=quantity
            )
            self.items.append(item)
        self.updated_at = at

    def set_quantity(self, id: ItemId, quantity: int, available: int | None, at: datetime) -> None:
        """Change how many; 0 removes. Raises CartItemNotFound or InsufficientStock."""
        item = self.item(id)
        if not quantity:
            self.items.remove(item)
        else:
            _must_have(item.sku, quantity, available)
            self._replace(item, quantity)
        self.updated_at = at

    def remove(self, id: ItemId, at: datetime) -> None:
        self.items.remove(self.item(id))
        self.updated_at = at

    def clear(self, at: datetime) -> None:
        self.items.clear()
        self.updated_at = at

    def item(self, id: ItemId) -> CartItem:
        """Raises CartItemNotFound."""
        for item in self.items:
            if item.id == id:
                return item
        raise CartItemNotFound

    @property
    def demand(self) -> Demand:
        """Pieces wanted, summed per SKU."""
        wanted: Counter[Sku] = Counter()
        for item in self.items:
            wanted[item.sku] += item.quantity
        return wanted

    def _of(self, sku: Sku) -> CartItem | None:
        return next((item for item in self.items if item.sku == sku), None)

    def _replace(self, item: CartItem, quantity: int) -> None:
        self.items[self.items.index(item)] = replace(item, quantity=quantity)


def _must_have(sku: Sku, wanted: int, available: int | None) -> None:
    limit = MAX_QUANTITY if available is None else min(available, MAX_QUANTITY)
    if wanted > limit:
        raise InsufficientStock((Shortage(sku, wanted, limit),))


@dataclass(slots=True, kw_only=True)
class Basket:
    """A cart beside what the catalogue says now of all that is in it.

    An item whose product is gone has no offer; a SKU that is not tracked has no entry in `available`.
    """

    cart: Cart
    offers: dict[Article, Offer] = field(default_factory=dict)
    available: dict[Sku, int] = field(default_factory=dict)

    def offer(self, article: Article) -> Offer | None:
        return self.offers.get(article)

    def priced(self) -> list[tuple[Offer, int]]:
        """What would be bought. Raises CartEmpty, ProductUnavailable, or InsufficientStock."""
        if not self.cart.items:
            raise CartEmpty
        wanted = []
        for item in self.cart.items:
            offer = self.offer(item.article)
            if offer is None or not offer.on_sale:
                raise ProductUnavailable
            wanted.append((offer, item.quantity))
        if short := shortages(self.cart.demand, self.available):
            raise InsufficientStock(short)
        return wanted


class Carts(Protocol):
    """Repository of carts, each read together with what the catalogue says of its items."""

    async def find_of(self, user: UserId) -> Basket | None: ...

    async def take_of(self, user: UserId, new_id: CartId, at: datetime, adding: Article | None = None) -> Basket:
        """Locked; made under `new_id` where there is none. `adding` has its offer in the basket too.

        Raises ProductNotFound, VariantNotFound or VariantRequired for an article that does not exist.
        """
        ...

    async def save(self, cart: Cart) -> None: ...
