"""First answers by idempotency key, on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

import asyncpg
import msgspec

from adapters.postgres.database import Database, statement
from application.idempotency import Answer, Claim, Once, Overtaken, Remembered, RequestInProgress
from application.sealing import Kept, Place, Seal

Turns = WeakValueDictionary[tuple[str, str], asyncio.Lock]
HEADERS = msgspec.json.Decoder(dict[str, str])
TOLD = ("status", "body")
BEGIN = "insert into once (actor, key, route, fingerprint) values ($1, $2, $3, $4) on conflict do nothing"
RECALL = "select route, fingerprint, status, body, headers from once where actor = $1 and key = $2"
REMEMBER = "update once set status = $3, body = $4, headers = $5 where actor = $1 and key = $2"
REFUSE = """
insert into once (actor, key, route, fingerprint, status, body, headers) values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
"""
HOLD = "select from once where actor = $1 and key = $2 and fence = $3 for no key update"
LEAVE = "update once set status = $4, body = $5, headers = $6 where actor = $1 and key = $2 and fence = $3"
CONCLUDE = LEAVE.replace("set ", "set lease_until = null, ")
# An answer that may yet be bettered is none.
KEPT = RECALL.replace("status, body", ", ".join(f"case when lease_until is null then {c} end {c}" for c in TOLD))
CLAIM, RELEASE = statement("once_claim"), statement("once_release")


@dataclass(frozen=True, slots=True)
class PostgresMemory:
    """What is secret of them is sealed."""

    database: Database
    seal: Seal
    turns: Turns = field(default_factory=WeakValueDictionary)

    async def recall(self, once: Once) -> Remembered | None:
        async with self.database.connection() as connection:
            row = await connection.fetchrow(RECALL, once.actor, once.key)
        return _remembered(row, once, self.seal) if row else None

    async def remember_refusal(self, once: Once, answer: Answer) -> Remembered:
        async with self.database.connection() as connection:
            await connection.execute(REFUSE, *_request(once), *_told(once, answer, self.seal))
        ours = Remembered(once.route, once.fingerprint, answer.status, answer.body, answer.headers)
        return await self.recall(once) or ours

    @asynccontextmanager
    async def together(self, once: Once) -> AsyncIterator[Remembered | None]:
        turn = self.turns.setdefault((once.actor, once.key), asyncio.Lock())
        async with turn, self.database.frame() as connection:  # twins in this process wait without a connection
            yield await self._begun(connection, once)

    async def _begun(self, connection: asyncpg.Connection, once: Once) -> Remembered | None:
        """The key is ours once no twin that has it is left."""
        try:
            while await connection.execute(BEGIN, *_request(once)) != "INSERT 0 1":
                if (kept := await self.recall(once)) is not None:
                    return kept
        except asyncpg.LockNotAvailableError as error:
            raise RequestInProgress from error
        return None

    async def remember(self, once: Once, answer: Answer) -> None:
        async with self.database.connection() as connection:
            await connection.execute(REMEMBER, once.actor, once.key, *_told(once, answer, self.seal))

    async def claim(self, once: Once, lease: timedelta) -> Claim | Remembered:
        async with self.database.connection() as connection:
            row = await connection.fetchrow(CLAIM, *_request(once), lease)
            if row is None or row["body"] is not None:
                return await self._kept(connection, once)
        return Claim(once, row["fence"], row["created_at"])

    async def _kept(self, connection: asyncpg.Connection, once: Once) -> Remembered:
        """What is kept; while somebody has the right to it, without an answer that may yet be bettered."""
        row = await connection.fetchrow(KEPT, once.actor, once.key)
        return _remembered(row, once, self.seal) if row else Remembered(once.route, once.fingerprint, None, None)

    async def conclude(self, claim: Claim, answer: Answer) -> None:
        async with self.database.connection() as connection:
            _still(await connection.execute(CONCLUDE, *_held(claim), *_told(claim.once, answer, self.seal)))

    async def release(self, claim: Claim, *, nothing_done: bool) -> None:
        async with self.database.connection() as connection:
            await connection.execute(RELEASE, *_held(claim), nothing_done)


async def hold(connection: asyncpg.Connection, claim: Claim) -> None:
    """The claim is ours until the transaction's end. Raises Overtaken where it is another's by now."""
    _still(await connection.execute(HOLD, *_held(claim)))


async def leave(connection: asyncpg.Connection, claim: Claim, answer: Answer, seal: Seal) -> None:
    """Keep the answer for who takes over, should nobody conclude. Raises Overtaken."""
    _still(await connection.execute(LEAVE, *_held(claim), *_told(claim.once, answer, seal)))


def _still(outcome: str) -> None:
    if outcome.endswith(" 0"):
        raise Overtaken


def _request(once: Once) -> tuple[Any, ...]:
    return once.actor, once.key, once.route, once.fingerprint


def _held(claim: Claim) -> tuple[Any, ...]:
    return claim.once.actor, claim.once.key, claim.fence


def _told(once: Once, answer: Answer, seal: Seal) -> tuple[Any, ...]:
    body = seal.close(answer.body, _about(once.actor, once.key)) if once.secret else answer.body
    return answer.status, body, msgspec.json.encode(answer.headers).decode()


def _remembered(row: asyncpg.Record, once: Once, seal: Seal) -> Remembered:
    body = None if row["body"] is None else seal.open(row["body"], _about(once.actor, once.key))
    return Remembered(row["route"], row["fingerprint"], row["status"], body, HEADERS.decode(row["headers"]))


def _about(actor: str, key: str) -> str:
    """What is sealed, for the seal."""
    return f"answer:{actor}:{key}"


SEALED = "from once where substring(body, 1, 1) = '\\x01' and substring(body, 1, $1) <> $2"
COUNT = f"select count(*) {SEALED}"
NEXT = f"select actor, key, body {SEALED} and (actor, key) > ($3, $4) order by actor, key limit $5"
REPLACE = "update once set body = $3 where actor = $1 and key = $2 and body = $4"


@dataclass(frozen=True, slots=True)
class AnswersVault:
    """`Vault` of the answers that are sealed."""

    database: Database

    async def count_stale(self, mark: bytes) -> int:
        async with self.database.connection() as connection:
            return int(await connection.fetchval(COUNT, len(mark), mark))

    async def stale(self, mark: bytes, after: Place | None, limit: int) -> list[Kept]:
        async with self.database.connection() as connection:
            rows = await connection.fetch(NEXT, len(mark), mark, *(after or ("", "")), limit)
        return [Kept((row["actor"], row["key"]), _about(row["actor"], row["key"]), row["body"]) for row in rows]

    async def replace(self, kept: Kept, sealed: bytes) -> None:
        async with self.database.connection() as connection:
            await connection.execute(REPLACE, *kept.place, sealed, kept.sealed)
