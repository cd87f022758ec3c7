"""Facets against a count of the whole catalogue, product by product, for two hundred random searches."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pytest
from dishka import AsyncContainer

from application.catalog.views import CatalogViews
from application.catalog.wishes import ProductFilter
from application.ports import PageRequest, Store
from application.search.index import Query, SearchIndex
from application.search.views import Facets
from domain.catalog import Product
from domain.categories import Category, CategoryId
from domain.inventory import Shelf, Sku, StockItem
from domain.money import Money
from tests.builders import NOW, a_category, a_product, a_variant, usd

SEED = 20261122
PRODUCTS, SEARCHES = 150, 200
WORDS = ("Lamp", "Mug", "Chair", "Green", "Küche", "Elm")
TAGS = ("new", "gift", "sale", "wool")
ATTRIBUTES = {"Size": ("S", "M", "L"), "Color": ("Red", "Blue"), "Finish": ("Oak", '100% "wax"')}
RANGES = (0, 1000, 2500, 5000, 10000, 25000, 50000, 100000)  # where they begin, in cents

Matches = Callable[[Product], bool]


@dataclass
class Town:
    """The catalogue, and how it is counted by hand."""

    products: list[Product]
    categories: dict[CategoryId, Category]
    shelf: Shelf

    def below(self, category: Category) -> set[CategoryId]:
        found = {category.id}
        while more := {c.id for c in self.categories.values() if c.parent in found and c.is_active} - found:
            found |= more
        return found

    def in_stock(self, product: Product) -> bool:
        sold = [one.sku for one in product.variants if one.is_active] if product.variants else [product.sku]
        return not product.track_inventory or any(self.shelf[Sku(s)].available > 0 for s in sold if s in self.shelf)

    def tests(self, q: str, wanted: ProductFilter) -> dict[str, Matches]:
        """Every condition by its name."""
        named = next((c for c in self.categories.values() if c.slug == wanted.category and c.is_active), None)
        inside = self.below(named) if named else set[CategoryId]()
        low, high = wanted.min_price, wanted.max_price
        return {
            "q": lambda one: all(word.lower() in one.name.lower() for word in q.split()),
            "active": lambda one: one.is_active,
            "category": lambda one: wanted.category is None or one.category in inside,
            "price": lambda one: (low is None or one.price >= low) and (high is None or one.price <= high),
            "in_stock": lambda one: wanted.in_stock in {None, self.in_stock(one)},
            "featured": lambda one: wanted.is_featured in {None, one.is_featured},
            "on_sale": lambda one: (
                wanted.is_on_sale in {None, bool(one.compare_at_price and one.compare_at_price > one.price)}
            ),
            "tags": lambda one: set(wanted.tags) <= set(one.tags),
            "attributes": lambda one: not wanted.attributes or bool(self.variants(one, wanted.attributes)),
        }

    def variants(self, product: Product, wanted: Iterable[tuple[str, tuple[str, ...]]]) -> list[Any]:
        active = [one for one in product.variants if one.is_active]
        return [one for one in active if all(one.attributes.get(name) in values for name, values in wanted)]

    def facets(self, q: str, wanted: ProductFilter) -> dict[str, Any]:
        tests = self.tests(q, wanted)

        def without(facet: str) -> list[Product]:
            return [one for one in self.products if all(holds(one) for name, holds in tests.items() if name != facet)]

        held = Counter(one.category for one in without("category"))
        shelves = {c.slug: sum(held[each] for each in self.below(c)) for c in self.categories.values() if c.is_active}
        prices = [one.price.amount for one in without("price")]
        ranges = Counter(max(step for step in RANGES if step <= price) for price in prices)
        attributes: dict[str, dict[str, int]] = {}
        for name in ATTRIBUTES:
            others = tuple((each, values) for each, values in wanted.attributes if each != name)
            counts = Counter[str]()
            for one in without("attributes"):
                counts.update({v.attributes[name] for v in self.variants(one, others) if name in v.attributes})
            if counts:
                attributes[name] = dict(counts)
        return {
            "category": {slug: count for slug, count in shelves.items() if count},
            "price": (min(prices), max(prices), dict(ranges)) if prices else (None, None, {}),
            "in_stock": dict(Counter(self.in_stock(one) for one in without("in_stock"))),
            "tags": dict(Counter(tag for one in without("tags") for tag in one.tags)),
            "attributes": attributes,
        }


@pytest.fixture
async def town(store: Store) -> Town:
    chance = random.Random(SEED)
    categories = the_categories()
    products, shelf = list[Product](), Shelf()
    for number in range(PRODUCTS):
        product = any_product(chance, number, list(categories))
        products.append(product)
        for sku in product.skus if chance.random() < 0.9 else ():
            shelf[Sku(sku)] = StockItem.receive(Sku(sku), chance.choice((0, 0, 3)), NOW)
    async with store.transaction() as tx:
        await tx.categories.save(list(categories.values()))
        await tx.products.save(products)
        await tx.stock.save(shelf)
    return Town(products, categories, shelf)


def the_categories() -> dict[CategoryId, Category]:
    home, wear = a_category("Home"), a_category("Wear")
    lights, attic = a_category("Lights", home), a_category("Attic", home, is_active=False)
    made = [home, wear, lights, attic, a_category("Bulbs", lights), a_category("Trunks", attic)]
    return {category.id: category for category in made}


def any_product(chance: random.Random, number: int, categories: list[CategoryId]) -> Product:
    price = chance.randrange(500, 60000, 25)
    variants = [
        a_variant(
            f"V{n}",
            f"P{number}-{n}",
            attributes={name: chance.choice(values) for name, values in ATTRIBUTES.items() if chance.random() < 0.6},
            is_active=chance.random() < 0.85,
        )
        for n in range(chance.choice((0, 0, 1, 3)))
    ]
    return a_product(
        " ".join(chance.sample(WORDS, chance.choice((1, 2, 3)))),
        slug=f"p{number}",
        sku=f"P{number}",
        price=f"{price // 100}.{price % 100:02}",
        compare_at_price=chance.choice((None, Money(price + 500, "USD"), Money(price - 100, "USD"))),
        category=chance.choice((None, *categories)),
        tags=tuple(chance.sample(TAGS, chance.choice((0, 1, 2)))),
        is_active=chance.random() < 0.85,
        is_featured=chance.random() < 0.3,
        track_inventory=chance.random() < 0.9,
        variants=tuple(variants),
    )


def any_search(chance: random.Random) -> tuple[str, ProductFilter]:
    def perhaps(value: Any, otherwise: Any = None, often: float = 0.3) -> Any:
        return value if chance.random() < often else otherwise

    attributes = {name: tuple(chance.sample(values, chance.choice((1, 1, 2)))) for name, values in ATTRIBUTES.items()}
    wanted = ProductFilter(
        category=perhaps(chance.choice(("home", "wear", "lights", "attic", "bulbs", "trunks", "nothing"))),
        min_price=perhaps(usd(str(chance.randrange(5, 300)))),
        max_price=perhaps(usd(str(chance.randrange(100, 600)))),
        in_stock=perhaps(chance.random() < 0.6),
        is_featured=perhaps(chance.random() < 0.5, often=0.15),
        is_on_sale=perhaps(chance.random() < 0.5, often=0.15),
        tags=perhaps(tuple(chance.sample(TAGS, chance.choice((1, 1, 2)))), ()),
        attributes=tuple((name, values) for name, values in attributes.items() if chance.random() < 0.2),
    )
    return perhaps(" ".join(chance.sample(WORDS, chance.choice((1, 1, 2)))), "", often=0.6), wanted


def as_counted(facets: Facets) -> dict[str, Any]:
    def cents(text: str | None) -> int | None:
        return None if text is None else Money.parse(text, "USD").amount

    return {
        "category": {each.value: each.count for each in facets.category},
        "price": (
            cents(facets.price.min),
            cents(facets.price.max),
            {cents(each.min): each.count for each in facets.price.ranges},
        ),
        "in_stock": {each.value: each.count for each in facets.in_stock},
        "tags": {each.value: each.count for each in facets.tags},
        "attributes": {name: {each.value: each.count for each in told} for name, told in facets.attributes.items()},
    }


async def test_facets_count_what_a_count_by_hand_counts(town: Town, container: AsyncContainer) -> None:
    index = await container.get(SearchIndex)
    chance = random.Random(SEED)
    found = 0
    for _ in range(SEARCHES):
        q, wanted = any_search(chance)
        answer = await index.search(Query(q=q, filter=wanted), PageRequest(100))
        tests = town.tests(q, wanted)
        expected = {one.slug for one in town.products if all(holds(one) for holds in tests.values())}
        shown = [item.slug for item in answer.results]
        cursor = answer.next
        while cursor is not None:
            further = await index.search(Query(q=q, filter=wanted), PageRequest(100, cursor))
            shown += [item.slug for item in further.results]
            cursor = further.next
        assert sorted(shown) == sorted(expected), (q, wanted)
        assert as_counted(answer.facets) == town.facets(q, wanted), (q, wanted)
        found += bool(expected)
    assert found >= SEARCHES // 3  # the searches are no empty ones


async def test_a_facet_says_what_the_list_has_with_that_value(town: Town, container: AsyncContainer) -> None:
    index, views = await container.get(SearchIndex), await container.get(CatalogViews)
    wanted = ProductFilter(in_stock=True, tags=("new",))
    facets = (await index.search(Query(filter=wanted), PageRequest(1))).facets

    async def listed(**changed: Any) -> int:
        return len((await views.products(replace(wanted, **changed), PageRequest(100))).results)

    assert len(facets.category) == 5
    for category in facets.category:
        assert await listed(category=category.value) == category.count
    for tag in facets.tags:
        assert await listed(tags=(tag.value,)) == tag.count
    for name, values in facets.attributes.items():
        for value in values:
            assert await listed(attributes=((name, (value.value,)),)) == value.count
    for span in facets.price.ranges:
        high = None if span.max is None else usd(span.max)
        assert await listed(min_price=usd(span.min), max_price=high) == span.count
    for stock in facets.in_stock:
        assert await listed(in_stock=stock.value) == stock.count


async def test_facets_come_most_first_and_by_name(town: Town, container: AsyncContainer) -> None:
    index = await container.get(SearchIndex)
    facets = (await index.search(Query(), PageRequest(1))).facets
    for values in (facets.category, facets.tags, *facets.attributes.values()):
        assert list(values) == sorted(values, key=lambda one: (-one.count, one.label))
    assert list(facets.attributes) == ["Color", "Finish", "Size"]
    assert [each.min for each in facets.price.ranges] == [
        "0.00",
        "10.00",
        "25.00",
        "50.00",
        "100.00",
        "250.00",
        "500.00",
    ]
    assert facets.price.ranges[1].max == "24.99"
    assert msgspec.to_builtins(facets.in_stock)[0]["value"] is True


async def test_staff_count_what_is_not_active(town: Town, container: AsyncContainer) -> None:
    index = await container.get(SearchIndex)
    hidden = ProductFilter(is_active=False)
    inactive = [one for one in town.products if not one.is_active]
    shown = await index.search(Query(filter=hidden), PageRequest(100), staff=True)
    assert {item.slug for item in shown.results} == {one.slug for one in inactive}
    assert sum(each.count for each in shown.facets.in_stock) == len(inactive)
    assert "attic" in {each.value for each in shown.facets.category}
    public = await index.search(Query(filter=hidden), PageRequest(100))
    assert (public.results, public.facets) == ([], Facets(category=[], in_stock=[], tags=[]))
    assert public.facets.price.min is None
