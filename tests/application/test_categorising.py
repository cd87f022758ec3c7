"""How staff change the tree of categories, and what becomes of products by it."""

import asyncio
from typing import Any

import pytest
from dishka import AsyncContainer

from application.catalog.categorising import (
    CategoryChanges,
    ChangeCategory,
    CreateCategory,
    DeleteCategory,
    NewCategory,
)
from application.catalog.views import CatalogViews, CategoryView
from application.catalog.wishes import ProductFilter
from application.ports import PageRequest, PreconditionFailed
from domain.accounts import Actor, Role
from domain.categories import CategoryCycle, CategoryNotEmpty, CategoryNotFound
from domain.errors import Forbidden, InvalidField
from domain.slugs import SlugTaken
from tests.application.desk import MANAGER, Desk


class Shelves:
    """Where categories are made."""

    def __init__(self, container: AsyncContainer) -> None:
        self.container = container

    async def create(self, name: str, **fields: Any) -> CategoryView:
        made = await (await self.container.get(CreateCategory))(MANAGER, NewCategory(name=name, **fields))
        assert made == await (await self.container.get(CatalogViews)).category(made.view.slug, staff=True)
        return made.view

    async def change(self, ref: str, **fields: Any) -> CategoryView:
        changed = await (await self.container.get(ChangeCategory))(MANAGER, ref, CategoryChanges(**fields))
        assert changed == await (await self.container.get(CatalogViews)).category(changed.view.slug, staff=True)
        return changed.view

    async def delete(self, ref: str) -> None:
        await (await self.container.get(DeleteCategory))(MANAGER, ref)

    async def ancestors(self, ref: str) -> list[str]:
        """The slugs from the topmost to it; raises where they go round in a circle."""
        views, path = await self.container.get(CatalogViews), [ref]
        while parent := (await views.category(path[0], staff=True)).view.parent:
            assert parent.slug not in path
            path.insert(0, parent.slug)
        return path


@pytest.fixture
async def shelves(container: AsyncContainer) -> Shelves:
    return Shelves(container)


@pytest.fixture
async def desk(container: AsyncContainer) -> Desk:
    return Desk(container)


@pytest.mark.parametrize("role", [None, Role.CUSTOMER, Role.ORDER_MANAGER, Role.ANALYST])
async def test_only_catalogue_managers_change_the_tree(container: AsyncContainer, role: Role | None) -> None:
    who = Actor(roles=frozenset({role} if role else ()))
    with pytest.raises(Forbidden):
        await (await container.get(CreateCategory))(who, NewCategory(name="Home"))
    with pytest.raises(Forbidden):
        await (await container.get(ChangeCategory))(who, "home", CategoryChanges())
    with pytest.raises(Forbidden):
        await (await container.get(DeleteCategory))(who, "home")


async def test_categories_are_made_moved_and_renamed(shelves: Shelves) -> None:
    home = await shelves.create("Home", description="<b>All</b><script>x</script>")
    assert (home.slug, home.description, home.parent, home.products_count) == ("home", "<b>All</b>", None, 0)
    lamps = await shelves.create("Lamps", parent="home")
    assert lamps.parent and lamps.parent.slug == "home"
    assert (await shelves.create("Bulbs", parent=str(lamps.id))).parent
    moved = await shelves.change("lamps", parent=None, slug="lights", name="Lights")
    assert (moved.parent, moved.slug) == (None, "lights")
    assert await shelves.ancestors("bulbs") == ["lights", "bulbs"]
    for ref in ("nothing", "lamps"):
        with pytest.raises(InvalidField):
            await shelves.change("home", parent=ref)
        with pytest.raises(CategoryNotFound):
            await shelves.change(ref, name="X")


async def test_slugs_are_made_or_taken(shelves: Shelves) -> None:
    assert [(await shelves.create(name)).slug for name in ("Home", "HOME", "灯", "Suggest")] == [
        *("home", "home-2", "category", "suggest")
    ]
    with pytest.raises(SlugTaken):
        await shelves.create("X", slug="home")
    with pytest.raises(SlugTaken):
        await shelves.change("home-2", slug="home")


