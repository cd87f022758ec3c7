"""The long run: `make races ROUNDS=50 SECONDS=60`."""

import argparse
import asyncio
from collections.abc import Sequence
from time import perf_counter

from tests.benchmarks.servers import machines
from tests.races.ground import ground
from tests.races.scenes import RACES, as_many_as_there_are, mixed_carts

UNITS = 3_000
SPARE = 1_000  # customers
NAMES = [race.__name__ for race in (*(race for race, _, _ in RACES), as_many_as_there_are, mixed_carts)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make races", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0, help="of mixed carts")
    parser.add_argument("--race", action="append", choices=NAMES, help="only this one, or these")
    said = parser.parse_args()
    asyncio.run(run(said.rounds, said.seconds, said.race or NAMES))


async def run(rounds: int, seconds: float, wanted: Sequence[str]) -> None:
    """What does not hold stops it."""
    races = [(race, many) for race, many, _ in RACES if race.__name__ in wanted]
    crowd = rounds * sum(many for _, many in races) + UNITS + SPARE
    with machines() as found:
        async with ground(found, crowd) as field:
            for race, many in races:
                began = perf_counter()
                told, *_ = [await race(field, many) for _ in range(rounds)]
                print(f"{rounds} rounds of {told} ({perf_counter() - began:.0f} s)", flush=True)
            if as_many_as_there_are.__name__ in wanted:
                print(await as_many_as_there_are(field, UNITS), flush=True)
            if mixed_carts.__name__ in wanted:
                print(await mixed_carts(field, seconds), flush=True)


if __name__ == "__main__":
    main()
