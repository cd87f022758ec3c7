"""What every store of categories must do."""

import pytest

from application.ports import StaleWrite, Store
from domain.slugs import SlugTaken
from tests.builders import NOW, a_category


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
