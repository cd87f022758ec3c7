"""Keys under which another party is asked: whoever dies on the way, at whatever step, is taken over by the next."""

from asyncio import Event, create_task, gather
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from PIL import Image

from adapters.postgres.store import PostgresStore
from adapters.sandbox.gateway import SandboxGateway
from application.cancelling import CancelOrder
from application.catalog.images import AddImage, Upload
from application.catalog.views import ProductView
from application.idempotency import (
    Answer,
    AnswerOnce,
    Claim,
    KeyReused,
    Lease,
    Memory,
    Once,
    Remembered,
    RequestInProgress,
)
from application.inventory import AdjustStock, Correction
from application.many_orders import BulkOrders, ChangeOrders
from application.ordering import OrderView
from application.payments import CreateIntent, ListPayments
from application.ports import Media, PageRequest, Store, Unavailable
from application.refunding import RefundOrder
from domain.accounts import Role
from domain.catalog import ProductId
from domain.errors import DomainError
from domain.inventory import Sku
from domain.money import Money
from domain.ordering import OrderId, RefundWish
from entrypoints.shop import Customer, Shop

OVER = Lease(-timedelta(seconds=1))  # a lease that has ended already: no test waits for a clock
LONG = Lease(timedelta(seconds=30))
ONCE = Once("user:staff", "k1", "POST /it", b"it", 200)
STEPS = 60  # more than any of these has
STRIDE: dict[type, int] = {PostgresStore: 3}  # memory takes every step


class Killed(BaseException):
    """The process is gone: nothing is done on the way out."""


@dataclass
class Fate:
    """Kills at the nth step of a request; a step is a call of another party or a transaction, or the return of one."""

    left: int = -1
    after: bool = False

    def step(self) -> None:
        if self.left == 0:
            self.left = -1
            self.after = True
            raise Killed
        self.left -= 1


@dataclass
class Dead:
    """A memory of answers to which who was killed says nothing any more."""

    memory: Memory
    fate: Fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self.memory, name)

    @asynccontextmanager
    async def together(self, once: Once) -> AsyncIterator[Remembered | None]:
        async with self.memory.together(once) as kept:
            yield kept
            self.fate.step()
        self.fate.step()

    async def conclude(self, claim: Claim, answer: Answer) -> None:
        self.fate.step()
        await self.memory.conclude(claim, answer)
        self.fate.step()

    async def release(self, claim: Claim, *, nothing_done: bool) -> None:
        if not self.fate.after:
            await self.memory.release(claim, nothing_done=nothing_done)


