"""The results as a page to read, and as JSON to compare."""

from collections.abc import Iterator
from statistics import median

import msgspec

from tests.benchmarks import works
from tests.benchmarks.client import Figure
from tests.benchmarks.results import WEB, WORKER, Check, Results
from tests.benchmarks.rounds import ADAPTER, BARE, FEW, MANY, PGBENCH, SHOP, WITH_WORKER, clients

HEAD = "| work | per second | rounds | p50 ms | p99 ms | refused | SQL | bare app | part of it | pgbench | part of it |"
RULE = "|---|---|---|---|---|---|---|---|---|---|---|"


def page(results: Results) -> str:
    return "\n".join([*_facts(results), "", *_table(results), "", *_beside(results), "", *_checks(results), ""])


def data(results: Results) -> bytes:
    told = {
        "facts": results.facts,
        "figures": {f"{work}: {by}": figures for (work, by), figures in results.book.all()},
        "statements": results.statements,
        "memory": results.memory,
        "checks": [check._asdict() | {"holds": check.holds} for check in results.checks()],
    }
    return msgspec.json.format(msgspec.json.encode(told))


def _facts(results: Results) -> Iterator[str]:
    facts = results.facts
    yield f"Measured {facts.date} on {facts.cores} cores ({facts.processor}), load {facts.load_before} before."
    yield f"{facts.python}; PostgreSQL {facts.postgresql}; granian {facts.granian}; medians of {results.rounds} rounds."


def _table(results: Results) -> Iterator[str]:
    yield from (HEAD, RULE)
    for work in works.ALL:
        shop, low, high = results.book.figure(work, SHOP), *results.book.spread(work, SHOP)
        yield (
            f"| {work} | {shop.per_second:.0f} | {low:.0f}–{high:.0f} | {shop.p50_ms:.1f} | {shop.p99_ms:.1f} "
            f"| {shop.refused} | {results.statements.get(work, '–')} | {_compared(results, work, BARE)} "
            f"| {_compared(results, work, PGBENCH)} |"
        )


def _compared(results: Results, work: str, yardstick: str) -> str:
    if not results.book.knows(work, yardstick):
        return "– | –"
    rate = results.book.figure(work, yardstick).per_second
    return f"{rate:.0f} | {results.book.ratio(work, SHOP, yardstick):.2f}"


def _beside(results: Results) -> Iterator[str]:
    book = results.book
    yield f"- {works.VISITS}: {median(book.hits):.1%} were kept"
    yield f"- {works.CHECKOUT} without HTTP: {_rate(book.figure(works.CHECKOUT, ADAPTER))}"
    yield f"- {works.CHECKOUT} while a worker confirms them: {_rate(book.figure(works.CHECKOUT, WITH_WORKER))}"
    yield f"- {works.CONFIRM}: {_rate(book.figure(works.CONFIRM, WITH_WORKER))}"
    shop, pgbench = book.figure(works.HOT, SHOP), book.figure(works.HOT, PGBENCH)
    yield f"- {works.HOT}: {shop.seconds:.2f} s, pgbench {pgbench.seconds:.2f} s; sold {book.sold}"
    few, many = (book.figure(works.POPULAR, clients(number)) for number in (FEW, MANY))
    yield f"- {works.POPULAR}: {_rate(few)} by {FEW} clients, {_rate(many)} by {MANY}"
    for name in (WEB, WORKER):
        used = results.memory[name]
        yield f"- memory of {name}: {used.pss:.0f} MiB (PSS), {used.rss:.0f} MiB (sum of RSS)"


def _rate(figure: Figure) -> str:
    return f"{figure.per_second:.0f} a second"


def _checks(results: Results) -> Iterator[str]:
    yield from ("| check | reached | target | |", "|---|---|---|---|")
    yield from map(_check, results.checks())


def _check(check: Check) -> str:
    sign, word = "≤" if check.at_most else "≥", "ok" if check.holds else "**missed**"
    return f"| {check.what} | {check.reached:.4g} | {sign} {check.target:g} | {word} |"
