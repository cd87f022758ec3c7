"""What is going on when somebody is killed: how it comes to it, what is asked, and what must be so in the end."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from tests.builders import new_id
from tests.crashes.shop import COUPON, CrashShop, eventually

CARD = "4242424242424242"
HOME = {
    "full_name": "Ann Example",
    "address_line1": "1 Main Street",
    "city": "Springfield",
    "postal_code": "12345",
    "country": "US",
}
PIECES = 2
TOTAL = 2978  # 19.98, less 10 per cent, 10 per cent of tax, and 10.00 for shipping
STORY = """
select json_build_object(
    'orders', (select count(*) from purchase where placement->>'customer_notes' = $1),
    'status', status,
    'payment_status', payment_status,
    'events', (select json_agg(type order by seq) from outbox where aggregate_id = p.id),
    'payments', (select json_agg(json_build_array(state, captured, refunded)) from payment where order_id = p.id),
    'intents', (select json_agg(json_build_array(state, captured, refunded)) from sandbox.intent where order_id = p.id),
    'sent_back', (select coalesce(json_agg(r.amount), '[]') from sandbox.refund r
                    join sandbox.intent i on i.id = r.intent where i.order_id = p.id),
    'refunds', (select coalesce(json_agg(json_build_array(state, amount)), '[]') from refund where purchase_id = p.id),
    'coupons', (select count(*) from coupon_use where purchase_id = p.id)
)::text from purchase p where placement->>'customer_notes' = $1
"""
PAST_DUE = "update purchase set expires_at = now() where id = (select order_id from payment where intent = $1)"
PAID_UNHEARD = """
with paid as (
    update sandbox.intent set state = 'succeeded', captured = amount where id = $1 returning id
)
update payment set created_at = created_at - interval '1 min' from paid where intent = paid.id
"""
PAID_LATE = PAID_UNHEARD.replace("set created_at", "set state = 'processing', created_at")  # though it was closed
NUMBER = "select number from purchase where placement->>'customer_notes' = $1"


@dataclass(slots=True)
class Case:
    """One time that it is tried."""

    note: str  # of the customer's, by which the order is found
    stock: tuple[int, int]  # on hand and reserved before all of it
    key: str
    order: Any = None
    intent: str = ""


Prepare = Callable[[CrashShop, Case], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    name: str
    prepare: Prepare
    path: str  # of the request; "{}" is the order's id
    body: Callable[[Case], Any]
    by_staff: bool = False
    due: str | None = None  # where nothing is asked: what lets it become due by the clock
    chore: str = ""  # the worker's that does it then
    moved: tuple[int, int]  # how pieces on hand and reserved have changed in the end
    story: dict[str, Any]
    mails: tuple[str, ...] = ("Your order ",)

    async def begin(self, shop: CrashShop) -> Case:
        case = Case(note=str(new_id()), stock=await shop.stock(), key=str(new_id()))
        await self.prepare(shop, case)
        await shop.all_delivered()
        return case

    async def act(self, shop: CrashShop, case: Case) -> httpx.Response | None:
        if self.due is not None:
            await shop.sql(self.due, case.intent or case.note)
            return None
        return await shop.once(*self._said(case), case.key, by_staff=self.by_staff)

    async def act_again(self, shop: CrashShop, case: Case) -> None:
        """Until it is answered, and once more: the same answer. What nobody asks for is waited for."""
        if self.due is not None:
            await eventually(lambda: self._is_told(shop, case), self.name)
            return
        first, again = [await shop.insist(*self._said(case), case.key, by_staff=self.by_staff) for _ in range(2)]
        assert (again.content, again.headers.get("idempotent-replayed")) == (first.content, "true"), again.text

    def _said(self, case: Case) -> tuple[str, Any]:
        return self.path.format(case.order["id"] if case.order else ""), self.body(case)

    async def check(self, shop: CrashShop, case: Case) -> None:
        """All of it happened, once."""
        story = await self._told(shop, case)
        assert {name: story[name] for name in self.story} == self.story, story
        assert story["orders"] == 1 and Counter(story["events"]).most_common(1)[0][1] == 1, story
        on_hand, reserved = await shop.stock()
        assert (on_hand - case.stock[0], reserved - case.stock[1]) == self.moved
        number = await shop.sql(NUMBER, case.note)
        mails = [mail.replace(number, "") for mail in await shop.mails(number)]
        assert mails == sorted(self.mails), mails

    async def _told(self, shop: CrashShop, case: Case) -> Any:
        return msgspec.json.decode(await shop.sql(STORY, case.note))

    async def _is_told(self, shop: CrashShop, case: Case) -> bool:
        story = await self._told(shop, case)
        return {name: story[name] for name in self.story} == self.story


def checkout(case: Case) -> Any:
    return {"shipping_address": HOME, "customer_notes": case.note}


def of_order(case: Case) -> Any:
    return {"order_id": case.order["id"]}


def paying(case: Case) -> Any:
    return {"payment_intent_id": case.intent, "card": CARD}


def returning(case: Case) -> Any:
    return {"items": [{"id": case.order["items"][0]["id"], "quantity": 1}], "reason": "broken", "restock": True}


async def filled(shop: CrashShop, case: Case) -> None:
    await shop.insist("orders/cart/add_item/", {"product_id": shop.product, "quantity": PIECES}, str(new_id()))
    await shop.insist("orders/cart/apply_coupon/", {"code": COUPON}, str(new_id()))


async def ordered(shop: CrashShop, case: Case) -> None:
    await filled(shop, case)
    case.order = (await shop.insist("orders/cart/checkout/", checkout(case), str(new_id()))).json()


async def begun(shop: CrashShop, case: Case) -> None:
    await ordered(shop, case)
    intent = await shop.insist("payments/payments/create_intent/", of_order(case), str(new_id()))
    case.intent = intent.json()["payment_intent_id"]


async def paid(shop: CrashShop, case: Case) -> None:
    await begun(shop, case)
    await shop.insist("payments/sandbox/confirm/", paying(case), str(new_id()))


async def expired(shop: CrashShop, case: Case) -> None:
    await begun(shop, case)
    await shop.sql(PAST_DUE, case.intent)

    async def is_cancelled() -> bool:
        status = await shop.sql("select status from purchase where placement->>'customer_notes' = $1", case.note)
        return bool(status == "cancelled")

    await eventually(is_cancelled, "the order expires")


CANCEL = "orders/orders/{}/cancel/"
PLACED: dict[str, Any] = {"status": "pending", "payment_status": "pending", "refunds": [], "coupons": 1}
PAID = PLACED | {"status": "processing", "payment_status": "paid", "sent_back": []}
PAID |= {"payments": [["succeeded", TOTAL, 0]], "intents": [["succeeded", TOTAL, 0]]}
CANCELLED = PLACED | {"status": "cancelled", "coupons": 0, "sent_back": []}
CANCELLED |= {"payments": [["cancelled", 0, 0]], "intents": [["cancelled", 0, 0]]}

SCENES = (
    Scene(
        name="checkout",
        prepare=filled,
        path="orders/cart/checkout/",
        body=checkout,
        moved=(0, PIECES),
        story=PLACED | {"payments": None},
    ),
    Scene(
        name="begin to pay",
        prepare=ordered,
        path="payments/payments/create_intent/",
        body=of_order,
        moved=(0, PIECES),
        story=PLACED | {"payments": [["pending", 0, 0]], "intents": [["pending", 0, 0]]},
    ),
    Scene(name="pay", prepare=begun, path="payments/sandbox/confirm/", body=paying, moved=(-PIECES, 0), story=PAID),
    Scene(
        name="cancel",
        prepare=begun,
        path=CANCEL,
        body=lambda case: {"reason": "changed my mind"},
        moved=(0, 0),
        story=CANCELLED,
        mails=("Your order ", "Your order  was cancelled"),
    ),
    Scene(
        name="cancel what is paid",
        prepare=paid,
        path=CANCEL,
        body=lambda case: {"reason": "changed my mind"},
        moved=(0, 0),
        story=CANCELLED
        | {"payment_status": "refunded", "sent_back": [TOTAL]}
        | {name: [["refunded", TOTAL, TOTAL]] for name in ("payments", "intents")},
        mails=("Your order ", "Your order  was cancelled", "A refund for your order "),
    ),
    Scene(
        name="refund",
        prepare=paid,
        path="orders/orders/{}/refund/",
        body=returning,
        by_staff=True,
        moved=(1 - PIECES, 0),
        story=PAID
        | {"payment_status": "partially_refunded", "refunds": [["done", 989]], "sent_back": [989]}
        | {name: [["partially_refunded", TOTAL, 989]] for name in ("payments", "intents")},
        mails=("Your order ", "A refund for your order "),
    ),
    Scene(
        name="expire",
        prepare=begun,
        path="",
        body=of_order,
        due=PAST_DUE,
        chore="ExpireOrders",
        moved=(0, 0),
        story=CANCELLED,
        mails=("Your order ", "Your order  was cancelled"),
    ),
    Scene(
        name="reconcile",
        prepare=begun,
        path="",
        body=of_order,
        due=PAID_UNHEARD,
        chore="Reconcile",
        moved=(-PIECES, 0),
        story=PAID,
    ),
    Scene(
        name="revive",
        prepare=expired,
        path="",
        body=of_order,
        due=PAID_LATE,
        chore="Reconcile",
        moved=(-PIECES, 0),
        story=PAID,
        mails=("Your order ", "Your order  was cancelled", "Your order  is paid"),
    ),
)
