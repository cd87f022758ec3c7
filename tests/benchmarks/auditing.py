"""How long the audit takes on the books of so many orders, and each check: `make audit-timing ORDERS=100000`."""

import argparse
import asyncio
from pathlib import Path
from time import perf_counter

import asyncpg
import msgspec
import psutil

from adapters.postgres.audit import LIMITS, checks
from application.audit import Audit
from entrypoints.container import make_container
from tests.benchmarks.crowd import ADDRESS, settle
from tests.benchmarks.servers import machines

ORDERS = Path(__file__).parent / "sql" / "orders.sql"
AS_IF_OPENED = "update account set version = 0"  # nobody tells of an account that nobody opened
TARGET = 10.0  # seconds


def main() -> None:
    parser = argparse.ArgumentParser(prog="make audit-timing", description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--customers", type=int, default=10_000)
    said = parser.parse_args()
    asyncio.run(run(said.orders, said.products, said.customers))


async def run(orders: int, products: int, customers: int) -> None:
    with machines() as found:
        connection = await asyncpg.connect(found.database_url)
        await settle(found, connection, products, customers)
        await connection.execute(AS_IF_OPENED)
        await keep_books(connection, orders, customers)
        print(f"{orders} orders, {products} products, {customers} customers")
        spent = await timed(connection)
        for name, (seconds, work) in sorted(spent.items(), key=lambda told: -told[1][1]):
            print(f"{seconds:8.2f} s, {work:6.2f} s of a core  {name}")
        print(f"{sum(work for _, work in spent.values()):8.2f} s of a core all together (at most {TARGET} s)")
        await connection.close()
        container = make_container(found.settings)
        began = perf_counter()
        findings = await (await container.get(Audit))()
        seconds = perf_counter() - began
        await container.close()
        print(
            f"{seconds:8.2f} s  the whole audit, {len(findings.differences)} differences (at most {TARGET} s, and none)"
        )
        print(*findings.differences[:20], sep="\n")


async def keep_books(connection: asyncpg.Connection, orders: int, customers: int) -> None:
    """Write so many orders of these customers, with all that belongs to them."""
    address = msgspec.json.encode(ADDRESS).decode()
    said = {"bench_order as": (orders, customers), "insert into purchase (": (customers, address)}
    for text in ORDERS.read_text(encoding="utf-8").split(";\n"):
        values = next((given for begin, given in said.items() if begin in text), ())
        await connection.execute(_filled(text, values))
    await connection.execute("vacuum (analyze)")


def _filled(text: str, values: tuple[object, ...]) -> str:
    """Definitions take no parameters."""
    for n, value in enumerate(values, 1):
        text = text.replace(f"${n}", f"'{value}'" if isinstance(value, str) else str(value))
    return text


async def timed(connection: asyncpg.Connection) -> dict[str, tuple[float, float]]:
    """Of each check alone how long it took, and what its process worked: on a busy machine these are not the same."""
    taken, server = {}, psutil.Process(connection.get_server_pid())
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(LIMITS)
        for name, query in checks().items():
            began, before = perf_counter(), server.cpu_times()
            await connection.fetch(f"{query} order by 1 limit 100")
            after = server.cpu_times()
            taken[name] = perf_counter() - began, after.user + after.system - before.user - before.system
    return taken


if __name__ == "__main__":
    main()
