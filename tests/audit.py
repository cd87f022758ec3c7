"""Proves from what is stored that nothing was lost, doubled or made up. For a shop at rest, its jobs run."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from dishka import AsyncContainer

from adapters.memory.store import MemoryStore
from adapters.memory.tables import Tables
from adapters.postgres.database import Database
from adapters.postgres.store import PostgresStore
from adapters.sandbox.gateway import SandboxGateway
from adapters.sandbox.ledger import MemoryLedger
from application.audit import Audit
from application.ports import Store

Row = dict[str, Any]

QUERIES = {
    "stock": "select sku, on_hand, reserved, backorder_limit, version from stock",
    "movements": "select sku, number, on_hand, reserved, reason, order_id from movement order by sku, number",
    "orders": "select * from purchase",
    "refunds": "select * from refund",
    "lines": "select id, purchase_id, sku, quantity, unit_price, discount, tax, total, tracked from purchase_line",
    "payments": "select * from payment",
    "intents": "select id, order_id, state, captured, refunded from sandbox.intent",
    "events": "select aggregate, aggregate_id, seq from outbox order by aggregate_id, seq",
    "versions": """
        select 'order' as aggregate, id, version from purchase union all
        select 'payment', id, version from payment union all
        select 'product', id, version from product union all
        select 'category', id, version from category union all
        select 'user', id, version from account union all
        select 'apikey', id, version from api_key union all
        select 'coupon', id, version from coupon union all
        select 'ratebook', id, version from rate_book
    """,
    "answers": "select route, status, body from once",
}
MAY_BE_GONE = {"product", "category", "resetrequest", "stock", "session", "login", "transfer"}  # or never were a row
STEPS = {  # what befalls each SKU of an order, in order of time, by (status, was it paid), and before what comes back
    ("pending", False): ["reserved"],
    ("processing", True): ["reserved", "sold"],
    ("shipped", True): ["reserved", "sold"],
    ("delivered", True): ["reserved", "sold"],
    ("cancelled", False): ["reserved", "released"],
    ("cancelled", True): ["reserved", "sold"],
}


@dataclass(slots=True)
class Books:
    """All that is stored, as rows."""

    stock: list[Row] = field(default_factory=list)
    movements: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    intents: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    versions: list[Row] = field(default_factory=list)
    answers: list[Row] = field(default_factory=list)


async def audit(container: AsyncContainer) -> Books:
    """Fail with every difference; else the books, for who wants to count."""
    store = await container.get(Store)
    if isinstance(store, MemoryStore):
        books = _in_memory(store.database.tables, (await container.get(SandboxGateway)).ledger)
    else:
        assert isinstance(store, PostgresStore)
        books = await _in_postgres(store.database)
    assert (found := list(differences(books))) == [], found
    assert (audited := (await (await container.get(Audit))()).differences) == [], audited
    return books


def differences(books: Books) -> Iterator[str]:
    """One sentence for each thing that does not add up."""
    yield from _of_stock(books)
    yield from _of_orders(books)
    yield from _of_pieces(books)
    yield from _of_shipments(books)
    yield from _of_events(books)
    yield from _of_payments(books)
    yield from _of_answers(books)


def _of_stock(books: Books) -> Iterator[str]:
    moved, promised = _by(books.movements, "sku"), _promised(books)
    for item in books.stock:
        sku = item["sku"]
        yield from _of_item(item, moved.pop(sku, []))
        if item["reserved"] != (held := promised.pop(sku, 0)):
            yield f"{sku}: {item['reserved']} reserved, open orders hold {held}"
    for sku, moves in moved.items():
        if any(sum(move[what] for move in moves) for what in ("on_hand", "reserved")):
            yield f"{sku}: stocked no longer, but its movements leave something"
    for sku, pieces in promised.items():
        yield f"{sku}: open orders hold {pieces}, and there is no stock of it"


def _of_item(item: Row, moves: list[Row]) -> Iterator[str]:
    sku = item["sku"]
    for what in ("on_hand", "reserved"):
        if item[what] != (total := sum(move[what] for move in moves)):
            yield f"{sku}: {what} is {item[what]}, its movements make {total}"
    if item["version"] != len(moves):
        yield f"{sku}: version {item['version']}, but {len(moves)} movements"
    if [move["number"] for move in moves] != list(range(1, len(moves) + 1)):
        yield f"{sku}: movements numbered {[move['number'] for move in moves]}"
    if not 0 <= item["reserved"] <= item["on_hand"] + item["backorder_limit"]:
        yield f"{sku}: {item['reserved']} of {item['on_hand']} reserved"


def _promised(books: Books) -> Counter[str]:
    """What open orders hold, by SKU."""
    pending = {order["id"] for order in books.orders if order["status"] == "pending"}
    promised: Counter[str] = Counter()
    for line in books.lines:
        if line["tracked"] and line["purchase_id"] in pending:
            promised[line["sku"]] += line["quantity"]
    return promised


def _of_orders(books: Books) -> Iterator[str]:
    lines = _by(books.lines, "purchase_id")
    for order in books.orders:
        own, name = lines[order["id"]], order["number"]
        sums = {
            "subtotal": sum(line["quantity"] * line["unit_price"] for line in own),
            "discount": sum(line["discount"] for line in own),
            "tax": sum(line["tax"] for line in own),
            "items_count": sum(line["quantity"] for line in own),
            "total": order["subtotal"] - order["discount"] + order["tax"] + order["shipping"],
        }
        for what, amount in sums.items():
            if order[what] != amount:
                yield f"{name}: {what} is {order[what]}, should be {amount}"
        for line in own:
            if line["total"] != line["quantity"] * line["unit_price"] - line["discount"]:
                yield f"{name}: the line of {line['sku']} makes {line['total']}"
        if not own:
            yield f"{name}: no lines"
        if (order["cancelled_at"] is not None) != (order["status"] == "cancelled"):
            yield f"{name}: {order['status']}, cancelled at {order['cancelled_at']}"


def _of_pieces(books: Books) -> Iterator[str]:
    """Every piece of an order was reserved once, and then left, or returned, once."""
    lines = _by(books.lines, "purchase_id")
    moved: dict[Any, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for move in books.movements:
        if move["order_id"] is not None:
            moved[move["order_id"]][move["sku"]].append(move)
    for order in books.orders:
        steps = _steps(order)
        if steps is None:
            yield f"{order['number']}: {order['status']}, paid at {order['paid_at']}"
            continue
        wanted: Counter[str] = Counter()
        for line in lines[order["id"]]:
            wanted[line["sku"]] += line["quantity"] if line["tracked"] else 0
        own = moved.pop(order["id"], {})
        for sku, pieces in wanted.items():
            due = _returned(order, pieces, sku, lines[order["id"]], books)
            expected = [(step, pieces) for step in steps] if pieces else []
            taken = [(move["reason"], abs(move["on_hand"]) or abs(move["reserved"])) for move in own.get(sku, [])]
            back = [quantity for step, quantity in taken[len(expected) :] if step == "returned" and quantity]
            if taken[: len(expected)] != expected or len(expected) + len(back) != len(taken) or sum(back) != due:
                yield f"{order['number']}, {order['status']}: {pieces} of {sku}, {due} back, but moved {taken}"
        if own.keys() - wanted.keys():
            yield f"{order['number']}: moved {own.keys() - wanted.keys()} too"
    for stranger in moved:
        yield f"stock moved for an order {stranger} that is not there"


def _steps(order: Row) -> Sequence[str] | None:
    """What happened to each of its pieces, one after another; None where no order is in such a state."""
    steps = STEPS.get((order["status"], order["paid_at"] is not None))
    is_revived = any(moment["event"] == "revived" for moment in _json(order["timeline"]))
    return ["reserved", "released", *steps] if steps is not None and is_revived else steps


def _returned(order: Row, pieces: int, sku: str, lines: list[Row], books: Books) -> int:
    """How many came back: all with a cancelled order that was paid, else those that were refunded so."""
    if order["status"] == "cancelled":
        return pieces if order["paid_at"] is not None else 0
    own = {str(line["id"]) for line in lines if line["sku"] == sku and line["tracked"]}
    done = [refund for refund in books.refunds if refund["state"] == "done" and refund["restock"]]
    items = [each for refund in done if refund["purchase_id"] == order["id"] for each in _json(refund["items"])]
    return sum(each["quantity"] for each in items if each["line"] in own)


def _of_shipments(books: Books) -> Iterator[str]:
    """No piece was sent twice, or refunded twice, and an order is shipped when none is left."""
    lines = _by(books.lines, "purchase_id")
    refunds = _by(books.refunds, "purchase_id")
    for order in books.orders:
        sent, gone = Counter[str](), Counter[str]()
        for each in (piece for shipment in _json(order["shipments"]) for piece in shipment["items"]):
            sent[each["line"]] += each["quantity"]
        for refund in (refund for refund in refunds[order["id"]] if refund["state"] == "done"):
            for each in _json(refund["items"]):
                gone[each["line"]] += each["quantity"]
        left = 0
        for line in lines[order["id"]]:
            own, quantity = str(line["id"]), line["quantity"]
            if sent[own] > quantity or gone[own] > quantity:
                yield f"{order['number']}: of {quantity} {line['sku']} {sent[own]} sent, {gone[own]} refunded"
            left += max(0, quantity - sent[own] - gone[own])
        if (order["status"] in {"shipped", "delivered"}) != (bool(sent) and not left):
            yield f"{order['number']}: {order['status']}, {sum(sent.values())} sent, {left} left"


def _json(value: Any) -> Any:
    return msgspec.json.decode(value if isinstance(value, str) else msgspec.json.encode(value))


def _of_events(books: Books) -> Iterator[str]:
    told = {key: [row["seq"] for row in rows] for key, rows in _by(books.events, "aggregate", "aggregate_id").items()}
    for row in books.versions:
        seqs = told.pop((row["aggregate"], row["id"]), [])
        if seqs != list(range(1, row["version"] + 1)):
            yield f"{row['aggregate']} {row['id']}: version {row['version']}, events {seqs}"
    yield from (f"events of {key}, which is not there" for key in told if key[0] not in MAY_BE_GONE)


def _of_payments(books: Books) -> Iterator[str]:
    payments, intents = _by(books.payments, "order_id"), {row["id"]: row for row in books.intents}
    for order in books.orders:
        name, own = order["number"], payments.pop(order["id"], [])
        if sum(payment["state"] != "cancelled" for payment in own) > 1:
            yield f"{name}: more than one payment"
        captured, refunded = (sum(payment[what] for payment in own) for what in ("captured", "refunded"))
        yield from _of_money(order, captured, refunded)
        if any(each["state"] == "pending" for each in books.refunds if each["purchase_id"] == order["id"]):
            yield f"{name}: a refund is still to be sent"
        done = [each for each in books.refunds if each["purchase_id"] == order["id"] and each["state"] == "done"]
        if (promised := sum(each["amount"] for each in done)) > refunded:
            yield f"{name}: {promised} said to be refunded, {refunded} were"
        for payment in own:
            if payment["state"] != _state(payment):
                yield f"{name}: payment is {payment['state']}, its money says {_state(payment)}"
            intent = intents[payment["intent"]]
            if (intent["captured"], intent["refunded"]) != (payment["captured"], payment["refunded"]):
                yield f"{name}: the gateway has {intent}, we have {payment}"
            if order["status"] == "cancelled" and payment["state"] in {"pending", "processing", "failed"}:
                yield f"{name}: cancelled, and can still be paid"
    yield from (f"payment of an order {order} that is not there" for order in payments)


def _of_money(order: Row, captured: int, refunded: int) -> Iterator[str]:
    name, status, paid = order["number"], order["payment_status"], order["paid_at"] is not None
    if paid and captured != order["total"]:
        yield f"{name}: paid, but {captured} of {order['total']} captured"
    if captured and order["status"] == "pending":
        yield f"{name}: {captured} captured, and still pending"
    if order["status"] == "cancelled" and captured != refunded:
        yield f"{name}: cancelled, and {captured - refunded} not refunded"
    if refunded:
        right = {"refunded" if refunded >= order["total"] else "partially_refunded"}
    else:
        right = {"paid"} if paid else {"pending", "failed"}
    if status not in right:
        yield f"{name}: payment status {status}, of {captured} captured {refunded} refunded"


def _state(payment: Row) -> str:
    """The state that a payment's money speaks for."""
    if payment["refunded"]:
        return "refunded" if payment["refunded"] == payment["captured"] else "partially_refunded"
    if payment["captured"]:
        return "succeeded"
    return str(payment["state"]) if payment["state"] in {"pending", "processing", "failed", "cancelled"} else "unpaid"


