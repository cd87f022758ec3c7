"""The long run: `make races ROUNDS=50 SECONDS=60`."""

import argparse
import asyncio
from time import perf_counter

from tests.benchmarks.servers import machines
from tests.races.ground import ground
from tests.races.scenes import RACES, as_many_as_there_are, mixed_carts

UNITS = 3_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="make races", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0, help="of mixed carts")
    said = parser.parse_args()
    asyncio.run(run(said.rounds, said.seconds))


async def run(rounds: int, seconds: float) -> None:
    """What does not hold stops it."""
    crowd = rounds * sum(many for _, many, _ in RACES) + UNITS + 1000
    with machines() as found:
        async with ground(found, crowd) as field:
            for race, many, _ in RACES:
                began = perf_counter()
                told, *_ = [await race(field, many) for _ in range(rounds)]
                print(f"{rounds} rounds of {told} ({perf_counter() - began:.0f} s)", flush=True)
            print(await as_many_as_there_are(field, UNITS), flush=True)
            print(await mixed_carts(field, seconds), flush=True)


if __name__ == "__main__":
    main()
