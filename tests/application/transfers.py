"""Shops that catalogues are carried between, and what of a catalogue has to arrive."""

from typing import Any

from dishka import AsyncContainer

from application.exporting.catalog import ExportCatalog, Snapshots
from application.importing.catalog import ImportCatalog
from application.importing.report import ImportReport
from application.importing.rows import text_of
from domain.catalog import Product
from domain.categories import Category, CategoryId
from domain.inventory import StockItem

NOT_CARRIED = {"id", "created_at", "updated_at", "version", "events", "rating_average", "rating_count", "archived_at"}


async def exported(container: AsyncContainer) -> bytes:
    pieces: list[bytes] = []

    async def write(piece: bytes) -> None:
        pieces.append(piece)

    await (await container.get(ExportCatalog))(write, lambda done, total: None)
    return b"".join(pieces)


async def imported(container: AsyncContainer, data: bytes, **options: Any) -> ImportReport:
    return await (await container.get(ImportCatalog))(text_of(data), **options)


async def catalogue(container: AsyncContainer) -> dict[str, Any]:
    """Products by slug with their stock and the path of their category; what an import cannot know is left out."""
    found = {}
    async with (await container.get(Snapshots)).take() as snapshot:
        categories = {category.id: category for category in snapshot.categories}
        async for batch in snapshot.products(100):
            for one in batch:
                found[one.product.slug] = _product(one.product, one.stock) | {
                    "category": _path(one.product.category, categories)
                }
    return found


def _product(product: Product, stock: tuple[StockItem, ...]) -> dict[str, Any]:
    told = {name: getattr(product, name) for name in Product.__dataclass_fields__ if name not in NOT_CARRIED}
    images = [(image.url, image.alt_text, image.is_primary, image.position) for image in product.images]
    variants = [
        (one.name, one.sku, one.price, one.compare_at_price, dict(one.attributes), one.is_active, one.weight)
        for one in product.variants
    ]
    items = {item.sku: (item.on_hand - item.reserved, item.backorder_limit, item.low_stock_threshold) for item in stock}
    return told | {"images": images, "variants": variants, "stock": items}


def _path(id: CategoryId | None, categories: dict[CategoryId, Category]) -> list[tuple[str, str]]:
    path: list[tuple[str, str]] = []
    while id is not None:
        path.insert(0, (categories[id].slug, categories[id].name))
        id = categories[id].parent  # noqa: A001
    return path
