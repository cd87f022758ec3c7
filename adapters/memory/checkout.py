"""Checkout in memory: the same promise as PostgreSQL's one statement, all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.memory.cart import basket_of, uses_of
from adapters.memory.inventory import MemoryStock
from adapters.memory.rates import book_of
from adapters.memory.tables import MemoryDatabase, MemoryUnit, Tables, twin
from application.checkout import CheckoutState
from application.idempotency import Once, Remembered
from domain.accounts import Owner
from domain.addresses import AddressId
from domain.inventory import InsufficientStock
from domain.ordering import Order, OrderId
from domain.promotions import CouponUse, CustomerKey


@dataclass(frozen=True, slots=True)
class MemoryCheckouts:
    database: MemoryDatabase

    async def read(
        self,
        owner: Owner,
        once: Once | None,
        named: Sequence[AddressId] = (),
        customer: CustomerKey | None = None,
    ) -> CheckoutState:
        tables = self.database.tables
        user = None if isinstance(owner, bytes) else owner
        account, cart = tables.users.get(user) if user else None, tables.carts.get(owner)
        book = tables.address_books.get(user) if user else None
        return CheckoutState(
            email=account.email if account and account.is_active else None,
            basket=basket_of(tables, cart, customer=customer) if cart else None,
            customer=customer,
            remembered=tables.answers.get((once.actor, once.key)) if once else None,
            addresses={entry.id: entry.address for entry in (book.entries if book else ()) if entry.id in named},
            rates=book_of(tables).version,
        )

    async def write(self, order: Order, state: CheckoutState, once: Once | None, body: bytes) -> bool:
        try:
            async with self.database.transaction() as unit:
                await _write(unit, order, state, once, body)
        except (_NoLongerSo, InsufficientStock):
            return False
        return True


class _NoLongerSo(Exception):
    """The cart, the key, the number or what is stocked is not what it was at the read."""


async def _write(unit: MemoryUnit, order: Order, state: CheckoutState, once: Once | None, body: bytes) -> None:
    tables, owner = unit.tables, state.cart.owner
    taken = any(other.number == order.number for other in tables.orders.values())
    cart = tables.carts.get(owner)
    if cart is None or cart.id != state.cart.id or cart.version != state.cart.version or taken:
        raise _NoLongerSo
    if once is not None:
        if (once.actor, once.key) in tables.answers:
            raise _NoLongerSo
        tables.answers[once.actor, once.key] = Remembered(once.route, once.fingerprint, once.status, body)
    if (use := state.use) is not None:
        _use(tables, order.id, use)
    stock = MemoryStock(unit)
    shelf = await stock.take(order.demand)
    if shelf.keys() != order.demand.keys():
        raise _NoLongerSo
    shelf.reserve(order.demand, order.id, order.created_at)
    if order.is_paid:
        shelf.sell(order.demand, order.id, order.created_at)
    await stock.save(shelf)
    emptied = twin(cart)
    emptied.clear(order.created_at)
    emptied.version += 1
    tables.carts[owner] = emptied
    unit.publish(order, order.id)
    tables.orders[order.id] = twin(order)


def _use(tables: Tables, order: OrderId, use: CouponUse) -> None:
    coupon = twin(tables.coupons[use.coupon])
    is_left = coupon.usage_limit is None or coupon.used < coupon.usage_limit
    if coupon.version != use.version or coupon.archived_at or not is_left:
        raise _NoLongerSo
    if use.n in uses_of(tables, coupon, use.customer):
        raise _NoLongerSo
    coupon.used += 1
    tables.coupons[coupon.id] = coupon
    tables.coupon_uses[order] = use
