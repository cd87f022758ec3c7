"""What must be so in the end, beside the audit: the shop kept its word, and nobody paid for nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from adapters.memory.tables import Tables
from adapters.sandbox.ledger import MemoryLedger
from domain.cart import Article
from domain.ordering import OrderId, RefundState, Status
from domain.payments import Intent
from domain.personal import is_forgotten
from domain.rates import STANDARD
from tests.simulation.world import Promises

TAX = Decimal("0.0725")


def broken(tables: Tables, ledger: MemoryLedger, promises: Promises) -> Iterator[str]:
    """One sentence for each thing that is not as it must be."""
    yield from _of_placing(tables, promises)
    yield from _of_carts(tables, promises)
    yield from _of_coupons(tables)
    yield from _of_the_forgotten(tables, promises)
    yield from _of_mails(tables, promises)
    yield from _of_money(tables, ledger, promises)
    yield from _of_prices(tables)
    yield from _of_sales(tables)
    yield from _of_ends(tables)


def _of_placing(tables: Tables, promises: Promises) -> Iterator[str]:
    orders = {order.id: order for order in tables.orders.values()}
    for key, view in promises.orders.items():
        order = orders.get(OrderId(key))
        if order is None:
            yield f"{view.order_number} was told, and is not there"
        elif (str(order.total), len(order.lines)) != (view.total_amount, len(view.items)):
            yield f"{view.order_number} was told for {view.total_amount}, and is for {order.total}"
    yield from (f"{name} became {len(ids)} orders" for name, ids in promises.by_key.items() if len(ids) > 1)
    tries = Counter(placement.customer_notes for placement in promises.placements.values())
    yield from (f"{many} orders of the one try {name}" for name, many in tries.items() if many > 1)
    yield from (f"an order {key} is no more" for key in promises.placements if key not in orders)


def _of_carts(tables: Tables, promises: Promises) -> Iterator[str]:
    """Nobody ordered more than they put into the cart, they or the guests that they were."""
    may = promises.put.copy()
    for guest, customer in promises.merged:
        may.update({(customer, article): pieces for (name, article), pieces in promises.put.items() if name == guest})
    bought: Counter[tuple[str, Article]] = Counter()
    for order in tables.orders.values():
        name = promises.placements[order.id].customer_notes.partition("-")[0]
        for line in order.lines:
            bought[name, (line.product, line.variant)] += line.quantity
    for (name, article), pieces in bought.items():
        if pieces > may[name, article]:
            sold = tables.products[article[0]].name
            yield f"{name} ordered {pieces} of {sold}, and put {may[name, article]} into the cart"


def _of_mails(tables: Tables, promises: Promises) -> Iterator[str]:
    sent: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for mail in promises.mails:
        sent[mail.subject].add((mail.message_id, mail.to))
    for order in tables.orders.values():
        mails = sent[f"Your order {order.number}"]
        email, was_forgotten = promises.placements[order.id].email, is_forgotten(order.placement)
        if [to for _, to in mails] != [email] and (mails or not was_forgotten):
            yield f"{order.number}: confirmed by {sorted(mails)}"


def _of_money(tables: Tables, ledger: MemoryLedger, promises: Promises) -> Iterator[str]:
    """Against the gateway's own books, whatever the shop knows of them."""
    intents: defaultdict[UUID, list[Intent]] = defaultdict(list)
    for intent in ledger.intents.values():
        intents[intent.order].append(intent)
    for order in tables.orders.values():
        own = intents[order.id]
        kept = sum(intent.captured - intent.refunded for intent in own)
        given = sum(refund.amount.amount for refund in order.refunds if refund.state is RefundState.DONE)
        due = 0 if order.status is Status.CANCELLED or not order.is_paid else order.total.amount - given
        if kept != due:
            yield f"{order.number}, {order.status}: the gateway keeps {kept} of {order.total}, and should {due}"
        if order.id in promises.cancelled and order.status is not Status.CANCELLED:
            yield f"{order.number}: was told to be cancelled, and is {order.status}"
        if order.id in promises.paid and not (order.is_paid or order.status is Status.CANCELLED):
            yield f"{order.number}: was told to be paid, and is {order.status}"


def _of_prices(tables: Tables) -> Iterator[str]:
    """Reckoned by another hand: tax half up for each line, by the shop's one zone if it has one."""
    zones = [zone for book in tables.rate_books.values() for zone in book.rates.tax_zones]
    rate = next((zone.rates[STANDARD] / 100 for zone in zones if not zone.includes_tax), Decimal(0) if zones else TAX)
    for order in tables.orders.values():
        for line in order.lines:
            net = line.unit_price.amount * line.quantity - line.discount.amount
            tax = int((net * rate).quantize(Decimal(1), ROUND_HALF_UP))
            if (line.total.amount, line.tax.amount) != (net, tax):
                told = f"{line.total} and {line.tax}, not {net} and {tax}"
                yield f"{order.number}: {line.quantity} {line.sku} make {told}"


def _of_coupons(tables: Tables) -> Iterator[str]:
    """Reckoned by another hand: who had a coupon got what it takes off, and every live order counts as one use."""
    used: Counter[str] = Counter()
    for order in tables.orders.values():
        code = order.placement.coupon
        gross = sum(line.unit_price.amount * line.quantity for line in order.lines)
        off = {None: 0, "CARRY": 0, "FIVER": min(500, gross), "TENTH": (gross * 125 + 500) // 1000}[code]
        if order.discount.amount != off or (code == "CARRY" and order.shipping.amount):
            yield f"{order.number}: {order.discount} off {gross} for {code}, and {order.shipping} to ship"
        if code is not None and order.status is not Status.CANCELLED:
            used[code] += 1
    for coupon in tables.coupons.values():
        if coupon.used != used[coupon.code]:
            yield f"{coupon.code}: used {coupon.used} times, by {used[coupon.code]} orders"


def _of_the_forgotten(tables: Tables, promises: Promises) -> Iterator[str]:
    held = {
        "an account": tables.users.values(),
        "an order": [order.placement for order in tables.orders.values()],
        "an event": [event.data for event in tables.outbox],
        "the audit log": tables.audit_log,
    }
    for email in promises.erased:
        for where, rows in held.items():
            if any(email in repr(row) for row in rows):
                yield f"{email} is to be forgotten, and still in {where}"


def _of_sales(tables: Tables) -> Iterator[str]:
    """Every piece that was paid for counts once, however often the event was told."""
    sold: Counter[UUID] = Counter()
    for order in tables.orders.values():
        for line in order.lines if order.is_paid else ():
            sold[line.product] += line.quantity
    for product, counted in tables.popularity.items():
        if counted != sold[product]:
            yield f"{tables.products[product].name}: {sold[product]} were sold, {counted} counted"


def _of_ends(tables: Tables) -> Iterator[str]:
    yield from (f"{order.number} is still pending" for order in tables.orders.values() if order.status == "pending")
    yield from (f"{sku}: {item.reserved} reserved, of nothing" for sku, item in tables.stock.items() if item.reserved)
    told = {event.id: event for event in tables.outbox}
    for (event, handler), owed in tables.deliveries.items():
        if owed.done_at is None:
            yield f"{handler} was never done with {told[event].type} after {owed.attempts} tries: {owed.error}"
    yield from (f"{event.type} was never handed on" for event in tables.outbox if event.id not in tables.positions)
    for order in tables.orders.values():
        for refund in order.refunds:
            if refund.state is RefundState.PENDING:
                yield f"{order.number}: a refund of {refund.amount} is still promised"
