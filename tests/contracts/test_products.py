"""What every store of products must do."""

from dataclasses import fields, replace
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest
from dishka import AsyncContainer

from application.outbox import Outbox
from application.ports import StaleWrite, Store, StoredEvent
from domain.catalog import Change, Product, ProductChanged, ProductId, ProductNotFound
from domain.images import Image
from domain.slugs import SlugTaken
from domain.variants import SkuTaken
from tests.builders import NOW, a_category, a_product, a_variant, new_id, usd

LATER = NOW + timedelta(hours=1)


async def events_of(container: AsyncContainer, product: ProductId) -> list[StoredEvent]:
    outbox = await container.get(Outbox)
    await outbox.dispatch([("ProductChanged", "reader")], 100)
    leased = await outbox.lease("reader", 100, timedelta(minutes=1))
    return [delivery.event for delivery in leased if delivery.event.aggregate_id == product]


def the_same(left: Product, right: Product) -> bool:
    names = [each.name for each in fields(Product) if each.name != "events"]
    return [getattr(left, name) for name in names] == [getattr(right, name) for name in names]


def everything_set() -> Product:
    return a_product(
        "Größe “x”",
        price="0",
        slug="all",
        sku="ALL",
        description="<p>'; drop table product; --</p>",
        compare_at_price=usd("99999999"),
        cost_per_item=usd("0"),
        tags=("red", "a,b", 'quote"d', "{}", ""),
        is_active=False,
        is_featured=True,
        track_inventory=False,
        low_stock_threshold=0,
        meta_title="t",
        meta_description="d",
        images=(
            Image(id=new_id(), url="/media/a.webp", alt_text="Ä", is_primary=False, position=0),
            Image(id=new_id(), url="https://elsewhere.example/b.webp", is_primary=True, position=1),
        ),
        variants=(
            a_variant("Small", "ALL-S", price=usd("0"), attributes={"Size": "S", "ключ": "значение"}),
            a_variant("Large", "ALL-L", compare_at_price=usd("5"), is_active=False),
        ),
        rating_average=4.25,
        rating_count=3,
    )


async def test_a_product_comes_back_as_it_was_saved(store: Store) -> None:
    shelf, plain, full = a_category("Shelf"), a_product(), everything_set()
    full.category = shelf.id
    async with store.transaction() as tx:
        await tx.categories.save([shelf])
        await tx.products.save([plain, full])
    async with store.transaction() as tx:
        found = await tx.products.find([plain.id, full.id, ProductId(uuid4())])
        assert found.keys() == {plain.id, full.id}
        assert the_same(found[plain.id], plain)
        assert the_same(found[full.id], full)
        assert the_same(await tx.products.get(full.id), full)
        assert found[full.id].version == 1
        assert found[full.id].events == []


async def test_an_unknown_product_is_not_found(store: Store) -> None:
    async with store.transaction() as tx:
        with pytest.raises(ProductNotFound):
            await tx.products.get(ProductId(uuid4()))
        assert await tx.products.find_by_slugs(["nothing"]) == {}


async def test_products_are_found_by_their_slugs(store: Store) -> None:
    lamp, chair = a_product(slug="lamp"), a_product(slug="chair")
    async with store.transaction() as tx:
        await tx.products.save([lamp, chair])
    async with store.transaction() as tx:
        found = await tx.products.find_by_slugs(["chair", "sofa"])
    assert {slug: product.id for slug, product in found.items()} == {"chair": chair.id}


async def test_a_copy_that_was_handed_out_changes_nothing_until_it_is_saved(store: Store) -> None:
    lamp = a_product()
    async with store.transaction() as tx:
        await tx.products.save([lamp])
    async with store.transaction() as tx:
        (await tx.products.get(lamp.id)).change(LATER, name="Other")
        assert (await tx.products.get(lamp.id)).name == "Lamp"
    lamp.change(LATER, name="Other")
    async with store.transaction() as tx:
        assert (await tx.products.get(lamp.id)).name == "Lamp"


