"""Whose turn it is at the database: nobody is passed over, and no turn is lost, whoever gives up and when."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest

from adapters.postgres.turns import Turns
from application.ports import Busy

NEVER = 3600.0  # seconds that no test lasts
MOMENT = 0.001


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not is_so():  # noqa: ASYNC110 (turns tell nobody)
            await asyncio.sleep(MOMENT)


async def settled() -> None:
    """Whoever could do something has done it."""
    for _ in range(5):
        await asyncio.sleep(0)


class Crowd:
    """Callers, each of whom has their turn until they leave."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.tasks: list[asyncio.Task[None]] = []
        self.within: list[int] = []  # in the order in which they got in
        self._leaving: list[asyncio.Event] = []

    async def come(self, count: int) -> None:
        for who in range(len(self.tasks), len(self.tasks) + count):
            self._leaving.append(asyncio.Event())
            self.tasks.append(asyncio.create_task(self._stay(who)))
        await settled()

    def leave(self, who: int) -> None:
        self._leaving[who].set()

    async def left(self, who: int) -> None:
        self.leave(who)
        async with asyncio.timeout(2):
            await self.tasks[who]
        await settled()

    async def give_up(self, who: int) -> None:
        self.tasks[who].cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(self.tasks[who], 2)
        await settled()

    async def _stay(self, who: int) -> None:
        turn = await self.turns.take()
        try:
            self.within.append(who)
            await self._leaving[who].wait()
        finally:
            self.turns.give_back(turn)


@asynccontextmanager
async def crowd_at(turns: Turns) -> AsyncIterator[Crowd]:
    """At whose end everybody leaves, and no turn is lost."""
    crowd = Crowd(turns)
    try:
        yield crowd
    finally:
        for who in range(len(crowd.tasks)):
            crowd.leave(who)
        async with asyncio.timeout(10):
            await asyncio.gather(*crowd.tasks, return_exceptions=True)
    assert turns.taken == 0


@pytest.fixture
async def crowd() -> AsyncIterator[Crowd]:
    """At turns of which two are had at once, for nobody is ever slow."""
    async with crowd_at(Turns(4, at_once=2, quick=NEVER, patience=NEVER)) as crowd:
        yield crowd


async def test_first_come_first_served(crowd: Crowd) -> None:
    await crowd.come(6)
    for leaving in (1, 0, 3, 2):
        await crowd.left(leaving)
    assert crowd.within == [0, 1, 2, 3, 4, 5]


async def test_only_so_many_are_quick_at_once(crowd: Crowd) -> None:
    await crowd.come(9)
    assert (crowd.within, crowd.turns.taken) == ([0, 1], 2)
    await crowd.left(0)
    assert (crowd.within, crowd.turns.taken) == ([0, 1, 2], 2)


async def test_who_comes_as_a_turn_is_given_back_does_not_overtake_who_waits(crowd: Crowd) -> None:
    await crowd.come(3)
    crowd.leave(0)
    await asyncio.sleep(0)  # the third is called
    await crowd.come(1)
    assert crowd.within == [0, 1, 2]


async def test_who_is_slow_counts_no_more_so_that_others_get_in_and_nobody_beyond_the_most() -> None:
    async with crowd_at(Turns(4, at_once=2, quick=MOMENT, patience=NEVER)) as crowd:
        await crowd.come(9)
        await until(lambda: len(crowd.within) == 4)
        for _ in range(3):
            await asyncio.sleep(MOMENT * 2)
        assert (crowd.within, crowd.turns.taken) == ([0, 1, 2, 3], 4)
        await crowd.left(2)
        assert (crowd.within, crowd.turns.taken) == ([0, 1, 2, 3, 4], 4)


async def test_where_all_are_slow_already_who_comes_does_not_wait() -> None:
    turns = Turns(2, at_once=1, quick=0.0, patience=NEVER)
    taken = await turns.take()
    taking = turns.take()
    with pytest.raises(StopIteration) as at_once:
        taking.send(None)
    for turn in (taken, at_once.value.value):
        turns.give_back(turn)


