"""Kept answers: one loader per key, a second at most, and none that a change has overtaken."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from adapters.memory.cache import MemoryAnswers
from entrypoints.http.hot import answers as module
from entrypoints.http.hot.answers import Answer, Answers, Kept, Key

KEY: Key = ("/list", b"")
LAMP, SOCK = frozenset({"lamp"}), frozenset({"sock"})


@dataclass
class Source:
    """Where answers come from, each when the test lets it."""

    about: frozenset[str] = LAMP
    asked: int = 0
    loads: list[asyncio.Event] = field(default_factory=list)
    error: Exception | None = None
    at_once: bool = False

    async def __call__(self) -> Answer:
        self.asked += 1
        number, let = self.asked, asyncio.Event()
        self.loads.append(let)
        if not self.at_once:
            await let.wait()
        if self.error:
            raise self.error
        return Answer(str(number).encode(), (), self.about)


@dataclass
class Watch:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(module, "monotonic", watch)
    return watch


@pytest.fixture
def kept(watch: Watch) -> Answers:
    return Answers(MemoryAnswers())


def ask(
    kept: Answers, source: Callable[[], Awaitable[Answer]], key: Key = KEY, *, share: bool = False
) -> Awaitable[Kept]:
    return asyncio.ensure_future(kept.load(key, "/list", source, share=share))


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def body(answer: Kept | None) -> bytes | None:
    return answer.answer.body if answer else None


async def test_many_who_ask_at_once_get_one_answer(kept: Answers) -> None:
    source = Source()
    asked = [ask(kept, source) for _ in range(100)]
    await turns()
    source.loads[0].set()
    assert {body(answer) for answer in await asyncio.gather(*asked)} == {b"1"}
    assert source.asked == 1
    assert body(kept.find(KEY)) == b"1"


async def test_an_answer_is_kept_for_a_second_from_the_begin_of_its_loading(kept: Answers, watch: Watch) -> None:
    source = Source()
    asked = ask(kept, source)
    await turns()
    watch.now += 0.75
    source.loads[0].set()
    await asked
    assert body(kept.find(KEY)) == b"1"
    watch.now += 0.25
    assert kept.find(KEY) is None


async def test_a_change_drops_what_is_about_it_and_nothing_else(kept: Answers) -> None:
    await ask(kept, Source(LAMP, at_once=True), ("/lamp", b""))
    await ask(kept, Source(SOCK, at_once=True), ("/sock", b""))
    kept.drop(LAMP)
    assert (kept.find(("/lamp", b"")), body(kept.find(("/sock", b"")))) == (None, b"1")


async def test_what_was_read_before_a_change_is_neither_kept_nor_given_to_who_asks_after_it(kept: Answers) -> None:
    source = Source()
    before = ask(kept, source)
    await turns()
    kept.drop(LAMP)
    after = ask(kept, source)
    await turns()
    source.loads[0].set()
    await turns()
    assert (body(await before), kept.find(KEY), source.asked) == (b"1", None, 2)
    source.loads[1].set()
    assert (body(await after), body(kept.find(KEY))) == (b"2", b"2")


async def test_a_change_of_something_else_spoils_no_loading(kept: Answers) -> None:
    source = Source()
    asked = ask(kept, source)
    await turns()
    kept.drop(SOCK)
    later = ask(kept, source)
    await turns()
    source.loads[0].set()
    assert (body(await asked), body(await later), source.asked) == (b"1", b"1", 1)
    assert body(kept.find(KEY)) == b"1"


async def test_an_error_reaches_all_and_is_not_kept(kept: Answers) -> None:
    source = Source(error=ZeroDivisionError(), at_once=True)
    outcomes = await asyncio.gather(*(ask(kept, source) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ZeroDivisionError] * 3
    source.error = None
    assert body(await ask(kept, source)) == b"2"


async def test_who_leaves_takes_no_answer_from_the_others(kept: Answers) -> None:
    source = Source()
    first, second = asyncio.ensure_future(ask(kept, source)), ask(kept, source)
    await turns()
    first.cancel()
    await turns()
    source.loads[0].set()
    assert (body(await second), source.asked) == (b"1", 1)


async def test_no_more_is_held_than_may_be(watch: Watch) -> None:
    kept = Answers(MemoryAnswers(), most=3 * (module.BESIDE + 2))
    for number in range(10):
        await ask(kept, Source(at_once=True), (f"/{number}", b""))
    assert [number for number in range(10) if kept.find((f"/{number}", b""))] == [7, 8, 9]
    assert kept.held == kept.most
    kept.drop(LAMP)
    assert kept.held == 0
    large = Answers(MemoryAnswers(), most=10)
    assert body(await ask(large, Source(at_once=True))) == b"1"
    assert (large.find(KEY), large.held) == (None, 0)


async def test_what_is_too_old_makes_room(kept: Answers, watch: Watch) -> None:
    for number in range(10):
        await ask(kept, Source(at_once=True), (f"/{number}", b""))
        watch.now += 0.5
    assert kept.held == 2 * (module.BESIDE + 2)


async def test_processes_share_what_they_loaded(watch: Watch) -> None:
    shared = MemoryAnswers()
    ours, theirs, source = Answers(shared), Answers(shared), Source(at_once=True)
    assert body(await ask(ours, source, share=True)) == b"1"
    await turns()
    assert body(await ask(theirs, source, share=True)) == b"1"
    assert source.asked == 1
    assert body(await ask(theirs, Source(at_once=True), ("/other", b""), share=False)) == b"1"


async def test_after_a_change_of_ours_nothing_older_comes_from_the_others(watch: Watch) -> None:
    shared = MemoryAnswers()
    ours, theirs, source = Answers(shared), Answers(shared), Source(at_once=True)
    await ask(theirs, source, share=True)
    await turns()
    ours.drop(LAMP)
    watch.now += 0.875
    assert body(await ask(ours, source, share=True)) == b"2"


async def test_what_was_overtaken_is_not_shared(watch: Watch) -> None:
    shared = MemoryAnswers()
    ours, theirs, source = Answers(shared), Answers(shared), Source()
    asked = ask(ours, source, share=True)
    await turns()
    ours.drop(LAMP)
    source.loads[0].set()
    await asked
    await turns()
    source.at_once = True
    assert body(await ask(theirs, source, share=True)) == b"2"


async def test_closing_ends_what_is_loading(kept: Answers) -> None:
    asked = asyncio.ensure_future(ask(kept, Source()))
    await turns()
    await kept.close()
    with pytest.raises(asyncio.CancelledError):
        await asked
