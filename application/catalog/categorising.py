"""How staff change the tree of categories."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from application.catalog.inputs import Name, Slug, Text, check_slug
from application.catalog.showing import category_views
from application.catalog.taking import again, chosen_category, find_category, must_be_in
from application.catalog.views import CategoryView, Versioned
from application.catalog.wishes import id_of
from application.ports import Clock, NewId, Sanitise, StaleWrite, Store, Transaction, Wake
from domain.accounts import Actor, Permission, must
from domain.categories import Category, CategoryId, CategoryNotEmpty, CategoryNotFound, CategoryTree
from domain.slugs import SlugTaken, free_slug, slugify


class CategoryChanges(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is not named stays as it is. `parent` is a slug or an id, or null for the top."""

    name: Name | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    parent: str | UnsetType | None = UNSET
    is_active: bool | UnsetType = UNSET


class NewCategory(CategoryChanges, forbid_unknown_fields=True, kw_only=True):
    """Without a slug, one is made from the name."""

    name: Name


@dataclass(frozen=True, slots=True)
class CreateCategory:
    store: Store
    clock: Clock
    new_id: NewId
    sanitise: Sanitise
    wake: Wake

    async def __call__(self, who: Actor, new: NewCategory) -> Versioned[CategoryView]:
        """Raises SlugTaken for a slug that was given, CategoryTooDeep, InvalidField."""
        must(who, Permission.WRITE_CATALOG)
        lost = StaleWrite if new.slug is not UNSET else (StaleWrite, SlugTaken)
        made = await again(lambda _: self._create(new), lost)
        self.wake()
        return made

    async def _create(self, new: NewCategory) -> Versioned[CategoryView]:
        async with self.store.transaction() as tx:
            tree = CategoryTree.of(await tx.categories.take())
            fields = _fields(new, tree, self.sanitise)
            fields.setdefault("slug", _slug(new.name, tree))
            category = Category.create(at=self.clock(), id=CategoryId(self.new_id()), **fields)
            tree.place(category)
            await tx.categories.save([category])
            return await _view(tx, tree, category)


@dataclass(frozen=True, slots=True)
class ChangeCategory:
    """Changes the named fields alone; whoever does not say which version is meant wins by being last."""

    store: Store
    clock: Clock
    sanitise: Sanitise
    wake: Wake

    async def __call__(
        self, who: Actor, ref: str, changes: CategoryChanges, versions: Collection[int] | None = None
    ) -> Versioned[CategoryView]:
        """By slug or id. Raises CategoryNotFound, CategoryCycle, or what CreateCategory does."""
        must(who, Permission.WRITE_CATALOG)
        changed = await again(lambda _: self._change(ref, changes, versions))
        self.wake()
        return changed

    async def _change(
        self, ref: str, changes: CategoryChanges, versions: Collection[int] | None
    ) -> Versioned[CategoryView]:
        async with self.store.transaction() as tx:
            tree = CategoryTree.of(await tx.categories.take())
            category = _named(ref, tree, versions)
            category.change(self.clock(), **_fields(changes, tree, self.sanitise))
            tree.place(category)
            await tx.categories.save([category])
            return await _view(tx, tree, category)


@dataclass(frozen=True, slots=True)
class DeleteCategory:
    """Only an empty one goes. Archived products, which nobody can move any more, go up to its parent."""

    store: Store
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, ref: str, versions: Collection[int] | None = None) -> None:
        """By slug or id. Raises CategoryNotFound, CategoryNotEmpty."""
        must(who, Permission.WRITE_CATALOG)
        await again(lambda _: self._delete(ref, versions))
        self.wake()

    async def _delete(self, ref: str, versions: Collection[int] | None) -> None:
        at = self.clock()
        async with self.store.transaction() as tx:
            tree = CategoryTree.of(await tx.categories.take())
            category = _named(ref, tree, versions)
            held = await tx.products.in_category(category.id, archived=False)
            if held or tree.children(category.id):
                raise CategoryNotEmpty(len(held), len(tree.children(category.id)))
            archived = await tx.products.take(await tx.products.in_category(category.id, archived=True))
            for product in archived.values():
                product.change(at, category=category.parent)
            await tx.products.save(list(archived.values()))
            category.remove(at)
            await tx.categories.remove(category)


def _fields(changes: CategoryChanges, tree: CategoryTree, sanitise: Sanitise) -> dict[str, Any]:
    """The aggregate's fields that are named. Raises InvalidField."""
    check_slug(changes.slug)
    fields = {name: value for name in ("name", "slug", "is_active") if (value := getattr(changes, name)) is not UNSET}
    if changes.description is not UNSET:
        fields["description"] = sanitise(changes.description)
    if changes.parent is None:
        fields["parent"] = None
    elif changes.parent is not UNSET:
        fields["parent"] = chosen_category(changes.parent, tree.values(), "/parent").id
    return fields


def _named(ref: str, tree: CategoryTree, versions: Collection[int] | None) -> Category:
    """By slug or id, in one of the versions."""
    category = find_category(ref, tree.values())
    if category is None:
        raise CategoryNotFound
    must_be_in(category, versions)
    return category


def _slug(name: str, tree: CategoryTree) -> str:
    stem = slugify(name) or "category"
    if id_of(stem):
        stem = f"category-{stem}"
    return free_slug(stem, (category.slug for category in tree.values()))


async def _view(tx: Transaction, tree: CategoryTree, category: Category) -> Versioned[CategoryView]:
    counts = await tx.products.count_by_category()
    views = category_views(list(tree.values()), counts, staff=True)
    return next(found for found in views if found.view.id == category.id)
