"""Stock: what is there, what is promised, and a ledger that always explains both."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory import BelowReserved, InsufficientStock, Reason, Shelf, Shortage, Sku, StockItem, shortages
from tests.builders import NOW, a_shelf

ORDER = UUID("0190a000-0000-7000-8000-000000000001")
LAMP, CHAIR, BOOK = Sku("LAMP"), Sku("CHAIR"), Sku("BOOK")


def an_item(on_hand: int = 5) -> StockItem:
    item = StockItem.receive(LAMP, on_hand, NOW)
    item.drain()
    return item


def state(item: StockItem) -> tuple[int, int, int]:
    return item.on_hand, item.reserved, item.available


def test_a_first_delivery_is_the_first_movement() -> None:
    item = StockItem.receive(LAMP, 0, NOW, low_stock_threshold=2)
    assert (state(item), item.version, item.low_stock_threshold) == ((0, 0, 0), 0, 2)
    assert [(move.number, move.reason, move.on_hand) for move in item.drain()] == [(1, Reason.RECEIVED, 0)]
    assert (item.version, item.movements) == (1, [])


def test_an_order_reserves_pays_and_the_pieces_leave() -> None:
    item = an_item(5)
    item.reserve(3, ORDER, NOW)
    assert state(item) == (5, 3, 2)
    item.sell(2, ORDER, NOW)
    assert state(item) == (3, 1, 2)
    item.release(1, ORDER, NOW)
    assert state(item) == (3, 0, 3)
    item.take_back(2, ORDER, NOW)
    assert state(item) == (5, 0, 5)
    moved = [(move.number, move.reason, move.on_hand, move.reserved, move.order) for move in item.drain()]
    assert moved == [
        (2, Reason.RESERVED, 0, 3, ORDER),
        (3, Reason.SOLD, -2, -2, ORDER),
        (4, Reason.RELEASED, 0, -1, ORDER),
        (5, Reason.RETURNED, 2, 0, ORDER),
    ]


def test_the_last_piece_is_reserved_and_not_one_more() -> None:
    item = an_item(2)
    item.reserve(2, ORDER, NOW)
    with pytest.raises(InsufficientStock) as refused:
        item.reserve(1, ORDER, NOW)
    assert refused.value == InsufficientStock((Shortage(LAMP, 1, 0),))
    assert state(item) == (2, 2, 0)


def test_back_orders_go_as_far_as_their_limit() -> None:
    item = an_item(1)
    item.backorder_limit = 2
    item.reserve(3, ORDER, NOW)
    assert state(item) == (1, 3, 0)
    with pytest.raises(InsufficientStock):
        item.reserve(1, ORDER, NOW)


def test_what_can_be_bought_is_set_beside_what_orders_hold() -> None:
    item = an_item(5)
    item.reserve(2, ORDER, NOW)
    item.set_available(7, NOW, "counted")
    assert state(item) == (9, 2, 7)
    item.set_available(0, NOW)
    assert state(item) == (2, 2, 0)


def test_setting_what_is_already_so_moves_nothing() -> None:
    item = an_item(5)
    item.set_available(5, NOW)
    item.adjust(0, NOW, "")
    assert item.movements == []


def test_an_adjustment_stops_at_what_orders_hold() -> None:
    item = an_item(5)
    item.reserve(2, ORDER, NOW)
    item.adjust(-3, NOW, "broken")
    with pytest.raises(BelowReserved) as refused:
        item.adjust(-1, NOW, "broken")
    assert refused.value == BelowReserved(LAMP, 2)
    assert state(item) == (2, 2, 0)


def test_what_is_withdrawn_is_what_no_order_holds() -> None:
    item = an_item(5)
    item.reserve(2, ORDER, NOW)
    assert item.withdraw(NOW, "no longer sold") == 3
    assert state(item) == (2, 2, 0)
    assert item.withdraw(NOW, "no longer sold") == 0
    item.backorder_limit = 5
    item.reserve(4, ORDER, NOW)
    assert (item.withdraw(NOW, ""), state(item)) == (0, (2, 6, 1))


def test_a_shelf_reserves_all_or_nothing_and_names_every_shortage() -> None:
    shelf = a_shelf(LAMP=1, CHAIR=0, SOFA=9)
    with pytest.raises(InsufficientStock) as refused:
        shelf.reserve({LAMP: 2, CHAIR: 1, Sku("SOFA"): 9, BOOK: 500}, ORDER, NOW)
    assert refused.value.facts == {
        "items": [
            {"sku": "CHAIR", "requested": 1, "available": 0},
            {"sku": "LAMP", "requested": 2, "available": 1},
        ]
    }
    assert [item.reserved for item in shelf.values()] == [0, 0, 0]
    shelf.reserve({LAMP: 1, BOOK: 500}, ORDER, NOW)
    assert shelf[LAMP].reserved == 1


def test_a_shelf_passes_over_what_is_not_tracked() -> None:
    shelf: Shelf = a_shelf(LAMP=3)
    demand = {LAMP: 2, BOOK: 1}
    shelf.reserve(demand, ORDER, NOW)
    shelf.sell(demand, ORDER, NOW)
    shelf.take_back(demand, ORDER, NOW)
    shelf.reserve(demand, ORDER, NOW)
    shelf.release(demand, ORDER, NOW)
    assert (state(shelf[LAMP]), list(shelf)) == ((3, 0, 3), [LAMP])


def test_only_a_known_sku_can_be_short() -> None:
    assert shortages({BOOK: 5, LAMP: 2}, {LAMP: 2}) == ()
    assert shortages({LAMP: 3}, {LAMP: 2}) == (Shortage(LAMP, 3, 2),)


steps = st.lists(
    st.tuples(st.sampled_from(["reserve", "set", "adjust", "sell", "release", "withdraw"]), st.integers(-9, 9)),
    max_size=30,
)


@given(st.integers(0, 9), steps)
def test_the_ledger_always_explains_the_stock(received: int, steps: list[tuple[str, int]]) -> None:
    item = StockItem.receive(LAMP, received, NOW)
    for step, n in steps:
        attempt(item, step, n)
        assert 0 <= item.reserved <= item.on_hand
        assert item.available == item.on_hand - item.reserved
    moved = item.drain()
    assert sum(move.on_hand for move in moved) == item.on_hand
    assert sum(move.reserved for move in moved) == item.reserved
    assert [move.number for move in moved] == list(range(1, item.version + 1))


def attempt(item: StockItem, step: str, n: int) -> Any:
    held = min(abs(n), item.reserved)
    try:
        match step:
            case "reserve":
                item.reserve(abs(n), uuid4(), NOW)
            case "set":
                item.set_available(abs(n), NOW)
            case "adjust":
                item.adjust(n, NOW, "")
            case "sell":
                item.sell(held, uuid4(), NOW)
            case "release":
                item.release(held, uuid4(), NOW)
            case _:
                item.withdraw(NOW, "")
    except (InsufficientStock, BelowReserved):
        pass
