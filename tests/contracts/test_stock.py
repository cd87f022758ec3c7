"""What every store of stock must do."""

import asyncio
from uuid import uuid4

import pytest

from application.ports import StaleWrite, Store
from domain.inventory import InsufficientStock, Shelf, Sku, StockItem
from tests.builders import NOW, a_shelf

LAMP, CHAIR = Sku("LAMP"), Sku("CHAIR")


async def test_stock_comes_back_as_it_was_saved(store: Store) -> None:
    item = StockItem.receive(LAMP, 7, NOW, low_stock_threshold=3)
    item.backorder_limit = 2
    item.reserve(8, uuid4(), NOW)
    async with store.transaction() as tx:
        await tx.stock.save(Shelf({LAMP: item}))
    async with store.transaction() as tx:
        found = await tx.stock.find([LAMP, CHAIR])
    assert found.keys() == {LAMP}
    kept = found[LAMP]
    assert (kept.on_hand, kept.reserved, kept.available) == (7, 8, 1)
    assert (kept.backorder_limit, kept.low_stock_threshold) == (2, 3)
    assert (kept.version, kept.movements) == (2, [])


async def test_taken_stock_comes_in_the_order_of_its_skus(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.stock.save(a_shelf(C=1, A=1, B=1))
    async with store.transaction() as tx:
        assert list(await tx.stock.take([Sku("B"), Sku("C"), Sku("A"), Sku("B"), Sku("Z")])) == ["A", "B", "C"]


async def test_every_movement_moves_the_version_on(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.stock.save(a_shelf(LAMP=5))
    async with store.transaction() as tx:
        shelf = await tx.stock.take([LAMP])
        shelf[LAMP].adjust(2, NOW, "found two")
        shelf[LAMP].adjust(-1, NOW, "broke one")
        await tx.stock.save(shelf)
    async with store.transaction() as tx:
        item = (await tx.stock.find([LAMP]))[LAMP]
    assert (item.on_hand, item.version) == (6, 3)


async def test_what_does_not_move_keeps_its_version(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.stock.save(a_shelf(LAMP=5))
    async with store.transaction() as tx:
        shelf = await tx.stock.take([LAMP])
        shelf[LAMP].low_stock_threshold = 9
        await tx.stock.save(shelf)
    async with store.transaction() as tx:
        item = (await tx.stock.find([LAMP]))[LAMP]
    assert (item.low_stock_threshold, item.version) == (9, 1)


async def test_who_saves_an_old_version_is_refused(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.stock.save(a_shelf(LAMP=5, CHAIR=5))
    async with store.transaction() as tx:
        old, fresh = await tx.stock.find([LAMP, CHAIR]), await tx.stock.find([LAMP])
        fresh[LAMP].adjust(1, NOW, "")
        await tx.stock.save(fresh)
    old[LAMP].adjust(2, NOW, "")
    old[CHAIR].adjust(2, NOW, "")
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            await tx.stock.save(old)
    async with store.transaction() as tx:
        found = await tx.stock.find([LAMP, CHAIR])
    assert (found[LAMP].on_hand, found[CHAIR].on_hand) == (6, 5)


async def test_a_sku_is_received_for_the_first_time_only_once(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.stock.save(a_shelf(LAMP=5))
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            await tx.stock.save(a_shelf(LAMP=5))


async def test_a_sku_that_comes_back_goes_on_counting(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.stock.save(a_shelf(LAMP=5, CHAIR=1))
    async with store.transaction() as tx:
        shelf = await tx.stock.take([LAMP])
        shelf[LAMP].withdraw(NOW, "no longer sold")
        await tx.stock.remove(shelf)
    async with store.transaction() as tx:
        assert (await tx.stock.find([LAMP, CHAIR])).keys() == {CHAIR}
    async with store.transaction() as tx:
        await tx.stock.save(a_shelf(LAMP=3, SOFA=1))
    async with store.transaction() as tx:
        found = await tx.stock.find([LAMP, Sku("SOFA")])
    assert (found[LAMP].on_hand, found[LAMP].version, found[Sku("SOFA")].version) == (3, 3, 1)


async def test_what_orders_hold_stays_though_it_is_removed(store: Store) -> None:
    shelf = a_shelf(LAMP=5, CHAIR=5)
    shelf[LAMP].reserve(2, uuid4(), NOW)
    async with store.transaction() as tx:
        await tx.stock.save(shelf)
    async with store.transaction() as tx:
        shelf = await tx.stock.take([LAMP, CHAIR])
        assert [item.withdraw(NOW, "no longer sold") for item in shelf.values()] == [5, 3]
        await tx.stock.remove(shelf)
    async with store.transaction() as tx:
        found = await tx.stock.find([LAMP, CHAIR])
    assert {sku: (item.on_hand, item.reserved, item.version) for sku, item in found.items()} == {LAMP: (2, 2, 3)}


async def test_what_was_not_withdrawn_is_not_removed(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.stock.save(a_shelf(LAMP=5))
    async with store.transaction() as tx:
        await tx.stock.remove(await tx.stock.take([LAMP]))
        assert (await tx.stock.find([LAMP]))[LAMP].on_hand == 5


async def test_nothing_to_save_is_no_trouble(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.stock.save(Shelf())
        await tx.stock.remove(Shelf())
        assert await tx.stock.take([]) == {}


async def test_of_twenty_who_take_at_once_ten_get_the_ten(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.stock.save(a_shelf(LAMP=10, CHAIR=10))

    async def reserve(n: int) -> bool:
        order, skus = uuid4(), [LAMP, CHAIR] if n % 2 else [CHAIR, LAMP]
        try:
            async with store.transaction() as tx:
                shelf = await tx.stock.take(skus)
                shelf.reserve(dict.fromkeys(skus, 1), order, NOW)
                await tx.stock.save(shelf)
        except InsufficientStock:
            return False
        return True

    outcomes = await asyncio.gather(*(reserve(n) for n in range(20)))
    async with store.transaction() as tx:
        found = await tx.stock.find([LAMP, CHAIR])
    assert outcomes.count(True) == 10
    assert [(item.reserved, item.version) for item in found.values()] == [(10, 11), (10, 11)]
