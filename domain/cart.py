"""The cart: what somebody means to buy. It holds no prices; those are the catalogue's, at each look."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NewType, Protocol
from uuid import UUID

from domain.accounts import Owner
from domain.catalog import Offer, ProductId, ProductNotFound, ProductUnavailable
from domain.categories import CategoryId
from domain.errors import Conflict, NotFound
from domain.inventory import Demand, InsufficientStock, Shortage, Sku, shortages
from domain.promotions import Coupon, CouponId, Purchase, Relief
from domain.variants import VariantId

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
    quantity: int

    @property
    def article(self) -> Article:
        return self.product, self.variant


@dataclass(slots=True, eq=False, kw_only=True)
class Cart:
    """One cart per user, and one per guest's token. Its version counts its changes."""

    id: CartId
    owner: Owner
    updated_at: datetime
    items: list[CartItem] = field(default_factory=list)
    coupon: CouponId | None = None
    version: int = 0

    def item(self, id: ItemId) -> CartItem:
        """Raises CartItemNotFound."""
        for item in self.items:
            if item.id == id:
                return item
        raise CartItemNotFound

    def find(self, article: Article) -> CartItem | None:
        return next((item for item in self.items if item.article == article), None)

    def remove(self, id: ItemId, at: datetime) -> None:
        self.items.remove(self.item(id))
        self.updated_at = at

    def clear(self, at: datetime) -> None:
        self.items.clear()
        self.coupon = None
        self.updated_at = at

    def carry(self, coupon: CouponId | None, at: datetime) -> None:
        """That coupon, or none."""
        self.coupon = coupon
        self.updated_at = at

    def put(self, item: CartItem, at: datetime) -> None:
        """Add the item, or let it take the place of the one with its id. Raises CartFull."""
        for n, held in enumerate(self.items):
            if held.id == item.id:
                self.items[n] = item
                break
        else:
            if len(self.items) >= MAX_ITEMS:
                raise CartFull
            self.items.append(item)
        self.updated_at = at


@dataclass(slots=True, kw_only=True)
class Basket:
    """A cart beside what the catalogue says now of all that is in it, and what its coupon is judged by.

    An item whose product is gone has no offer; `available` has an entry for every tracked SKU that is offered.
    `uses` are the customer's of the coupon; `families` say of products in which categories they are, at any depth.
    """

    cart: Cart
    offers: dict[Article, Offer] = field(default_factory=dict)
    available: dict[Sku, int] = field(default_factory=dict)
    coupon: Coupon | None = None
    uses: frozenset[int] = frozenset()
    families: Mapping[ProductId, frozenset[CategoryId]] = field(default_factory=dict)

    def add(self, id: ItemId, article: Article, quantity: int, at: datetime) -> None:
        """Put so many more into the cart. The basket must have been read with this article.

        Raises ProductNotFound for what is not on sale, CartFull, or InsufficientStock counting what is there already.
        """
        offer = self.offers.get(article)
        if offer is None or not offer.on_sale:
            raise ProductNotFound
        item = self.cart.find(article) or CartItem(id=id, product=article[0], variant=article[1], quantity=0)
        self._put(item, offer, item.quantity + quantity, at)

    def set_quantity(self, id: ItemId, quantity: int, at: datetime) -> None:
        """Change how many; 0 removes. Raises CartItemNotFound, ProductUnavailable or InsufficientStock."""
        item = self.cart.item(id)
        if not quantity:
            return self.cart.remove(id, at)
        offer = self.offers.get(item.article)
        if offer is None or not offer.on_sale:
            raise ProductUnavailable
        return self._put(item, offer, quantity, at)

    def merge(self, other: "Basket", at: datetime) -> None:
        """Take over what is in another cart: quantities add up as far as there is stock.

        What cannot be bought, or would be one thing too many, is left behind; nothing that is here becomes less.
        """
        self.offers, self.available = other.offers | self.offers, other.available | self.available
        for item in other.cart.items:
            held = self.cart.find(item.article)
            before = held.quantity if held else 0
            quantity = max(before, min(before + item.quantity, self._limit(item.article)))
            if quantity and (held or len(self.cart.items) < MAX_ITEMS):
                self.cart.put(replace(held or item, quantity=quantity), at)
        self.cart.carry(self.cart.coupon or other.cart.coupon, at)

    def clear(self, at: datetime) -> None:
        self.cart.clear(at)
        self.coupon = None

    def remove_coupon(self, at: datetime) -> None:
        self.cart.carry(None, at)
        self.coupon = None

    def purchase(self, at: datetime) -> Purchase:
        """What the coupon is judged by: all that is still on sale."""
        offered = ((self.offers.get(item.article), item.quantity) for item in self.cart.items)
        wanted = [(offer, quantity) for offer, quantity in offered if offer is not None and offer.on_sale]
        return Purchase(wanted=wanted, families=self.families, uses=self.uses, at=at)

    def relief(self, at: datetime) -> Relief | None:
        """What the coupon takes off. Raises CouponExpired, CouponExhausted or CouponNotApplicable."""
        return self.coupon.relief(self.purchase(at)) if self.coupon is not None else None

    def priced(self) -> list[tuple[Offer, int]]:
        """What would be bought. Raises CartEmpty, ProductUnavailable, or InsufficientStock."""
        if not self.cart.items:
            raise CartEmpty
        offers = [self.offers.get(item.article) for item in self.cart.items]
        on_sale = [offer for offer in offers if offer is not None and offer.on_sale]
        if len(on_sale) < len(offers):
            raise ProductUnavailable
        wanted = [(offer, item.quantity) for offer, item in zip(on_sale, self.cart.items, strict=True)]
        if short := shortages(demand(wanted), self.available):
            raise InsufficientStock(short)
        return wanted

    def _put(self, item: CartItem, offer: Offer, quantity: int, at: datetime) -> None:
        limit = self._limit(item.article)
        if quantity > limit:
            raise InsufficientStock((Shortage(Sku(offer.sku), quantity, limit),))
        self.cart.put(replace(item, quantity=quantity), at)

    def _limit(self, article: Article) -> int:
        """How many a line can hold."""
        offer = self.offers.get(article)
        if offer is None or not offer.on_sale:
            return 0
        return min(self.available.get(Sku(offer.sku), MAX_QUANTITY), MAX_QUANTITY)


def demand(wanted: Iterable[tuple[Offer, int]]) -> Demand:
    """Pieces that stock has to answer for, summed per SKU."""
    pieces: Counter[Sku] = Counter()
    for offer, quantity in wanted:
        if offer.tracked:
            pieces[Sku(offer.sku)] += quantity
    return pieces


class Carts(Protocol):
    """Repository of carts, each read together with what the catalogue says of its items."""

    async def find_of(self, owner: Owner) -> Basket | None: ...

    async def take_of(self, owner: Owner) -> Basket | None:
        """Locked."""
        ...

    async def open_of(self, owner: Owner, new_id: CartId, at: datetime, adding: Article | None = None) -> Basket:
        """Locked; made under `new_id` where there is none. `adding` has its offer in the basket too.

        Raises ProductNotFound, VariantNotFound or VariantRequired for an article that does not exist.
        """
        ...

    async def save(self, cart: Cart) -> None: ...

    async def remove(self, cart: Cart) -> None: ...
