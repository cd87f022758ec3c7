"""`make bench`: measure, print the page, and keep it in build/."""

import argparse
import sys
from pathlib import Path

import uvloop

from tests.benchmarks.page import data, page
from tests.benchmarks.rounds import Plan
from tests.benchmarks.running import run

FULL = Plan(rounds=5, seconds=2.0, products=10_000, customers=2_000)
QUICK = Plan(rounds=1, seconds=1.0, products=10_000, customers=1_200)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, about a minute in all")
    parser.add_argument("--into", type=Path, default=Path("build"), help="where the results go (default: %(default)s)")
    asked = parser.parse_args()
    results = uvloop.run(run(QUICK if asked.quick else FULL, _tell))
    asked.into.mkdir(parents=True, exist_ok=True)
    (asked.into / "benchmarks.md").write_text(page(results), encoding="utf-8")
    (asked.into / "benchmarks.json").write_bytes(data(results))
    print(page(results))


def _tell(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
