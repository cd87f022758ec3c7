"""What changes of the catalogue mean for stock."""

from collections.abc import Mapping
from datetime import datetime

from application.ports import Transaction
from domain.catalog import Product
from domain.inventory import Shelf, Sku, StockItem
from domain.variants import VariantId

Stocked = Mapping[VariantId | None, str]


async def restock(
    tx: Transaction, product: Product, before: Stocked, counted: Mapping[Sku, int], at: datetime
) -> Shelf:
    """Bring the stock in step with what the product sells now, and with what was counted."""
    skus = [Sku(sku) for sku in product.skus]
    taken = await tx.stock.take({*skus, *map(Sku, before.values())})
    left = await withdraw(tx, Shelf({sku: item for sku, item in taken.items() if sku not in skus}), at)
    counted = {**_moved(before, product.stocked, left), **counted}
    shelf = Shelf({sku: item for sku, item in taken.items() if sku in skus})
    for sku in skus if product.track_inventory else ():
        if sku not in shelf:
            shelf[sku] = StockItem.receive(sku, counted.get(sku, 0), at)
        elif sku in counted:
            shelf[sku].set_available(counted[sku], at)
        shelf[sku].low_stock_threshold = product.low_stock_threshold
    await tx.stock.save(shelf)
    return shelf


async def withdraw(tx: Transaction, shelf: Shelf, at: datetime) -> dict[Sku, int]:
    """Nothing of it is sold any more; what orders hold stays until they are done. Says how much left the shelf."""
    left = {sku: item.withdraw(at, "no longer sold") for sku, item in shelf.items()}
    await tx.stock.remove(shelf)
    return left


def _moved(before: Stocked, after: Stocked, left: Mapping[Sku, int]) -> dict[Sku, int]:
    """What goes along: to another SKU of the same article, and from a product to its first variant."""
    heirs = dict(after)
    if None in before and len(after) == 1:
        heirs[None] = next(iter(after.values()))
    return {Sku(heirs[key]): left[Sku(sku)] for key, sku in before.items() if key in heirs and left.get(Sku(sku))}
