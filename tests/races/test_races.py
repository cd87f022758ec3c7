"""A round of every race; `make races` runs fifty, with more who come."""

from collections.abc import AsyncIterator

import pytest

from adapters.embedded import Addresses
from tests.benchmarks.servers import Machines
from tests.races.ground import Ground, ground
from tests.races.scenes import RACES, Race, as_many_as_there_are, mixed_carts

NAMES = [race.__name__ for race, _, _ in RACES]


@pytest.fixture(scope="module")
async def field(machines: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    assert machines.database_url
    assert machines.redis_url
    found = Machines(tmp_path_factory.mktemp("races"), machines.database_url, machines.redis_url)
    async with ground(found, customers=1_000, connections=100) as opened:
        yield opened


@pytest.mark.parametrize(("race", "many"), [(race, few) for race, _, few in RACES], ids=NAMES)
async def test_whoever_wins_the_race_the_books_balance(field: Ground, race: Race, many: int) -> None:
    await race(field, many)


async def test_there_are_as_many_orders_as_there_are_pieces(field: Ground) -> None:
    await as_many_as_there_are(field, 150)


async def test_nobody_hears_of_a_deadlock(field: Ground) -> None:
    await mixed_carts(field, seconds=2.0)
