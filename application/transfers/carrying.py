"""How a worker carries out a transfer: under a lease that it renews, so that another takes over should it die."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from application.ports import Busy, Clock, Progress, StaleWrite, Store, Unavailable
from domain.errors import Conflict, DomainError
from domain.transfers import Failure, Kind, Transfer, TransferId, TransferLost

logger = logging.getLogger("tradepost.transfers")

LATER = (Busy, Unavailable, StaleWrite, Conflict)  # somebody was in the way: the next time may be different
GAVE_UP = Failure(code="gave-up", message="it failed every time it was tried")


@dataclass(frozen=True, slots=True)
class Perseverance:
    """How long nobody else may take over, how often the lease is renewed, and how often a transfer is tried."""

    lease: timedelta = timedelta(seconds=30)
    renewal: timedelta = timedelta(seconds=1)  # also how old the progress may be that is shown
    pause: timedelta = timedelta(seconds=2)
    attempts: int = 5


@dataclass(slots=True)
class Leased:
    """A transfer in this worker's hands."""

    transfer: Transfer
    done: int = 0
    total: int = 0

    @property
    def id(self) -> TransferId:
        return self.transfer.id

    @property
    def attempt(self) -> int:
        return self.transfer.attempts

    @property
    def progress(self) -> Progress:
        return self._tell

    def _tell(self, done: int, total: int) -> None:
        self.done, self.total = done, total


Work = Callable[[Leased], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CarryOut:
    """Takes one transfer after the other until none is due. The work itself writes down that it is done."""

    store: Store
    clock: Clock
    perseverance: Perseverance

    async def __call__(self, kind: Kind, work: Work) -> int:
        """How many were tried."""
        tried = 0
        while leased := await self._lease(kind):
            tried += 1
            try:
                await self._try(leased, work)
            except TransferLost:
                logger.warning("%s %s is in other hands", kind, leased.id)
        return tried

    async def _lease(self, kind: Kind) -> Leased | None:
        async with self.store.transaction() as tx:
            now = self.clock()
            transfer = await tx.transfers.take_due(kind, now)
            if transfer is None:
                return None
            transfer.begin(now, now + self.perseverance.lease)
            await tx.transfers.save(transfer)
            return Leased(transfer)

    async def _try(self, leased: Leased, work: Work) -> None:
        if leased.attempt > self.perseverance.attempts:
            await self._fail(leased, GAVE_UP)
            return
        try:
            await self._holding(leased, work)
        except TransferLost:
            raise
        except LATER as error:
            logger.info("%s is tried again: %s", leased.id, error)
            await self._postpone(leased)
        except DomainError as error:
            await self._fail(leased, Failure(code=error.code, message=str(error)))
        except Exception:
            logger.exception("%s failed", leased.id)
            await self._postpone(leased)

    async def _holding(self, leased: Leased, work: Work) -> None:
        """Do it, and renew the lease meanwhile; stop where it is lost."""
        working = asyncio.ensure_future(work(leased))
        try:
            while not await self._has_ended(working):
                try:
                    await self._renew(leased)
                except TransferLost:
                    if not await self._has_ended(working):  # else it was lost by being done
                        raise
                except (Busy, Unavailable) as error:  # the lease lasts for a while
                    logger.info("the lease of %s was not renewed: %r", leased.id, error)
            await working
        finally:
            working.cancel()
            await asyncio.wait({working})

    async def _has_ended(self, working: asyncio.Future[None]) -> bool:
        """Now, or before the lease is to be renewed."""
        ended, _ = await asyncio.wait({working}, timeout=self.perseverance.renewal.total_seconds())
        return bool(ended)

    async def _renew(self, leased: Leased) -> None:
        async with self.store.transaction() as tx:
            transfer = await tx.transfers.take(leased.id)
            until = self.clock() + self.perseverance.lease
            transfer.proceed(leased.attempt, leased.done, leased.total, until)
            await tx.transfers.save(transfer)

    async def _postpone(self, leased: Leased) -> None:
        async with self.store.transaction() as tx:
            transfer = await tx.transfers.take(leased.id)
            transfer.postpone(leased.attempt, self.clock() + self.perseverance.pause)
            await tx.transfers.save(transfer)

    async def _fail(self, leased: Leased, failure: Failure) -> None:
        async with self.store.transaction() as tx:
            transfer = await tx.transfers.take(leased.id)
            transfer.fail(leased.attempt, self.clock(), failure)
            await tx.transfers.save(transfer)
            await tx.transfers.discard(leased.id)
