"""Carts on PostgreSQL: the row holds the items; a read brings what the catalogue says of them along."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg
import msgspec

from adapters.postgres.database import Database, only, statement
from adapters.postgres.unit import Unit, guarded
from domain.accounts import GuestId, Owner, UserId, UserNotFound
from domain.cart import Article, Basket, Cart, CartId, CartItem
from domain.catalog import Offer, ProductId, ProductNotFound
from domain.categories import CategoryId
from domain.inventory import Sku
from domain.promotions import Coupon, customer_of
from domain.variants import VariantNotFound, VariantRequired

OFFERS_SQL = statement("offers")
CARRIED_SQL = statement("carried").replace("/*coupon*/", statement("coupon"))
BASKET = statement("basket").replace("/*offers*/", OFFERS_SQL)
BASKET = BASKET.replace("/*carried*/", CARRIED_SQL.replace("$customer", "$4"))
LOCK = ("/*lock*/", "for no key update")
OF_GUEST = ("user_id = $1", "guest = $1")
READ = (BASKET, BASKET.replace(*OF_GUEST))
LOCKED = (BASKET.replace(*LOCK), BASKET.replace(*LOCK).replace(*OF_GUEST))
OPEN = """
insert into cart (id, user_id, guest, items, updated_at, version) values ($1, $2, $3, '[]', $4, 0)
on conflict do nothing
"""
SAVE = """
update cart set items = $2, updated_at = $3, coupon_id = $5, version = version + 1 where id = $1 and version = $4
"""
REMOVE = "delete from cart where id = $1 and version = $2"


class Available(msgspec.Struct, frozen=True):
    """How many of a SKU can be bought; the rest of the row is the offer."""

    sku: Sku
    available: int
    tracked: bool


class Carried(msgspec.Struct, frozen=True):
    """A cart's coupon, and what it is judged by."""

    coupon: Coupon
    uses: frozenset[int] | None
    families: dict[ProductId, frozenset[CategoryId]] | None


ITEMS = msgspec.json.Decoder(list[CartItem])
OFFERS = msgspec.json.Decoder(list[Offer])
AVAILABLE = msgspec.json.Decoder(list[Available])
CARRIED = msgspec.json.Decoder(Carried)


def _of(owner: Owner, statements: tuple[str, str]) -> str:
    """Of the two the one for users, or for guests."""
    return statements[isinstance(owner, bytes)]


def columns(owner: Owner) -> tuple[UserId | None, GuestId | None]:
    """The owner as the row has it."""
    return (None, owner) if isinstance(owner, bytes) else (owner, None)


def basket_of(row: asyncpg.Record, owner: Owner) -> Basket | None:
    """The basket in a row of `basket.sql` or `checkout_read.sql`; None where there is no cart."""
    if row["id"] is None:
        return None
    items = ITEMS.decode(row["items"])
    cart = Cart(id=row["id"], owner=owner, updated_at=row["updated_at"], items=items, version=row["version"])
    basket = _basket(row, cart)
    if row["carried"] is not None:
        carried = CARRIED.decode(row["carried"])
        cart.coupon, basket.coupon = carried.coupon.id, carried.coupon
        basket.uses, basket.families = carried.uses or frozenset(), carried.families or {}
    return basket


def _basket(row: asyncpg.Record, cart: Cart) -> Basket:
    if row["offers"] is None:
        return Basket(cart=cart)
    offers = {(offer.product, offer.variant): offer for offer in OFFERS.decode(row["offers"])}
    stock = AVAILABLE.decode(row["offers"])
    return Basket(cart=cart, offers=offers, available={item.sku: item.available for item in stock if item.tracked})


@dataclass(frozen=True, slots=True)
class PostgresCarts:
    unit: Unit

    async def find_of(self, owner: Owner) -> Basket | None:
        return await find_basket(self.unit.connection, owner)

    async def take_of(self, owner: Owner) -> Basket | None:
        return basket_of(await self._locked(owner), owner)

    async def open_of(self, owner: Owner, new_id: CartId, at: datetime, adding: Article | None = None) -> Basket:
        row = await self._locked(owner, adding)
        basket = basket_of(row, owner)
        if basket is None:
            if not await self._open(owner, new_id, at):  # somebody else did so first
                return await self.open_of(owner, new_id, at, adding)
            basket = _basket(row, Cart(id=new_id, owner=owner, updated_at=at))
        if adding is not None:
            _must_exist(basket, adding, row["variants_count"])
        return basket

    async def _locked(self, owner: Owner, adding: Article | None = None) -> asyncpg.Record:
        product, variant = adding or (None, None)
        return await only(self.unit.connection, _of(owner, LOCKED), owner, product, variant, customer_of(owner))

    async def _open(self, owner: Owner, new_id: CartId, at: datetime) -> bool:
        try:
            return await self.unit.connection.execute(OPEN, new_id, *columns(owner), at) == "INSERT 0 1"
        except asyncpg.ForeignKeyViolationError as error:
            raise UserNotFound from error

    async def save(self, cart: Cart) -> None:
        items = msgspec.json.encode(cart.items).decode()
        values = (cart.id, items, cart.updated_at, cart.version, cart.coupon)
        guarded(await self.unit.connection.execute(SAVE, *values))
        cart.version += 1

    async def remove(self, cart: Cart) -> None:
        guarded(await self.unit.connection.execute(REMOVE, cart.id, cart.version))


def _must_exist(basket: Basket, article: Article, variants_count: int | None) -> None:
    if variants_count is None:
        raise ProductNotFound
    if article[1] is None and variants_count:
        raise VariantRequired
    if article not in basket.offers:
        raise VariantNotFound


async def find_basket(connection: asyncpg.Connection, owner: Owner) -> Basket | None:
    return basket_of(await only(connection, _of(owner, READ), owner, None, None, customer_of(owner)), owner)


@dataclass(frozen=True, slots=True)
class PostgresBaskets:
    """The cart as its owner looks at it: one statement, no transaction."""

    database: Database

    async def of(self, owner: Owner) -> Basket | None:
        async with self.database.connection() as connection:
            return await find_basket(connection, owner)
