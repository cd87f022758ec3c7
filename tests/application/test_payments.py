"""Payments: asked for once, settled by what the gateway says, whoever brings the news and however often."""

from asyncio import gather
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from adapters.sandbox.gateway import SandboxGateway
from application.cancelling import ExpireOrders
from application.ordering import OrderView
from application.payments import ConfirmInSandbox, CreateIntent, IntentView, PaymentView, Reconcile, Settle, ShowPayment
from application.ports import Busy, PaymentGateway, Unavailable
from domain.accounts import Actor, Role
from domain.errors import InvalidField
from domain.money import Money
from domain.ordering import OrderId, OrderNotFound
from domain.payments import (
    IntentMismatch,
    OrderAlreadyPaid,
    OrderNotPayable,
    PaymentDeclined,
    PaymentId,
    PaymentNotFound,
    PaymentState,
)
from entrypoints.shop import DECLINED, VISA, Customer, Shop
from tests.application.wires import Wire

POOR = "4000000000009995"
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    await shop.has("LAMP", price="19.99", stock=5)
    return await shop.customer("ann@example.com")


async def begin(who: Customer, order: OrderView) -> IntentView:
    return await (await who.shop.get(CreateIntent))(who.who, OrderId(order.id))


async def confirm(who: Customer, intent: IntentView, card: str = VISA) -> str:
    return await (await who.shop.get(ConfirmInSandbox))(who.who, intent.payment_intent_id, card)


async def payment(who: Customer, intent: IntentView) -> PaymentView:
    return await (await who.shop.get(ShowPayment))(who.who, PaymentId(intent.payment_id))


async def at_the_gateway(shop: Shop, intent: IntentView, card: str) -> None:
    """The customer pays, and the browser goes away before it can tell us."""
    sandbox = await shop.get(SandboxGateway)
    try:
        await sandbox.confirm(intent.payment_intent_id, card)
    except PaymentDeclined:
        return


async def events(who: Customer, order: OrderView) -> list[str]:
    return [moment.event for moment in (await who.order(order.id)).timeline]


async def test_a_paid_order_is_processed_and_its_pieces_leave(shop: Shop, ann: Customer) -> None:
    order = await ann.buy("LAMP", 2)
    intent = await begin(ann, order)
    assert (intent.status, intent.publishable_key) == ("pending", "pk_sandbox")
    assert intent.client_secret.startswith(f"{intent.payment_intent_id}_secret_")
    assert await confirm(ann, intent) == "succeeded"
    paid = await ann.order(order.id)
    assert (paid.status, paid.payment_status) == ("processing", "paid")
    assert [moment.event for moment in paid.timeline] == ["placed", "paid"]
    assert paid.paid_at == paid.timeline[1].at
    item = await shop.stock("LAMP")
    assert (item.on_hand, item.reserved, item.version) == (3, 0, 3)
    told = await payment(ann, intent)
    assert (told.order, told.order_number, told.transaction_id) == (
        order.id,
        order.order_number,
        intent.payment_intent_id,
    )
    assert (told.amount, told.amount_refunded, told.currency, told.status) == ("53.98", "0.00", "USD", "succeeded")
    assert (told.failure_code, told.payment_method, told.paid_at is None) == (None, None, False)


@pytest.mark.parametrize(("card", "reason"), [(DECLINED, "card_declined"), (POOR, "insufficient_funds")])
async def test_a_declined_card_leaves_the_order_to_be_paid_with_another(
    shop: Shop, ann: Customer, card: str, reason: str
) -> None:
    order = await ann.buy("LAMP", 2)
    intent = await begin(ann, order)
    with pytest.raises(PaymentDeclined) as declined:
        await confirm(ann, intent, card)
    assert declined.value == PaymentDeclined(reason)
    waiting = await ann.order(order.id)
    assert (waiting.status, waiting.payment_status, waiting.paid_at) == ("pending", "failed", None)
    assert (await payment(ann, intent)).failure_code == reason
    assert (await shop.stock("LAMP")).reserved == 2
    again = await begin(ann, order)
    assert (again.payment_id, again.payment_intent_id, again.status) == (
        intent.payment_id,
        intent.payment_intent_id,
        "failed",
    )
    assert await confirm(ann, again) == "succeeded"
    assert await events(ann, order) == ["placed", "payment_failed", "paid"]
    assert (await payment(ann, intent)).failure_code is None


