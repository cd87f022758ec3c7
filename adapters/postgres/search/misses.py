"""Searches without results on PostgreSQL: gathered in the process, and written down together a moment later."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime

from adapters.postgres.database import Database, statement
from application.paging import Cursors, paged
from application.ports import Busy, Page, PageRequest, Unavailable
from application.search.misses import MOST_MISSES, MissedSearch

logger = logging.getLogger("tradepost.search")

REST = 1.0  # seconds between two writings
MOST_GATHERED = 500  # different ones in one writing; in a flood of more the rest is let go
ORDER = "search misses"
FIRST = "select words, count, last_seen from search_miss order by count desc, words desc limit $1"
NEXT = """select words, count, last_seen from search_miss where (count, words) < ($2, $3)
order by count desc, words desc limit $1"""
PREVIOUS = """select words, count, last_seen from search_miss where (count, words) > ($2, $3)
order by count, words limit $1"""


class PostgresMisses:
    def __init__(self, database: Database, cursors: Cursors) -> None:
        self._database = database
        self._cursors = cursors
        self._gathered: dict[str, tuple[int, datetime]] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(self, q: str, at: datetime) -> None:
        if q not in self._gathered and len(self._gathered) >= MOST_GATHERED:
            return
        count, _ = self._gathered.get(q, (0, at))
        self._gathered[q] = (count + 1, at)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write_soon())

    async def listed(self, page: PageRequest) -> Page[MissedSearch]:
        position = self._cursors.open(page.cursor, ORDER) if page.cursor is not None else None
        query = FIRST if position is None else NEXT if position.way == "next" else PREVIOUS
        values = () if position is None else position.values
        async with self._database.connection() as connection:
            rows = await connection.fetch(query, page.size + 1, *values)
        found = [MissedSearch(*row) for row in rows]
        return paged(found, page.size, position, lambda one: (one.count, one.q), self._cursors, ORDER)

    async def close(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            with suppress(asyncio.CancelledError):
                await self._writing
        await self._write()

    async def _write_soon(self) -> None:
        while self._gathered:
            await asyncio.sleep(REST)
            await self._write()

    async def _write(self) -> None:
        gathered, self._gathered = self._gathered, {}
        if not gathered:
            return
        words = sorted(gathered)
        counts, seen = zip(*(gathered[each] for each in words), strict=True)
        try:
            async with self._database.transaction() as connection:
                await connection.execute(statement("search_miss_count"), words, list(counts), list(seen))
                await connection.execute(statement("search_miss_forget"), MOST_MISSES)
        except (Busy, Unavailable) as error:
            logger.warning("%s searches without results are not taken down: %r", len(words), error)
