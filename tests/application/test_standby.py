"""Two indexes as one: who answers what, and how seldom somebody who is away is asked."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import pytest

from application.ports import PageRequest, Progress, Unavailable
from application.search.index import Found, Query
from application.search.standby import BeyondIndex, Circuit, StandbyIndex
from application.search.views import Facets, Suggestion
from domain.catalog import ProductId
from domain.errors import InvalidField
from tests.builders import new_id


@dataclass
class Answering:
    """An index that answers with its name, or with an error; it follows cursors of its own alone."""

    name: str
    error: Exception | None = None
    told: list[str] = field(default_factory=list)

    async def search(self, query: Query, page: PageRequest, *, staff: bool = False) -> Found:
        self._say("search")
        if page.cursor is not None and page.cursor != self.name:
            raise InvalidField("cursor", "invalid-cursor", "is no cursor of this list")
        return Found([], self.name, Facets(), self.name)

    async def suggest(self, text: str) -> Sequence[Suggestion]:
        self._say("suggest")
        return [Suggestion(self.name, text, None)]

    async def refresh(self, products: Sequence[ProductId]) -> None:
        self._say("refresh")

    async def rebuild(self, progress: Progress) -> int:
        self._say("rebuild")
        return 1

    def _say(self, what: str) -> None:
        self.told.append(what)
        if self.error is not None:
            raise self.error


@dataclass
class Pair:
    """The two, and a clock that a test turns."""

    first: Answering = field(default_factory=lambda: Answering("first"))
    second: Answering = field(default_factory=lambda: Answering("second"))
    time: float = 0.0

    def __post_init__(self) -> None:
        self.index = StandbyIndex(self.first, self.second, Circuit(5.0, lambda: self.time))

    async def answers(self, cursor: str | None = None) -> str | None:
        return (await self.index.search(Query(), PageRequest(20, cursor))).corrected


@pytest.fixture
def pair() -> Pair:
    return Pair()


async def test_the_first_answers(pair: Pair) -> None:
    assert (await pair.answers(), pair.second.told) == ("first", [])
    assert [one.name for one in await pair.index.suggest("x")] == ["first"]


async def test_what_is_beyond_the_first_the_second_answers(pair: Pair) -> None:
    pair.first.error = BeyondIndex()
    assert [await pair.answers(), await pair.answers()] == ["second", "second"]
    assert pair.first.told == ["search", "search"]


async def test_while_the_first_is_away_it_is_asked_once_in_five_seconds(pair: Pair) -> None:
    pair.first.error = Unavailable("search")
    for pair.time in (0.0, 1.0, 4.9, 5.0, 5.1, 9.9, 10.0):
        assert await pair.answers() == "second"
        assert [one.name for one in await pair.index.suggest("x")] == ["second"]
    assert len(pair.first.told) == 3
    pair.first.error, pair.time = None, 20.0
    assert [await pair.answers(), await pair.answers()] == ["first", "first"]


async def test_a_cursor_is_followed_where_it_came_from(pair: Pair) -> None:
    assert [await pair.answers("first"), await pair.answers("second")] == ["first", "second"]
    with pytest.raises(InvalidField):
        await pair.answers("forged")
    pair.first.error = Unavailable("search")
    assert await pair.answers("second") == "second"
    with pytest.raises(Unavailable, match="search"):
        await pair.answers("first")


async def test_other_errors_are_not_hidden(pair: Pair) -> None:
    pair.first.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await pair.answers()
    pair.first.error, pair.second.error = Unavailable("search"), Unavailable("database")
    with pytest.raises(Unavailable, match="database"):
        await pair.answers()


@pytest.mark.parametrize("what", ["refresh", "rebuild"])
async def test_both_are_told_and_a_failure_of_the_first_is_one(pair: Pair, what: str) -> None:
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "refresh": lambda: pair.index.refresh([ProductId(new_id())]),
        "rebuild": lambda: pair.index.rebuild(lambda *_: None),
    }
    await calls[what]()
    pair.first.error = Unavailable("search")
    with pytest.raises(Unavailable):
        await calls[what]()
    assert (pair.first.told, pair.second.told) == ([what, what], [what, what])