async def test_paying_twice_sells_once(shop: Shop, ann: Customer) -> None:
    order = await ann.buy("LAMP", 2)
    intent = await begin(ann, order)
    assert [await confirm(ann, intent) for _ in range(2)] == ["succeeded"] * 2
    assert await confirm(ann, intent, DECLINED) == "succeeded"
    assert await events(ann, order) == ["placed", "paid"]
    assert (await shop.stock("LAMP")).on_hand == 3


async def test_a_second_intent_is_the_first(ann: Customer) -> None:
    order = await ann.buy("LAMP")
    first = await begin(ann, order)
    assert [await begin(ann, order) for _ in range(2)] == [first] * 2
    assert await gather(*(begin(ann, order) for _ in range(5))) == [first] * 5


async def test_ten_first_intents_at_once_are_one(ann: Customer) -> None:
    order = await ann.buy("LAMP")
    made = await gather(*(begin(ann, order) for _ in range(10)))
    assert len({(one.payment_id, one.payment_intent_id, one.client_secret) for one in made}) == 1


async def test_only_an_open_order_can_be_paid(ann: Customer) -> None:
    paid, cancelled = await ann.buy("LAMP"), await ann.buy("LAMP")
    await ann.pay(paid)
    await ann.cancel(cancelled)
    with pytest.raises(OrderAlreadyPaid):
        await begin(ann, paid)
    with pytest.raises(OrderNotPayable):
        await begin(ann, cancelled)


async def test_nobody_pays_or_sees_what_is_not_theirs(shop: Shop, ann: Customer) -> None:
    order = await ann.buy("LAMP")
    intent = await begin(ann, order)
    bob = await shop.customer("bob@example.com")
    with pytest.raises(OrderNotFound):
        await begin(bob, order)
    with pytest.raises(PaymentNotFound):
        await confirm(bob, intent)
    with pytest.raises(PaymentNotFound):
        await payment(bob, intent)
    with pytest.raises(OrderNotFound):
        await bob.cancel(order)
    with pytest.raises(OrderNotFound):
        await bob.order(order.order_number)
    for unknown in (OrderView.__name__, str(uuid4())):
        with pytest.raises(PaymentNotFound):
            await confirm(ann, replace_intent(intent, unknown))
    staff = await shop.customer("staff@example.com", Role.ORDER_MANAGER)
    assert (await payment(staff, intent)).status == "pending"
    with pytest.raises(PaymentNotFound):
        await (await shop.get(ConfirmInSandbox))(Actor(), intent.payment_intent_id, VISA)


def replace_intent(intent: IntentView, id: str) -> IntentView:
    return IntentView(intent.payment_id, id, intent.client_secret, intent.status, intent.publishable_key)


async def test_a_card_that_the_sandbox_does_not_know_is_refused(ann: Customer) -> None:
    intent = await begin(ann, await ann.buy("LAMP"))
    with pytest.raises(InvalidField) as refused:
        await confirm(ann, intent, "4111111111111111")
    assert (refused.value.pointer, refused.value.reason) == ("/card", "unknown-card")


async def test_a_payment_whose_browser_went_away_is_found(shop: Shop, ann: Customer) -> None:
    order = await ann.buy("LAMP", 2)
    intent = await begin(ann, order)
    await at_the_gateway(shop, intent, VISA)
    reconcile = await shop.get(Reconcile)
    assert await reconcile() == 0  # the browser still has its chance
    assert (await ann.order(order.id)).status == "pending"
    shop.clock.pass_(MINUTE)
    assert await reconcile() == 1
    assert (await ann.order(order.id)).payment_status == "paid"
    assert await reconcile() == 0


async def test_a_declined_payment_whose_browser_went_away_is_found_too(shop: Shop, ann: Customer) -> None:
    order = await ann.buy("LAMP")
    await at_the_gateway(shop, await begin(ann, order), POOR)
    shop.clock.pass_(MINUTE)
    reconcile = await shop.get(Reconcile)
    assert [await reconcile() for _ in range(2)] == [1, 1]
    assert await events(ann, order) == ["placed", "payment_failed"]


async def test_one_payment_that_cannot_be_reconciled_keeps_no_other_from_it(
    shop: Shop, ann: Customer, wire: Wire
) -> None:
    orders = [await ann.buy("LAMP") for _ in range(3)]
    for order in orders:
        await at_the_gateway(shop, await begin(ann, order), VISA)
    shop.clock.pass_(MINUTE)

    async def cut() -> None:
        wire.cut.add("ask")

    wire.after["ask"] = cut
    reconcile = await shop.get(Reconcile)
    assert await reconcile() == 3
    assert [(await ann.order(order.id)).status for order in orders] == ["processing", "pending", "pending"]
    wire.cut.clear()
    assert await reconcile() == 2
    assert [(await ann.order(order.id)).status for order in orders] == ["processing"] * 3


