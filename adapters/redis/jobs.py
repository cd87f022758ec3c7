"""Jobs on saq. They are hints and no more: what is owed is in PostgreSQL, so a queue that is lost loses nothing."""

import asyncio
import logging
import signal
import time
from contextlib import suppress
from typing import ClassVar

from redis.asyncio import Redis
from redis.exceptions import RedisError
from saq import Job, Worker
from saq.queue.redis import RedisQueue
from saq.types import Context

from application.outbox import Deliver
from application.ports import Unavailable

logger = logging.getLogger("tradepost.jobs")
logging.getLogger("saq").setLevel(
    logging.WARNING
)  # it tells of every job at INFO, and the row of the delivery says more

QUEUE = "tradepost"
JOB = "deliver"
JOB_TIMEOUT = 240  # seconds; all that a job may drain, each handler taking its time
GRACE = 8  # seconds for jobs under way when the worker is to stop
DEQUEUE_WITHIN = 1.0  # seconds; also how late an idle worker notices that it is to stop
HINT_WITHIN = 1.0  # seconds
REST = 1.0  # seconds between tries while Redis is away
SHARE = 5  # seconds for which a job that is not finished stands in for all new hints of its handler
SWEEP_EVERY = 60


class SaqJobs:
    """`Jobs` and `Hands`: hints to any worker that shares this Redis, and where they arrive."""

    def __init__(self, redis: Redis, concurrency: int) -> None:
        self._queue = PatientQueue(redis, name=QUEUE)
        self._concurrency = concurrency
        self._away_until = 0.0

    async def deliver(self, handler: str) -> None:
        if time.monotonic() < self._away_until:
            raise Unavailable("jobs")
        try:
            async with asyncio.timeout(HINT_WITHIN):
                await self._queue.enqueue(self._job(handler))
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = time.monotonic() + REST
            raise Unavailable("jobs") from error

    async def work(self, deliver: Deliver, stop: asyncio.Event) -> None:
        async def run(_context: Context, *, handler: str) -> None:
            await deliver(handler)

        worker = PatientWorker(
            self._queue,
            [(JOB, run)],
            concurrency=self._concurrency,
            dequeue_timeout=DEQUEUE_WITHIN,
            shutdown_grace_period_s=GRACE,
        )
        working = asyncio.create_task(worker.start())
        try:
            await stop.wait()
        finally:
            await worker.stop()
            await working

    def _job(self, handler: str) -> Job:
        """The key keeps hints from piling up. It changes with time, since a job whose worker died keeps its key."""
        return Job(
            JOB,
            kwargs={"handler": handler},
            key=f"{handler}:{int(time.time()) // SHARE}",
            timeout=JOB_TIMEOUT,
            heartbeat=0,  # the lease of a delivery tells that its worker is dead
            retries=1,  # none: it is hinted at again
            ttl=-1,  # nothing is kept of it
        )


class PatientQueue(RedisQueue):
    """A queue that waits while Redis is away, where saq's would ask again without pause."""

    async def dequeue(self, timeout: float = 0.0, poll_interval: float = 0.0) -> Job | None:  # noqa: ASYNC109
        try:
            return await super().dequeue(timeout, poll_interval)
        except (RedisError, OSError):
            await asyncio.sleep(REST)
            return None


class PatientWorker(Worker[Context]):
    """A worker that leaves the signals to its process, and of saq's upkeep does only the sweeping."""

    SIGNALS: ClassVar[list[signal.Signals]] = []  # type: ignore[misc]

    async def upkeep(self) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self._sweeping())]

    async def process(self) -> bool:
        try:
            return await super().process()
        except (RedisError, OSError) as error:  # the work is done, only its end could not be told
            logger.debug("a job could not be finished: %s", error)
            return False

    async def _sweeping(self) -> None:
        """Forget jobs of workers that died."""
        while not self.event.is_set():
            try:
                await self.queue.sweep(SWEEP_EVERY)
            except (RedisError, OSError) as error:
                logger.debug("no sweep: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_EVERY):
                    await self.event.wait()
