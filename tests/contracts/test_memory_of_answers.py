"""What must become of the first answer to an idempotency key, wherever it is kept."""

from asyncio import gather
from dataclasses import replace

import pytest
from dishka import AsyncContainer

from application.idempotency import Answer, KeyReused, Memory, Once, Remembered, replay

ONCE = Once(actor="user:1", key="k1", route="POST /api/orders/cart/checkout", fingerprint=b"\x00\xff", status=201)
REFUSED = Remembered(ONCE.route, ONCE.fingerprint, 409, b'{"code":"cart-empty"}\x00\xff')


@pytest.fixture
async def memory(container: AsyncContainer) -> Memory:
    found: Memory = await container.get(Memory)
    return found


async def test_an_unknown_key_has_no_answer(memory: Memory) -> None:
    assert await memory.recall(ONCE) is None


async def test_a_refusal_is_kept_to_the_byte_and_the_first_one_stays(memory: Memory) -> None:
    assert await memory.remember_refusal(ONCE, 409, REFUSED.body) == REFUSED
    assert await memory.remember_refusal(ONCE, 402, b"another") == REFUSED
    assert await memory.recall(ONCE) == REFUSED


async def test_what_is_kept_is_told_even_to_another_request_which_then_does_not_fit(memory: Memory) -> None:
    await memory.remember_refusal(ONCE, 409, REFUSED.body)
    other = replace(ONCE, fingerprint=b"other")
    kept = await memory.recall(other)
    assert kept == REFUSED
    assert replay(ONCE, kept) == Answer(REFUSED.body, 409, replayed=True)
    with pytest.raises(KeyReused):
        replay(other, kept)
    with pytest.raises(KeyReused):
        replay(replace(ONCE, route="POST /api/orders/cart/clear"), kept)


async def test_keys_belong_to_their_actor(memory: Memory) -> None:
    await memory.remember_refusal(ONCE, 409, REFUSED.body)
    assert await memory.recall(replace(ONCE, actor="user:2")) is None
    assert await memory.recall(replace(ONCE, key="K1")) is None


async def test_of_twenty_at_once_one_is_kept_and_all_hear_it(memory: Memory) -> None:
    told = await gather(*(memory.remember_refusal(ONCE, 409, f"{n}".encode()) for n in range(20)))
    assert len({kept.body for kept in told}) == 1
    assert await memory.recall(ONCE) == told[0]