async def test_while_the_gateway_is_away_nothing_begins(ann: Customer, wire: Wire) -> None:
    order = await ann.buy("LAMP")
    wire.cut.add("create")
    with pytest.raises(Unavailable) as away:
        await begin(ann, order)
    assert away.value.part == "payments"
    wire.cut.clear()
    assert (await begin(ann, order)).status == "pending"


async def test_settling_again_and_again_changes_nothing(shop: Shop, ann: Customer) -> None:
    order = await ann.buy("LAMP", 2)
    intent = await begin(ann, order)
    await at_the_gateway(shop, intent, VISA)
    settle = await shop.get(Settle)
    await gather(*(settle(intent.payment_intent_id) for _ in range(5)))
    await settle(intent.payment_intent_id)
    assert await events(ann, order) == ["placed", "paid"]
    with pytest.raises(PaymentNotFound):
        await settle("pi_unknown")


async def test_old_news_is_not_booked_over_newer(shop: Shop, ann: Customer, wire: Wire) -> None:
    """Whoever asked before the refund and books after it must not undo it."""
    order = await ann.buy("LAMP", 2)
    intent = await begin(ann, order)
    await confirm(ann, intent)

    async def cancelled_just_then() -> None:
        await ann.cancel(order)

    wire.after["ask"] = cancelled_just_then
    await (await shop.get(Settle))(intent.payment_intent_id)
    assert (await payment(ann, intent)).status == "refunded"
    assert await events(ann, order) == ["placed", "paid", "cancelled", "refunded"]


async def test_an_unpaid_order_ends_with_its_intent_closed_and_its_stock_back(
    shop: Shop, ann: Customer, wire: Wire
) -> None:
    order, untouched = await ann.buy("LAMP", 2), await ann.buy("LAMP")
    intent = await begin(ann, order)
    shop.clock.pass_(59 * MINUTE)
    expire = await shop.get(ExpireOrders)
    assert await expire() == 0
    shop.clock.pass_(2 * MINUTE)
    assert await expire() == 2
    assert wire.calls == ["create", "cancel"]
    for each in (order, untouched):
        ended = await ann.order(each.id)
        assert (ended.status, ended.payment_status, ended.timeline[-1].detail) == ("cancelled", "pending", "unpaid")
    assert (await payment(ann, intent)).status == "cancelled"
    assert (await shop.stock("LAMP")).available == 5
    with pytest.raises(OrderNotPayable):
        await confirm(ann, intent)
    assert await expire() == 0


async def test_who_paid_at_the_last_moment_keeps_the_order(shop: Shop, ann: Customer) -> None:
    order = await ann.buy("LAMP", 2)
    await at_the_gateway(shop, await begin(ann, order), VISA)
    shop.clock.pass_(61 * MINUTE)
    await (await shop.get(ExpireOrders))()
    kept = await ann.order(order.id)
    assert (kept.status, kept.payment_status) == ("processing", "paid")


async def test_an_order_does_not_expire_while_its_intent_cannot_be_closed(
    shop: Shop, ann: Customer, wire: Wire
) -> None:
    order = await ann.buy("LAMP", 2)
    await begin(ann, order)
    shop.clock.pass_(61 * MINUTE)
    wire.cut.add("cancel")
    expire = await shop.get(ExpireOrders)
    assert await expire() == 1
    assert (await ann.order(order.id)).status == "pending"
    assert (await shop.stock("LAMP")).reserved == 2
    wire.cut.clear()
    await expire()
    assert (await shop.stock("LAMP")).reserved == 0


