"""How staff change the catalogue: products are made, changed and taken out of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import UNSET, UnsetType

from application.catalog.inputs import (
    RESERVED,
    NewProduct,
    ProductChanges,
    check_tax_class,
    named_fields,
    quantities,
    variants_of,
)
from application.catalog.showing import product_view
from application.catalog.stocking import restock, withdraw
from application.catalog.taking import again, chosen_category, take_open_product, take_product
from application.catalog.views import ProductView, Versioned
from application.catalog.wishes import id_of
from application.ports import Clock, Currency, NewId, Sanitise, StaleWrite, Store, Transaction, Wake
from application.rates.charging import CurrentRates
from domain.accounts import Actor, Permission, must
from domain.catalog import Product, ProductId, ProductNotFound
from domain.categories import CategoryId, CategoryTree
from domain.inventory import Shelf, Sku
from domain.slugs import SlugTaken, free_slug, slugify

TOUCHES_STOCK = {"sku", "variants", "track_inventory", "low_stock_threshold"}


@dataclass(frozen=True, slots=True)
class CreateProduct:
    store: Store
    clock: Clock
    new_id: NewId
    sanitise: Sanitise
    wake: Wake
    currency: Currency
    rates: CurrentRates

    async def __call__(self, who: Actor, new: NewProduct) -> Versioned[ProductView]:
        """Raises SkuTaken, SlugTaken for a slug that was given, InvalidField."""
        must(who, Permission.WRITE_CATALOG)
        await check_tax_class(new.tax_class, self.rates)
        lost = StaleWrite if new.slug is not UNSET else (StaleWrite, SlugTaken)
        made = await again(lambda tried: self._create(new, tried), lost)
        self.wake()
        return made

    async def _create(self, new: NewProduct, tried: int) -> Versioned[ProductView]:
        fields = named_fields(new, self.currency, self.sanitise)
        at, key = self.clock(), ProductId(self.new_id())
        async with self.store.transaction() as tx:
            categories = CategoryTree.of(await tx.categories.all())
            if new.slug is UNSET:
                fields["slug"] = await _slug(tx, new.name, key.hex[-8:] if tried else "")
            product = Product.create(
                at=at,
                id=key,
                category=_chosen(new.category, categories),
                variants=variants_of(new.variants or (), (), self.currency, self.new_id),
                **fields,
            )
            counted = quantities(new, product)
            await tx.products.save([product])
            shelf = await restock(tx, product, {}, counted, at)
            return product_view(product, categories.path(product.category), shelf, staff=True)


@dataclass(frozen=True, slots=True)
class ChangeProduct:
    """Changes the named fields alone; whoever does not say which version is meant wins by being last."""

    store: Store
    clock: Clock
    new_id: NewId
    sanitise: Sanitise
    wake: Wake
    currency: Currency
    rates: CurrentRates

    async def __call__(
        self, who: Actor, ref: str, changes: ProductChanges, versions: Collection[int] | None = None
    ) -> Versioned[ProductView]:
        """By slug or id. Raises ProductNotFound, ProductUnavailable for an archived one, or what CreateProduct does."""
        must(who, Permission.WRITE_CATALOG)
        await check_tax_class(changes.tax_class, self.rates)
        changed = await again(lambda _: self._change(ref, changes, versions))
        self.wake()
        return changed

    async def _change(
        self, ref: str, changes: ProductChanges, versions: Collection[int] | None
    ) -> Versioned[ProductView]:
        fields = named_fields(changes, self.currency, self.sanitise)
        at = self.clock()
        async with self.store.transaction() as tx:
            product = await take_open_product(tx, ref, versions)
            categories = CategoryTree.of(await tx.categories.all())
            before = product.stocked
            product.change(at, **fields, **self._parts(changes, product, categories))
            counted = quantities(changes, product)
            await tx.products.save([product])
            if counted or fields.keys() & TOUCHES_STOCK or changes.variants is not UNSET:
                shelf = await restock(tx, product, before, counted, at)
            else:
                shelf = await tx.stock.find([Sku(sku) for sku in product.skus])
            return product_view(product, categories.path(product.category), shelf, staff=True)

    def _parts(self, changes: ProductChanges, product: Product, categories: CategoryTree) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        if changes.category is not UNSET:
            parts["category"] = _chosen(changes.category, categories)
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
        must(who, Permission.WRITE_CATALOG)
        await again(lambda _: self._delete(ref, versions))
        self.wake()

    async def _delete(self, ref: str, versions: Collection[int] | None) -> None:
        async with self.store.transaction() as tx:
            product = await take_product(tx, ref, versions)
            if product.archived_at is not None:
                raise ProductNotFound
            await take_out(tx, [product], self.clock())


async def take_out(tx: Transaction, products: Sequence[Product], at: datetime) -> None:
    """Archive those that were ever sold or that orders hold; the others are gone with their stock."""
    shelf = await tx.stock.take([Sku(sku) for product in products for sku in product.skus])
    sold = await tx.products.sold([product.id for product in products])
    for product in products:
        product.archive(at)
    kept = [one for one in products if one.id in sold or _is_held(one, shelf)]
    gone = [one for one in products if one not in kept]
    for product in gone:
        product.discard(at)
    await tx.products.save(kept)
    await tx.products.remove(gone)
    skus = {sku for product in gone for sku in product.skus}
    await withdraw(tx, Shelf({sku: item for sku, item in shelf.items() if sku in skus}), at)


async def _slug(tx: Transaction, name: str, mark: str) -> str:
    """From the name; with a mark of its own after a race for the plain one, so that no crowd runs on together."""
    stem = slugify(name) or "product"
    if id_of(stem):
        stem = f"product-{stem}"
    if mark:
        stem = f"{stem}-{mark}"
    return free_slug(stem, await tx.products.taken_slugs(stem) | RESERVED)


def _is_held(product: Product, shelf: Shelf) -> bool:
    return any(Sku(sku) in shelf and shelf[Sku(sku)].reserved for sku in product.skus)


def _chosen(ref: str | UnsetType | None, categories: CategoryTree) -> CategoryId | None:
    if ref is UNSET or ref is None:
        return None
    return chosen_category(ref, categories.values(), "/category").id