async def test_a_change_replaces_variants_images_and_tags(store: Store) -> None:
    product = everything_set()
    async with store.transaction() as tx:
        await tx.products.save([product])
    small, _ = product.variants
    async with store.transaction() as tx:
        loaded = await tx.products.get(product.id)
        variants = (a_variant("Huge", "ALL-H"), replace(small, name="Tiny", price=None))
        loaded.change(LATER, variants=variants, images=loaded.images[:1], tags=("blue",), compare_at_price=None)
        await tx.products.save([loaded])
    async with store.transaction() as tx:
        found = await tx.products.get(product.id)
        assert the_same(found, loaded)
        assert [variant.name for variant in found.variants] == ["Huge", "Tiny"]
        assert found.variants[1].id == small.id
        assert found.version == 3  # a picture went, which is told beside the change
        assert found.updated_at == LATER
        assert await tx.products.owners(["ALL", "ALL-H", "ALL-S", "ALL-L"]) == dict.fromkeys(
            ["ALL", "ALL-H", "ALL-S"], product.id
        )


async def test_who_saves_an_old_version_is_refused_and_changes_nothing(store: Store) -> None:
    lamp, chair = a_product("Lamp"), a_product("Chair")
    async with store.transaction() as tx:
        await tx.products.save([lamp, chair])
    async with store.transaction() as tx:
        old = await tx.products.get(lamp.id)
        fresh = await tx.products.get(lamp.id)
        other = await tx.products.get(chair.id)
        fresh.change(LATER, name="First")
        await tx.products.save([fresh])
    old.change(LATER, name="Second")
    other.change(LATER, name="Also")
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            await tx.products.save([other, old])
    async with store.transaction() as tx:
        assert (await tx.products.get(lamp.id)).name == "First"
        assert (await tx.products.get(chair.id)).name == "Chair"


async def test_a_product_cannot_be_created_twice(store: Store) -> None:
    lamp = a_product()
    async with store.transaction() as tx:
        await tx.products.save([lamp])
    twin = a_product(slug="twin", sku="TWIN")
    twin.id = lamp.id
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            await tx.products.save([twin])


