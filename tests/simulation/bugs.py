"""Mistakes that shops make, put into ours on purpose: what the simulation must find. docs/proofs.md lists them."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from adapters.memory import checkout as memory_checkout
from adapters.memory import personal as memory_personal
from adapters.memory.cart import MemoryCarts
from adapters.memory.checkout import MemoryCheckouts
from adapters.memory.outbox import MemoryOutbox
from adapters.memory.promotions import MemoryCoupons
from adapters.memory.store import MemoryTransaction
from adapters.memory.tables import MemoryDatabase, MemoryUnit, Tables, twin
from application import payments
from application.cancelling import CancelOrder
from application.idempotency import Remembered
from application.notifications import Letterhead
from application.outbox import Delivery
from application.payments import Settle
from domain import pricing
from domain.inventory import Shelf, StockItem
from domain.money import Money
from domain.ordering import Order
from domain.payments import LIVE, Intent, Payment, PaymentState
from domain.pricing import Quote
from domain.promotions import CouponUse
from tests.simulation.faults import UnreliableGateway

Bug = Callable[[pytest.MonkeyPatch], None]


def transactions_take_no_turns(patch: pytest.MonkeyPatch) -> None:
    """No lock: two read the same, and the later commit undoes the earlier one."""

    @asynccontextmanager
    async def transaction(database: Any) -> AsyncIterator[MemoryUnit]:
        copies = {each.name: getattr(database.tables, each.name).copy() for each in fields(Tables)}
        working = Tables(**copies)
        yield MemoryUnit(working, database._new_id)
        database.tables = working

    patch.setattr(MemoryDatabase, "transaction", transaction)


def stock_is_not_checked(patch: pytest.MonkeyPatch) -> None:
    """It was enough when the cart was read; at the write nobody looks again."""

    def reserve(shelf: Shelf, demand: Any, order: Any, at: Any) -> None:
        for sku, quantity in demand.items():
            if sku in shelf:
                item = shelf[sku]
                limit, item.backorder_limit = item.backorder_limit, 10_000
                item.reserve(quantity, order, at)
                item.backorder_limit = limit

    patch.setattr(Shelf, "reserve", reserve)


def checkout_ignores_the_version_of_the_cart(patch: pytest.MonkeyPatch) -> None:
    write = memory_checkout._write

    async def blind(unit: MemoryUnit, order: Any, state: Any, *rest: Any) -> None:
        if kept := unit.tables.carts.get(state.cart.owner):
            state.cart.version = kept.version
        await write(unit, order, state, *rest)

    patch.setattr(memory_checkout, "_write", blind)


def a_key_is_not_looked_up(patch: pytest.MonkeyPatch) -> None:
    """No dedupe: whoever repeats a request orders again."""
    read, write = MemoryCheckouts.read, memory_checkout._write

    async def forgetful(checkouts: Any, *said: Any) -> Any:
        return replace(await read(checkouts, *said), remembered=None)

    async def careless(unit: MemoryUnit, order: Any, state: Any, once: Any, body: bytes) -> None:
        if once is not None:
            unit.tables.answers.pop((once.actor, once.key), None)
        await write(unit, order, state, once, body)

    patch.setattr(MemoryCheckouts, "read", forgetful)
    patch.setattr(memory_checkout, "_write", careless)


def the_answer_is_kept_after_the_commit(patch: pytest.MonkeyPatch) -> None:
    """As a middleware does it: who dies in between has ordered, and does not know."""
    write = MemoryCheckouts.write

    async def late(checkouts: MemoryCheckouts, order: Any, state: Any, once: Any, body: bytes) -> bool:
        written = await write(checkouts, order, state, None, body)
        if written and once is not None:
            async with checkouts.database.transaction() as unit:
                answer = Remembered(once.route, once.fingerprint, once.status, body)
                unit.tables.answers[once.actor, once.key] = answer
        return written

    patch.setattr(MemoryCheckouts, "write", late)


def checkout_leaves_the_cart_full(patch: pytest.MonkeyPatch) -> None:
    write = memory_checkout._write

    async def forgetful(unit: MemoryUnit, order: Any, state: Any, *rest: Any) -> None:
        items = list(state.cart.items)
        await write(unit, order, state, *rest)
        unit.tables.carts[state.cart.owner].items = items

    patch.setattr(memory_checkout, "_write", forgetful)


def cancelling_releases_twice(patch: pytest.MonkeyPatch) -> None:
    release = Shelf.release

    def doubled(shelf: Shelf, *said: Any) -> None:
        release(shelf, *said)
        release(shelf, *said)

    patch.setattr(Shelf, "release", doubled)


def cancelling_a_paid_order_returns_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Shelf, "take_back", lambda *said: None)


def releasing_writes_no_movement(patch: pytest.MonkeyPatch) -> None:
    def quiet(item: StockItem, quantity: int, order: Any, at: Any) -> None:
        item.reserved -= quantity

    patch.setattr(StockItem, "release", quiet)


def a_payment_counts_before_the_gateway_says_so(patch: pytest.MonkeyPatch) -> None:
    """Commit before pay."""
    book = Settle.book

    async def hopeful(settle: Settle, intent: Intent, *rest: Any, **named: Any) -> Order:
        if intent.state in LIVE:
            intent = replace(intent, state=PaymentState.SUCCEEDED, captured=intent.amount.amount)
        return await book(settle, intent, *rest, **named)

    patch.setattr(Settle, "book", hopeful)


def the_latest_news_of_a_payment_wins(patch: pytest.MonkeyPatch) -> None:
    """Whatever came last is believed, though it was asked first."""
    patch.setattr(Payment, "_is_news", lambda payment, intent: True)


def money_for_a_dead_order_is_kept(patch: pytest.MonkeyPatch) -> None:
    async def idle(settle: Settle, intent: Intent, returned: int) -> None:
        return None

    patch.setattr(Settle, "_undo", idle)


def a_refund_goes_out_under_a_new_key_each_time(patch: pytest.MonkeyPatch) -> None:
    """Refund twice: the answer was lost, and the money is sent again."""
    refund, numbers = UnreliableGateway.refund, count()

    async def again(gateway: UnreliableGateway, intent: str, amount: Money, key: str) -> Intent:
        return await refund(gateway, intent, amount, f"{key}:{next(numbers)}")

    patch.setattr(UnreliableGateway, "refund", again)


def events_are_delivered_at_most_once(patch: pytest.MonkeyPatch) -> None:
    """Done as soon as they are handed out: a crash, or a mail server that is away, loses them."""
    lease = MemoryOutbox.lease

    async def ticked_off(outbox: MemoryOutbox, handler: str, limit: int, time: timedelta) -> Sequence[Delivery]:
        leased = await lease(outbox, handler, limit, time)
        async with outbox.database.transaction() as unit:
            for each in leased:
                owed = unit.tables.deliveries[each.event.id, handler]
                unit.tables.deliveries[each.event.id, handler] = replace(owed, done_at=outbox.clock())
        return leased

    patch.setattr(MemoryOutbox, "lease", ticked_off)


def events_are_not_stored_with_the_change(patch: pytest.MonkeyPatch) -> None:
    """Lost outbox: what is told of orders is gone with the process."""
    tell = MemoryUnit.tell

    def silent(unit: MemoryUnit, event: Any, aggregate: str, *rest: Any) -> None:
        if aggregate != "order":
            tell(unit, event, aggregate, *rest)

    patch.setattr(MemoryUnit, "tell", silent)


def a_handler_counts_what_it_is_told_twice(patch: pytest.MonkeyPatch) -> None:
    async def always(*said: Any) -> bool:
        return True

    patch.setattr(MemoryTransaction, "handle_once", always)


def every_try_at_a_mail_is_a_new_mail(patch: pytest.MonkeyPatch) -> None:
    numbers = count()
    patch.setattr(Letterhead, "message_id", lambda letterhead, event, handler: f"{event}.{next(numbers)}@mail")


def tax_is_rounded_per_order(patch: pytest.MonkeyPatch) -> None:
    quote = pricing.quote

    def whole(wanted: Any, terms: Any, *rest: Any) -> Quote:
        priced = quote(wanted, terms, *rest)
        return replace(priced, tax=(priced.subtotal - priced.discount).percent(terms.taxes.rates[0]))

    patch.setattr("application.rates.charging.quote", whole)


def pieces_of_a_refund_return_each_time_it_is_sent(patch: pytest.MonkeyPatch) -> None:
    """The end of a refund is not remembered, so that its repetition restocks again."""
    end = Order.end_refund

    def forgetful(order: Order, key: Any, state: Any, at: Any) -> Any:
        returning = end(order, key, state, at)
        ended = next(each for each in order.refunds if each.id == key)
        return returning or {
            line.sku: each.quantity
            for each in (ended.items if ended.restock else ())
            for line in order.lines
            if line.id == each.line and line.tracked
        }

    patch.setattr(Order, "end_refund", forgetful)


def a_coupon_is_not_judged_at_the_write(patch: pytest.MonkeyPatch) -> None:
    """It was left when the cart was read; two who come at once both use the last one."""

    def use(tables: Tables, order: Any, used: CouponUse) -> None:
        coupon = twin(tables.coupons[used.coupon])
        coupon.used += 1
        tables.coupons[coupon.id] = coupon
        tables.coupon_uses[order] = used

    patch.setattr(memory_checkout, "_use", use)


def a_coupon_is_not_given_back(patch: pytest.MonkeyPatch) -> None:
    async def keep(*said: Any) -> None:
        return None

    patch.setattr(MemoryCoupons, "give_back", keep)


def a_coupon_is_given_back_each_time(patch: pytest.MonkeyPatch) -> None:
    """Whoever cancels twice can use it once more."""
    take = CancelOrder.__call__

    async def generous(cancel: CancelOrder, who: Any, id: Any, *rest: Any) -> Any:
        store: Any = cancel.store
        view = await take(cancel, who, id, *rest)
        async with store.database.transaction() as unit:
            for coupon in unit.tables.coupons.values():
                if coupon.code == unit.tables.orders[id].placement.coupon and coupon.used:
                    unit.tables.coupons[coupon.id] = twin(coupon)
                    unit.tables.coupons[coupon.id].used -= 1
        return view

    patch.setattr(CancelOrder, "__call__", generous)


def a_guests_cart_is_merged_again_and_again(patch: pytest.MonkeyPatch) -> None:
    """The guest's cart stays when they sign in, and what is in it comes along with each click."""

    async def keep(*said: Any) -> None:
        return None

    patch.setattr(MemoryCarts, "remove", keep)


