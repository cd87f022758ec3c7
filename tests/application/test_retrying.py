"""A lost race is run again, a few times."""

import pytest

from application.ports import Busy, LostRace
from application.retrying import RETRIES, retried


class Race:
    """A call that loses so often before it wins."""

    def __init__(self, losses: int, loss: Exception) -> None:
        self.losses, self.loss, self.calls = losses, loss, 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.losses:
            raise self.loss
        return "won"


async def test_a_call_that_loses_three_races_wins_the_fourth() -> None:
    race = Race(RETRIES, LostRace())
    assert await retried(race) == "won"
    assert race.calls == 4


async def test_whoever_loses_once_more_is_told() -> None:
    race = Race(RETRIES + 1, LostRace())
    with pytest.raises(LostRace):
        await retried(race)
    assert race.calls == 4


async def test_what_took_too_long_is_not_tried_again() -> None:
    race = Race(1, Busy())
    with pytest.raises(Busy):
        await retried(race)
    assert race.calls == 1