async def test_twenty_categories_of_one_name_get_twenty_slugs(shelves: Shelves) -> None:
    made = await asyncio.gather(*(shelves.create("Home") for _ in range(20)))
    assert len({one.slug for one in made}) == 20


async def test_a_cycle_is_refused_from_both_ends_at_once(shelves: Shelves) -> None:
    for name in ("A", "B", "C"):
        await shelves.create(name)
    moves = (("a", "b"), ("b", "c"), ("c", "a"))
    for _ in range(5):
        outcomes = await asyncio.gather(
            *(shelves.change(ref, parent=parent) for ref, parent in moves), return_exceptions=True
        )
        assert [type(one) for one in outcomes].count(CategoryCycle) == 1
        for slug in "abc":
            await shelves.ancestors(slug)
            await shelves.change(slug, parent=None)


async def test_of_two_who_mean_the_same_version_one_is_refused(shelves: Shelves, container: AsyncContainer) -> None:
    await shelves.create("Home")
    change = await container.get(ChangeCategory)
    tries = (change(MANAGER, "home", CategoryChanges(name=f"Home {n}"), {1}) for n in range(4))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(one) for one in outcomes].count(PreconditionFailed) == 3


async def test_only_an_empty_category_is_deleted(shelves: Shelves, desk: Desk) -> None:
    await shelves.create("Home")
    await shelves.create("Lamps", parent="home")
    for n, is_active in enumerate((True, False)):
        await desk.create(f"Lamp {n}", category="lamps", is_active=is_active)
    with pytest.raises(CategoryNotEmpty) as refused:
        await shelves.delete("lamps")
    assert refused.value.facts == {"products": 2, "categories": 0}
    with pytest.raises(CategoryNotEmpty) as refused:
        await shelves.delete("home")
    assert refused.value.facts == {"products": 0, "categories": 1}
    await desk.delete("lamp-0")
    await desk.change("lamp-1", category="home")
    await shelves.delete("lamps")
    with pytest.raises(CategoryNotFound):
        await shelves.delete("lamps")
    assert (await desk.shown("lamp-1")).category_name == "Home"


async def test_archived_products_go_up_when_their_category_goes(shelves: Shelves, desk: Desk) -> None:
    await shelves.create("Home")
    await shelves.create("Lamps", parent="home")
    await desk.create("Lamp", category="lamps", stock_quantity=1)
    await (await desk.shop.customer("ann@example.com")).buy("LAMP")
    await desk.delete("lamp")
    await shelves.delete("lamps")
    assert (await desk.shown("lamp")).category_name == "Home"
    await shelves.delete("home")
    assert (await desk.shown("lamp")).category is None


async def test_a_category_that_goes_takes_no_product_with_it(shelves: Shelves, desk: Desk) -> None:
    """Whoever is first: either the product is in it and it stays, or it is gone and the product is refused."""
    for n in range(5):
        await shelves.create("Home")
        created, deleted = await asyncio.gather(
            desk.create(f"Lamp {n}", category="home"), shelves.delete("home"), return_exceptions=True
        )
        if isinstance(created, InvalidField):
            assert deleted is None
            continue
        assert isinstance(deleted, CategoryNotEmpty)
        await desk.delete(f"lamp-{n}")
        await shelves.delete("home")


async def test_a_renamed_or_moved_category_is_another_version_of_its_products(shelves: Shelves, desk: Desk) -> None:
    await shelves.create("Home")
    await shelves.create("Attic")
    await shelves.create("Lamps", parent="home")
    await desk.create("Lamp", category="lamps")
    views = await desk.container.get(CatalogViews)
    versions = []
    for ref, fields in (
        ("home", {}),
        ("home", {"name": "House"}),
        ("lamps", {"parent": "attic"}),
        ("attic", {"slug": "a"}),
    ):
        await shelves.change(ref, **fields)
        found = await views.product("lamp")
        versions.append(found.version)
        (item,) = (await views.products(ProductFilter(category="lamps"), PageRequest())).results
        assert item.category and found.view.category and found.view.category.id == item.category.id
    assert versions == ["1.1", "1.1-1-2", "1.1-2-1", "1.1-2-2"]
