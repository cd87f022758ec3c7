"""Carts in memory, each read together with what the catalogue says of its items."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from adapters.memory.tables import MemoryDatabase, MemoryUnit, Tables, twin
from application.ports import StaleWrite
from domain.accounts import Owner, UserNotFound
from domain.cart import Article, Basket, Cart, CartId
from domain.catalog import Offer, Product, ProductId, ProductNotFound
from domain.categories import CategoryId
from domain.inventory import Sku
from domain.promotions import Coupon, CustomerKey, customer_of
from domain.variants import VariantNotFound, VariantRequired


def basket_of(tables: Tables, cart: Cart, adding: Article | None = None, customer: CustomerKey | None = None) -> Basket:
    """A copy of the cart beside today's offers, and the coupon as it stands. A user is their own customer."""
    articles = {item.article: None for item in cart.items} | ({adding: None} if adding else {})
    offers = {article: offer for article in articles if (offer := _offer(tables, article))}
    coupon = tables.coupons[cart.coupon] if cart.coupon else None
    return Basket(
        cart=twin(cart),
        offers=offers,
        available=_available(tables, offers.values()),
        coupon=twin(coupon),
        uses=uses_of(tables, coupon, customer or customer_of(cart.owner)) if coupon else frozenset(),
        families={offer.product: _family(tables, offer.product) for offer in offers.values()},
    )


def uses_of(tables: Tables, coupon: Coupon, customer: CustomerKey | None) -> frozenset[int]:
    uses = tables.coupon_uses.values()
    return frozenset(use.n for use in uses if (use.coupon, use.customer) == (coupon.id, customer))


def _family(tables: Tables, product: ProductId) -> frozenset[CategoryId]:
    """Its category and all above."""
    family, above = set[CategoryId](), tables.products[product].category
    while above is not None:
        family.add(above)
        above = tables.categories[above].parent
    return frozenset(family)


def _offer(tables: Tables, article: Article) -> Offer | None:
    product = tables.products.get(article[0])
    if product is None:
        return None
    try:
        return product.offer(article[1])
    except (VariantNotFound, VariantRequired):
        return None


def _available(tables: Tables, offers: Iterable[Offer]) -> dict[Sku, int]:
    tracked = [Sku(offer.sku) for offer in offers if offer.tracked]
    return {sku: tables.stock[sku].available if sku in tables.stock else 0 for sku in tracked}


@dataclass(frozen=True, slots=True)
class MemoryCarts:
    unit: MemoryUnit

    async def find_of(self, owner: Owner) -> Basket | None:
        cart = self.unit.tables.carts.get(owner)
        return basket_of(self.unit.tables, cart) if cart else None

    async def take_of(self, owner: Owner) -> Basket | None:
        return await self.find_of(owner)

    async def open_of(self, owner: Owner, new_id: CartId, at: datetime, adding: Article | None = None) -> Basket:
        tables = self.unit.tables
        if adding is not None:
            _product(tables, adding).offer(adding[1])  # raises for what does not exist
        if not isinstance(owner, bytes) and owner not in tables.users:
            raise UserNotFound
        cart = tables.carts.setdefault(owner, Cart(id=new_id, owner=owner, updated_at=at))
        return basket_of(tables, cart, adding)

    async def save(self, cart: Cart) -> None:
        self._guard(cart)
        cart.version += 1
        self.unit.tables.carts[cart.owner] = twin(cart)

    async def remove(self, cart: Cart) -> None:
        self._guard(cart)
        del self.unit.tables.carts[cart.owner]

    def _guard(self, cart: Cart) -> None:
        kept = self.unit.tables.carts.get(cart.owner)
        if kept is None or kept.version != cart.version:
            raise StaleWrite


def _product(tables: Tables, article: Article) -> Product:
    if article[0] not in tables.products:
        raise ProductNotFound
    return tables.products[article[0]]


@dataclass(frozen=True, slots=True)
class MemoryBaskets:
    database: MemoryDatabase

    async def of(self, owner: Owner) -> Basket | None:
        cart = self.database.tables.carts.get(owner)
        return basket_of(self.database.tables, cart) if cart else None
