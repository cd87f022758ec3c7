"""The benchmark itself, as short as it can be: it must run and say something, however slow this machine is."""

import json

from tests.benchmarks import works
from tests.benchmarks.page import data, page
from tests.benchmarks.rounds import BUYERS, PIECES, Plan
from tests.benchmarks.running import run


async def test_a_small_run_measures_everything_and_refuses_nobody_but_those_who_come_too_late() -> None:
    told: list[str] = []
    results = await run(Plan(rounds=1, seconds=0.1, products=60, customers=BUYERS + 10), told.append)
    figures = json.loads(data(results))["figures"]
    assert {work: figures[f"{work}: shop"][0]["refused"] for work in (*works.ALL, works.HOT)} == {
        **dict.fromkeys(works.ALL, 0),
        works.HOT: BUYERS - PIECES,
    }
    assert results.book.sold == [PIECES]
    assert all(work in page(results) for work in works.ALL)
    assert "round 1 of 1" in told
