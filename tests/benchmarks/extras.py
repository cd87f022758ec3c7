"""Beside the rounds: SQL statements per request, the worker at its work, and memory."""

import asyncio
import re
from time import perf_counter

from tests.benchmarks import works
from tests.benchmarks.book import Book
from tests.benchmarks.client import Figure, Load
from tests.benchmarks.crowd import LINES, Crowd
from tests.benchmarks.rounds import CONNECTIONS, WITH_WORKER
from tests.benchmarks.servers import CLI, Machines, Memory, memory, process, web

TOLD = re.compile(r'server-timing: sql;desc="(\d+)"')
CONFIRMED = "select count(*) from delivery where handler = 'ConfirmOrder' and done_at is not null"
LONGEST = 120.0  # seconds


async def statements(machines: Machines, crowd: Crowd) -> dict[str, int]:
    """SQL statements per request, as the shop counts them at its driver with DEBUG=on."""
    await crowd.fill(LINES - 1)
    async with (
        web(machines, "debug", *CLI, "serve", workers=1, DEBUG="on", CACHE="off") as server,
        Load.on(server.port, 1) as load,
    ):
        await _count_each(load, crowd, customer=2)  # a new connection asks PostgreSQL about types first
        return await _count_each(load, crowd, customer=1)


async def _count_each(load: Load, crowd: Crowd, customer: int) -> dict[str, int]:
    reads = {reading.name: reading.requests(customer) for reading in works.catalogue(products=2)}
    sales = {name: make(customer) for name, make in works.steps(crowd)}
    counted = {name: await _count(load, asked) for name, asked in {**reads, **sales}.items()}
    await crowd.number_orders()
    return counted | {works.ORDER: await _count(load, works.orders(crowd).requests(customer))}


async def _count(load: Load, asked: bytes) -> int:
    answer = await load.ask(asked)
    told = TOLD.search(answer.head)
    if answer.status >= 400 or told is None:
        raise RuntimeError(f"{answer.status} without a count of statements: {answer.body!r}")
    return int(told[1])


async def worker(machines: Machines, crowd: Crowd, shop: Load, book: Book) -> Memory:
    """Checkouts while a worker confirms them by mail, and how fast it does; its memory after that."""
    await crowd.fill(LINES)
    with process(machines, "worker", *CLI, "worker") as child:
        began = perf_counter()
        book.note(works.CHECKOUT, WITH_WORKER, await shop.run(works.each(crowd.check_out, crowd.size, CONNECTIONS)))
        async with asyncio.timeout(LONGEST):
            while await crowd.connection.fetchval(CONFIRMED) < crowd.size:  # noqa: ASYNC110 - another process does it
                await asyncio.sleep(0.1)
        seconds = perf_counter() - began
        book.note(works.CONFIRM, WITH_WORKER, Figure(per_second=crowd.size / seconds, seconds=seconds))
        return memory(child)
