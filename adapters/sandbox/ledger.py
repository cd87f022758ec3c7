"""The sandbox's books: a schema of its own in PostgreSQL, since web and worker both ask it; or memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.sandbox.vault import about
from application.ports import Unavailable
from application.sealing import Seal
from domain.money import Money
from domain.payments import Intent, PaymentNotFound, PaymentState


class Refund(NamedTuple):
    key: str
    intent: str
    amount: int


class Book(Protocol):
    """One intent, locked; what is assigned to `intent` is written at the end."""

    intent: Intent

    async def is_new(self, refund: Refund) -> bool:
        """Enter a refund; False where one with its key is entered already."""
        ...


class Ledger(Protocol):
    async def open(self, key: str, intent: Intent) -> Intent:
        """Enter the intent; where there is one under the key, that one is the answer."""
        ...

    async def find(self, id: str) -> Intent | None: ...

    def take(self, id: str) -> AbstractAsyncContextManager[Book]:
        """Raises PaymentNotFound."""
        ...


@dataclass(slots=True)
class MemoryBook:
    intent: Intent
    refunds: dict[str, Refund]

    async def is_new(self, refund: Refund) -> bool:
        is_new = refund.key not in self.refunds
        self.refunds = {refund.key: refund, **self.refunds}
        return is_new


@dataclass(slots=True)
class MemoryLedger:
    intents: dict[str, Intent] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self, key: str, intent: Intent) -> Intent:
        return self.intents.setdefault(self.keys.setdefault(key, intent.id), intent)

    async def find(self, id: str) -> Intent | None:
        return self.intents.get(id)

    @asynccontextmanager
    async def take(self, id: str) -> AsyncIterator[MemoryBook]:
        async with self.turn:
            if id not in self.intents:
                raise PaymentNotFound
            book = MemoryBook(self.intents[id], self.refunds)
            yield book
            self.intents[id], self.refunds = book.intent, book.refunds


OPEN = text("""
insert into sandbox.intent (id, client_secret, key, order_id, amount, currency, state)
values (:id, :client_secret, :key, :order_id, :amount, :currency, :state) on conflict (key) do nothing
""")
BY_KEY = text("select * from sandbox.intent where key = :key")
BY_ID = text("select * from sandbox.intent where id = :id")
BY_ID_LOCKED = text("select * from sandbox.intent where id = :id for update")
SAVE = text("""
update sandbox.intent set state = :state, captured = :captured, refunded = :refunded, failure_code = :failure_code
where id = :id
""")
REFUND = text("insert into sandbox.refund (key, intent, amount) values (:key, :intent, :amount) on conflict do nothing")


@dataclass(slots=True)
class PostgresBook:
    intent: Intent
    connection: AsyncConnection

    async def is_new(self, refund: Refund) -> bool:
        return (await self.connection.execute(REFUND, refund._asdict())).rowcount == 1


@dataclass(frozen=True, slots=True)
class PostgresLedger:
    """Where its database is away, so is the gateway. What is shown to browsers is sealed."""

    engine: AsyncEngine
    seal: Seal

    async def open(self, key: str, intent: Intent) -> Intent:
        values = {
            "id": intent.id,
            "client_secret": self.seal.close(intent.client_secret.encode(), about(intent.id)),
            "key": key,
            "order_id": intent.order,
            "amount": intent.amount.amount,
            "currency": intent.amount.currency,
            "state": intent.state.value,
        }
        async with self._connected() as connection:
            await connection.execute(OPEN, values)
            return self._intent((await connection.execute(BY_KEY, {"key": key})).mappings().one())

    async def find(self, id: str) -> Intent | None:
        async with self._connected() as connection:
            row = (await connection.execute(BY_ID, {"id": id})).mappings().one_or_none()
        return self._intent(row) if row else None

    @asynccontextmanager
    async def take(self, id: str) -> AsyncIterator[PostgresBook]:
        async with self._connected() as plain:
            connection = await plain.execution_options(isolation_level="READ COMMITTED")
            async with connection.begin():
                row = (await connection.execute(BY_ID_LOCKED, {"id": id})).mappings().one_or_none()
                if row is None:
                    raise PaymentNotFound
                book = PostgresBook(self._intent(row), connection)
                yield book
                await connection.execute(SAVE, _state(book.intent))

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self.engine.connect() as connection:
                yield connection
        except (ProgrammingError, IntegrityError):  # a mistake of ours
            raise
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise Unavailable("payments") from error

    def _intent(self, row: Any) -> Intent:
        return Intent(
            id=row["id"],
            client_secret=self.seal.open(row["client_secret"], about(row["id"])).decode(),
            order=row["order_id"],
            amount=Money(row["amount"], row["currency"]),
            state=PaymentState(row["state"]),
            captured=row["captured"],
            refunded=row["refunded"],
            failure_code=row["failure_code"],
        )


def _state(intent: Intent) -> dict[str, Any]:
    return {
        "id": intent.id,
        "state": intent.state.value,
        "captured": intent.captured,
        "refunded": intent.refunded,
        "failure_code": intent.failure_code,
    }