async def test_money_for_a_dead_order_whose_pieces_are_gone_goes_back_in_full_and_once(
    shop: Shop, ann: Customer, wire: Wire
) -> None:
    order = await ann.buy("LAMP", 2)
    settle = await shop.get(Settle)
    slipped: list[IntentView] = []

    async def pays_just_then(id: OrderId) -> str | None:
        """`Settle.close` finds nothing to close; then the customer begins, and pays, before the order is cancelled."""
        found = await settle.close(id)
        slipped.append(await begin(ann, order))
        await at_the_gateway(shop, slipped[0], VISA)
        return found

    expire = await shop.get(ExpireOrders)
    shop.clock.pass_(61 * MINUTE)
    assert await replace(expire, settle=Closing(settle, pays_just_then))() == 1  # type: ignore[arg-type]
    dead = await ann.order(order.id)
    assert (dead.status, dead.payment_status, dead.paid_at) == ("cancelled", "pending", None)
    await (await shop.customer("bob@example.com")).buy("LAMP", 4)
    shop.clock.pass_(MINUTE)
    reconcile = await shop.get(Reconcile)
    await gather(*(reconcile() for _ in range(3)))
    refunded = await ann.order(order.id)
    assert (refunded.status, refunded.payment_status) == ("cancelled", "refunded")
    assert await events(ann, order) == ["placed", "expired", "refunded"]
    told = await payment(ann, slipped[0])
    assert (told.status, told.amount, told.amount_refunded) == ("refunded", "53.98", "53.98")
    assert (await shop.stock("LAMP")).available == 1
    assert 1 <= wire.calls.count("refund") <= 3  # one key: the gateway books one of them


class Closing:
    def __init__(self, settle: Settle, close: object) -> None:
        self.settle, self.close = settle, close


async def test_an_intent_that_was_not_paid_yet_is_closed_for_a_dead_order(shop: Shop, ann: Customer) -> None:
    order = await ann.buy("LAMP", 2)
    settle = await shop.get(Settle)
    begun: list[IntentView] = []

    async def begins_just_then(id: OrderId) -> str | None:
        found = await settle.close(id)
        begun.append(await begin(ann, order))
        return found

    shop.clock.pass_(61 * MINUTE)
    await replace(await shop.get(ExpireOrders), settle=Closing(settle, begins_just_then))()  # type: ignore[arg-type]
    shop.clock.pass_(MINUTE)
    await (await shop.get(Reconcile))()
    assert (await payment(ann, begun[0])).status == "cancelled"
    with pytest.raises(OrderNotPayable):
        await confirm(ann, begun[0])


async def test_after_a_closed_intent_an_order_that_lived_on_gets_a_new_one(shop: Shop, ann: Customer) -> None:
    order = await ann.buy("LAMP", 2)
    first = await begin(ann, order)
    await (await shop.get(Settle)).close(OrderId(order.id))  # and whoever did so died before cancelling the order
    second = await begin(ann, order)
    assert second.payment_intent_id != first.payment_intent_id
    assert second.payment_id != first.payment_id
    assert [await confirm(ann, second), (await payment(ann, first)).status] == ["succeeded", "cancelled"]


async def test_an_intent_that_is_closed_while_it_is_handed_out_is_not_taken(
    shop: Shop, ann: Customer, wire: Wire
) -> None:
    order = await ann.buy("LAMP")
    first = await begin(ann, order)
    settle = await shop.get(Settle)

    async def replaced_just_then() -> None:
        await settle.close(OrderId(order.id))
        await begin(ann, order)

    async def closed_just_then() -> None:
        await settle.close(OrderId(order.id))

    wire.after["create"] = replaced_just_then
    with pytest.raises(Busy):
        await begin(ann, order)
    second = await begin(ann, order)
    assert second.payment_intent_id != first.payment_intent_id
    wire.after["create"] = closed_just_then
    with pytest.raises(Busy):
        await begin(ann, order)
    assert (await begin(ann, order)).payment_intent_id not in {first.payment_intent_id, second.payment_intent_id}


async def test_news_of_another_amount_is_not_booked(shop: Shop, ann: Customer) -> None:
    order = await ann.buy("LAMP")
    intent = await begin(ann, order)

    class Lying:
        async def intent(self, id: str) -> object:
            truth = await (await shop.get(SandboxGateway)).intent(id)
            assert truth is not None
            return replace(truth, amount=Money(1, "USD"), state=PaymentState.SUCCEEDED, captured=1)

    settle = replace(await shop.get(Settle), gateway=Lying())  # type: ignore[arg-type]
    with pytest.raises(IntentMismatch):
        await settle(intent.payment_intent_id)
    assert (await ann.order(order.id)).status == "pending"


async def test_the_shop_asks_through_its_own_gateway(shop: Shop, wire: Wire) -> None:
    gateway = await shop.get(PaymentGateway)
    assert gateway.publishable_key == "pk_sandbox"
    assert await gateway.intent("pi_unknown") is None
    assert wire.calls == ["ask"]
