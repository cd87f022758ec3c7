"""Many seeds, or one again: `make simulate SEEDS=10000`, `make simulate SEED=42`."""

import argparse
import sys
from collections.abc import Iterable
from multiprocessing import Pool
from time import perf_counter

from tests.simulation.running import Run, simulate

AT_ONCE = 10  # seeds that a process is given


def main() -> int:
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--seeds", type=int, default=300, help="how many")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seed", type=int, help="this one alone, with its whole history")
    parser.add_argument("--processes", type=int, default=1)
    said = parser.parse_args()
    if said.seed is not None:
        return _one(said.seed)
    seeds = range(said.first, said.first + said.seeds)
    if said.processes == 1:
        return _many(map(simulate, seeds), len(seeds))
    with Pool(said.processes) as pool:
        return _many(pool.imap(simulate, seeds, AT_ONCE), len(seeds))


def _one(seed: int) -> int:
    run = simulate(seed)
    print(*run.history, sep="\n")
    print(f"seed {seed}: {len(run.violations)} violations, digest {run.digest}")
    return min(1, len(run.violations))


def _many(runs: Iterable[Run], many: int) -> int:
    began, orders, failed = perf_counter(), 0, 0
    for done, run in enumerate(runs, 1):
        orders += run.orders
        if run.violations:
            failed += 1
            print(run.story, flush=True)
        if done % 100 == 0 or done == many:
            pace = done / (perf_counter() - began)
            print(f"{done} seeds, {orders} orders, {failed} failed, {pace:.1f} seeds/s", flush=True)
    return min(1, failed)


if __name__ == "__main__":
    sys.exit(main())
