"""The audit on large books: it finds nothing in what is right, and an order is no more work where there are many."""

from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from adapters.postgres.audit import LIMITS, checks
from tests.benchmarks.auditing import AS_IF_OPENED, keep_books
from tests.benchmarks.crowd import settle
from tests.benchmarks.servers import Machines

ORDERS, PRODUCTS, CUSTOMERS = 1_000, 60, 40
MOST = 50  # rows for each order; it is 38 with 500 orders and with 4,000


async def worked(connection: asyncpg.Connection, query: str) -> float:
    """Rows that went from one step of the plan to another, or were looked at in vain."""
    told = await connection.fetchval(f"explain (analyze, format json) {query} order by 1 limit 100")
    return _of(msgspec.json.decode(told)[0]["Plan"])


def _of(node: dict[str, Any]) -> float:
    names = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    own: float = sum(node.get(name, 0) for name in names)
    return own * float(node["Actual Loops"]) + sum(_of(each) for each in node.get("Plans", ()))


async def test_a_thousand_right_orders_are_looked_at_once(postgres_url: str, redis_url: str, tmp_path: Path) -> None:
    connection = await asyncpg.connect(postgres_url)
    await settle(Machines(tmp_path, postgres_url, redis_url), connection, PRODUCTS, CUSTOMERS)
    await connection.execute(AS_IF_OPENED)
    await keep_books(connection, ORDERS, CUSTOMERS)
    await connection.execute(LIMITS)
    assert {name: await connection.fetch(query) for name, query in checks().items()} == {name: [] for name in checks()}
    done = {name: await worked(connection, query) / ORDERS for name, query in checks().items()}
    await connection.close()
    assert {name: rows for name, rows in done.items() if rows > MOST} == {}