def _of_answers(books: Books) -> Iterator[str]:
    orders = {str(order["id"]) for order in books.orders}
    for answer in books.answers:
        if answer["route"].endswith("/checkout") and answer["status"] == 201:
            told = msgspec.json.decode(answer["body"])
            if told["id"] not in orders:
                yield f"an answer tells of an order {told['id']} that is not there"


def _by(rows: Iterable[Row], *names: str) -> defaultdict[Any, list[Row]]:
    grouped: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[names[0]] if len(names) == 1 else tuple(row[name] for name in names)].append(row)
    return grouped


async def _in_postgres(database: Database) -> Books:
    async with database.connection() as connection:
        return Books(**{name: [dict(row) for row in await connection.fetch(sql)] for name, sql in QUERIES.items()})


def _in_memory(tables: Tables, ledger: Any) -> Books:
    assert isinstance(ledger, MemoryLedger)
    orders, payments = tables.orders.values(), tables.payments.values()
    kept = {
        "order": tables.orders,
        "payment": tables.payments,
        "product": tables.products,
        "category": tables.categories,
        "user": tables.users,
        "coupon": tables.coupons,
        "apikey": tables.api_keys,
        "ratebook": tables.rate_books,
    }
    return Books(
        stock=[_plain(item) for item in tables.stock.values()],
        movements=[{**_plain(move), "order_id": move.order} for move in tables.movements],
        orders=[{**_plain(order), "items_count": sum(line.quantity for line in order.lines)} for order in orders],
        lines=[{**_plain(line), "purchase_id": order.id} for order in orders for line in order.lines],
        refunds=[{**_plain(refund), "purchase_id": order.id} for order in orders for refund in order.refunds],
        payments=[{**_plain(payment), "order_id": payment.order} for payment in payments],
        intents=[_plain(intent) for intent in ledger.intents.values()],
        events=sorted((_plain(event) for event in tables.outbox), key=lambda row: (row["aggregate_id"], row["seq"])),
        versions=[
            {"aggregate": name, "id": one.id, "version": one.version}
            for name, table in kept.items()
            for one in table.values()  # type: ignore[attr-defined]
        ],
        answers=[_plain(answer) for answer in tables.answers.values()],
    )


def _plain(thing: Any) -> Row:
    """Its fields, amounts in minor units."""
    names = getattr(thing, "__struct_fields__", None) or thing.__dataclass_fields__
    return {name: getattr(value := getattr(thing, name), "amount", value) for name in names}