async def test_a_slug_is_taken_once(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.products.save([a_product(slug="lamp")])
    with pytest.raises(SlugTaken):
        async with store.transaction() as tx:
            await tx.products.save([a_product(slug="lamp")])
    with pytest.raises(SlugTaken):
        async with store.transaction() as tx:
            await tx.products.save([a_product(slug="sofa"), a_product(slug="sofa")])
    async with store.transaction() as tx:
        assert await tx.products.taken_slugs("sofa") == set()


@pytest.mark.parametrize("sku", ["LAMP", "LAMP-S"])
async def test_a_sku_is_taken_once_over_products_and_variants(store: Store, sku: str) -> None:
    async with store.transaction() as tx:
        await tx.products.save([a_product(sku="LAMP", variants=(a_variant("S", "LAMP-S"),))])
    for rival in (a_product(sku=sku), a_product(variants=(a_variant("S", sku),))):
        with pytest.raises(SkuTaken) as refused:
            async with store.transaction() as tx:
                await tx.products.save([rival])
        assert refused.value == SkuTaken(sku)


async def test_a_product_may_lend_its_own_sku_to_one_of_its_variants(store: Store) -> None:
    lamp = a_product(sku="LAMP", variants=(a_variant("S", "LAMP"), a_variant("L", "LAMP-L")))
    async with store.transaction() as tx:
        await tx.products.save([lamp])
    async with store.transaction() as tx:
        assert the_same(await tx.products.get(lamp.id), lamp)


async def test_a_sku_that_one_product_gives_up_another_may_take_in_the_same_save(store: Store) -> None:
    lamp, chair = a_product(sku="A"), a_product(sku="B")
    async with store.transaction() as tx:
        await tx.products.save([lamp, chair])
    async with store.transaction() as tx:
        lamp, chair = await tx.products.get(lamp.id), await tx.products.get(chair.id)
        lamp.change(LATER, sku="B")
        chair.change(LATER, sku="A")
        await tx.products.save([lamp, chair])
        assert await tx.products.owners(["A", "B", "C"]) == {"A": chair.id, "B": lamp.id}


async def test_the_slugs_that_begin_with_a_stem_are_found(store: Store) -> None:
    slugs = ["lamp", "lamp-2", "lamp-red", "lampshade", "lam", "a-lamp"]
    async with store.transaction() as tx:
        await tx.products.save([a_product(slug=slug) for slug in slugs])
        assert await tx.products.taken_slugs("lamp") == {"lamp", "lamp-2", "lamp-red"}
        assert await tx.products.taken_slugs("sofa") == set()
        assert await tx.products.taken_slugs("%") == set()


async def test_a_removed_product_leaves_slug_and_skus_free(store: Store) -> None:
    lamp = a_product(slug="lamp", sku="LAMP", variants=(a_variant("S", "LAMP-S"),))
    async with store.transaction() as tx:
        await tx.products.save([lamp])
    async with store.transaction() as tx:
        loaded = await tx.products.get(lamp.id)
        loaded.archive(LATER)
        await tx.products.remove([loaded])
    async with store.transaction() as tx:
        assert await tx.products.find([lamp.id]) == {}
        assert await tx.products.owners(["LAMP", "LAMP-S"]) == {}
        await tx.products.save([a_product(slug="lamp", sku="LAMP-S")])


async def test_an_old_version_is_not_removed(store: Store) -> None:
    lamp = a_product()
    async with store.transaction() as tx:
        await tx.products.save([lamp])
    async with store.transaction() as tx:
        old, fresh = await tx.products.get(lamp.id), await tx.products.get(lamp.id)
        fresh.change(LATER, name="Other")
        await tx.products.save([fresh])
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            await tx.products.remove([old])


async def test_nothing_was_sold_of_a_new_product(store: Store) -> None:
    lamp = a_product()
    async with store.transaction() as tx:
        await tx.products.save([lamp])
        assert await tx.products.sold([lamp.id]) == set()


async def test_every_change_leaves_its_event_numbered_without_gaps(container: AsyncContainer, store: Store) -> None:
    lamp = a_product()
    async with store.transaction() as tx:
        await tx.products.save([lamp])
    async with store.transaction() as tx:
        loaded = await tx.products.get(lamp.id)
        loaded.change(LATER, name="Other")
        loaded.change(LATER, price=usd("5"))
        await tx.products.save([loaded])
    async with store.transaction() as tx:
        loaded = await tx.products.get(lamp.id)
        loaded.archive(LATER)
        await tx.products.remove([loaded])
    stored = await events_of(container, lamp.id)
    assert [event.seq for event in stored] == [1, 2, 3, 4]
    told = [msgspec.convert(event.data, ProductChanged) for event in stored]
    assert [(one.change, one.fields) for one in told] == [
        (Change.CREATED, ()),
        (Change.CHANGED, ("name",)),
        (Change.CHANGED, ("price",)),
        (Change.ARCHIVED, ()),
    ]


async def test_many_products_are_saved_and_changed_at_once(store: Store) -> None:
    products = [a_product(variants=(a_variant("S", f"S-{n}"), a_variant("L", f"L-{n}"))) for n in range(300)]
    async with store.transaction() as tx:
        await tx.products.save(products)
    async with store.transaction() as tx:
        found = await tx.products.find([product.id for product in products])
        for n, product in enumerate(found.values()):
            product.change(LATER, name=f"Changed {n}", variants=product.variants[1:])
        await tx.products.save([*found.values(), a_product("New")])
    async with store.transaction() as tx:
        again = await tx.products.find([product.id for product in products])
        assert len(again) == 300
        assert all(the_same(again[product.id], product) for product in found.values())


async def test_products_are_counted_by_category(store: Store) -> None:
    home, attic = a_category("Home"), a_category("Attic")
    archived = a_product(category=home.id)
    archived.archive(LATER)
    shown, hidden = a_product(category=home.id), a_product(category=attic.id, is_active=False)
    async with store.transaction() as tx:
        await tx.categories.save([home, attic])
        await tx.products.save([archived, shown, hidden, a_product(category=home.id), a_product()])
    async with store.transaction() as tx:
        assert await tx.products.count_by_category() == {home.id: 2}
        assert await tx.products.in_category(home.id, archived=True) == [archived.id]
        assert shown.id in await tx.products.in_category(home.id, archived=False)
        assert await tx.products.in_category(attic.id, archived=False) == [hidden.id]


async def test_many_products_are_removed_at_once_or_none(store: Store) -> None:
    lamp, chair = a_product("Lamp"), a_product("Chair")
    async with store.transaction() as tx:
        await tx.products.save([lamp, chair])
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            old = list((await tx.products.take([lamp.id, chair.id])).values())
            fresh = await tx.products.get(lamp.id)
            fresh.change(LATER, name="Light")
            await tx.products.save([fresh])
            await tx.products.remove(old)
    async with store.transaction() as tx:
        held = await tx.products.take([lamp.id, chair.id])
        assert {one.name for one in held.values()} == {"Lamp", "Chair"}
        await tx.products.remove(list(held.values()))
        assert await tx.products.find([lamp.id, chair.id]) == {}
