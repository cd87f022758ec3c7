"""The whole run: a shop is set up, measured round by round, and taken down."""

from collections.abc import Callable
from dataclasses import replace

import asyncpg

from application.checkout import PlaceOrder
from entrypoints.container import make_container
from tests.benchmarks import bare, extras
from tests.benchmarks.book import Book
from tests.benchmarks.client import Load
from tests.benchmarks.crowd import Crowd, settle
from tests.benchmarks.facts import facts
from tests.benchmarks.pgbench import Pgbench
from tests.benchmarks.results import WEB, WORKER, Results
from tests.benchmarks.rounds import CONNECTIONS, Plan, Round
from tests.benchmarks.servers import CLI, Machines, Memory, machines, memory, web

BARE_APP = ("-m", bare.__name__)
WARM_UP_SECONDS = 0.5
WARM_UP_CUSTOMERS = 200

Tell = Callable[[str], None]


async def run(plan: Plan, tell: Tell) -> Results:
    """Everything, on machines of its own."""
    with machines() as found:
        connection = await asyncpg.connect(found.database_url)
        try:
            known, book = await facts(connection), Book()
            tell(f"a shop of {plan.products} products and {plan.customers} customers")
            crowd = await settle(found, connection, plan.products, plan.customers)
            memories = await _measure(plan, found, crowd, book, tell)
            tell("statements per request")
            counted = await extras.statements(found, crowd)
            return Results(facts=known, rounds=plan.rounds, book=book, statements=counted, memory=memories)
        finally:
            await connection.close()


async def _measure(plan: Plan, found: Machines, crowd: Crowd, book: Book, tell: Tell) -> dict[str, Memory]:
    """All rounds, after one that does not count; the processes' memory at the end."""
    bodies = found.folder / "bodies"
    bodies.mkdir()
    container = make_container(found.settings)
    async with (
        web(found, "bare", *BARE_APP, BENCH_BODIES=str(bodies)) as plain,
        web(found, "web", *CLI, "serve", CACHE="off") as server,
        web(found, "keeping", *CLI, "serve") as keeping,
        web(found, "limiting", *CLI, "serve", RATE_LIMITS="on", RATE_LIMIT_ANONYMOUS="1000000000") as limiting,
        Load.on(plain.port, CONNECTIONS) as bare_app,
        Load.on(server.port, CONNECTIONS) as shop,
        Load.on(keeping.port, CONNECTIONS) as kept,
        Load.on(limiting.port, CONNECTIONS) as limited,
    ):
        measure = Round(
            plan=plan,
            book=book,
            crowd=crowd,
            port=server.port,
            shop=shop,
            keeping=kept,
            keeping_port=keeping.port,
            limiting=limited,
            bare=bare_app,
            bodies=bodies,
            pgbench=Pgbench(found.database_url, found.folder),
            place_order=await container.get(PlaceOrder),
        )
        tell("warming up")
        few = replace(crowd, size=min(WARM_UP_CUSTOMERS, crowd.size))
        await replace(measure, plan=replace(plan, seconds=WARM_UP_SECONDS), crowd=few, book=Book())()
        for number in range(1, plan.rounds + 1):
            tell(f"round {number} of {plan.rounds}")
            await measure()
        tell("the worker")
        of_worker = await extras.worker(found, crowd, shop, book)
        await container.close()
        return {WEB: memory(server.child), WORKER: of_worker}
