"""What came out: the figures, and whether they are what the shop promises."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from tests.benchmarks import works
from tests.benchmarks.book import Book
from tests.benchmarks.facts import Facts
from tests.benchmarks.rounds import ADAPTER, BARE, BUYERS, FEW, MANY, PGBENCH, PIECES, SHOP, clients
from tests.benchmarks.servers import Memory

# The shop's requests per second as parts of pgbench's transactions doing the same work, at least.
TARGETS = {works.LIST: 0.30, works.DETAIL: 0.15, works.FILTERED: 0.20, works.ADD: 0.15, works.CHECKOUT: 0.28}
# … and as parts of what an app does that sends the same bytes.
OF_BARE = {works.CACHED: 0.6, works.LIST: 0.1}
HIT_RATE = 0.85  # of the visits
ADAPTER_TARGET = 0.6
HOT_TARGET = 2.0  # times pgbench's time, at most
POPULAR_TARGET = 0.8  # of the orders that FEW place a second, when MANY want the same
WEB_MEMORY = 180.0  # MiB (PSS) of all web processes, at most
WEB, WORKER = "web", "worker"
P50_MS, STATEMENTS, LISTS = 200.0, 10, 1000.0  # what the shop was promised to keep from the start


class Check(NamedTuple):
    what: str
    reached: float
    target: float
    at_most: bool = False

    @property
    def holds(self) -> bool:
        return self.reached <= self.target if self.at_most else self.reached >= self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    facts: Facts
    rounds: int
    book: Book
    statements: dict[str, int]
    memory: dict[str, Memory]

    def checks(self) -> Iterator[Check]:
        """Every target, and what was reached of it."""
        book = self.book
        for work, target in TARGETS.items():
            yield Check(f"{work}: of pgbench", book.ratio(work, SHOP, PGBENCH), target)
        for work, target in OF_BARE.items():
            yield Check(f"{work}: of a bare app", book.ratio(work, SHOP, BARE), target)
        yield Check(f"{works.VISITS}: hit rate", median(book.hits), HIT_RATE)
        yield Check("checkout without HTTP: of pgbench", book.ratio(works.CHECKOUT, ADAPTER, PGBENCH), ADAPTER_TARGET)
        yield Check(f"{works.HOT}: times pgbench's time", book.ratio(works.HOT, PGBENCH, SHOP), HOT_TARGET, True)
        sold = [pieces for pieces in book.sold if pieces != min(PIECES, BUYERS)]
        yield Check(f"{works.HOT}: rounds in which not exactly {PIECES} were sold", len(sold), 0, True)
        crowded = book.ratio(works.POPULAR, clients(MANY), clients(FEW))
        yield Check(f"{works.POPULAR}: {MANY} clients of {FEW}", crowded, POPULAR_TARGET)
        yield Check(f"{works.POPULAR}: refused", book.figure(works.POPULAR, clients(MANY)).refused, 0, True)
        yield Check("memory of the web processes, MiB", self.memory[WEB].pss, WEB_MEMORY, True)
        yield from self._promises()

    def _promises(self) -> Iterator[Check]:
        slowest = max(book_p50 for work in works.ALL if (book_p50 := self.book.figure(work, SHOP).p50_ms))
        yield Check("slowest p50, ms", slowest, P50_MS, True)
        yield Check("most SQL statements in a request", max(self.statements.values()), STATEMENTS, True)
        yield Check("lists of 20 per second", self.book.figure(works.LIST, SHOP).per_second, LISTS)