@pytest.fixture
async def fate(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Fate:
    fate = Fate()

    def stepping(owner: type, name: str) -> None:
        call = getattr(owner, name)

        async def stepped(self: Any, *args: Any, **named: Any) -> Any:
            fate.step()
            answer = await call(self, *args, **named)
            fate.step()
            return answer

        monkeypatch.setattr(owner, name, stepped)

    for name in ("create_intent", "intent", "cancel_intent", "refund"):
        stepping(SandboxGateway, name)
    for name in ("put", "remove"):
        stepping(type(await shop.get(Media)), name)
    store: Any = type(await shop.get(Store))
    transaction = store.transaction

    @asynccontextmanager
    async def stepped(self: Any) -> Any:
        fate.step()
        async with transaction(self) as tx:
            yield tx
            fate.step()
        fate.step()

    monkeypatch.setattr(store, "transaction", stepped)
    return fate


@dataclass
class Desk:
    """Asks under the key, and dies or not."""

    shop: Shop
    fate: Fate
    act: Callable[[], Awaitable[Any]]

    async def ask(self, once: Once, lease: Lease = LONG, dies_at: int = -1) -> Answer | None:
        """None of who died."""
        self.fate.left, self.fate.after = dies_at, False
        frame = AnswerOnce(Dead(await self.shop.get(Memory), self.fate), lambda: None, lease)
        try:
            return await frame.leased(once, self._encoded)
        except Killed:
            return None
        finally:
            self.fate.left = -1

    async def _encoded(self) -> Answer:
        try:
            return Answer(msgspec.json.encode(await self.act()), 200)
        except DomainError as refusal:
            return Answer(refusal.code.encode(), 409)


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    await shop.has("LAMP", price="19.99", stock=500)
    return await shop.customer("ann@example.com")


@pytest.fixture
async def staff(shop: Shop) -> Customer:
    return await shop.customer("staff@example.com", Role.ADMIN)


async def a_paid_order(ann: Customer) -> OrderView:
    order = await ann.buy("LAMP", 2)
    await ann.pay(order)
    return order


async def money_back(ann: Customer) -> list[str]:
    """What went back of each payment, newest first."""
    found = await (await ann.shop.get(ListPayments))(ann.who, PageRequest(size=100))
    return [payment.amount_refunded for payment in found.results]


async def cancelling(shop: Shop, ann: Customer, staff: Customer) -> Any:
    order, cancel = await a_paid_order(ann), await shop.get(CancelOrder)

    async def seen(answer: Any) -> Any:
        now = await ann.order(order.id)
        assert (answer["id"], answer["status"]) == (str(order.id), "cancelled")
        assert [moment.event for moment in now.timeline] == ["placed", "paid", "cancelled", "refunded"]
        return (await money_back(ann))[0]

    return lambda: cancel(ann.who, OrderId(order.id), "no"), seen, "53.98"


async def refunding(shop: Shop, ann: Customer, staff: Customer) -> Any:
    order, refund = await a_paid_order(ann), await shop.get(RefundOrder)
    wish = RefundWish(reason="scratched", amount=Money(700, "USD"))

    async def seen(answer: Any) -> Any:
        assert answer["id"] == str(order.id)
        assert [moment.event for moment in (await ann.order(order.id)).timeline].count("refunded") == 1
        return (await money_back(ann))[0]

    return lambda: refund(staff.who, OrderId(order.id), wish), seen, "7.00"


async def beginning_to_pay(shop: Shop, ann: Customer, staff: Customer) -> Any:
    order, create = await ann.buy("LAMP"), await shop.get(CreateIntent)

    async def seen(answer: Any) -> Any:
        found = await (await shop.get(ListPayments))(ann.who, PageRequest(size=100))
        of_order = [payment for payment in found.results if payment.order == order.id]
        assert [str(payment.id) for payment in of_order] == [answer["payment_id"]]
        return of_order[0].transaction_id == answer["payment_intent_id"]

    return lambda: create(ann.who, OrderId(order.id)), seen, True


async def adding_an_image(shop: Shop, ann: Customer, staff: Customer) -> Any:
    product: ProductView = await shop.has(f"PICTURED-{uuid4()}")
    add, out = await shop.get(AddImage), BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "PNG")

    async def seen(answer: Any) -> Any:
        async with (await shop.get(Store)).transaction() as tx:
            (image,) = (await tx.products.get(ProductId(product.id))).images
        media = await shop.get(Media)
        assert await media.get(str(media.key(image.url))) is not None
        return str(image.id) == answer["id"]

    return lambda: add(staff.who, product.slug, Upload(data=out.getvalue())), seen, True


async def cancelling_many(shop: Shop, ann: Customer, staff: Customer) -> Any:
    orders, change = [await a_paid_order(ann) for _ in range(2)], await shop.get(ChangeOrders)
    bulk = BulkOrders(ids=[order.id for order in orders], action="cancel")

    async def seen(answer: Any) -> Any:
        assert answer["results"] == [{"id": str(order.id), "ok": True} for order in orders]
        return (await money_back(ann))[:2]

    return lambda: change(staff.who, bulk), seen, ["53.98", "53.98"]


KINDS = [cancelling, refunding, beginning_to_pay, adding_an_image, cancelling_many]


@pytest.mark.parametrize("kind", KINDS)
async def test_who_dies_at_any_step_is_taken_over_and_it_is_done_once(
    shop: Shop, ann: Customer, staff: Customer, fate: Fate, kind: Any
) -> None:
    for step in range(0, STEPS, STRIDE.get(type(await shop.get(Store)), 1)):
        act, seen, expected = await kind(shop, ann, staff)
        desk, once = Desk(shop, fate, act), replace(ONCE, key=f"step-{step}")
        first = await desk.ask(once, OVER, dies_at=step)
        taker = await desk.ask(once, OVER)
        assert taker is not None and taker.status == 200, (step, taker)
        again = await desk.ask(once)
        assert again is not None and (again.body, again.replayed) == (taker.body, True)
        await shop.deliver_events()
        assert await seen(msgspec.json.decode(taker.body)) == expected, step
        if first is not None:
            assert first.body == taker.body
            assert step > 3
            return
    raise AssertionError("it never came to its end")


async def test_who_wakes_late_changes_nothing_more_and_hears_what_the_taker_said(
    shop: Shop, ann: Customer, staff: Customer, wire: Any, fate: Fate
) -> None:
    act, seen, expected = await cancelling(shop, ann, staff)
    asleep, wake_up = Event(), Event()

    async def sleeps() -> None:
        asleep.set()
        await wake_up.wait()

    wire.after["refund"] = sleeps
    desk = Desk(shop, fate, act)
    late = create_task(desk.ask(ONCE, OVER))
    await asleep.wait()
    taker = await desk.ask(ONCE, OVER)
    wake_up.set()
    woken = await late
    assert taker is not None and woken is not None
    assert (woken.body, woken.replayed) == (taker.body, True)
    await shop.deliver_events()
    assert await seen(msgspec.json.decode(taker.body)) == expected


