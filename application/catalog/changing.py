"""How staff change the catalogue: products are made, changed and taken out of it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from msgspec import UNSET, UnsetType

from application.catalog.inputs import (
    RESERVED,
    NewProduct,
    ProductChanges,
    named_fields,
    quantities,
    variants_of,
)
from application.catalog.showing import product_view
from application.catalog.views import ProductView, Versioned
from application.catalog.wishes import id_of
from application.ports import Clock, Currency, NewId, PreconditionFailed, Sanitise, StaleWrite, Store, Transaction, Wake
from domain.accounts import Actor, Role
from domain.catalog import Product, ProductId, ProductNotFound, ProductUnavailable
from domain.categories import Category, CategoryId
from domain.errors import InvalidField
from domain.inventory import Shelf, Sku, StockItem
from domain.slugs import SlugTaken, free_slug, slugify

T = TypeVar("T")

TRIES = 5
TOUCHES_STOCK = {"sku", "variants", "track_inventory", "low_stock_threshold"}


@dataclass(frozen=True, slots=True)
class CreateProduct:
    store: Store
    clock: Clock
    new_id: NewId
    sanitise: Sanitise
    wake: Wake
    currency: Currency

    async def __call__(self, who: Actor, new: NewProduct) -> Versioned[ProductView]:
        """Raises SkuTaken, SlugTaken for a slug that was given, InvalidField."""
        who.must_have(Role.CATALOG_MANAGER)
        lost = StaleWrite if new.slug is not UNSET else (StaleWrite, SlugTaken)
        made = await _again(lambda tried: self._create(new, tried), lost)
        self.wake()
        return made

    async def _create(self, new: NewProduct, tried: int) -> Versioned[ProductView]:
        fields = named_fields(new, self.currency, self.sanitise)
        at, key = self.clock(), ProductId(self.new_id())
        async with self.store.transaction() as tx:
            categories = await tx.categories.all()
            if new.slug is UNSET:
                fields["slug"] = await _slug(tx, new.name, key.hex[-8:] if tried else "")
            product = Product.create(
                at=at,
                id=key,
                category=_named(new.category, categories),
                variants=variants_of(new.variants or (), (), self.currency, self.new_id),
                **fields,
            )
            counted = quantities(new, product)
            await tx.products.save([product])
            shelf = await _restock(tx, product, (), counted, at)
            return product_view(product, _path(product.category, categories), shelf, staff=True)


@dataclass(frozen=True, slots=True)
class ChangeProduct:
    """Changes the named fields alone; whoever does not say which version is meant wins by being last."""

    store: Store
    clock: Clock
    new_id: NewId
    sanitise: Sanitise
    wake: Wake
    currency: Currency

    async def __call__(
        self, who: Actor, ref: str, changes: ProductChanges, versions: Collection[int] | None = None
    ) -> Versioned[ProductView]:
        """By slug or id. Raises ProductNotFound, ProductUnavailable for an archived one, or what CreateProduct does."""
        who.must_have(Role.CATALOG_MANAGER)
        changed = await _again(lambda _: self._change(ref, changes, versions), StaleWrite)
        self.wake()
        return changed

    async def _change(
        self, ref: str, changes: ProductChanges, versions: Collection[int] | None
    ) -> Versioned[ProductView]:
        fields = named_fields(changes, self.currency, self.sanitise)
        at = self.clock()
        async with self.store.transaction() as tx:
            product = await take_product(tx, ref, versions)
            if product.archived_at is not None:
                raise ProductUnavailable
            categories = await tx.categories.all()
            before = product.skus
            product.change(at, **fields, **self._parts(changes, product, categories))
            counted = quantities(changes, product)
            await tx.products.save([product])
            if counted or fields.keys() & TOUCHES_STOCK or changes.variants is not UNSET:
                shelf = await _restock(tx, product, before, counted, at)
            else:
                shelf = await tx.stock.find([Sku(sku) for sku in product.skus])
            return product_view(product, _path(product.category, categories), shelf, staff=True)

    def _parts(self, changes: ProductChanges, product: Product, categories: Sequence[Category]) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        if changes.category is not UNSET:
            parts["category"] = _named(changes.category, categories)
        if changes.variants is not UNSET:
            parts["variants"] = variants_of(changes.variants, product.variants, self.currency, self.new_id)
        return parts


@dataclass(frozen=True, slots=True)
class DeleteProduct:
    """Takes a product out of the catalogue: one that was ever sold is archived, any other is gone."""

    store: Store
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, ref: str, versions: Collection[int] | None = None) -> None:
        """By slug or id. Raises ProductNotFound, also for one that is archived already."""
        who.must_have(Role.CATALOG_MANAGER)
        await _again(lambda _: self._delete(ref, versions), StaleWrite)
        self.wake()

    async def _delete(self, ref: str, versions: Collection[int] | None) -> None:
        at = self.clock()
        async with self.store.transaction() as tx:
            product = await take_product(tx, ref, versions)
            if product.archived_at is not None:
                raise ProductNotFound
            product.archive(at)
            shelf = await tx.stock.take([Sku(sku) for sku in product.skus])
            if any(item.reserved for item in shelf.values()) or await tx.products.was_sold(product.id):
                await tx.products.save([product])
                return
            product.discard(at)
            await tx.products.remove(product)
            await _withdraw(tx, shelf, at)


async def _again(attempt: Callable[[int], Awaitable[T]], lost: type[Exception] | tuple[type[Exception], ...]) -> T:
    """Try once more where somebody else was quicker. The attempt is told how often it was tried before."""
    for tried in range(TRIES - 1):
        try:
            return await attempt(tried)
        except lost:
            continue
    return await attempt(TRIES - 1)


async def take_product(tx: Transaction, ref: str, versions: Collection[int] | None) -> Product:
    """By slug or id, in one of the versions; locked."""
    named = id_of(ref)
    ids = [ProductId(named)] if named else [one.id for one in (await tx.products.find_by_slugs([ref])).values()]
    found = await tx.products.take(ids)
    if not found:
        raise ProductNotFound
    (product,) = found.values()
    if versions is not None and product.version not in versions:
        raise PreconditionFailed
    return product


async def _slug(tx: Transaction, name: str, mark: str) -> str:
    """From the name; with a mark of its own after a race for the plain one, so that no crowd runs on together."""
    stem = slugify(name) or "product"
    if id_of(stem):
        stem = f"product-{stem}"
    if mark:
        stem = f"{stem}-{mark}"
    return free_slug(stem, await tx.products.taken_slugs(stem) | RESERVED)


def _named(ref: str | UnsetType | None, categories: Sequence[Category]) -> CategoryId | None:
    """The category with that slug or id."""
    if ref is UNSET or ref is None:
        return None
    for category in categories:
        if category.slug == ref or category.id == id_of(ref):
            return category.id
    raise InvalidField("/category", "invalid-choice", "there is no such category")


def _path(category: CategoryId | None, categories: Sequence[Category]) -> list[Category]:
    """From the topmost category to this one."""
    by_id = {one.id: one for one in categories}
    path: list[Category] = []
    while category is not None:
        path.insert(0, by_id[category])
        category = path[0].parent
    return path


async def _restock(
    tx: Transaction, product: Product, before: Sequence[str], counted: Mapping[Sku, int], at: datetime
) -> Shelf:
    """Bring the stock in step with what the product sells now, and with what was counted."""
    skus = [Sku(sku) for sku in product.skus]
    taken = await tx.stock.take({*skus, *map(Sku, before)})
    gone = Shelf({sku: item for sku, item in taken.items() if sku not in skus})
    left = await _withdraw(tx, gone, at)
    if left and len(before) == len(skus) == 1:  # its only SKU got another name: the stock goes with it
        counted = {skus[0]: left, **counted}
    shelf = Shelf({sku: item for sku, item in taken.items() if sku in skus})
    for sku in skus if product.track_inventory else ():
        if sku not in shelf:
            shelf[sku] = StockItem.receive(sku, counted.get(sku, 0), at)
        elif sku in counted:
            shelf[sku].set_available(counted[sku], at)
        shelf[sku].low_stock_threshold = product.low_stock_threshold
    await tx.stock.save(shelf)
    return shelf


async def _withdraw(tx: Transaction, shelf: Shelf, at: datetime) -> int:
    """Nothing of it is sold any more; what orders hold stays until they are done. Says how much left the shelf."""
    left = sum(item.withdraw(at, "no longer sold") for item in shelf.values())
    await tx.stock.remove(shelf)
    return left
