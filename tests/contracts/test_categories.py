"""What every store of categories must do."""

import asyncio
from datetime import timedelta

import pytest
from dishka import AsyncContainer

from application.outbox import Outbox
from application.ports import StaleWrite, Store
from domain.slugs import SlugTaken
from tests.builders import NOW, a_category, a_product


async def test_categories_come_back_as_they_were_saved(store: Store) -> None:
    home = a_category("Home")
    lamps = a_category("Lamps", home, description="<b>Light</b>", is_active=False)
    async with store.transaction() as tx:
        await tx.categories.save([lamps, home])
    async with store.transaction() as tx:
        found = {category.slug: category for category in await tx.categories.all()}
    assert found.keys() == {"home", "lamps"}
    kept = found["lamps"]
    assert (kept.id, kept.name, kept.description, kept.parent) == (lamps.id, "Lamps", "<b>Light</b>", home.id)
    assert (kept.is_active, kept.version, found["home"].parent) == (False, 1, None)


async def test_a_category_is_renamed_and_moved(store: Store) -> None:
    home, lamps = a_category("Home"), a_category("Lamps")
    async with store.transaction() as tx:
        await tx.categories.save([home, lamps])
    async with store.transaction() as tx:
        held = {category.id: category for category in await tx.categories.all()}
        held[lamps.id].change(NOW, name="Lights", parent=home.id)
        await tx.categories.save([held[lamps.id]])
    async with store.transaction() as tx:
        held = {category.id: category for category in await tx.categories.all()}
    assert (held[lamps.id].name, held[lamps.id].parent, held[lamps.id].version) == ("Lights", home.id, 2)
    assert held[home.id].version == 1


async def test_who_saves_an_old_version_is_refused(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.categories.save([a_category("Home")])
    async with store.transaction() as tx:
        (old,), (fresh,) = await tx.categories.all(), await tx.categories.all()
        for one, name in ((fresh, "House"), (old, "Flat")):
            one.change(NOW, name=name)
        await tx.categories.save([fresh])
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            await tx.categories.save([old])


async def test_a_slug_is_taken_once(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.categories.save([a_category("Home")])
    with pytest.raises(SlugTaken):
        async with store.transaction() as tx:
            await tx.categories.save([a_category("House", slug="home")])
    async with store.transaction() as tx:
        assert len(await tx.categories.all()) == 1


async def test_everything_that_happened_to_a_category_is_in_the_outbox(store: Store, container: AsyncContainer) -> None:
    home = a_category("Home")
    async with store.transaction() as tx:
        await tx.categories.save([home])
    async with store.transaction() as tx:
        (held,) = await tx.categories.take()
        held.change(NOW, name="House")
        await tx.categories.save([held])
        held.remove(NOW)
        await tx.categories.remove(held)
    outbox = await container.get(Outbox)
    await outbox.dispatch([("CategoryChanged", "reader")], 100)
    events = [each.event for each in await outbox.lease("reader", 100, timedelta(minutes=1))]
    assert [(one.aggregate, one.aggregate_id, one.seq, one.data["change"], one.data["name"]) for one in events] == [
        ("category", home.id, 1, "created", "Home"),
        ("category", home.id, 2, "changed", "House"),
        ("category", home.id, 3, "removed", "House"),
    ]
    async with store.transaction() as tx:
        assert await tx.categories.all() == []


async def test_a_category_that_holds_something_is_not_removed(store: Store) -> None:
    home, empty = a_category("Home"), a_category("Empty")
    async with store.transaction() as tx:
        await tx.categories.save([home, empty, a_category("Lamps", home)])
        await tx.products.save([a_product(category=empty.id)])
    for category in (home, empty):
        with pytest.raises(StaleWrite):
            async with store.transaction() as tx:
                held = {one.id: one for one in await tx.categories.take()}
                await tx.categories.remove(held[category.id])
    async with store.transaction() as tx:
        assert len(await tx.categories.all()) == 3


async def test_who_removes_an_old_version_is_refused(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.categories.save([a_category("Home")])
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            (old,), (fresh,) = await tx.categories.all(), await tx.categories.all()
            fresh.change(NOW, name="House")
            await tx.categories.save([fresh])
            await tx.categories.remove(old)


async def test_the_tree_is_taken_by_one_at_a_time(store: Store) -> None:
    async def add(n: int) -> int:
        async with store.transaction() as tx:
            before = len(await tx.categories.take())
            await tx.categories.save([a_category(f"C{n}")])
            return before

    assert sorted(await asyncio.gather(*(add(n) for n in range(5)))) == [0, 1, 2, 3, 4]
