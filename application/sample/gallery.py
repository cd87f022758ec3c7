"""The pictures of the sample: drawn in threads, kept as media, each of them once."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from application.ports import Draw, Media
from application.sample.wanted import Picture

DRAWN_AT_ONCE = 2


@dataclass(slots=True)
class Gallery:
    """`kept` says under which address each picture is served."""

    draw: Draw
    media: Media
    kept: dict[str, str] = field(default_factory=dict)

    async def hang(self, pictures: Iterable[Picture]) -> None:
        """Draw and keep those that are not there yet."""
        missing = {picture.key: picture for picture in pictures if picture.key not in self.kept}
        queue = iter(missing.values())
        async with asyncio.TaskGroup() as group:
            for _ in range(DRAWN_AT_ONCE):
                group.create_task(self._work(queue))

    async def _work(self, queue: Iterable[Picture]) -> None:
        for picture in queue:
            data = await asyncio.to_thread(self.draw, picture.motif, picture.colour, picture.seed)
            self.kept[picture.key] = await self.media.put(picture.key, data)
