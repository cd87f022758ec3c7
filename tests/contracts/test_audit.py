"""What the audit proves: a busy shop's books add up, and each thing that is bent in them is found."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from dishka import AsyncContainer

from adapters.memory.store import MemoryStore
from adapters.memory.tables import Tables
from adapters.postgres.store import PostgresStore
from application.audit import Audit, Findings, WatchBooks
from application.ordering import OrderView
from application.ports import Store
from application.promotions import ApplyCoupon, CreateCoupon, NewCoupon
from application.refunding import RefundOrder
from application.shipping import ShipOrder
from domain.accounts import Actor, Role
from domain.errors import Forbidden
from domain.inventory import Sku
from domain.ordering import LineId, Order, OrderId, Parcel, PaymentStatus, RefundState, RefundWish, Status
from domain.payments import PaymentState
from domain.promotions import Kind
from entrypoints.shop import DECLINED, Shop, ShopClock

LAMP = Sku("LAMP")


@pytest.fixture
async def shop(container: AsyncContainer) -> Shop:
    """With an order in each state that there is."""
    shop = Shop(container, ShopClock())
    await shop.has("LAMP", stock=50, price="12.34")
    await shop.has("EBOOK", stock=None, price="5.00")
    ann = await shop.customer("ann@example.com")
    pending, paid, cancelled, refunded, declined = [await ann.buy("LAMP", n) for n in (1, 2, 3, 4, 5)]
    await ann.buy("EBOOK")
    create_coupon, apply_coupon = await shop.get(CreateCoupon), await shop.get(ApplyCoupon)
    await create_coupon(Actor.shop(), NewCoupon(code="TEN", kind=Kind.PERCENT, value="10", usage_limit=3))
    for cancelled_too in (False, True):
        await ann.add("LAMP")
        await apply_coupon(ann.who, "TEN")
        reduced = await ann.checkout()
        if cancelled_too:
            await ann.cancel(reduced)
    await ann.pay(paid)
    await ann.cancel(cancelled)
    await ann.pay(refunded)
    await ann.cancel(refunded)
    with pytest.raises(Exception, match="declined"):
        await ann.pay(declined, DECLINED)
    await sent_and_returned(shop, await ann.buy("LAMP", 6))
    await shop.run_jobs()
    assert pending.status == Status.PENDING
    return shop


async def sent_and_returned(shop: Shop, order: OrderView) -> None:
    """Six pieces: four sent, one of the others refunded and back on the shelf."""
    ann, olga = await shop.customer("ann@example.com"), await shop.customer("olga@example.com", Role.ORDER_MANAGER)
    await ann.pay(order)
    line, it = LineId(order.items[0].id), OrderId(order.id)
    await (await shop.get(ShipOrder))(olga.who, it, Parcel(items={line: 4}))
    wish = RefundWish(reason="late", items={line: 1}, restock=True)
    await (await shop.get(RefundOrder))(olga.who, it, wish)


async def audited(shop: Shop) -> Findings:
    return await (await shop.get(Audit))()


async def test_the_books_of_a_busy_shop_add_up(shop: Shop) -> None:
    findings = await audited(shop)
    assert findings.differences == []
    assert findings.ok
    assert len(findings.checks) >= 11


async def test_only_an_admin_may_look_into_the_books(shop: Shop) -> None:
    audit = await shop.get(Audit)
    with pytest.raises(Forbidden):
        await audit((await shop.customer("olga@example.com", Role.ORDER_MANAGER)).who)
    assert (await audit((await shop.customer("root@example.com", Role.ADMIN)).who)).ok


@dataclass(frozen=True)
class Bend:
    """One thing that is bent in the books: by hand in memory, by SQL in the database."""

    found_by: str
    in_memory: Callable[[Tables], None]
    in_sql: str


def edited(table: str, of: Callable[[Any], bool], **fields: Any) -> Callable[[Tables], None]:
    """The first one of the table that is so gets other fields."""

    def bend(tables: Tables) -> None:
        rows = getattr(tables, table)
        keys = list(rows) if isinstance(rows, dict) else list(range(len(rows)))
        key = next(key for key in keys if of(rows[key]))
        if hasattr(rows[key], "drain"):
            for name, value in fields.items():
                setattr(rows[key], name, value)
        else:
            rows[key] = replace(rows[key], **fields)

    return bend


def gone(table: str, of: Callable[[Any], bool]) -> Callable[[Tables], None]:
    def bend(tables: Tables) -> None:
        rows = getattr(tables, table)
        if isinstance(rows, dict):
            del rows[next(key for key, row in rows.items() if of(row))]
        else:
            rows.remove(next(row for row in rows if of(row)))

    return bend


def any_(_: object) -> bool:
    return True


def is_(status: Status, *, paid: bool = False) -> Callable[[Any], bool]:
    return lambda order: order.status is status and (order.paid_at is not None) == paid


def sent(tables: Tables) -> Order:
    return next(order for order in tables.orders.values() if order.shipments)


MOVEMENT = "(select number from movement where order_id is not null and reason = '{}' order by number limit 1)"
PENDING = "(select id from purchase where status = 'pending' order by id limit 1)"

BENDS = {
    "a unit from nowhere": Bend(
        "stock is the sum of its movements",
        edited("stock", any_, on_hand=99),
        "update stock set on_hand = 99 where sku = 'LAMP'",
    ),
    "a reservation from nowhere": Bend(
        "reserved is what open orders hold",
        edited("stock", any_, reserved=20),
        "update stock set reserved = 20 where sku = 'LAMP'",
    ),
    "a movement lost": Bend(
        "every piece of an order moved once",
        gone("movements", lambda move: move.reason == "sold"),
        f"delete from movement where number = {MOVEMENT.format('sold')}",
    ),
    "a release lost": Bend(
        "every piece of an order moved once",
        gone("movements", lambda move: move.reason == "released"),
        f"delete from movement where number = {MOVEMENT.format('released')}",
    ),
    "stock gone with what it holds": Bend(
        "what is stocked no longer left nothing", gone("stock", any_), "delete from stock where sku = 'LAMP'"
    ),
    "stock gone of what is sold": Bend(
        "everything tracked is stocked", gone("stock", any_), "delete from stock where sku = 'LAMP'"
    ),
    "a total too high": Bend(
        "orders are the sum of their lines",
        lambda tables: setattr(order := next(iter(tables.orders.values())), "total", order.total + order.total),
        f"update purchase set total = total * 2 where id = {PENDING}",
    ),
    "an order paid without money": Bend(
        "payments are what orders say",
        lambda tables: tables.payments.clear(),
        "delete from payment",
    ),
    "a payment that went back to pending": Bend(
        "payments are what their money says",
        edited("payments", lambda p: p.state is PaymentState.SUCCEEDED, state=PaymentState.PENDING),
        "update payment set state = 'pending' where state = 'succeeded'",
    ),
    "a payment captured halfway": Bend(
        "payments are what orders say",
        edited("payments", lambda p: p.state is PaymentState.SUCCEEDED, captured=1),
        "update payment set captured = 1 where state = 'succeeded'",
    ),
    "a cancelled order whose money was kept": Bend(
        "payments are what orders say",
        edited("payments", lambda p: p.state is PaymentState.REFUNDED, refunded=0, state=PaymentState.SUCCEEDED),
        "update payment set refunded = 0, state = 'succeeded' where state = 'refunded'",
    ),
    "a paid order that says it is pending": Bend(
        "orders tell one story",
        edited("orders", is_(Status.PROCESSING, paid=True), status=Status.PENDING),
        "update purchase set status = 'pending' where status = 'processing'",
    ),
    "a pending order that says it is paid": Bend(
        "orders tell one story",
        edited("orders", is_(Status.PENDING), payment_status=PaymentStatus.PAID),
        f"update purchase set payment_status = 'paid' where id = {PENDING}",
    ),
    "a piece sent that was not bought": Bend(
        "no piece is sent or refunded twice",
        lambda tables: setattr(order := sent(tables), "shipments", order.shipments * 2),
        "update purchase set shipments = shipments || shipments where shipments <> '[]'",
    ),
    "an order shipped before its time": Bend(
        "no piece is sent or refunded twice",
        lambda tables: setattr(sent(tables), "status", Status.SHIPPED),
        "update purchase set status = 'shipped' where shipments <> '[]'",
    ),
    "a piece that never came back": Bend(
        "every piece of an order moved once",
        lambda tables: setattr(order := sent(tables), "refunds", (replace(order.refunds[0], restock=False),)),
        "update refund set restock = false",
    ),
    "a refund that nobody got": Bend(
        "payments are what orders say",
        lambda tables: setattr(order := sent(tables), "refunds", order.refunds * 2),
        "update refund set amount = amount * 2",
    ),
    "a refund that whoever was to send it forgot": Bend(
        "promised refunds are sent",
        lambda tables: setattr(
            order := sent(tables), "refunds", (replace(order.refunds[0], state=RefundState.PENDING),)
        ),
        "update refund set state = 'pending'",
    ),
    "a coupon used more often than orders say": Bend(
        "coupons are used within their limits",
        edited("coupons", any_, used=2),
        "update coupon set used = 2",
    ),
    "a coupon used more often than it may be by one customer": Bend(
        "coupons are used within their limits",
        edited("coupons", any_, per_customer_limit=0),
        "update coupon set per_customer_limit = 0",
    ),
    "an order that lost its use of a coupon": Bend(
        "uses of coupons are what orders say",
        gone("coupon_uses", any_),
        "delete from coupon_use",
    ),
    "a cancelled order that still uses a coupon": Bend(
        "uses of coupons are what orders say",
        edited("orders", lambda order: order.placement.coupon is not None, status=Status.CANCELLED),
        "update purchase set status = 'cancelled' where id = (select purchase_id from coupon_use)",
    ),
    "an event lost": Bend(
        "events are numbered without gaps",
        gone("outbox", lambda event: event.type == "OrderPaid"),
        "delete from outbox where type = 'OrderPaid'",
    ),
    "a change without an event": Bend(
        "events are numbered without gaps",
        edited("orders", any_, version=9),
        f"update purchase set version = 9 where id = {PENDING}",
    ),
}


# Kept beside the catalogue on PostgreSQL alone: in memory lists and search look at the products themselves.
KEPT_BESIDE = {
    "a product that search does not know": (
        "the search index is the catalogue",
        "delete from search_document where product_id = (select product_id from sku where sku = 'LAMP')",
    ),
    "words of which the catalogue says nothing": (
        "the search index is the catalogue",
        "update search_document set words = to_tsvector('simple', 'sofa')",
    ),
    "an old price in the search": ("the search index is the catalogue", "update search_document set price = price + 1"),
    "a list that calls in stock what is not": ("lists know what is in stock", "update product set in_stock = false"),
}


@pytest.mark.parametrize("what", KEPT_BESIDE)
async def test_what_is_kept_beside_the_catalogue_and_differs_is_found(
    postgres_container: AsyncContainer, what: str
) -> None:
    shop, (found_by, sql) = Shop(postgres_container, ShopClock()), KEPT_BESIDE[what]
    await shop.has("LAMP", stock=1)
    assert (await audited(shop)).ok
    store = await shop.get(Store)
    assert isinstance(store, PostgresStore)
    async with store.database.connection() as connection:
        await connection.execute("set session_replication_role = replica")  # no trigger puts it right again
        await connection.execute(sql)
        await connection.execute("reset session_replication_role")
    findings = await audited(shop)
    assert found_by in {difference.check for difference in findings.differences}


@pytest.mark.parametrize("what", BENDS)
async def test_what_is_bent_is_found(shop: Shop, what: str) -> None:
    bend, store = BENDS[what], await shop.get(Store)
    if isinstance(store, MemoryStore):
        bend.in_memory(store.database.tables)
    else:
        assert isinstance(store, PostgresStore)
        async with store.database.connection() as connection:
            await connection.execute(bend.in_sql)
    findings = await audited(shop)
    assert not findings.ok
    assert bend.found_by in {difference.check for difference in findings.differences}


async def test_an_alarm_goes_to_every_admin(shop: Shop) -> None:
    for name, roles in (("root", [Role.ADMIN]), ("rita", [Role.ADMIN]), ("olga", [Role.ORDER_MANAGER])):
        await shop.customer(f"{name}@example.com", *roles)
    watch: Callable[[], Awaitable[None]] = await shop.get(WatchBooks)
    before = len(await shop.mails())
    await watch()
    assert len(await shop.mails()) == before
    store = await shop.get(Store)
    if isinstance(store, MemoryStore):
        store.database.tables.stock[LAMP].on_hand = 99
    else:
        assert isinstance(store, PostgresStore)
        async with store.database.connection() as connection:
            await connection.execute("update stock set on_hand = 99")
    await watch()
    mails = (await shop.mails())[: len(await shop.mails()) - before]
    assert sorted(mail.to for mail in mails) == ["rita@example.com", "root@example.com"]
    assert all("LAMP" in mail.text and mail.subject == "Audit: 1 differences" for mail in mails)


async def test_money_that_is_on_its_way_back_is_no_alarm(container: AsyncContainer) -> None:
    shop = Shop(container, ShopClock())
    await shop.has("LAMP", stock=5)
    ann = await shop.customer("ann@example.com")
    order = await ann.buy("LAMP")
    await ann.pay(order)
    store = await shop.get(Store)
    async with store.transaction() as tx:
        paid = await tx.orders.take(OrderId(order.id))
        paid.cancel("", shop.clock())
        shelf = await tx.stock.take(paid.demand)
        shelf.take_back(paid.demand, paid.id, shop.clock())
        await tx.orders.save(paid)
        await tx.stock.save(shelf)
    assert (await audited(shop)).differences == []
    await shop.run_jobs()
    assert (await audited(shop)).differences == []
    assert (await ann.order(order.id)).payment_status == PaymentStatus.REFUNDED
