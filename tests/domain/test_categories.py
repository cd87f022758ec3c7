"""The tree of categories: what it refuses, and what is told of it."""

from datetime import timedelta

import pytest

from domain.categories import (
    MAX_DEPTH,
    Category,
    CategoryChange,
    CategoryChanged,
    CategoryCycle,
    CategoryTooDeep,
    CategoryTree,
)
from domain.errors import InvalidField
from tests.builders import NOW, a_category

LATER = NOW + timedelta(hours=1)


def a_chain(length: int) -> list[Category]:
    chain: list[Category] = []
    for n in range(length):
        chain.append(a_category(f"C{n}", chain[-1] if chain else None))
    return chain


def told(category: Category) -> list[tuple[CategoryChange, str, str, bool, tuple[str, ...]]]:
    return [
        (event.change, event.name, event.slug, event.is_active, event.fields)
        for event in category.drain()
        if isinstance(event, CategoryChanged)
    ]


def test_everything_that_happens_to_a_category_is_told() -> None:
    home = a_category("Home")
    home.change(LATER, name="House", slug="home", is_active=False)
    home.change(LATER, name="House")
    home.remove(LATER)
    assert told(home) == [
        (CategoryChange.CREATED, "Home", "home", True, ()),
        (CategoryChange.CHANGED, "House", "home", False, ("is_active", "name")),
        (CategoryChange.REMOVED, "House", "home", False, ()),
    ]
    assert home.version == 3


def test_a_category_has_a_name() -> None:
    with pytest.raises(InvalidField):
        a_category(" ", slug="x")
    with pytest.raises(InvalidField):
        a_category("Home").change(LATER, name="\t")


@pytest.mark.parametrize("lower", [0, 1, 3])
def test_nothing_stands_below_itself(lower: int) -> None:
    chain = a_chain(4)
    chain[0].change(LATER, parent=chain[lower].id)
    with pytest.raises(CategoryCycle):
        CategoryTree.of(chain).place(chain[0])


def test_a_branch_moves_with_all_that_is_below_it() -> None:
    chain, other = a_chain(4), a_category("Other")
    tree = CategoryTree.of([*chain, other])
    chain[1].change(LATER, parent=other.id)
    tree.place(chain[1])
    assert [category.name for category in tree.path(chain[3].id)] == ["Other", "C1", "C2", "C3"]
    assert (tree.children(chain[0].id), tree.children(other.id), tree.path(None)) == ([], [chain[1]], [])


def test_the_tree_has_so_many_levels_and_no_more() -> None:
    tree = CategoryTree.of(chain := a_chain(MAX_DEPTH))
    tree.place(chain[-1])
    with pytest.raises(CategoryTooDeep):
        tree.place(a_category("Deeper", chain[-1]))
    top = a_category("Top")
    chain[0].change(LATER, parent=top.id)
    with pytest.raises(CategoryTooDeep):  # it is what hangs below that would be too deep
        CategoryTree.of([*chain, top]).place(chain[0])
