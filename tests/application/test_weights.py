"""Weights and tax classes in product files: Shopify's columns, and our own for what they cannot say."""

import pytest

from domain.catalog import Product
from domain.rates import EXEMPT, STANDARD, RateBook, TaxClass
from tests.application.test_importing import Shop
from tests.builders import NOW

HEAD = "Handle,Title,Variant SKU,Variant Price,Option1 Name,Option1 Value,Variant Grams,Variant Taxable\n"


@pytest.fixture
async def shop() -> Shop:
    made = Shop()
    book = RateBook()
    book.add_tax_class(TaxClass("books", "Books"), NOW)
    async with made.store.transaction() as tx:
        await tx.rate_books.save(book)
    return made


def weights(product: Product) -> tuple[int, list[int | None], list[int]]:
    """The product's, its variants' own, and what a buyer gets of each."""
    own = [variant.weight for variant in product.variants]
    return product.weight, own, [product.offer(variant.id).weight for variant in product.variants]


async def test_grams_and_what_is_not_taxed_are_taken_over(shop: Shop) -> None:
    await shop.imports(
        HEAD
        + "mug,Mug,MUG,5,,,312.4,true\n"
        + "gift,Gift,GIFT,5,,,0,false\n"
        + "shirt,Shirt,S,9,Size,S,200,true\nshirt,,M,9,,M,200,true\nshirt,,L,9,,L,250,true\n"
    )
    assert (shop.product("mug").weight, shop.product("mug").tax_class) == (313, STANDARD)
    assert (shop.product("gift").weight, shop.product("gift").tax_class) == (0, EXEMPT)
    assert weights(shop.product("shirt")) == (200, [None, None, 250], [200, 200, 250])


async def test_files_without_the_columns_change_neither(shop: Shop) -> None:
    await shop.imports(HEAD + "gift,Gift,GIFT,5,,,70,false\n")
    report = await shop.imports("Handle,Title,Variant SKU,Variant Price\ngift,Gift,GIFT,5\n")
    assert (report.products_unchanged, shop.product("gift").weight, shop.product("gift").tax_class) == (1, 70, EXEMPT)


async def test_a_class_of_the_shops_own_outlives_a_file_that_says_taxable(shop: Shop) -> None:
    await shop.imports(HEAD + "novel,Novel,NOVEL,5,,,300,true\n")
    async with shop.store.transaction() as tx:
        (novel,) = (await tx.products.find_by_slugs(["novel"])).values()
        novel.change(NOW, tax_class="books")
        await tx.products.save([novel])
    for taxable, tax_class in (("true", "books"), ("false", EXEMPT), ("true", STANDARD)):
        await shop.imports(HEAD + f"novel,Novel,NOVEL,5,,,300,{taxable}\n")
        assert shop.product("novel").tax_class == tax_class


async def test_our_own_column_names_a_class(shop: Shop) -> None:
    head = HEAD.strip() + ",Tradepost Tax Class\n"
    await shop.imports(head + "novel,Novel,NOVEL,5,,,300,true,books\nlamp,Lamp,LAMP,5,,,1,true,luxury\n")
    assert shop.product("novel").tax_class == "books"
    assert shop.product("lamp").tax_class == STANDARD  # the shop knows no such class


async def test_a_product_that_is_partly_taxable_is_taxed_and_said_so(shop: Shop) -> None:
    report = await shop.imports(HEAD + "shirt,Shirt,S,9,Size,S,1,true\nshirt,,M,9,,M,1,false\n")
    assert shop.product("shirt").tax_class == STANDARD
    assert [(note.row, note.code) for note in report.notes] == [(2, "partly-taxable")]


@pytest.mark.parametrize("grams", ["heavy", "-1", "1e3", "1234567890"])
async def test_what_is_no_weight(shop: Shop, grams: str) -> None:
    report = await shop.imports(HEAD + f"mug,Mug,MUG,5,,,{grams},true\n")
    assert [(one.row, one.code) for one in report.refused] == [(2, "invalid-weight")]