async def test_who_was_slow_makes_no_room_for_two_as_they_leave() -> None:
    turns = Turns(8, at_once=1, quick=MOMENT, patience=NEVER)
    async with crowd_at(turns) as crowd:
        await crowd.come(2)
        await until(lambda: len(crowd.within) == 2)
        turns.quick = NEVER
        await crowd.come(3)
        await crowd.left(0)
        assert crowd.within == [0, 1]
        await crowd.left(1)
        assert crowd.within == [0, 1, 2]


async def test_who_waits_for_too_long_is_told_so_and_the_others_go_on() -> None:
    async with crowd_at(Turns(1, quick=MOMENT, patience=MOMENT * 3)) as crowd:
        await crowd.come(3)
        await until(lambda: crowd.tasks[1].done() and crowd.tasks[2].done())
        assert [type(task.exception()) for task in crowd.tasks[1:]] == [Busy, Busy]
        await crowd.left(0)
        await crowd.come(1)
        assert crowd.within == [0, 3]


async def test_who_gives_up_waiting_leaves_nothing_behind(crowd: Crowd) -> None:
    await crowd.come(5)
    await crowd.give_up(2)
    await crowd.give_up(4)
    await crowd.left(0)
    assert (crowd.within, crowd.turns.taken) == ([0, 1, 3], 2)
    await crowd.left(1)
    assert crowd.turns.taken == 1


async def test_who_gives_up_as_they_are_called_passes_the_turn_on(crowd: Crowd) -> None:
    turns = crowd.turns
    mine = [await turns.take() for _ in range(2)]
    await crowd.come(2)
    turns.give_back(mine[0])  # the first is called, and does not know yet
    await crowd.give_up(0)
    assert (crowd.within, turns.taken) == ([1], 2)
    turns.give_back(mine[1])


async def test_who_gives_up_as_they_are_told_to_go_has_given_up(crowd: Crowd) -> None:
    turns = crowd.turns
    mine = [await turns.take() for _ in range(2)]
    await crowd.come(1)
    turns.patience = 0.0
    turns._watch(asyncio.get_running_loop())
    await crowd.give_up(0)
    for turn in mine:
        turns.give_back(turn)


async def test_nobody_is_watched_where_nobody_waits() -> None:
    async with crowd_at(Turns(2, at_once=1, quick=MOMENT, patience=NEVER)) as crowd:
        await crowd.come(3)
        await until(lambda: len(crowd.within) == 2)
        assert crowd.turns._watching
        await crowd.give_up(2)
        await crowd.left(0)
        await until(lambda: not crowd.turns._watching)


def test_a_loop_that_ends_while_somebody_waits_is_nothing_to_the_next_one() -> None:
    turns = Turns(2, at_once=1, quick=MOMENT, patience=NEVER)

    async def end_early() -> None:
        turn = await turns.take()
        waiting = asyncio.create_task(turns.take())
        await settled()
        waiting.cancel()
        await asyncio.wait([waiting])
        turns.give_back(turn)

    async def one_slow() -> None:
        async with crowd_at(turns) as crowd:
            await crowd.come(2)
            await until(lambda: len(crowd.within) == 2)

    for use in (end_early, one_slow):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(use())
        loop.close()


@pytest.mark.parametrize("seed", range(20))
async def test_whoever_comes_leaves_and_gives_up_at_whatever_moment_no_turn_is_lost(seed: int) -> None:
    random = Random(seed)
    turns = Turns(random.randint(2, 5), at_once=2, quick=MOMENT, patience=random.choice([MOMENT, NEVER]))
    within = 0

    async def come(stay: int, pause: float) -> None:
        nonlocal within
        turn = await turns.take()
        within += 1
        try:
            assert within <= turns.most
            for _ in range(stay):
                await asyncio.sleep(pause)
        finally:
            within -= 1
            turns.give_back(turn)

    tasks = []
    for _ in range(200):
        tasks.append(asyncio.create_task(come(random.randint(0, 3), random.choice([0, 0, 0, MOMENT]))))
        if random.random() < 0.5:
            await asyncio.sleep(0)
        if random.random() < 0.4:
            random.choice(tasks).cancel()
    async with asyncio.timeout(10):
        told = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(each) for each in told} <= {type(None), asyncio.CancelledError, Busy}
    assert (turns.taken, within) == (0, 0)
    assert [await turns.take() for _ in range(2)]
