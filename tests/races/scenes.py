"""The races, one function for each; every one ends with the audit. To add one, name it in RACES."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from random import Random
from time import perf_counter

import msgspec

from application.promotions import CreateCoupon, NewCoupon
from domain.accounts import Actor
from domain.promotions import Kind
from tests.races.ground import Ground, outcomes

SOLD_OUT = "409 insufficient-stock"
Race = Callable[[Ground, int], Awaitable[str]]


async def the_last_one(ground: Ground, buyers: int) -> str:
    """So many buyers of the one piece that there is: one order."""
    sku, crowd = await ground.goods_of(stock=1), ground.next(buyers)
    await ground.fill(crowd, sku)
    told = outcomes(await ground.ask([ground.check_out(each) for each in crowd]))
    assert told == {201: 1, SOLD_OUT: buyers - 1}, told
    await ground.audit()
    assert (await ground.stock(sku)).reserved == 1
    return f"{buyers} buyers of 1: 1 order"


async def thirty_seven(ground: Ground, buyers: int) -> str:
    """Each wants 1 to 5: nobody is sent away who could have been served."""
    sku, crowd, quantities = await ground.goods_of(stock=37), ground.next(buyers), (1, 2, 3, 4, 5)
    await ground.fill(crowd, sku, quantities)
    answers = await ground.ask([ground.check_out(each) for each in crowd])
    told = outcomes(answers)
    assert told.keys() == {201, SOLD_OUT}, told
    wanted = [quantities[n % len(quantities)] for n in range(buyers)]
    sold = sum(many for many, answer in zip(wanted, answers, strict=True) if answer.status == 201)
    refused = min(many for many, answer in zip(wanted, answers, strict=True) if answer.status != 201)
    await ground.audit()
    assert (await ground.stock(sku)).reserved == sold > 37 - refused
    return f"{buyers} buyers of 37, 1 to 5 each: {told[201]} orders, {sold} pieces"


async def one_product_on_two_lines(ground: Ground, buyers: int) -> str:
    """3 on one line and 2 on another are 5 of the 9 that there are: one order, though each line alone would fit."""
    sku, crowd = await ground.goods_of(stock=9), ground.next(buyers)
    await ground.fill_two_lines(crowd, sku, [3, 2])
    told = outcomes(await ground.ask([ground.check_out(each) for each in crowd]))
    assert told == {201: 1, SOLD_OUT: buyers - 1}, told
    await ground.audit()
    assert (await ground.stock(sku)).reserved == 5
    return f"{buyers} buyers of 3 + 2 of 9: 1 order"


async def one_key(ground: Ground, times: int) -> str:
    """The same request so often at once: one effect, and one answer for all."""
    sku, (buyer,) = await ground.goods_of(stock=1000), ground.next(1)
    await ground.fill([buyer], sku, [2])
    answers = await ground.ask([ground.check_out(buyer)] * times)  # the same bytes, the key too
    assert outcomes(answers) == {201: times}, outcomes(answers)
    assert len({answer.body for answer in answers}) == 1
    assert sum("idempotent-replayed: true" in answer.head for answer in answers) == times - 1
    await ground.audit()
    assert (await ground.stock(sku)).reserved == 2
    return f"one key {times} times: 1 order, {times - 1} replays"


async def one_cart(ground: Ground, keys: int) -> str:
    sku, (buyer,) = await ground.goods_of(stock=1000), ground.next(1)
    await ground.fill([buyer], sku, [2])
    told = outcomes(await ground.ask([ground.check_out(buyer) for _ in range(keys)]))
    assert told == {201: 1, "409 cart-empty": keys - 1}, told
    await ground.audit()
    assert (await ground.stock(sku)).reserved == 2
    return f"one cart with {keys} keys: 1 order"


async def the_same_cancel(ground: Ground, times: int) -> str:
    """Stock comes back once."""
    sku, (buyer, other) = await ground.goods_of(stock=10), ground.next(2)
    await ground.fill([buyer, other], sku, [3])
    placed = await ground.ask([ground.check_out(each) for each in (buyer, other)])
    order = msgspec.json.decode(placed[0].body)
    cancel = ground.post(buyer, f"orders/{order['id']}/cancel/", {"reason": "too many"})
    told = outcomes(await ground.ask([cancel] * times))
    assert told == {200: 1, "409 order-not-cancellable": times - 1}, told
    await ground.audit()
    assert (await ground.stock(sku)).reserved == 3
    return f"one cancel {times} times: 3 pieces back"


async def the_last_coupon(ground: Ground, buyers: int) -> str:
    """One order with the discount; the others are told so, and charged nothing."""
    sku, crowd = await ground.goods_of(stock=1000), ground.next(buyers)
    code = f"LAST-{sku}"
    create = await ground.shop.get(CreateCoupon)
    await create(Actor.shop(), NewCoupon(code=code, kind=Kind.PERCENT, value="10", usage_limit=1))
    await ground.fill(crowd, sku)
    applied = await ground.ask([ground.post(each, "cart/apply_coupon/", {"code": code}) for each in crowd])
    assert outcomes(applied) == {200: buyers}
    answers = await ground.ask([ground.check_out(each) for each in crowd])
    assert outcomes(answers) == {201: 1, "409 coupon-exhausted": buyers - 1}, outcomes(answers)
    (order,) = [msgspec.json.decode(answer.body) for answer in answers if answer.status == 201]
    assert order["discount_amount"] == "1.00"
    await ground.audit()
    assert (await ground.stock(sku)).reserved == 1
    return f"{buyers} buyers with a coupon for one: 1 order with it, no other"


async def as_many_as_there_are(ground: Ground, units: int) -> str:
    """No false "sold out": so many buyers of so many units, and one more."""
    sku, crowd = await ground.goods_of(stock=units), ground.next(units + 1)
    await ground.fill(crowd, sku)
    began = perf_counter()
    told = outcomes(await ground.ask([ground.check_out(each) for each in crowd[:-1]]))
    seconds = perf_counter() - began
    assert told == {201: units}, told
    last = outcomes(await ground.ask([ground.check_out(crowd[-1])]))
    assert last == {SOLD_OUT: 1}, last
    await ground.audit()
    return f"{units} buyers of {units}: {units} orders, {units / seconds:.0f}/s, the next one sold out"


async def mixed_carts(ground: Ground, seconds: float) -> str:
    """Carts of 1 to 8 of 20 products in any order, until time is up: nobody hears of a deadlock."""
    skus = [await ground.goods_of(stock=100_000) for _ in range(20)]
    shoppers = ground.next(len(ground.load.connections))
    before = await ground.deadlocks()
    tally = await ground.load.drive([_shopping(ground, shopper, skus) for shopper in shoppers], seconds)
    assert tally.statuses.keys() <= {200, 201}, tally.statuses
    books = await ground.audit()
    assert await ground.deadlocks() == before
    ordered = sum(order["user_id"].int in shoppers for order in books.orders)
    assert ordered == tally.statuses[201] > 0
    return f"mixed carts for {seconds:g} s: {ordered} orders, no deadlock"


def _shopping(ground: Ground, shopper: int, skus: Sequence[str]) -> Iterator[bytes]:
    """One customer's requests, without end."""
    chance = Random(shopper)
    while True:
        for sku in chance.sample(skus, chance.randint(1, 8)):
            yield ground.add(shopper, sku, chance.randint(1, 3))
        yield ground.check_out(shopper)


RACES: Sequence[tuple[Race, int, int]] = (  # each with how many come, in the long run and in the short one
    (the_last_one, 200, 100),
    (thirty_seven, 200, 60),
    (one_product_on_two_lines, 200, 40),
    (one_key, 100, 100),
    (one_cart, 20, 20),
    (the_same_cancel, 20, 20),
    (the_last_coupon, 100, 100),
)