def who_is_forgotten_stays_in_their_orders(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(memory_personal, "_emptied", lambda order, stand_in: order)


def late_money_revives_an_order_without_its_pieces(patch: pytest.MonkeyPatch) -> None:
    """It is paid, so it lives on; that its pieces were given back meanwhile is forgotten."""

    async def revive(tx: Any, order: Order, payment: Any, at: Any) -> None:
        order.revive(payment, at)

    patch.setattr(payments, "revive", revive)


def late_money_revives_what_somebody_cancelled(patch: pytest.MonkeyPatch) -> None:
    ended = property(lambda order: order.status == "cancelled" and not order.is_paid)
    patch.setattr(Order, "has_expired", ended)


BUGS: tuple[Bug, ...] = (
    transactions_take_no_turns,
    stock_is_not_checked,
    checkout_ignores_the_version_of_the_cart,
    a_key_is_not_looked_up,
    the_answer_is_kept_after_the_commit,
    checkout_leaves_the_cart_full,
    cancelling_releases_twice,
    cancelling_a_paid_order_returns_nothing,
    releasing_writes_no_movement,
    a_payment_counts_before_the_gateway_says_so,
    the_latest_news_of_a_payment_wins,
    money_for_a_dead_order_is_kept,
    a_refund_goes_out_under_a_new_key_each_time,
    events_are_delivered_at_most_once,
    events_are_not_stored_with_the_change,
    a_handler_counts_what_it_is_told_twice,
    every_try_at_a_mail_is_a_new_mail,
    tax_is_rounded_per_order,
    pieces_of_a_refund_return_each_time_it_is_sent,
    a_coupon_is_not_judged_at_the_write,
    a_coupon_is_not_given_back,
    a_coupon_is_given_back_each_time,
    a_guests_cart_is_merged_again_and_again,
    who_is_forgotten_stays_in_their_orders,
    late_money_revives_an_order_without_its_pieces,
    late_money_revives_what_somebody_cancelled,
)
