"""The web application: every route under its path, inside the conventions that all of them share."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Any, Self

from dishka import AsyncContainer
from litestar import Litestar
from litestar.events import BaseEventEmitterBackend
from litestar.handlers import HTTPRouteHandler

from application.accounts.identifying import Identify
from application.accounts.revocations import RepeatRevocations
from application.limits.policy import LimitCalls
from entrypoints import logging
from entrypoints.container import make_container, on_running_servers
from entrypoints.http import (
    accounts,
    addresses,
    api_keys,
    audit,
    audit_log,
    bodies,
    cart,
    catalog,
    checkout,
    coupons,
    docs,
    fulfilment,
    headers,
    health,
    inventory,
    keys,
    media,
    metrics,
    options,
    ordering,
    pages,
    papers,
    payments,
    problems,
    quoting,
    rates,
    schema,
    standing,
    users,
)
from entrypoints.http.access import Gate, governed
from entrypoints.http.binding import Binding
from entrypoints.http.bounds import Bounds
from entrypoints.http.edge import Edge
from entrypoints.http.hot.routes import HotRoutes, kept_fresh
from entrypoints.http.limits import Limits
from entrypoints.observing import Levels, Statements
from entrypoints.settings import Settings, load, with_keepsakes

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]

ROUTES: tuple[HTTPRouteHandler, ...] = (
    *accounts.routes,
    *audit.routes,
    *audit_log.routes,
    *addresses.routes,
    *users.routes,
    *api_keys.routes,
    *catalog.routes,
    *cart.routes,
    *checkout.routes,
    *coupons.routes,
    *quoting.routes,
    *rates.routes,
    *ordering.routes,
    *fulfilment.routes,
    *papers.routes,
    *inventory.routes,
    *payments.routes,
)


class NoEvents(BaseEventEmitterBackend):
    """Nothing happens behind a route's back, so there is nobody to tell and no task to keep for it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def emit(self, event_id: str, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(event_id)


@cache
def create_app() -> Litestar:
    """What `tradepost serve` runs: made once, before it forks, and each process has its copy. Opens nothing yet.

    What the routes ask for is made here too: nine megabytes that the processes share instead of having each.
    """
    settings = on_running_servers(with_keepsakes(load()))
    logging.configure(settings.log_level)
    container, binding = make_container(settings), Binding()

    @asynccontextmanager
    async def closing(_: Litestar) -> AsyncIterator[None]:
        yield
        await container.close()

    app = build_app(settings, container, lifespan=[closing], binding=binding)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(binding.open(container))
    loop.close()  # alone: a Runner would end what is to be closed with the container
    return app


def build_app(
    settings: Settings,
    container: AsyncContainer,
    routes: Sequence[HTTPRouteHandler] = ROUTES,
    lifespan: Sequence[Lifespan] = (),
    binding: Binding | None = None,
) -> Litestar:
    """The app over a container that somebody else closes. Routes get what they ask for when its lifespan begins."""
    binding, gate, limits = binding or Binding(), Gate(), Limits(settings.trusted_proxies)
    service = [*health.routes, *metrics.routes, *keys.routes, *docs.routes, *pages.routes, *media.routes]
    if not settings.is_production:
        service += pages.development_routes
    governed((*routes, *service))

    @asynccontextmanager
    async def opened(_: Litestar) -> AsyncIterator[None]:
        await binding.open(container)
        gate.identify = limits.identify = await container.get(Identify)
        limits.call = await container.get(LimitCalls) if settings.rate_limits else None
        edge.statements = await container.get(Statements) if settings.debug else None
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(standing.repeated(await container.get(RepeatRevocations)))
            await stack.enter_async_context(metrics.watching(await container.get(Levels)))
            if settings.cache and hot.routes:
                hot.answers = await stack.enter_async_context(kept_fresh(container))
            yield

    app = Litestar(
        [*options.routes((*routes, *service)), *(binding.bind(route) for route in (*routes, *service))],
        before_request=gate,
        event_emitter_backend=NoEvents,
        exception_handlers={Exception: problems.answer},
        lifespan=[*lifespan, opened],
        logging_config=None,
        openapi_config=docs.config(),
        plugins=[schema.Structs()],
        request_class=bodies.ShopRequest,
        request_max_body_size=bodies.LIMIT,
    )
    origins = frozenset(origin.encode() for origin in settings.cors_origins)
    hot, bounds = HotRoutes(app), Bounds.of(settings, headers.served_hosts(settings))
    edge = app.asgi_handler = Edge(app.asgi_handler, bounds, origins, hot, limits)
    return app
