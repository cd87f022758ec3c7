"""What the sandbox gateway does, on either of its ledgers."""

from asyncio import gather
from dataclasses import replace

import pytest
from dishka import AsyncContainer

from adapters.sandbox.gateway import SandboxGateway
from domain.errors import InvalidField
from domain.money import Money
from domain.ordering import ExceedsRefundable, OrderId
from domain.payments import Intent, OrderNotPayable, PaymentDeclined, PaymentNotFound, PaymentState
from tests.builders import new_id

VISA, DECLINED, POOR = "4242424242424242", "4000000000000002", "4000000000009995"
AMOUNT = Money(5398, "USD")


@pytest.fixture
async def gateway(container: AsyncContainer) -> SandboxGateway:
    return await container.get(SandboxGateway)


async def opened(gateway: SandboxGateway) -> Intent:
    order = OrderId(new_id())
    return await gateway.create_intent(order, AMOUNT, f"order:{order}:1")


async def paid(gateway: SandboxGateway) -> Intent:
    return await gateway.confirm((await opened(gateway)).id, VISA)


async def test_an_intent_is_open_and_known_by_its_id(gateway: SandboxGateway) -> None:
    intent = await opened(gateway)
    assert (intent.state, intent.amount, intent.captured, intent.refunded) == (PaymentState.PENDING, AMOUNT, 0, 0)
    assert intent.id.startswith("pi_")
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert await gateway.intent(intent.id) == intent
    assert await gateway.intent("pi_unknown") is None


async def test_a_key_makes_one_intent_however_often_it_comes(gateway: SandboxGateway) -> None:
    order = OrderId(new_id())
    first = await gateway.create_intent(order, AMOUNT, "k1")
    assert await gather(*(gateway.create_intent(order, AMOUNT, "k1") for _ in range(10))) == [first] * 10
    assert (await gateway.create_intent(order, AMOUNT, "k2")).id != first.id
    made = await gather(*(gateway.create_intent(order, AMOUNT, "k3") for _ in range(10)))
    assert len({one.id for one in made}) == 1


async def test_a_good_card_pays_all_of_it(gateway: SandboxGateway) -> None:
    intent = await opened(gateway)
    told = await gateway.confirm(intent.id, VISA)
    assert told == replace(intent, state=PaymentState.SUCCEEDED, captured=5398)
    assert await gateway.intent(intent.id) == told
    assert await gateway.confirm(intent.id, DECLINED) == told


@pytest.mark.parametrize(("card", "code"), [(DECLINED, "card_declined"), (POOR, "insufficient_funds")])
async def test_a_bad_card_leaves_it_to_another(gateway: SandboxGateway, card: str, code: str) -> None:
    intent = await opened(gateway)
    with pytest.raises(PaymentDeclined) as declined:
        await gateway.confirm(intent.id, card)
    assert declined.value.decline_code == code
    assert await gateway.intent(intent.id) == replace(intent, state=PaymentState.FAILED, failure_code=code)
    assert (await gateway.confirm(intent.id, VISA)).failure_code is None


async def test_an_unknown_card_is_no_try(gateway: SandboxGateway) -> None:
    intent = await opened(gateway)
    with pytest.raises(InvalidField):
        await gateway.confirm(intent.id, "4111111111111111")
    assert await gateway.intent(intent.id) == intent


async def test_a_cancelled_intent_cannot_be_paid(gateway: SandboxGateway) -> None:
    intent = await opened(gateway)
    for _ in range(2):
        assert (await gateway.cancel_intent(intent.id)).state is PaymentState.CANCELLED
    with pytest.raises(OrderNotPayable):
        await gateway.confirm(intent.id, VISA)
    assert (await gateway.intent(intent.id)) == replace(intent, state=PaymentState.CANCELLED)


async def test_what_is_paid_is_not_cancelled_but_told(gateway: SandboxGateway) -> None:
    intent = await paid(gateway)
    assert await gateway.cancel_intent(intent.id) == intent


async def test_money_goes_back_in_parts_once_for_each_key(gateway: SandboxGateway) -> None:
    intent = await paid(gateway)
    for _ in range(2):
        told = await gateway.refund(intent.id, Money(1000, "USD"), f"{intent.id}:a")
        assert (told.state, told.captured, told.refunded) == (PaymentState.PARTIALLY_REFUNDED, 5398, 1000)
    told = await gateway.refund(intent.id, Money(4398, "USD"), f"{intent.id}:b")
    assert (told.state, told.captured, told.refunded) == (PaymentState.REFUNDED, 5398, 5398)


async def test_no_more_goes_back_than_was_taken_and_the_key_is_good_for_another_try(gateway: SandboxGateway) -> None:
    intent, unpaid = await paid(gateway), await opened(gateway)
    with pytest.raises(ExceedsRefundable):
        await gateway.refund(intent.id, Money(5399, "USD"), f"{intent.id}:a")
    with pytest.raises(ExceedsRefundable):
        await gateway.refund(unpaid.id, Money(1, "USD"), f"{unpaid.id}:a")
    assert (await gateway.refund(intent.id, Money(5398, "USD"), f"{intent.id}:a")).refunded == 5398


async def test_at_once_one_key_refunds_once_and_many_keys_no_more_than_there_is(gateway: SandboxGateway) -> None:
    intent = await paid(gateway)
    await gather(*(gateway.refund(intent.id, Money(1000, "USD"), f"{intent.id}:a") for _ in range(10)))
    refunds = (gateway.refund(intent.id, Money(1000, "USD"), f"{intent.id}:{n}") for n in range(10))
    outcomes = await gather(*refunds, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(ExceedsRefundable) == 6
    told = await gateway.intent(intent.id)
    assert told is not None
    assert told.refunded == 5000


async def test_paid_and_cancelled_at_once_it_is_one_of_them(gateway: SandboxGateway) -> None:
    for _ in range(5):
        intent = await opened(gateway)
        confirmed, cancelled = await gather(
            gateway.confirm(intent.id, VISA), gateway.cancel_intent(intent.id), return_exceptions=True
        )
        told = await gateway.intent(intent.id)
        assert isinstance(cancelled, Intent)
        assert told == cancelled
        assert told in (confirmed, replace(intent, state=PaymentState.CANCELLED))


async def test_what_is_unknown_is_said_to_be(gateway: SandboxGateway) -> None:
    with pytest.raises(PaymentNotFound):
        await gateway.confirm("pi_unknown", VISA)
    with pytest.raises(PaymentNotFound):
        await gateway.cancel_intent("pi_unknown")
    with pytest.raises(PaymentNotFound):
        await gateway.refund("pi_unknown", AMOUNT, "k")
