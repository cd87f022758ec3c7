"""OPTIONS: which methods a path has. (Litestar's own answer knows only the first route of a path.)"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from litestar import HttpMethod, Response, route
from litestar.handlers import HTTPRouteHandler

from entrypoints.http.access import public
from entrypoints.http.problems import allowed


def routes(others: Iterable[HTTPRouteHandler]) -> Iterator[HTTPRouteHandler]:
    """One for each path of the others, to be registered before them."""
    methods: dict[str, set[str]] = defaultdict(set)
    for other in others:
        for path in other.paths:
            methods[path] |= other.http_methods
    for path, named in methods.items():
        yield _options(path, allowed(", ".join(named)))


def _options(path: str, allow: str) -> HTTPRouteHandler:
    @route(path, http_method=[HttpMethod.OPTIONS], status_code=204, access=public, include_in_schema=False)
    async def options() -> Response[None]:
        return Response(None, status_code=204, headers={"Allow": allow})

    return options
