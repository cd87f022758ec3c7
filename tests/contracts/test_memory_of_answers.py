"""What must become of the first answer to an idempotency key, wherever it is kept."""

from asyncio import Event, gather
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

import msgspec
import pytest
from dishka import AsyncContainer

from application.idempotency import (
    Answer,
    Claim,
    KeyReused,
    Memory,
    Once,
    Overtaken,
    Remembered,
    RequestInProgress,
    claimed,
    replay,
)
from application.ports import NewId, Store
from domain.accounts import User, UserId, UsernameTaken

ONCE = Once(actor="user:1", key="k1", route="POST /api/orders/cart/checkout", fingerprint=b"\x00\xff", status=201)
NO = Answer(b'{"code":"cart-empty"}\x00\xff', 409, {"Content-Language": "de"})
REFUSED = Remembered(ONCE.route, ONCE.fingerprint, 409, NO.body, NO.headers)


@pytest.fixture
async def memory(container: AsyncContainer) -> Memory:
    found: Memory = await container.get(Memory)
    return found


async def test_an_unknown_key_has_no_answer(memory: Memory) -> None:
    assert await memory.recall(ONCE) is None


async def test_a_refusal_is_kept_to_the_byte_and_the_first_one_stays(memory: Memory) -> None:
    assert await memory.remember_refusal(ONCE, NO) == REFUSED
    assert await memory.remember_refusal(ONCE, Answer(b"another", 402)) == REFUSED
    assert await memory.recall(ONCE) == REFUSED


async def test_what_is_kept_is_told_even_to_another_request_which_then_does_not_fit(memory: Memory) -> None:
    await memory.remember_refusal(ONCE, NO)
    other = replace(ONCE, fingerprint=b"other")
    kept = await memory.recall(other)
    assert kept == REFUSED
    assert replay(ONCE, kept) == replace(NO, replayed=True)
    with pytest.raises(KeyReused):
        replay(other, kept)
    with pytest.raises(KeyReused):
        replay(replace(ONCE, route="POST /api/orders/cart/clear"), kept)


async def test_keys_belong_to_their_actor(memory: Memory) -> None:
    await memory.remember_refusal(ONCE, NO)
    assert await memory.recall(replace(ONCE, actor="user:2")) is None
    assert await memory.recall(replace(ONCE, key="K1")) is None


async def test_of_twenty_at_once_one_is_kept_and_all_hear_it(memory: Memory) -> None:
    told = await gather(*(memory.remember_refusal(ONCE, Answer(f"{n}".encode(), 409)) for n in range(20)))
    assert len({kept.body for kept in told}) == 1
    assert await memory.recall(ONCE) == told[0]


# -- together: effect and answer in one transaction

LEASE = timedelta(seconds=30)
DONE = Answer(b'{"id":1}', 201, {"Location": "/things/1"})
KEPT = Remembered(ONCE.route, ONCE.fingerprint, 201, DONE.body, DONE.headers)
SENDER = "fence@example.com"
AT = datetime(2026, 11, 23, tzinfo=UTC)
NO_LEASE = -timedelta(seconds=1)  # one that has ended already: no test waits for a clock


class Left(msgspec.Struct):
    n: int


async def sign_up(container: AsyncContainer, email: str) -> None:
    """Some effect; a second one of a name is refused."""
    new_id: NewId = await container.get(NewId)
    user = User.register(UserId(new_id()), email, "x", AT, username=email[:4])
    async with (await container.get(Store)).transaction() as tx:
        await tx.users.save(user)
        await tx.remember(Left(1))


async def is_there(container: AsyncContainer, email: str) -> bool:
    async with (await container.get(Store)).transaction() as tx:
        return await tx.users.find_by_email(email) is not None


async def test_an_answer_is_there_with_its_effect(container: AsyncContainer, memory: Memory) -> None:
    async with memory.together(ONCE) as kept:
        assert kept is None
        await sign_up(container, "one@example.com")
        assert await is_there(container, "one@example.com")
        await memory.remember(ONCE, DONE)
    assert await memory.recall(ONCE) == KEPT
    async with memory.together(ONCE) as kept:
        assert kept == KEPT


async def test_a_failure_leaves_neither_answer_nor_effect(container: AsyncContainer, memory: Memory) -> None:
    with pytest.raises(ZeroDivisionError):
        async with memory.together(ONCE):
            await sign_up(container, "two@example.com")
            await memory.remember(ONCE, DONE)
            raise ZeroDivisionError
    assert await memory.recall(ONCE) is None
    assert not await is_there(container, "two@example.com")


async def test_what_one_part_undoes_stays_undone_and_the_rest_stays(container: AsyncContainer, memory: Memory) -> None:
    async with memory.together(ONCE):
        await sign_up(container, "kept@example.com")
        with pytest.raises(UsernameTaken):
            await sign_up(container, "kept.not@example.com")
        await memory.remember(ONCE, DONE)
    assert (await is_there(container, "kept@example.com"), await is_there(container, "kept.not@example.com")) == (
        True,
        False,
    )


async def test_twins_wait_for_the_first_and_hear_its_answer(memory: Memory) -> None:
    done = []

    async def ask(n: int) -> Remembered | None:
        async with memory.together(ONCE) as kept:
            if kept is None:
                done.append(n)
                await memory.remember(ONCE, Answer(f"{n}".encode(), 200))
            return kept

    told = await gather(*(ask(n) for n in range(12)))
    (first,) = done
    assert [kept.body for kept in told if kept is not None] == [f"{first}".encode()] * 11


