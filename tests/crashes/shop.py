"""A shop of real processes on servers of its own, and who calls it, looks into its books and kills it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from dishka import AsyncContainer

from adapters.embedded import EmbeddedServers
from adapters.embedded.ports import choose
from adapters.postgres import migrate
from adapters.postgres.database import Database
from application.ports import Mailbox, Store, Unavailable
from domain.accounts import Role, User, UserId
from entrypoints.container import make_container
from entrypoints.container.basics import utc_now
from entrypoints.settings import Settings
from tests.audit import audit
from tests.builders import a_product, a_shelf, new_id
from tests.crashes.points import Points
from tests.crashes.process import HOME, PROCESS
from tests.embedded.asking import one
from tests.http.signing import a_token

WITHIN = 20.0  # seconds for what must come true
LOOK_EVERY = 0.01
SKU = "LAMP"
STOCK = 1_000_000
COUPON = "TEN"
OWING = """
select (select count(*) from outbox where position is null)
     + (select count(*) from delivery where done_at is null and dead_at is null)
"""


async def eventually(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    """Return once it holds; fail if it does not in good time."""
    try:
        async with asyncio.timeout(WITHIN):
            while not await condition():  # noqa: ASYNC110 (the condition is another process's)
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise AssertionError(f"waited in vain: {what}") from None


@dataclass(frozen=True, slots=True)
class CrashShop:
    """One customer, one of the staff, one product and one coupon; web and worker, with points in them."""

    servers: EmbeddedServers
    data_dir: Path
    container: AsyncContainer
    client: httpx.AsyncClient
    points: Mapping[str, Points]
    home: Path
    environment: Mapping[str, str]  # of its processes
    product: str
    customer: dict[str, str]
    staff: dict[str, str]

    # -- calling

    async def once(self, path: str, body: Any, key: str, *, by_staff: bool = False) -> httpx.Response | None:
        """None where there was no answer, or one that says to try again. Fails on any other refusal."""
        headers = {**(self.staff if by_staff else self.customer), "idempotency-key": key}
        try:
            answer = await self.client.post(f"/api/{path}", json=body, headers=headers)
        except httpx.TransportError:
            return None
        if answer.status_code == 503 or "request-in-progress" in answer.text:
            return None
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer

    async def insist(self, path: str, body: Any, key: str, *, by_staff: bool = False) -> Any:
        """The same request under the same key until it is answered."""
        answers: list[Any] = []

        async def answered() -> bool:
            if (answer := await self.once(path, body, key, by_staff=by_staff)) is not None:
                answers.append(answer)
            return bool(answers)

        await eventually(answered, f"an answer to {path}")
        return answers[0]

    # -- looking

    async def sql(self, query: str, *values: Any) -> Any:
        """The one value that a statement asks for, as soon as the database is there."""
        database = await self.container.get(Database)
        async with asyncio.timeout(WITHIN):
            while True:
                with suppress(Unavailable):
                    async with database.connection() as connection:
                        return await connection.fetchval(query, *values)
                await asyncio.sleep(LOOK_EVERY)

    async def stock(self) -> tuple[int, int]:
        """On hand, and reserved."""
        row = await self.sql("select row(on_hand, reserved) from stock where sku = $1", SKU)
        return row[0], row[1]

    async def mails(self, number: str) -> list[str]:
        """The subjects of those about the order."""
        sent = await (await self.container.get(Mailbox)).sent(20)
        return sorted(mail.subject for mail in sent if number in mail.subject)

    async def all_delivered(self) -> None:
        async def done() -> bool:
            return bool(await self.sql(OWING) == 0)

        await eventually(done, "every event is handled")
        assert await self.sql("select count(*) from delivery where dead_at is not null") == 0

    async def audit(self) -> None:
        await audit(self.container)

    async def audit_by_command(self) -> None:
        done = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "entrypoints.cli", "audit", env=self.environment, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await done.communicate()
        assert done.returncode == 0, said.decode()

    # -- killing

    async def kill_database(self) -> None:
        """All of its processes at once, and start it again."""
        main = one(self.data_dir, "postgres")
        for process in (main, *main.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        async with asyncio.timeout(WITHIN):
            while self.servers.check() != ("postgres",):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_EVERY)

    async def worker(self) -> psutil.Process:
        """The one that works now."""
        found: list[psutil.Process] = []

        async def is_there() -> bool:
            with suppress(psutil.NoSuchProcess, ValueError, FileNotFoundError):
                process = psutil.Process(int((self.home / "worker.pid").read_text()))
                if process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            return bool(found)

        await eventually(is_there, "a worker")
        return found[0]

    @asynccontextmanager
    async def worker_held(self) -> AsyncIterator[None]:
        """Within, it does nothing."""
        worker = await self.worker()
        worker.suspend()
        try:
            yield
        finally:
            worker.resume()


def start(role: str, environment: Mapping[str, str], home: Path) -> subprocess.Popen[bytes]:
    with (home / f"{role}.log").open("ab") as log:
        return subprocess.Popen((*PROCESS, role), env=environment, stdout=log, stderr=log, start_new_session=True)


def environment_of(settings: Settings, home: Path) -> dict[str, str]:
    told = {
        "ENVIRONMENT": "test",
        "HOST": settings.host,
        "PORT": str(settings.port),
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": settings.redis_url or "",
        "DATA_DIR": str(settings.data_dir),
        "SECRET_KEY": settings.secret_key or "",
        "PUBLIC_BASE_URL": settings.public_base_url,
        "RATE_LIMITS": "off",
        "RECONCILE_EVERY": "1",
        "IDEMPOTENCY_LEASE": "1",
        "ACCESS_TOKEN_TTL": str(settings.access_token_ttl),
        HOME: str(home),
    }
    return {**os.environ, **told}


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[CrashShop]:
    """A shop that is open, below the directory; afterwards nothing of it runs."""
    data_dir, home = directory / "servers", directory / "points"
    home.mkdir()
    servers = EmbeddedServers(data_dir)
    addresses, port = servers.start(), choose(0)
    settings = Settings(
        environment="test",
        data_dir=directory / "data",
        port=port,
        secret_key="a secret key for tests, long enough",
        public_base_url=f"http://127.0.0.1:{port}",
        database_url=addresses.database_url,
        redis_url=addresses.redis_url,
        access_token_ttl=86_400,
    )
    processes: list[subprocess.Popen[bytes]] = []
    try:
        await migrate.upgrade(settings.needed("database_url"))
        container = make_container(settings)
        await _without_sync(container)
        product, customer, staff = await _furnished(container)
        environment = environment_of(settings, home)
        processes += [start(role, environment, home) for role in ("web", "worker")]
        base, limits = settings.public_base_url, httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=base, timeout=30, limits=limits) as client:
            points = {role: Points(home, role) for role in ("web", "worker")}
            shop = CrashShop(servers, data_dir, container, client, points, home, environment, product, customer, staff)
            await shop.insist(
                "orders/coupons/", {"code": COUPON, "kind": "percent", "value": "10"}, "ten", by_staff=True
            )
            yield shop
        await container.close()
    finally:
        for process in processes:
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            for each in family:
                each.kill()
            process.wait()
        servers.stop()


async def _without_sync(container: AsyncContainer) -> None:
    """What is killed loses nothing of what it gave to the kernel, and comes back sooner."""
    async with (await container.get(Database)).connection() as connection:
        await connection.execute("alter system set fsync = off")
        await connection.execute("select pg_reload_conf()")


async def _furnished(container: AsyncContainer) -> tuple[str, dict[str, str], dict[str, str]]:
    """The product's id, and the headers of a customer and of somebody of the staff."""
    now = utc_now()
    lamp = a_product("Lamp", price="9.99", at=now, slug="lamp", sku=SKU)
    people = [
        User.register(UserId(new_id()), f"{role}@example.com", "!", now, (Role.CUSTOMER, role))
        for role in (Role.CUSTOMER, Role.ADMIN)
    ]
    async with (await container.get(Store)).transaction() as tx:
        await tx.products.save([lamp])
        await tx.stock.save(a_shelf(**{SKU: STOCK}))
    tokens = []
    for person in people:
        person.email_verified = True  # no letter asks for that
        tokens.append(await a_token(container, person))
    customer, staff = ({"authorization": f"Bearer {token}"} for token in tokens)
    return str(lamp.id), customer, staff
