"""The same change made to many products at once."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import pytest
from dishka import AsyncContainer
from msgspec import UNSET

from application.catalog.bulk import AT_ONCE, BulkChange, ChangeProducts
from application.catalog.categorising import CreateCategory, NewCategory
from application.catalog.views import StaffProductView
from domain.accounts import Actor
from domain.catalog import ProductNotFound
from domain.errors import Forbidden, InvalidField
from tests.application.desk import MANAGER, Desk, amount, sizes
from tests.audit import audit
from tests.builders import new_id


class Counter(Desk):
    """A desk where many are changed at once."""

    async def each(self, ids: Sequence[UUID], action: Any, value: Any = UNSET) -> list[str]:
        """The outcomes: "ok", or the code of the refusal."""
        written = UNSET if value is UNSET else msgspec.Raw(msgspec.json.encode(value))
        done = await (await self.container.get(ChangeProducts))(
            MANAGER, BulkChange(ids=list(ids), action=action, value=written)
        )
        assert [one.id for one in done.results] == list(dict.fromkeys(ids))
        assert all(one.ok is (one.code is UNSET) for one in done.results)
        return ["ok" if one.ok else str(one.code) for one in done.results]

    async def many(self, number: int, **fields: Any) -> list[StaffProductView]:
        return [await self.create(f"P{n}", **fields) for n in range(number)]


@pytest.fixture
async def counter(container: AsyncContainer) -> Counter:
    return Counter(container)


async def test_only_catalogue_managers_change_many(container: AsyncContainer) -> None:
    with pytest.raises(Forbidden):
        await (await container.get(ChangeProducts))(Actor(), BulkChange(ids=[new_id()], action="delete"))


async def test_each_has_an_outcome_of_its_own(counter: Counter) -> None:
    lamp, sofa, book = await counter.many(3, stock_quantity=1)
    await (await counter.shop.customer("ann@example.com")).buy("P1")
    await counter.delete("p1")
    ids = [lamp.id, new_id(), sofa.id, book.id, lamp.id]
    for action in ("deactivate", "activate", "feature", "unfeature"):
        assert await counter.each(ids, action) == ["ok", "product-not-found", "product-unavailable", "ok"]
        shown = await counter.shown("p0")
        assert (shown.is_active, shown.is_featured) == (action != "deactivate", action == "feature")
    assert await counter.each(ids, "delete") == ["ok", "product-not-found", "product-not-found", "ok"]
    for ref in ("p0", "p2"):
        with pytest.raises(ProductNotFound):
            await counter.shown(ref)
    await counter.shop.run_jobs()
    await audit(counter.container)


async def test_what_is_so_already_is_fine_and_no_change(counter: Counter) -> None:
    (lamp,) = await counter.many(1)
    assert await counter.each([lamp.id], "activate") == ["ok"]
    assert (await counter.shown("p0")).updated_at == lamp.updated_at


async def test_many_are_put_into_a_category(counter: Counter) -> None:
    made = await (await counter.container.get(CreateCategory))(MANAGER, NewCategory(name="Home"))
    ids = [one.id for one in await counter.many(2)]
    for value, name in (("home", "Home"), (None, ""), (str(made.view.id), "Home")):
        assert await counter.each(ids, "set_category", value) == ["ok", "ok"]
        assert [(await counter.shown(f"p{n}")).category_name for n in range(2)] == [name, name]


async def test_prices_move_by_per_cent_with_those_of_variants(counter: Counter) -> None:
    variants = sizes(S=1, L=1)
    variants[0].price = amount("9.99")
    shirt = await counter.create("Shirt", price=amount("10.05"), variants=variants)
    dear = await counter.create("Dear", price=amount("99999999"))
    assert await counter.each([shirt.id, dear.id], "adjust_price_percent", "10") == ["ok", "price-too-high"]
    shown = await counter.shown("shirt")
    assert (shown.price, [one.price for one in shown.variants]) == ("11.06", ["10.99", "11.06"])
    assert (await counter.shown("dear")).price == "99999999.00"
    assert await counter.each([shirt.id, dear.id], "adjust_price_percent", -100) == ["ok", "ok"]
    assert (await counter.shown("dear")).price == "0.00"


BAD: list[tuple[str, Any, str]] = [
    ("activate", "x", "invalid-value"),
    ("delete", True, "invalid-value"),
    ("set_category", UNSET, "required"),
    ("set_category", 7, "invalid-type"),
    ("set_category", "nothing", "invalid-choice"),
    ("adjust_price_percent", UNSET, "required"),
    ("adjust_price_percent", None, "required"),
    ("adjust_price_percent", "-100.0001", "out-of-range"),
    ("adjust_price_percent", 1000.5, "out-of-range"),
    ("adjust_price_percent", "1e2", "invalid-format"),
    ("adjust_price_percent", 1e100, "invalid-format"),
    ("adjust_price_percent", "", "invalid-format"),
    ("adjust_price_percent", [], "invalid-format"),
    ("adjust_price_percent", "+5", "invalid-format"),
    ("adjust_price_percent", "٣", "invalid-format"),
]


@pytest.mark.parametrize(("action", "value", "reason"), BAD, ids=range(len(BAD)))
async def test_a_value_that_does_not_fit_changes_nothing(
    counter: Counter, action: str, value: Any, reason: str
) -> None:
    (lamp,) = await counter.many(1)
    with pytest.raises(InvalidField) as refused:
        await counter.each([lamp.id], action, value)
    assert (refused.value.pointer, refused.value.reason) == ("/value", reason)
    assert await counter.shown("p0") == lamp


async def test_nothing_is_lost_where_many_change_the_same(counter: Counter) -> None:
    made = await counter.many(4, price=amount("1"), stock_quantity=2)
    ids = [one.id for one in made]
    await asyncio.gather(
        *(counter.each(ids if n % 2 else ids[::-1], "adjust_price_percent", 100) for n in range(4)),
        counter.change("p2", name="Other"),
    )
    assert [(await counter.shown(f"p{n}")).price for n in range(4)] == ["16.00"] * 4
    assert (await counter.shown("p2")).name == "Other"
    await audit(counter.container)


async def test_the_sold_are_archived_and_the_others_gone(counter: Counter) -> None:
    sold, held, fresh = await counter.many(3, stock_quantity=5)
    ann = await counter.shop.customer("ann@example.com")
    await ann.pay(await ann.buy("P0"))
    await ann.buy("P1")
    assert await counter.each([sold.id, held.id, fresh.id], "delete") == ["ok"] * 3
    assert [(await counter.shown(ref)).is_active for ref in ("p0", "p1")] == [False, False]
    with pytest.raises(ProductNotFound):
        await counter.shown("p2")
    assert (await counter.stock("P0"), await counter.stock("P2")) == ((4, 0), None)
    await counter.shop.run_jobs()
    await audit(counter.container)


def test_so_many_are_changed_at_once_and_no_more() -> None:
    for number in (0, AT_ONCE + 1):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"ids": [new_id()] * number, "action": "activate"}, BulkChange)
