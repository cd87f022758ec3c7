"""The web application: every route under its path, inside the conventions that all of them share."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from dishka import AsyncContainer
from litestar import Litestar, Router
from litestar.datastructures import CacheControlHeader
from litestar.handlers import HTTPRouteHandler
from litestar.static_files import create_static_files_router

from application.ports import AccessTokens
from entrypoints import logging
from entrypoints.http import (
    accounts,
    bodies,
    cart,
    catalog,
    checkout,
    docs,
    headers,
    health,
    ordering,
    pages,
    payments,
    problems,
)
from entrypoints.http.access import Gate, public
from entrypoints.http.binding import Binding
from entrypoints.http.edge import Edge, Statements
from entrypoints.settings import Settings, load, with_keepsakes

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]

ROUTES: tuple[HTTPRouteHandler, ...] = (
    *accounts.routes,
    *catalog.routes,
    *cart.routes,
    *checkout.routes,
    *ordering.routes,
    *payments.routes,
)


def create_app() -> Litestar:
    """What `tradepost serve` runs, once in each web process."""
    from entrypoints.container import make_container

    settings = with_keepsakes(load())
    logging.configure(settings.log_level)
    container = make_container(settings)

    @asynccontextmanager
    async def closing(_: Litestar) -> AsyncIterator[None]:
        yield
        await container.close()

    return build_app(settings, container, lifespan=[closing])


def build_app(
    settings: Settings,
    container: AsyncContainer,
    routes: Sequence[HTTPRouteHandler] = ROUTES,
    lifespan: Sequence[Lifespan] = (),
) -> Litestar:
    """The app over a container that somebody else closes. Routes get what they ask for when its lifespan begins."""
    binding, gate = Binding(), Gate()
    service = [*health.routes, *docs.routes, *pages.routes]
    if not settings.is_production:
        service += pages.development_routes

    @asynccontextmanager
    async def opened(_: Litestar) -> AsyncIterator[None]:
        await binding.open(container)
        gate.tokens = await container.get(AccessTokens)
        edge.statements = await container.get(Statements) if settings.debug else None
        yield

    app = Litestar(
        [
            *(binding.bind(route) for route in (*routes, *service)),
            media(settings.data_dir / "media"),
        ],
        before_request=gate,
        exception_handlers={Exception: problems.answer},
        lifespan=[*lifespan, opened],
        logging_config=None,
        openapi_config=docs.config(),
        request_class=bodies.ShopRequest,
        request_max_body_size=bodies.LIMIT,
    )
    origins = frozenset(origin.encode() for origin in settings.cors_origins)
    edge = app.asgi_handler = Edge(app.asgi_handler, headers.served_hosts(settings), origins)
    return app


def media(directory: Path) -> Router:
    """Local pictures. Their addresses name their content; nothing that they may contain runs."""
    directory.mkdir(parents=True, exist_ok=True)
    return create_static_files_router(
        "/media",
        [directory],
        cache_control=CacheControlHeader(public=True, max_age=pages.DAY),
        opt={"access": public},
    )
