"""Many seeds, or one again: `make simulate SEEDS=10000`, `make simulate SEED=42`."""

import argparse
import sys
from time import perf_counter

from tests.simulation.running import simulate


def main() -> int:
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--seeds", type=int, default=300, help="how many")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seed", type=int, help="this one alone, with its whole history")
    said = parser.parse_args()
    return _one(said.seed) if said.seed is not None else _many(range(said.first, said.first + said.seeds))


def _one(seed: int) -> int:
    run = simulate(seed)
    print(*run.history, sep="\n")
    print(f"seed {seed}: {len(run.violations)} violations, digest {run.digest}")
    return min(1, len(run.violations))


def _many(seeds: range) -> int:
    began, orders, failed = perf_counter(), 0, 0
    for done, seed in enumerate(seeds, 1):
        run = simulate(seed)
        orders += run.orders
        if run.violations:
            failed += 1
            print(run.story, flush=True)
        if done % 100 == 0 or done == len(seeds):
            pace = done / (perf_counter() - began)
            print(f"{done} seeds, {orders} orders, {failed} failed, {pace:.1f} seeds/s", flush=True)
    return min(1, failed)


if __name__ == "__main__":
    sys.exit(main())
