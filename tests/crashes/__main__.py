"""Every death there is: `make crash`, `make crash SCENE=refund`."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from traceback import print_exc

from tests.crashes.running import deaths, die
from tests.crashes.scenes import SCENES
from tests.crashes.shop import opened

MANY = 12  # failures after which it is given up


def main() -> int:
    parser = argparse.ArgumentParser(prog="make crash")
    parser.add_argument("--scene", choices=[scene.name for scene in SCENES], help="this one alone")
    parser.add_argument("--point", default="", help="only points with these words in them")
    parser.add_argument("--list", action="store_true", help="tell the points, and kill nobody")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        return asyncio.run(_all(Path(directory), said))


async def _all(directory: Path, said: argparse.Namespace) -> int:
    tried, failed, began = 0, 0, perf_counter()
    async with opened(directory) as shop:
        for scene in (scene for scene in SCENES if said.scene in (None, scene.name)):
            for death in await deaths(shop, scene):
                if said.point not in str(death):
                    continue
                tried += 1
                try:
                    if not said.list:
                        await die(shop, death)
                    print(f"ok    {death}", flush=True)
                except AssertionError:
                    failed += 1
                    print(f"WRONG {death}", flush=True)
                    print_exc(file=sys.stdout)
                    if failed == MANY:
                        return 1
    print(f"{tried} deaths, {failed} that were not survived, {perf_counter() - began:.0f} s")
    return min(1, failed)


if __name__ == "__main__":
    sys.exit(main())
