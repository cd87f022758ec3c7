"""Checkout on PostgreSQL: one statement reads all that the order is decided by, one writes all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import asyncpg
import msgspec

from adapters.postgres.cart import CARRIED_SQL, OFFERS_SQL, basket_of, columns
from adapters.postgres.database import Database, only, statement
from adapters.postgres.unit import event_data
from application.checkout import CheckoutState
from application.freshness import Announce, Changed
from application.idempotency import Once, Remembered
from application.ports import NewId
from domain.accounts import Address, Owner
from domain.addresses import AddressId
from domain.ordering import Order
from domain.promotions import CustomerKey

READ = statement("checkout_read").replace("/*offers*/", OFFERS_SQL)
READ = READ.replace("/*carried*/", CARRIED_SQL.replace("$customer", "$6"))
WRITE = statement("checkout_write")
# Of what costs nothing the pieces leave at once, and a second event tells that it is paid.
PAID = {
    "reserved = stock.reserved + s.quantity, version = stock.version + 1": (
        "on_hand = stock.on_hand - s.quantity, version = stock.version + 2"
    ),
    "select sku, version, 0, quantity, 'reserved', $14, $5, '' from taken": (
        "select sku, version - 1, 0, quantity, 'reserved', $14::timestamptz, $5::uuid, '' from taken union all "
        "select sku, version, -quantity, -quantity, 'sold', $14, $5, '' from taken"
    ),
    "created_at, expires_at, version)": "created_at, expires_at, paid_at, version)",
    "'pending', 'pending'": "'processing', 'paid'",
    "$19::timestamptz, 1\n": "$19::timestamptz, $14::timestamptz, 2\n",
    "select $32::uuid, $33, 'order', $5, 1, $14, $34::jsonb from go": (
        "select $32::uuid, $33::text, 'order', $5::uuid, 1, $14::timestamptz, $34::jsonb from go union all "
        "select $46::uuid, $47::text, 'order', $5, 2, $14, $48::jsonb from go"
    ),
}
WRITE_PAID = reduce(lambda text, part: text.replace(part, PAID[part]), PAID, WRITE)
SAVED = msgspec.json.Decoder(dict[AddressId, Address])
# A twin was quicker: its key, its use of the coupon, or by rare chance its order number, is there.
TWINS = ("pk_once", "uq_coupon_use_customer", "uq_purchase_number")


@dataclass(frozen=True, slots=True)
class PostgresCheckouts:
    database: Database
    new_id: NewId
    announce: Announce

    async def read(
        self,
        owner: Owner,
        once: Once | None,
        named: Sequence[AddressId] = (),
        customer: CustomerKey | None = None,
    ) -> CheckoutState:
        actor, key = (once.actor, once.key) if once else (None, None)
        user, guest = columns(owner)
        async with self.database.connection() as connection:
            row = await only(connection, READ, user, actor, key, named, guest, customer)
        remembered = row["route"] and Remembered(row["route"], row["fingerprint"], row["status"], row["body"])
        addresses = SAVED.decode(row["addresses"]) if row["addresses"] else {}
        return CheckoutState(
            email=row["email"],
            basket=basket_of(row, owner),
            customer=customer,
            remembered=remembered or None,
            addresses=addresses,
            rates=row["rates"],
        )

    async def write(self, order: Order, state: CheckoutState, once: Once | None, body: bytes) -> bool:
        demand = sorted(order.demand.items())
        cart, use = state.cart, state.use
        told, *paid = [(self.new_id(), type(event).__name__, event_data(event)) for event in order.drain()]
        values = (
            [sku for sku, _ in demand],
            [quantity for _, quantity in demand],
            cart.id,
            cart.version,
            *_order(order),
            *_lines(order),
            *told,
            *((once.actor, once.key, once.route, once.fingerprint, once.status, body) if once else (None,) * 6),
            *((use.coupon, use.version, use.customer, use.n) if use else (None,) * 4),
            [line.tax_rate for line in order.lines],
            *(value for event in paid for value in event),
        )
        try:
            async with self.database.connection() as connection:
                return bool(await connection.fetchval(WRITE_PAID if paid else WRITE, *values))
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name not in TWINS:
                raise
            return False
        finally:
            self.announce(Changed(skus=frozenset(order.demand)))


def _order(order: Order) -> tuple[Any, ...]:
    return (
        order.id,
        order.number,
        order.placement.user,
        order.placement.email,
        order.currency,
        order.subtotal.amount,
        order.discount.amount,
        order.tax.amount,
        order.shipping.amount,
        order.created_at,
        order.total.amount,
        sum(line.quantity for line in order.lines),
        msgspec.json.encode(order.placement).decode(),
        msgspec.json.encode(order.timeline).decode(),
        order.expires_at,
    )


def _lines(order: Order) -> list[list[Any]]:
    rows = (
        (
            line.id,
            line.product,
            line.variant,
            line.product_name,
            line.variant_name,
            line.sku,
            line.quantity,
            line.unit_price.amount,
            line.discount.amount,
            line.tax.amount,
            line.total.amount,
            line.tracked,
        )
        for line in order.lines
    )
    return [list(column) for column in zip(*rows, strict=True)]
