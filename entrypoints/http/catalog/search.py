"""Finding products by words, and what was looked for in vain."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from dishka import FromDishka
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from application.ports import Currency, Page, PageRequest
from application.search.index import Query, SearchOrdering
from application.search.misses import ListMisses, MissedSearch
from application.search.searching import SearchProducts, SuggestProducts
from application.search.views import SearchPage, Suggestion
from domain.accounts import Actor, Permission
from entrypoints.http.access import anybody, needs
from entrypoints.http.catalog.query import Asked, Code, Flag, ForStaff, Price, Ref, Tags, asked_of
from entrypoints.http.catalog.reading import TAGS
from entrypoints.http.conditions import AnyRequest
from entrypoints.http.hot.topics import LIST, SEARCH
from entrypoints.http.lists import Envelope, envelope

Typed = Annotated[str, QueryParameter(max_length=200, description="What is looked for, typing errors and all.")]
Order = Annotated[SearchOrdering, QueryParameter(description="The best match first, or as in lists.")]


class Suggestions(msgspec.Struct):
    """At most eight."""

    results: list[Suggestion]


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for, before it is known what the shop sells in."""

    q: str
    asked: Asked
    ordering: SearchOrdering

    def within(self, currency: Currency) -> Query:
        return Query(q=self.q, filter=self.asked.within(currency), ordering=self.ordering)


def sought_of(
    request: Request[Any, Any, Any],
    q: Typed = "",
    category: Ref = None,
    min_price: Price = None,
    max_price: Price = None,
    currency: Code = None,
    in_stock: Flag = None,
    is_featured: Flag = None,
    is_on_sale: Flag = None,
    is_active: ForStaff = True,
    tag: Tags = None,
    ordering: Order = "relevance",
) -> Sought:
    """The list's filters, its `search` apart."""
    flags = in_stock, is_featured, is_on_sale, is_active
    return Sought(q, asked_of(request, category, min_price, max_price, currency, *flags, tag), ordering)


@get("/api/products/products/search", access=anybody, tags=TAGS, summary="Search products", hot=SEARCH)
async def search(
    sought: NamedDependency[Sought],
    page: NamedDependency[PageRequest],
    who: NamedDependency[Actor],
    request: AnyRequest,
    search_products: FromDishka[SearchProducts],
    currency: FromDishka[Currency],
) -> SearchPage:
    """Words may be mistyped, and the last one unfinished. Takes the list's filters, `attr.<name>=<value>` too."""
    found = await search_products(who, sought.within(currency), page)
    return msgspec.structs.replace(found, next=envelope(Page(list(found.results), found.next), request).next)


@get(
    "/api/products/products/suggest",
    access=anybody,
    tags=TAGS,
    summary="Suggest products for what is being typed",
    hot=LIST,
)
async def suggest(suggest_products: FromDishka[SuggestProducts], q: Typed = "") -> Suggestions:
    return Suggestions(list(await suggest_products(q)))


@get(
    "/api/products/search/misses",
    access=needs(Permission.READ_SEARCHES),
    tags=TAGS,
    summary="What was looked for in vain",
)
async def misses(
    page: NamedDependency[PageRequest],
    who: NamedDependency[Actor],
    request: AnyRequest,
    list_misses: FromDishka[ListMisses],
) -> Envelope[MissedSearch]:
    """The most frequent first. A search counts when it has words and no filters, and finds nothing."""
    return envelope(await list_misses(who, page), request)


routes: list[HTTPRouteHandler] = [search, suggest, misses]
