"""A small app of routes made for the tests, so that the conventions are seen without any product code."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from dishka import AsyncContainer, FromDishka, Provider, Scope, make_async_container
from litestar import Litestar, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter, RawBody

from adapters.media.objects import local_media
from adapters.memory.idempotency import MemoryMemory
from adapters.memory.revocations import MemoryNotices
from adapters.memory.tables import MemoryDatabase
from application.accounts.identifying import Identify
from application.accounts.revocations import CheckStanding, Floors, RepeatRevocations
from application.idempotency import Answer, AnswerOnce, Lease, Memory, Once, Remembered
from application.limits.local import Unlimited
from application.limits.policy import LimitCalls, Quotas
from application.ports import (
    AccessTokens,
    AccessTtl,
    Busy,
    Jwk,
    LostRace,
    Mailbox,
    Media,
    Outgoing,
    Page,
    PageRequest,
    StaleWrite,
    Unavailable,
)
from domain.accounts import Actor, InvalidCredentials, Permission, Role, TokenInvalid, User, UserId
from domain.errors import Conflict, DomainError, Forbidden, Invalid, InvalidField, NotFound
from domain.inventory import InsufficientStock, Shortage
from domain.ordering import OrderNotCancellable, Status
from domain.payments import PaymentDeclined
from entrypoints.container.basics import utc_now
from entrypoints.http.access import anybody, needs, public, signed_in
from entrypoints.http.app import build_app
from entrypoints.http.bodies import Body
from entrypoints.http.idempotency import reply
from entrypoints.http.lists import Envelope, envelope
from entrypoints.observing import Levels, Probes
from entrypoints.settings import Settings

ANN = UserId(UUID("0190a000-0000-7000-8000-00000000000a"))
ROOT = UserId(UUID("0190a000-0000-7000-8000-00000000000b"))
ACTORS = {"ann": Actor(ANN, frozenset({Role.CUSTOMER})), "root": Actor(ROOT, frozenset({Role.ADMIN}))}
THING = "0190a000-0000-7000-8000-000000000001"


class Lamp(Body, frozen=True):
    color: str
    watts: Annotated[int, msgspec.Meta(ge=1, le=100)] = 40


class Wish(Body, frozen=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    lamps: tuple[Lamp, ...] = ()
    labels: dict[str, int] | None = None
    count: int = 1
    weight: float = 1.0
    day: datetime | None = None
    thing: UUID | None = None
    kind: Status = Status.PENDING


class Note(Body, frozen=True):
    text: str = ""


class Thing(msgspec.Struct):
    id: UUID
    name: str


@dataclass
class Tokens:
    """The word "ann" is Ann's token."""

    def actor(self, token: str) -> Actor:
        if token not in ACTORS:
            raise TokenInvalid
        return ACTORS[token]

    def issue(self, user: User, session: UUID) -> str:
        raise NotImplementedError

    def public_keys(self) -> list[Jwk]:
        return [Jwk(kid="one", x="AA")]


class NoKeys:
    """Not one key is known."""

    async def actor(self, key: str) -> Actor:
        raise TokenInvalid

    def known(self, key: str) -> Actor | None:
        return None


class NothingVoid:
    """The truth behind a board that misses nothing."""

    async def is_good(self, who: Actor, at: datetime) -> bool:
        return True

    async def floors(self, since: datetime, user: UserId | None = None) -> Floors:
        return {}


class Notebook(MemoryMemory):
    """Remembers answers."""

    seen: list[Once]

    def __init__(self) -> None:
        super().__init__(MemoryDatabase(uuid4, lambda changed: None), utc_now)
        object.__setattr__(self, "seen", [])

    async def remember_refusal(self, once: Once, answer: Answer) -> Remembered:
        self.seen.append(once)
        return await super().remember_refusal(once, answer)

    @property
    def kept(self) -> dict[tuple[str, str], Remembered]:
        return self.database.tables.answers


@dataclass
class Letters:
    async def sent(self, limit: int = 100) -> list[Outgoing]:
        at = datetime(2026, 11, 22, tzinfo=UTC)
        return [Outgoing("m1@x", "ann@x.org", "Order <ORD-1>", "Thanks & bye", "<p>Thanks</p>", at)]


@dataclass
class Greeting:
    text: str = "hello"


@get("/t/plain", access=anybody)
async def plain(greeting: FromDishka[Greeting]) -> dict[str, str]:
    return {"greeting": greeting.text}


@get("/t/long", access=anybody)
async def long() -> Response[list[str]]:
    return Response(["lamp" * 10] * 200, headers={"ETag": '"7.3"'})


@get("/t/who", access=signed_in)
async def who_am_i(who: NamedDependency[Actor]) -> dict[str, str]:
    return {"id": str(who.user)}


@get("/t/anybody", access=anybody)
async def whoever(who: NamedDependency[Actor]) -> dict[str, bool]:
    return {"signed_in": who.user is not None}


@post("/t/public", access=public)
async def open_to_all(data: JSONBody[Note], who: NamedDependency[Actor]) -> dict[str, Any]:
    return {"text": data.text, "signed_in": who.user is not None}


@post("/t/staff", access=needs(Permission.WRITE_CATALOG))
async def staff_only(data: JSONBody[Wish]) -> dict[str, str]:
    return {"name": data.name}


@post("/t/wish", access=anybody)
async def wish(data: JSONBody[Wish]) -> Wish:
    return data


