"""How a change of the catalogue begins: with the product or category meant, and again where somebody was quicker."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import TypeVar

from application.catalog.wishes import id_of
from application.ports import PreconditionFailed, StaleWrite, Transaction
from domain.aggregate import Aggregate
from domain.catalog import Product, ProductId, ProductNotFound, ProductUnavailable
from domain.categories import Category
from domain.errors import InvalidField

T = TypeVar("T")

TRIES = 5


async def again(
    attempt: Callable[[int], Awaitable[T]], lost: type[Exception] | tuple[type[Exception], ...] = StaleWrite
) -> T:
    """Try once more where somebody else was quicker. The attempt is told how often it was tried before."""
    for tried in range(TRIES - 1):
        try:
            return await attempt(tried)
        except lost:
            continue
    return await attempt(TRIES - 1)


async def take_product(tx: Transaction, ref: str, versions: Collection[int] | None) -> Product:
    """By slug or id, in one of the versions; locked. Raises ProductNotFound or PreconditionFailed."""
    named = id_of(ref)
    ids = [ProductId(named)] if named else [one.id for one in (await tx.products.find_by_slugs([ref])).values()]
    found = await tx.products.take(ids)
    if not found:
        raise ProductNotFound
    (product,) = found.values()
    must_be_in(product, versions)
    return product


async def take_open_product(tx: Transaction, ref: str, versions: Collection[int] | None = None) -> Product:
    """The same, but raises ProductUnavailable for an archived one."""
    product = await take_product(tx, ref, versions)
    if product.archived_at is not None:
        raise ProductUnavailable
    return product


def must_be_in(aggregate: Aggregate, versions: Collection[int] | None) -> None:
    """Raises PreconditionFailed for one in another version; None for the versions lets any pass."""
    if versions is not None and aggregate.version not in versions:
        raise PreconditionFailed


def find_category(ref: str, categories: Iterable[Category]) -> Category | None:
    """By slug or id."""
    named = id_of(ref)
    return next((one for one in categories if one.slug == ref or one.id == named), None)


def chosen_category(ref: str, categories: Iterable[Category], pointer: str) -> Category:
    """What a field of the input names by slug or id. Raises InvalidField."""
    if category := find_category(ref, categories):
        return category
    raise InvalidField(pointer, "invalid-choice", "there is no such category")
