"""Export and import are each other's inverse: over the sample, over Shopify's files, and over odd products."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from dishka import AsyncContainer

from application.importing.stocking import BACKORDERS
from application.ports import Store
from application.sample.load import LoadSample
from domain.catalog import Product
from domain.categories import Category
from domain.images import Image, positioned
from domain.inventory import Shelf, Sku, StockItem
from entrypoints.container import make_memory_container
from entrypoints.settings import Settings
from tests.application.transfers import catalogue, exported, exported_with_report, imported
from tests.builders import NOW, a_category, a_product, a_shelf, a_variant, usd

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
async def elsewhere(settings: Settings) -> AsyncIterator[AsyncContainer]:
    """Another, empty shop."""
    made = make_memory_container(settings)
    yield made
    await made.close()


async def put(
    container: AsyncContainer, *products: Product, stock: Shelf | None = None, shelves: tuple[Category, ...] = ()
) -> None:
    async with (await container.get(Store)).transaction() as tx:
        await tx.categories.save(shelves)
        await tx.products.save(products)
        await tx.stock.save(stock or Shelf())


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


async def there_and_back(container: AsyncContainer, elsewhere: AsyncContainer) -> bytes:
    """The export imported elsewhere makes the same catalogue; imported here it changes nothing; and it stays the same."""
    data, before = await exported(container), await catalogue(container)
    made = await imported(elsewhere, data)
    assert made.refused == []
    assert made.products_created == len(before)
    assert await catalogue(elsewhere) == before
    again = await imported(container, data)
    assert (again.products_created, again.products_changed, again.products_unchanged) == (0, 0, len(before))
    assert await catalogue(container) == before
    assert await exported(elsewhere) == data
    return data


async def test_the_sample_catalogue_comes_back_as_it_went(container: AsyncContainer, elsewhere: AsyncContainer) -> None:
    await (await container.get(LoadSample))(products=300)
    await there_and_back(container, elsewhere)


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("shopify-*.csv")))
async def test_what_came_from_shopify_comes_back_as_it_went(
    container: AsyncContainer, elsewhere: AsyncContainer, name: str
) -> None:
    await imported(container, (DATA / name).read_bytes(), restock=True)
    await there_and_back(container, elsewhere)
