"""Counts the SQL statements that a task and its children send."""

import asyncio
from contextvars import ContextVar
from typing import Any

from asyncpg.connection import LoggedQuery
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

WARM_UP = ("BEGIN", "COMMIT", "ROLLBACK")  # not counted

_count: ContextVar[list[str] | None] = ContextVar("statements", default=None)


class StatementCount:
    """Begins anew for each request; `watch` an engine before its first connection."""

    def watch(self, engine: AsyncEngine) -> None:
        event.listen(engine.sync_engine, "connect", _listen)

    def begin(self) -> None:
        _count.set([])

    async def total(self) -> int:
        return len(await self.statements())

    async def statements(self) -> list[str]:
        """What was sent since `begin`, in order, without BEGIN and COMMIT."""
        await asyncio.sleep(0)  # asyncpg tells of a statement in the loop's next turn
        return list(_count.get() or ())


def _listen(adapted: Any, _record: Any) -> None:
    adapted.driver_connection.add_query_logger(_note)


def _note(query: LoggedQuery) -> None:
    sent = _count.get()
    if sent is not None and not query.query.startswith(WARM_UP):
        sent.append(query.query)