async def test_a_key_that_failed_is_free_for_the_next(memory: Memory) -> None:
    entered, fail = Event(), Event()

    async def failing() -> None:
        async with memory.together(ONCE):
            entered.set()
            await fail.wait()
            raise ZeroDivisionError

    async def next_one() -> None:
        await entered.wait()
        fail.set()
        async with memory.together(ONCE) as kept:
            assert kept is None
            await memory.remember(ONCE, DONE)

    failed, _ = await gather(failing(), next_one(), return_exceptions=True)
    assert isinstance(failed, ZeroDivisionError)
    assert await memory.recall(ONCE) == KEPT


# -- claims: lease and fence


async def claim(memory: Memory, lease: timedelta = LEASE) -> Claim:
    found = await memory.claim(ONCE, lease)
    assert isinstance(found, Claim)
    return found


async def test_one_of_twenty_claims_and_the_others_hear_of_no_answer(memory: Memory) -> None:
    found = await gather(*(memory.claim(ONCE, LEASE) for _ in range(20)))
    running = Remembered(ONCE.route, ONCE.fingerprint, None, None)
    assert sorted(type(each).__name__ for each in found) == ["Claim"] + ["Remembered"] * 19
    assert [each for each in found if not isinstance(each, Claim)] == [running] * 19
    with pytest.raises(RequestInProgress):
        replay(ONCE, running)


async def test_what_is_concluded_is_the_answer(memory: Memory) -> None:
    await memory.conclude(await claim(memory), DONE)
    assert await memory.claim(ONCE, LEASE) == KEPT
    assert await memory.recall(ONCE) == KEPT


async def test_who_is_overtaken_can_do_nothing_more(container: AsyncContainer, memory: Memory) -> None:
    late = await claim(memory, NO_LEASE)
    taker = await claim(memory)
    assert (taker.fence, taker.since) == (late.fence + 1, late.since)
    token = claimed.set(late)
    with pytest.raises(Overtaken):
        await sign_up(container, SENDER)
    claimed.reset(token)
    assert not await is_there(container, SENDER)
    with pytest.raises(Overtaken):
        await memory.conclude(late, Answer(b"late", 200))
    await memory.release(late, nothing_done=True)
    await memory.conclude(taker, DONE)
    assert await memory.recall(ONCE) == KEPT


async def test_of_twenty_takers_one_takes_over(memory: Memory) -> None:
    await claim(memory, NO_LEASE)
    found = await gather(*(memory.claim(ONCE, LEASE) for _ in range(20)))
    assert [each.fence for each in found if isinstance(each, Claim)] == [2]


async def test_what_was_left_with_the_effect_is_the_answer_of_who_takes_over(
    container: AsyncContainer, memory: Memory
) -> None:
    ours = await claim(memory, NO_LEASE)
    token = claimed.set(ours)
    await sign_up(container, SENDER)
    claimed.reset(token)
    left = Remembered(ONCE.route, ONCE.fingerprint, ONCE.status, b'{"n":1}')
    assert await memory.claim(ONCE, LEASE) == left
    with pytest.raises(Overtaken):
        await memory.conclude(ours, Answer(b"late", 200))
    assert await memory.claim(ONCE, LEASE) == left


async def test_what_was_left_may_be_bettered_until_the_lease_ends(container: AsyncContainer, memory: Memory) -> None:
    ours = await claim(memory)
    token = claimed.set(ours)
    async with (await container.get(Store)).transaction() as tx:
        await tx.remember(Left(1))
    claimed.reset(token)
    assert await memory.claim(ONCE, LEASE) == Remembered(ONCE.route, ONCE.fingerprint, None, None)
    await memory.conclude(ours, DONE)
    assert await memory.claim(ONCE, LEASE) == KEPT


async def test_what_is_left_without_a_claim_is_nothing(container: AsyncContainer, memory: Memory) -> None:
    async with (await container.get(Store)).transaction() as tx:
        await tx.remember(Left(1))
    assert await memory.recall(ONCE) is None


async def test_a_key_under_which_nothing_was_done_is_free_again(memory: Memory) -> None:
    other = replace(ONCE, fingerprint=b"other")
    await memory.release(await claim(memory), nothing_done=True)
    assert isinstance(await memory.claim(other, LEASE), Claim)


async def test_a_key_of_which_nobody_knows_what_was_done_waits_for_the_same_request(memory: Memory) -> None:
    first = await claim(memory)
    await memory.release(first, nothing_done=False)
    assert await memory.claim(replace(ONCE, fingerprint=b"other"), LEASE) == Remembered(
        ONCE.route, ONCE.fingerprint, None, None
    )
    again = await claim(memory)
    assert (again.fence, again.since) == (first.fence + 1, first.since)
    assert again.id("refund") == first.id("refund") != first.id("image")


async def test_a_claim_and_a_frame_do_not_share_a_key(memory: Memory) -> None:
    await claim(memory)
    other = replace(ONCE, route="POST /api/orders/cart/clear")
    async with memory.together(other) as kept:
        assert kept is not None
        with pytest.raises(KeyReused):
            replay(other, kept)


def test_an_id_of_a_claim_is_of_version_7_and_its_own() -> None:
    since = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
    made = Claim(ONCE, 1, since).id("refund")
    assert (made.version, made.variant, made.int >> 80) == (7, RFC_4122, int(since.timestamp() * 1000))
    others = [replace(ONCE, actor="user:2"), replace(ONCE, key="k2"), replace(ONCE, route="x"), ONCE]
    assert len({Claim(once, n, since).id("refund") for n, once in enumerate(others)} | {made}) == 4
