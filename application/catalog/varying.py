"""How staff change a product's variants one by one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET, UnsetType

from application.catalog.inputs import VariantChanges, VariantInput, check_tracked, variant_fields
from application.catalog.showing import product_view, shown_variant
from application.catalog.stocking import Stocked, restock
from application.catalog.taking import again, take_open_product
from application.catalog.views import VariantView, Versioned
from application.ports import Clock, Currency, NewId, Store, Transaction, Wake
from domain.accounts import Actor, Permission, must
from domain.catalog import Product
from domain.inventory import Sku
from domain.variants import Variant, VariantId


@dataclass(frozen=True, slots=True)
class AddVariant:
    """With the first one, it is no longer the product itself that is sold; its stock goes along unless one is named."""

    store: Store
    clock: Clock
    new_id: NewId
    wake: Wake
    currency: Currency

    async def __call__(
        self, who: Actor, ref: str, new: VariantInput, versions: Collection[int] | None = None
    ) -> Versioned[VariantView]:
        """By slug or id. Raises ProductNotFound, ProductUnavailable, SkuTaken, TooManyVariants, InvalidField."""
        must(who, Permission.WRITE_CATALOG)
        added = await again(lambda _: self._add(ref, new, versions))
        self.wake()
        return added

    async def _add(self, ref: str, new: VariantInput, versions: Collection[int] | None) -> Versioned[VariantView]:
        variant = Variant(id=VariantId(self.new_id()), **variant_fields(new, self.currency))
        at = self.clock()
        async with self.store.transaction() as tx:
            product = await take_open_product(tx, ref, versions)
            before = product.stocked
            product.add_variant(variant, at)
            return await _save(tx, product, before, variant.id, new.stock_quantity, at)


@dataclass(frozen=True, slots=True)
class ChangeVariant:
    """Changes the named fields alone. Under another SKU it keeps its stock."""

    store: Store
    clock: Clock
    wake: Wake
    currency: Currency

    async def __call__(
        self, who: Actor, ref: str, id: VariantId, changes: VariantChanges, versions: Collection[int] | None = None
    ) -> Versioned[VariantView]:
        """Raises ProductNotFound, VariantNotFound, ProductUnavailable, SkuTaken, InvalidField."""
        must(who, Permission.WRITE_CATALOG)
        changed = await again(lambda _: self._change(ref, id, changes, versions))
        self.wake()
        return changed

    async def _change(
        self, ref: str, id: VariantId, changes: VariantChanges, versions: Collection[int] | None
    ) -> Versioned[VariantView]:
        fields = variant_fields(changes, self.currency)
        at = self.clock()
        async with self.store.transaction() as tx:
            product = await take_open_product(tx, ref, versions)
            before = product.stocked
            product.change_variant(id, at, **fields)
            return await _save(tx, product, before, id, changes.stock_quantity, at)


@dataclass(frozen=True, slots=True)
class RemoveVariant:
    """Orders keep their snapshots of it, and the stock that they hold; the rest of its stock is withdrawn."""

    store: Store
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, ref: str, id: VariantId, versions: Collection[int] | None = None) -> None:
        """Raises ProductNotFound, VariantNotFound, ProductUnavailable."""
        must(who, Permission.WRITE_CATALOG)
        await again(lambda _: self._remove(ref, id, versions))
        self.wake()

    async def _remove(self, ref: str, id: VariantId, versions: Collection[int] | None) -> None:
        at = self.clock()
        async with self.store.transaction() as tx:
            product = await take_open_product(tx, ref, versions)
            before = product.stocked
            product.remove_variant(id, at)
            await tx.products.save([product])
            await restock(tx, product, before, {}, at)


async def _save(
    tx: Transaction, product: Product, before: Stocked, id: VariantId, quantity: int | UnsetType, at: datetime
) -> Versioned[VariantView]:
    counted = _counted(product, id, quantity)
    await tx.products.save([product])
    shelf = await restock(tx, product, before, counted, at)
    return shown_variant(product_view(product, (), shelf, staff=True), id)


def _counted(product: Product, id: VariantId, quantity: int | UnsetType) -> Mapping[Sku, int]:
    if quantity is UNSET:
        return {}
    counted = {Sku(product.variant(id).sku): quantity}
    check_tracked(product, counted)
    return counted
