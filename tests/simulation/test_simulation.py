"""A few seeds at each change; `make simulate` runs as many as one has the time for."""

import os
import subprocess
import sys

import pytest

from tests.simulation.running import simulate

SLICE = range(1, 26)
SAID = """
from tests.simulation.running import simulate
print(*(simulate(seed).digest for seed in (3, 8, 20)))
"""


@pytest.mark.parametrize("seed", SLICE)
def test_whatever_happens_the_books_are_right_and_the_shop_keeps_its_word(seed: int) -> None:
    run = simulate(seed)
    assert not run.violations, run.story


def test_customers_get_what_they_came_for_where_nothing_fails() -> None:
    runs = [simulate(seed, reliable=True) for seed in (1, 2, 3)]
    assert [run.violations for run in runs] == [(), (), ()]
    assert all(run.orders > 5 for run in runs)
    assert not any(
        word in line for run in runs for line in run.history for word in ("dies", "no answer", "Unavailable")
    )


def test_a_seed_replays_exactly_in_another_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", SAID],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "4711")
    }
    assert digests == {" ".join(simulate(seed).digest for seed in (3, 8, 20)).encode() + b"\n"}


def test_another_seed_is_another_history() -> None:
    assert len({simulate(seed).digest for seed in (1, 2, 3)}) == 3