async def test_while_the_lease_lasts_a_twin_is_told_to_wait(
    shop: Shop, ann: Customer, staff: Customer, wire: Any, fate: Fate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.idempotency.PAUSES", (0, 0))
    act, _, _ = await refunding(shop, ann, staff)
    asleep, wake_up = Event(), Event()

    async def sleeps() -> None:
        asleep.set()
        await wake_up.wait()

    wire.after["refund"] = sleeps
    desk = Desk(shop, fate, act)
    first = create_task(desk.ask(ONCE))
    await asleep.wait()
    with pytest.raises(RequestInProgress):
        await desk.ask(ONCE)
    wake_up.set()
    assert (await first, wire.calls.count("refund")) == (await first, 1)
    again = await desk.ask(ONCE)
    assert again is not None and again.replayed


async def test_who_takes_over_many_waits_for_the_one_that_is_still_being_done(
    shop: Shop, ann: Customer, staff: Customer, wire: Any, fate: Fate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.idempotency.PAUSES", (0, 0))
    act, seen, expected = await cancelling_many(shop, ann, staff)
    asleep, wake_up = Event(), Event()

    async def sleeps() -> None:
        asleep.set()
        await wake_up.wait()

    wire.after["refund"] = sleeps
    desk = Desk(shop, fate, act)
    late = create_task(desk.ask(ONCE, OVER))
    await asleep.wait()
    with pytest.raises(RequestInProgress):
        await desk.ask(ONCE, OVER)
    wake_up.set()
    done, again = await late, await desk.ask(ONCE)
    assert done is not None and again is not None
    assert (again.body, again.replayed) == (done.body, True)
    assert await seen(msgspec.json.decode(done.body)) == expected
    assert wire.calls.count("refund") == 2


async def test_a_refund_that_is_asked_for_twenty_times_at_once_goes_back_once(
    shop: Shop, ann: Customer, staff: Customer, wire: Any, fate: Fate
) -> None:
    act, seen, expected = await refunding(shop, ann, staff)
    answers = await gather(*(Desk(shop, fate, act).ask(ONCE) for _ in range(20)))
    assert len({answer.body for answer in answers if answer}) == 1
    assert [answer.replayed for answer in answers if answer].count(False) == 1
    await shop.deliver_events()
    assert await seen(msgspec.json.decode(answers[0].body if answers[0] else b"")) == expected
    assert wire.calls.count("refund") == 1


async def test_a_refusal_is_the_answer(shop: Shop, ann: Customer, staff: Customer, wire: Any, fate: Fate) -> None:
    order, refund = await a_paid_order(ann), await shop.get(RefundOrder)
    wish = RefundWish(reason="too much", amount=Money(9999, "USD"))
    desk = Desk(shop, fate, lambda: refund(staff.who, OrderId(order.id), wish))
    refused = await desk.ask(ONCE)
    assert refused is not None and (refused.status, refused.body) == (409, b"exceeds-refundable")
    again = await desk.ask(ONCE)
    assert again is not None and (again.status, again.body, again.replayed) == (409, b"exceeds-refundable", True)


async def test_a_failure_is_no_answer_and_leaves_the_key_to_the_same_request(
    shop: Shop, ann: Customer, staff: Customer, wire: Any, fate: Fate
) -> None:
    act, seen, expected = await beginning_to_pay(shop, ann, staff)
    desk = Desk(shop, fate, act)
    wire.fails["create"] = 1
    with pytest.raises(Unavailable):
        await desk.ask(ONCE)
    with pytest.raises(KeyReused):
        await desk.ask(replace(ONCE, fingerprint=b"something else"))
    made = await desk.ask(ONCE)
    assert made is not None and not made.replayed
    assert await seen(msgspec.json.decode(made.body)) == expected


async def test_who_dies_in_a_frame_has_done_all_or_nothing(
    shop: Shop, ann: Customer, staff: Customer, fate: Fate
) -> None:
    adjust = await shop.get(AdjustStock)
    frame = AnswerOnce(Dead(await shop.get(Memory), fate), lambda: None, LONG)
    correction = Correction(sku=Sku("LAMP"), delta=2, reason="found")

    async def act() -> Answer:
        view = await adjust(staff.who, correction)
        fate.step()
        return Answer(msgspec.json.encode(view), 200)

    heard = []
    for step in range(6):
        once = replace(ONCE, key=f"frame-{step}")
        fate.left = step
        with pytest.raises(Killed):
            await frame(once, act)
        assert (await shop.stock("LAMP")).on_hand == 500 + 2 * step + 2 * (step == 5)
        heard.append((await frame(once, act)).replayed)
        assert (await shop.stock("LAMP")).on_hand == 502 + 2 * step
    assert heard == [False] * 5 + [True]
