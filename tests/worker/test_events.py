"""From a committed order to a mail, whatever happens to the queue between them."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis

from application.outbox import Patience, Subscribers
from application.subscriptions import SUBSCRIPTIONS
from domain.aggregate import Event
from domain.ordering import OrderNotFound, OrderPlaced
from entrypoints.worker import Chore, Outages, Worker
from tests.worker.conftest import TinyShop, at_work, eventually

QUICK = Patience(first=timedelta(milliseconds=20), attempts=3)


@dataclass(frozen=True)
class Listen:
    """A handler that writes down what it was told, and fails as often as it is asked to."""

    failures: dict[int, Exception] = field(default_factory=dict)  # by the number of the call, from 1
    told: list[UUID] = field(default_factory=list)

    async def __call__(self, id: UUID, event: OrderPlaced) -> None:
        self.told.append(id)
        if failure := self.failures.get(len(self.told)):
            raise failure


def only(handler: Listen) -> Subscribers:
    nobody: dict[type[Event], tuple[Listen, ...]] = dict.fromkeys(SUBSCRIPTIONS, ())
    return Subscribers({**nobody, OrderPlaced: (handler,)})


async def test_an_order_is_confirmed_by_exactly_one_mail(shop: TinyShop) -> None:
    async with at_work(await shop.worker()):
        await shop.sell()
        await shop.all_mailed(1)
    (mail,) = await shop.mail()
    number = await shop.sql("select number from purchase")
    assert (mail.to, mail.subject) == ("ann@example.com", f"Your order {number}")
    assert f"http://shop.test/api/orders/orders/{number}/" in mail.text


async def test_a_hint_that_is_lost_loses_no_mail(shop: TinyShop, redis: Redis) -> None:
    await shop.sell()
    await shop.relay()
    assert await redis.llen("saq:tradepost:queued") == await handlers_told(shop)
    await redis.flushall()
    assert await shop.mail() == []
    async with at_work(await shop.worker()):
        await shop.all_mailed(1)


async def test_a_queue_that_is_emptied_again_and_again_loses_no_mail(shop: TinyShop, redis: Redis) -> None:
    async with at_work(await shop.worker()):
        for _ in range(20):
            await shop.sell()
            await redis.flushall()
        await shop.all_mailed(20)


async def test_hints_of_one_handler_do_not_pile_up(shop: TinyShop, redis: Redis) -> None:
    for _ in range(5):
        await shop.sell()
        await shop.relay()
    told = await handlers_told(shop)
    assert await redis.llen("saq:tradepost:queued") <= 2 * told  # one each, unless a share of time ended meanwhile


async def handlers_told(shop: TinyShop) -> int:
    told: int = await shop.sql("select count(distinct handler) from delivery")
    return told


async def test_two_workers_number_each_event_once_and_deliver_it_once(shop: TinyShop) -> None:
    listen = Listen()
    async with at_work(await shop.worker(only(listen))), at_work(await shop.worker(only(listen))):
        for _ in range(40):
            await shop.sell()
        await eventually(lambda: nothing_owed(shop))
    assert len(listen.told) == len(set(listen.told)) == 40
    events = await shop.sql("select count(*) from outbox")
    assert await shop.sql("select count(distinct position) from outbox") == events
    assert await shop.sql("select max(position) from outbox") == events


async def test_a_handler_that_fails_twice_is_told_three_times_each_time_later(shop: TinyShop) -> None:
    listen = Listen({1: RuntimeError("no paper"), 2: RuntimeError("no ink")})
    async with at_work(await shop.worker(only(listen), QUICK)):
        await shop.sell()
        await eventually(lambda: nothing_owed(shop))
    assert len(listen.told) == 3
    assert await shop.sql("select attempts from delivery") == 3
    assert await shop.sql("select error from delivery where done_at is not null") == "RuntimeError: no ink"


async def test_what_fails_every_time_is_given_up_and_does_not_hold_up_the_others(
    shop: TinyShop, caplog: pytest.LogCaptureFixture
) -> None:
    listen = Listen({number: RuntimeError("poison") for number in range(1, 4)})
    async with at_work(await shop.worker(only(listen), QUICK)):
        await shop.sell()
        await eventually(lambda: nothing_owed(shop))
        await shop.sell()
        await eventually(lambda: nothing_owed(shop))
    assert len(listen.told) == 4
    assert await shop.sql("select count(*) from delivery where dead_at is not null and attempts = 3") == 1
    assert await shop.sql("select count(*) from delivery where done_at is not null and attempts = 1") == 1
    assert [line for line in caplog.messages if "given up" in line]


async def test_who_owes_money_never_gives_up(shop: TinyShop) -> None:
    failures: dict[int, Exception] = {number: RuntimeError("away") for number in range(1, 6)}
    listen = Listen({**failures, 6: OrderNotFound()})
    steadfast = Subscribers(only(listen).by_event, frozenset({"Listen"}))
    async with at_work(await shop.worker(steadfast, QUICK)):
        await shop.sell()
        await eventually(lambda: nothing_owed(shop))
    assert len(listen.told) == 7
    assert await shop.sql("select attempts from delivery where done_at is not null") == 7


async def test_a_refusal_of_the_domain_is_not_tried_again(shop: TinyShop, caplog: pytest.LogCaptureFixture) -> None:
    listen = Listen({1: OrderNotFound()})
    async with at_work(await shop.worker(only(listen))):
        await shop.sell()
        await eventually(lambda: nothing_owed(shop))
    assert len(listen.told) == 1
    assert await shop.sql("select error from delivery where dead_at is not null") == "OrderNotFound: order-not-found"
    assert [line for line in caplog.messages if line.startswith("Listen gave up on OrderPlaced")]


async def test_a_handler_that_hangs_is_tried_again(shop: TinyShop) -> None:
    @dataclass(frozen=True)
    class Hang(Listen):
        async def __call__(self, id: UUID, event: OrderPlaced) -> None:
            await super().__call__(id, event)
            if len(self.told) == 1:
                await asyncio.Event().wait()

    hang = Hang()
    patience = Patience(handling=timedelta(milliseconds=50), first=timedelta(milliseconds=20))
    async with at_work(await shop.worker(only(hang), patience)):
        await shop.sell()
        await eventually(lambda: nothing_owed(shop))
    assert len(hang.told) == 2


async def test_a_chore_that_fails_is_done_again(shop: TinyShop, caplog: pytest.LogCaptureFixture) -> None:
    done = asyncio.Event()
    tries: list[int] = []

    async def sweep() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("no broom")
        done.set()

    plain = await shop.worker()
    worker = Worker(plain.relay, plain.deliver, plain.hands, plain.pokes, (Chore("sweep", 60.0, sweep),), Outages())
    async with at_work(worker), asyncio.timeout(30):
        await done.wait()
    assert [line for line in caplog.messages if line == "sweep failed"]


async def nothing_owed(shop: TinyShop) -> bool:
    return await shop.owing() == 0
