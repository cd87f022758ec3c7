"""The catalogue as documents: the same on both stores."""

import pytest
from dishka import AsyncContainer

from application.ports import Store
from application.search.index import Document, Documents
from domain.catalog import Product
from domain.inventory import Sku
from tests.builders import NOW, a_category, a_product, a_shelf, a_variant, new_id, usd


@pytest.fixture
async def documents(container: AsyncContainer) -> Documents:
    found: Documents = await container.get(Documents)
    return found


async def saved(store: Store, *products: Product) -> None:
    async with store.transaction() as tx:
        await tx.products.save(products)


async def test_a_document_tells_all_that_a_product_is_found_by(store: Store, documents: Documents) -> None:
    home = a_category("Home")
    lamps = a_category("Lamps", home)
    lamp = a_product(
        "Lamp",
        price="19.99",
        compare_at_price=usd("25.00"),
        description="<p>Warm &amp; <b>bright</b></p>",
        category=lamps.id,
        tags=("new", "Oak"),
        sku="LAMP",
        is_featured=True,
        variants=(
            a_variant("Red", "LAMP-R", attributes={"Color": "Red"}),
            a_variant("Blue", "LAMP-B", attributes={"Color": "Blue"}, is_active=False),
        ),
    )
    async with store.transaction() as tx:
        await tx.categories.save([home, lamps])
        await tx.products.save([lamp])
        await tx.products.count_sales({lamp.id: 3})
        await tx.stock.save(a_shelf(**{"LAMP-R": 2}))
    assert await documents.of([lamp.id]) == [
        Document(
            id=lamp.id,
            name="Lamp",
            description=" Warm &  bright  ",
            skus=["LAMP", "LAMP-B", "LAMP-R"],
            tags=("new", "Oak"),
            category=lamps.id,
            category_names=["Home", "Lamps"],
            variants=[{"Color": "Red"}],
            price=1999,
            in_stock=True,
            is_active=True,
            is_featured=True,
            is_on_sale=True,
            popularity=3,
            created_at=NOW,
        )
    ]


async def test_stock_that_goes_is_told(store: Store, documents: Documents) -> None:
    lamp = a_product(sku="LAMP")
    await saved(store, lamp)
    async with store.transaction() as tx:
        await tx.stock.save(a_shelf(LAMP=1))
    assert [each.in_stock for each in await documents.of([lamp.id])] == [True]
    async with store.transaction() as tx:
        shelf = await tx.stock.take([Sku("LAMP")])
        shelf.reserve({Sku("LAMP"): 1}, new_id(), NOW)
        await tx.stock.save(shelf)
    assert [each.in_stock for each in await documents.of([lamp.id])] == [False]


async def test_documents_follow_one_another_by_id(store: Store, documents: Documents) -> None:
    products = [a_product(f"Lamp {n}") for n in range(5)]
    ids = sorted(product.id for product in products)
    await saved(store, *products)
    seen = [[each.id for each in await documents.after(last, 2)] for last in (None, ids[1], ids[3], ids[4])]
    assert (seen, await documents.count()) == ([ids[:2], ids[2:4], ids[4:], []], 5)


async def test_items_are_as_lists_show_them_and_what_is_gone_has_none(store: Store, documents: Documents) -> None:
    lamp = a_product("Lamp", price="5.00", is_active=False)
    await saved(store, lamp)
    items = await documents.items([lamp.id, a_product().id])
    assert {key: (item.name, item.price, item.is_active) for key, item in items.items()} == {
        lamp.id: ("Lamp", "5.00", False)
    }
    assert await documents.of([a_product().id]) == []
