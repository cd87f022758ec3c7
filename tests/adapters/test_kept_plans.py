"""PostgreSQL plans the statements that every search and sale needs once on a connection, whatever their arguments."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from adapters.postgres import cart, checkout
from adapters.postgres.database import statement

USER, GUEST = UUID(int=1), b"guest"
PLANS = "select custom_plans, generic_plans from pg_prepared_statements where statement = $1"
TRIALS = 5  # plans made for the arguments at hand, before PostgreSQL compares their cost with a general one's

READS: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "a user's cart": (cart.READ[0], [(USER, None, None, None)]),
    "a guest's cart": (cart.READ[1], [(GUEST, None, None, None)]),
    "what a checkout reads": (
        checkout.READ,
        [
            (USER, None, None, [], None, None),
            (USER, "user:1", "key", [], None, "user:1"),
            (USER, "user:1", "key", [UUID(int=2)], None, "user:1"),
            (None, "guest:1", "key", [], GUEST, "guest:1"),
        ],
    ),
    "the words of a search": (
        statement("search_words"),
        [(["lamp"], ["'lamp'"], True), (["lmap", "desk"], ["'lmap'", "'desk'"], False)],
    ),
}


@pytest.mark.parametrize("name", READS)
async def test_one_plan_is_kept_for_all_arguments(name: str, postgres_url: str) -> None:
    sql, arguments = READS[name]
    for values in arguments:
        connection = await asyncpg.connect(postgres_url)
        prepared = await connection.prepare(sql)
        for _ in range(3 * TRIALS):
            await prepared.fetch(*values)
        plans = await connection.fetchrow(PLANS, sql)
        await connection.close()
        assert plans is not None
        assert tuple(plans) == (TRIALS, 2 * TRIALS), values
