"""The audit in memory: the same checks, by the same names, over the committed tables."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

import msgspec

from adapters.memory.tables import MemoryDatabase, Owed, Tables
from application.audit import Difference
from application.outbox import Patience
from domain.inventory import Movement, Reason, Sku
from domain.money import Money, total
from domain.ordering import Order, PaymentStatus, RefundState, Status
from domain.ordering.shipments import counted, in_stock, left
from domain.payments import LIVE, Payment, PaymentState

Found = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class MemoryBooks:
    database: MemoryDatabase

    async def differences(self, most: int) -> dict[str, list[Difference]]:
        tables = self.database.tables
        return {
            name: [Difference(name, subject, detail) for subject, detail in islice(check(tables), most)]
            for name, check in CHECKS.items()
        }


def _movements(tables: Tables) -> Found:
    moved = _by_sku(tables.movements)
    for sku, item in tables.stock.items():
        moves = moved[sku]
        made = (sum(m.on_hand for m in moves), sum(m.reserved for m in moves), len(moves))
        numbers = [move.number for move in moves]
        if (item.on_hand, item.reserved, item.version) != made or numbers != list(range(1, len(moves) + 1)):
            yield sku, f"{item.on_hand}, {item.reserved}, {item.version}; its movements make {made}"


def _left(tables: Tables) -> Found:
    for sku, moves in _by_sku(tables.movements).items():
        left = (sum(m.on_hand for m in moves), sum(m.reserved for m in moves))
        if sku not in tables.stock and any(left):
            yield sku, f"its movements leave {left}"


def _reserved(tables: Tables) -> Found:
    held: Counter[Sku] = Counter()
    for order in tables.orders.values():
        if order.status is Status.PENDING:
            held.update(_pieces(order))
    for sku in {*tables.stock, *held}:
        reserved = tables.stock[sku].reserved if sku in tables.stock else 0
        if reserved != held[sku]:
            yield sku, f"{reserved} reserved, open orders hold {held[sku]}"


def _sums(tables: Tables) -> Found:
    for order in tables.orders.values():
        lines, currency = order.lines, order.total.currency
        subtotal = total((line.unit_price * line.quantity for line in lines), currency)
        discount = total((line.discount for line in lines), currency)
        tax = total((line.tax for line in lines), currency)
        whole = subtotal - discount + tax + order.shipping
        sound = all(line.total == line.unit_price * line.quantity - line.discount for line in lines)
        told = (order.subtotal, order.discount, order.tax, order.total)
        if not lines or not sound or told != (subtotal, discount, tax, whole):
            yield order.number, f"{_written(told)}; its lines make {_written((subtotal, discount, tax, whole))}"


def _stories(tables: Tables) -> Found:
    for order in tables.orders.values():
        paid = order.paid_at is not None
        too_late = order.status is Status.CANCELLED and order.payment_status is PaymentStatus.REFUNDED and not paid
        told = {
            "cancelled": (order.status is Status.CANCELLED, order.cancelled_at is not None),
            "delivered": (order.status is Status.DELIVERED, order.delivered_at is not None),
            "shipped": (order.status in {Status.SHIPPED, Status.DELIVERED}, order.shipped_at is not None),
            "paid": (order.status is not Status.PENDING and (paid or order.status is not Status.CANCELLED), paid),
            "money": (order.payment_status not in {PaymentStatus.PENDING, PaymentStatus.FAILED}, paid or too_late),
        }
        if wrong := [what for what, (said, dated) in told.items() if said != dated]:
            yield order.number, f"{order.status}, {order.payment_status}: {wrong}"


def _moves(tables: Tables) -> Found:
    moved: defaultdict[UUID, Counter[tuple[Sku, Reason]]] = defaultdict(Counter)
    for move in tables.movements:
        if move.order is not None:
            moved[move.order][move.sku, move.reason] += abs(move.on_hand) or abs(move.reserved)
    for order in tables.orders.values():
        own, wanted = moved.pop(order.id, Counter()), _pieces(order)
        for sku in {*wanted, *(sku for sku, _ in own)}:
            told = {reason: own[sku, reason] for reason in Reason if own[sku, reason]}
            if not _moved_rightly(order, wanted[sku], _restocked(order)[sku], told):
                yield order.number, f"{wanted[sku]} of {sku}, but moved {told}"
    yield from ((str(stranger), "stock moved for an order that is not there") for stranger in moved)


def _moved_rightly(order: Order, pieces: int, restocked: int, told: dict[Reason, int]) -> bool:
    paid, cancelled = order.paid_at is not None, order.status is Status.CANCELLED
    before = pieces if any(moment.event == "revived" for moment in order.timeline) else 0
    return (
        told.get(Reason.RESERVED, 0) == pieces + before
        and told.get(Reason.RELEASED, 0) == before + (pieces if cancelled and not paid else 0)
        and told.get(Reason.SOLD, 0) == (pieces if paid else 0)
        and told.get(Reason.RETURNED, 0) == (0 if not paid else pieces if cancelled else restocked)
    )


def _restocked(order: Order) -> Counter[Sku]:
    """What came back to the shelf with its refunds."""
    done = [refund for refund in order.refunds if refund.state is RefundState.DONE and refund.restock]
    return Counter(in_stock(order.lines, (each for refund in done for each in refund.items)))


def _sent(tables: Tables) -> Found:
    for order in tables.orders.values():
        parcels = [shipment.items for shipment in order.shipments]
        done = [refund.items for refund in order.refunds if refund.state is RefundState.DONE]
        for line in order.lines:
            sent, back = counted(parcels, line.id), counted(done, line.id)
            if sent > line.quantity or back > line.quantity:
                yield order.number, f"of {line.quantity} {line.sku} {sent} sent, {back} refunded"
        still = sum(left(order.lines, [*parcels, *done]).values())
        if (order.status in {Status.SHIPPED, Status.DELIVERED}) != (bool(parcels) and not still):
            yield order.number, f"{order.status}, {len(parcels)} parcels, {still} pieces left"


def _money(tables: Tables) -> Found:
    payments: defaultdict[UUID, list[Payment]] = defaultdict(list)
    for payment in tables.payments.values():
        payments[payment.order].append(payment)
    for order in tables.orders.values():
        own = payments[order.id]
        captured, refunded = sum(p.captured for p in own), sum(p.refunded for p in own)
        if wrong := [*_wrong_with_money(order, own, captured, refunded), *_kept(tables, order, own)]:
            yield order.number, f"{order.status}, {order.payment_status}, {captured}, {refunded}: {', '.join(wrong)}"


def _wrong_with_money(order: Order, own: list[Payment], captured: int, refunded: int) -> Iterator[str]:
    paid = order.paid_at is not None
    if sum(payment.state is not PaymentState.CANCELLED for payment in own) > 1:
        yield "more than one payment"
    if paid and captured != order.total.amount:
        yield "paid, and not all of it captured"
    if order.status is Status.PENDING and captured:
        yield "captured, and still pending"
    if refunded:
        whole = refunded >= order.total.amount
        right = {PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED}
    else:
        right = {PaymentStatus.PAID} if paid else {PaymentStatus.PENDING, PaymentStatus.FAILED}
    if order.payment_status not in right:
        yield "its payment status"
    if sum(each.amount.amount for each in order.refunds if each.state is RefundState.DONE) > refunded:
        yield "more said to be refunded"


def _kept(tables: Tables, order: Order, own: list[Payment]) -> Iterator[str]:
    """Money that stays with a cancelled order, or may still come, once nobody is owed its cancellation any more."""
    if order.status is not Status.CANCELLED or _is_on_its_way(tables, order):
        return
    payable = LIVE - {PaymentState.PROCESSING}  # what a bank is at can only be waited for
    if any(payment.captured != payment.refunded or payment.state in payable for payment in own):
        yield "cancelled, and not all refunded or still to be paid"


def _is_on_its_way(tables: Tables, order: Order) -> bool:
    for event in tables.outbox:
        if event.type == "OrderCancelled" and event.aggregate_id == order.id:
            owed = tables.deliveries.get((event.id, "RefundCancelled"))
            return event.id not in tables.positions or (owed is not None and not _has_failed_for_hours(owed))
    return False


def _has_failed_for_hours(owed: Owed) -> bool:
    return bool(owed.done_at or owed.dead_at or owed.attempts > Patience().attempts)


def _promises(tables: Tables) -> Found:
    pending = {
        str(refund.id): (order, refund)
        for order in tables.orders.values()
        for refund in order.refunds
        if refund.state is RefundState.PENDING
    }
    for event in tables.outbox if pending else ():
        if event.type == "RefundAsked" and (found := pending.get(str(event.data["refund"]))):
            owed = tables.deliveries.get((event.id, "CarryRefundOut"))
            if owed is not None and _has_failed_for_hours(owed):
                order, refund = found
                yield order.number, f"{refund.amount} is not sent after {owed.attempts} tries: {owed.error}"


def _states(tables: Tables) -> Found:
    for payment in tables.payments.values():
        if payment.refunded:
            whole = payment.refunded == payment.captured
            right = {PaymentState.REFUNDED if whole else PaymentState.PARTIALLY_REFUNDED}
        else:
            right = {PaymentState.SUCCEEDED} if payment.captured else {*LIVE, PaymentState.CANCELLED}
        if payment.state not in right or bool(payment.captured) != (payment.paid_at is not None):
            yield payment.intent, f"{payment.state}, {payment.captured} captured and {payment.refunded} refunded"


def _events(tables: Tables) -> Found:
    told: defaultdict[tuple[str, UUID], list[int]] = defaultdict(list)
    for event in tables.outbox:
        told[event.aggregate, event.aggregate_id].append(event.seq)
    kept = {
        "order": tables.orders,
        "payment": tables.payments,
        "product": tables.products,
        "category": tables.categories,
        "user": tables.users,
        "coupon": tables.coupons,
        "ratebook": tables.rate_books,
    }
    for name, table in kept.items():
        for one in table.values():  # type: ignore[attr-defined]
            if (seqs := sorted(told.pop((name, one.id), []))) != list(range(1, one.version + 1)):
                yield f"{name} {one.id}", f"version {one.version}, events {seqs}"
    for (name, key), seqs in told.items():
        if name in {"order", "payment"} or (name != "stock" and sorted(seqs) != list(range(1, len(seqs) + 1))):
            yield f"{name} {key}", f"events {seqs}"


def _answers(tables: Tables) -> Found:
    orders = {str(key) for key in tables.orders}
    for (_, key), answer in tables.answers.items():
        if answer.route.endswith("/checkout") and answer.status == 201 and answer.body:
            told = msgspec.json.decode(answer.body)["id"]
            if told not in orders:
                yield key, f"an answer tells of the order {told}"


def _stocked(tables: Tables) -> Found:
    for product in tables.products.values():
        if product.archived_at is None and product.track_inventory:
            missing = [sku for sku in product.skus if sku not in tables.stock]
            yield from ((sku, "is sold and counted, and there is no stock of it") for sku in missing)


def _coupons(tables: Tables) -> Found:
    for coupon in tables.coupons.values():
        uses = Counter(use.customer for use in tables.coupon_uses.values() if use.coupon == coupon.id)
        most, limits = max(uses.values(), default=0), (coupon.usage_limit, coupon.per_customer_limit)
        over = any(limit is not None and used > limit for used, limit in zip((coupon.used, most), limits, strict=True))
        if coupon.used != uses.total() or over:
            yield coupon.code, f"used {coupon.used} times, {uses.total()} uses, {most} by one customer; limits {limits}"


def _uses(tables: Tables) -> Found:
    for order in tables.orders.values():
        counts = order.placement.coupon is not None and order.status is not Status.CANCELLED
        if counts != (order.id in tables.coupon_uses):
            yield order.number, f"{order.status}, coupon {order.placement.coupon}"
    yield from (
        (str(stranger), "used a coupon, and is not there") for stranger in tables.coupon_uses.keys() - tables.orders
    )


CHECKS: dict[str, Callable[[Tables], Found]] = {
    "answers tell of what is there": _answers,
    "coupons are used within their limits": _coupons,
    "events are numbered without gaps": _events,
    "every piece of an order moved once": _moves,
    "no piece is sent or refunded twice": _sent,
    "everything tracked is stocked": _stocked,
    "orders are the sum of their lines": _sums,
    "orders tell one story": _stories,
    "payments are what orders say": _money,
    "payments are what their money says": _states,
    "promised refunds are sent": _promises,
    "reserved is what open orders hold": _reserved,
    "stock is the sum of its movements": _movements,
    "uses of coupons are what orders say": _uses,
    "what is stocked no longer left nothing": _left,
}


def _pieces(order: Order) -> Counter[Sku]:
    """What of it is counted in stock."""
    pieces: Counter[Sku] = Counter()
    for line in order.lines:
        if line.tracked:
            pieces[line.sku] += line.quantity
    return pieces


def _by_sku(movements: Iterable[Movement]) -> defaultdict[Sku, list[Movement]]:
    grouped: defaultdict[Sku, list[Movement]] = defaultdict(list)
    for move in movements:
        grouped[move.sku].append(move)
    return grouped


def _written(amounts: Iterable[Money]) -> str:
    return ", ".join(map(str, amounts))