@post("/t/raw", access=anybody)
async def raw(body: RawBody) -> dict[str, int]:
    return {"bytes": len(body)}


@get("/t/things/{id:uuid}", access=anybody)
async def thing(id: FromPath[UUID]) -> Thing:
    return Thing(id, "lamp")


@get("/t/list", access=anybody)
async def listed(
    page: NamedDependency[PageRequest],
    request: Request[Any, Any, Any],
    in_stock: FromQuery[bool | None] = None,
    tag: FromQuery[list[str] | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=9)] = 5,
) -> Envelope[Thing]:
    found = [Thing(UUID(THING), f"{in_stock} {tag} {limit}")][: page.size]
    return envelope(Page(found, next="NEXT", previous=page.cursor), request)


@get("/t/needed", access=anybody)
async def needed(q: FromQuery[str]) -> dict[str, str]:
    return {"q": q}


@post("/t/buy", access=signed_in)
async def buy(data: JSONBody[Note], once: NamedDependency[Once | None]) -> Response[Thing]:
    match data.text:
        case "refuse":
            raise InsufficientStock((Shortage("LAMP", 3, 1),))
        case "decline":
            raise PaymentDeclined("insufficient_funds")
        case "busy":
            raise Busy
        case "again":
            return reply(Answer(b'{"id":"1"}', 201, replayed=True))
    return reply(Answer(msgspec.json.encode({"key": once and once.key})), Location="/t/things/1")


@dataclass
class Race:
    """How often it is lost before it is won."""

    losses: int = 2


@post("/t/race", access=anybody)
async def race(race: FromDishka[Race]) -> dict[str, int]:
    if race.losses:
        race.losses -= 1
        raise LostRace
    return {"losses": race.losses}


class PlainlyInvalid(Invalid):
    code = "plainly-invalid"


class OurFault(DomainError):
    code = "our-fault"


ERRORS: dict[str, Exception] = {
    "not-found": NotFound(),
    "forbidden": Forbidden(),
    "invalid": PlainlyInvalid(),
    "field": InvalidField("/shipping_address/city", "required", "must not be empty"),
    "conflict": Conflict(),
    "stock": InsufficientStock((Shortage("LAMP", 3, 1),)),
    "state": OrderNotCancellable(Status.SHIPPED, Status.CANCELLED),
    "declined": PaymentDeclined("insufficient_funds"),
    "credentials": InvalidCredentials(),
    "stale": StaleWrite(),
    "busy": Busy(),
    "away": Unavailable("database"),
    "fault": OurFault(),
    "bug": ZeroDivisionError("SELECT secret FROM /etc/passwd"),
}


@get("/t/raise/{name:str}", access=anybody)
async def raising(name: FromPath[str]) -> None:
    raise ERRORS[name]


@delete("/t/things/{id:uuid}", access=anybody)
async def gone(id: FromPath[UUID]) -> None:
    return None


ROUTES: list[HTTPRouteHandler] = [
    plain,
    long,
    who_am_i,
    whoever,
    open_to_all,
    staff_only,
    wish,
    raw,
    thing,
    listed,
    needed,
    buy,
    race,
    raising,
    gone,
]


@dataclass
class House:
    """What the test routes' container holds, for the tests to look at."""

    notebook: Notebook = field(default_factory=Notebook)
    parts: dict[str, bool] = field(default_factory=lambda: {"database": True, "redis": True})
    waits: asyncio.Event | None = None


def container_of(house: House, settings: Settings) -> AsyncContainer:
    def probe(name: str) -> Any:
        async def ask() -> bool:
            if house.waits:
                await house.waits.wait()
            if name not in house.parts:
                raise OSError(name)
            return house.parts[name]

        return ask

    provider = Provider(scope=Scope.APP)
    provider.provide(lambda: settings, provides=Settings)
    notices, void, ttl = MemoryNotices(), NothingVoid(), AccessTtl(timedelta(minutes=15))
    identify = Identify(Tokens(), NoKeys(), CheckStanding(notices, void, utc_now))
    provider.provide(lambda: Tokens(), provides=AccessTokens)
    provider.provide(lambda: identify, provides=Identify)
    provider.provide(lambda: RepeatRevocations(notices, void, utc_now, ttl), provides=RepeatRevocations)
    provider.provide(lambda: house.notebook, provides=Memory)
    frame = AnswerOnce(house.notebook, lambda: None, Lease(timedelta(seconds=30)))
    provider.provide(lambda: frame, provides=AnswerOnce)
    provider.provide(lambda: Letters(), provides=Mailbox)
    provider.provide(lambda: local_media(settings.data_dir / "media"), provides=Media)
    provider.provide(lambda: Greeting(), provides=Greeting)
    provider.provide(lambda: Race(), provides=Race)
    provider.provide(lambda: LimitCalls(Unlimited(), Quotas.a_minute(9, 9, 9, 9)), provides=LimitCalls)
    provider.provide(lambda: {name: probe(name) for name in ("database", "redis")}, provides=Probes)
    provider.provide(lambda: {}, provides=Levels)  # noqa: PIE807
    return make_async_container(provider)


@asynccontextmanager
async def opened(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def wire_settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, cors_origins=("https://shop.example",))


@pytest.fixture
def app(house: House, wire_settings: Settings) -> Litestar:
    return build_app(wire_settings, container_of(house, wire_settings), ROUTES)


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(app) as client:
        yield client


def bearer(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}
