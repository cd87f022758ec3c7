"""Keeping an index outside of the catalogue's database true: what is told to it, and what it is asked now and then."""

import logging
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from application.catalog.views import CatalogViews
from application.catalog.wishes import ProductFilter
from application.ports import Busy, PageRequest, Store
from application.search.index import Documents, SearchIndex
from domain.catalog import ProductChanged, ProductId
from domain.categories import CategoryChange, CategoryChanged
from domain.inventory import StockEvent
from domain.ordering import OrderCancelled, OrderPaid, OrderPlaced, RefundEnded

logger = logging.getLogger("tradepost.search")

SHOWN = {"name", "parent", "is_active"}  # what products' documents say of their categories
PAGE = 100
MOST_AT_ONCE = 2_000  # products of a changed category; more come in the course of TendIndex
TENDED = 200  # products looked at each time


class SeparateIndex(SearchIndex, Protocol):
    """An index that has to be told of every change, and may be empty while the catalogue is not."""

    async def is_there(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class IndexProduct:
    """Event handler: reads the product again, so that the last state wins in whatever order events come."""

    index: SearchIndex

    async def __call__(self, _: UUID, event: ProductChanged) -> None:
        await self.index.refresh([event.product])


@dataclass(frozen=True, slots=True)
class IndexOrder:
    """Event handler: an order took stock, gave it back, or sold it for good."""

    store: Store
    index: SearchIndex

    async def __call__(self, _: UUID, event: OrderPlaced | OrderPaid | OrderCancelled | RefundEnded) -> None:
        async with self.store.transaction() as tx:
            order = await tx.orders.get(event.order)
        await self.index.refresh(sorted({line.product for line in order.lines}))


@dataclass(frozen=True, slots=True)
class IndexStock:
    """Event handler: whether there is any of it may have changed."""

    store: Store
    index: SearchIndex

    async def __call__(self, _: UUID, event: StockEvent) -> None:
        async with self.store.transaction() as tx:
            owners = await tx.products.owners([event.sku])
        await self.index.refresh(list(owners.values()))


@dataclass(frozen=True, slots=True)
class IndexCategory:
    """Event handler: products are found by the names of their categories, too."""

    views: CatalogViews
    index: SearchIndex

    async def __call__(self, _: UUID, event: CategoryChanged) -> None:
        if event.change is not CategoryChange.CHANGED or not SHOWN.intersection(event.fields):
            return
        for is_active in (True, False):
            await self._refresh(ProductFilter(category=str(event.category), is_active=is_active))

    async def _refresh(self, wanted: ProductFilter) -> None:
        cursor, done = None, 0
        while done < MOST_AT_ONCE:
            page = await self.views.products(wanted, PageRequest(PAGE, cursor), staff=True)
            await self.index.refresh([ProductId(item.id) for item in page.results])
            done, cursor = done + len(page.results), page.next
            if cursor is None:
                return


@dataclass(slots=True)
class Bookmark:
    """Where somebody who goes through the catalogue has come to."""

    last: ProductId | None = None


@dataclass(frozen=True, slots=True)
class TendIndex:
    """A chore: builds the index where there is none, and else compares some more of it with the catalogue.

    So what no event told of, or one that died while the index was away for long, is put right in the end.
    """

    index: SeparateIndex
    documents: Documents
    bookmark: Bookmark = field(default_factory=Bookmark)

    async def __call__(self) -> None:
        if not await self.index.is_there():
            logger.info("there is no search index yet: building it")
            try:
                logger.info("the search index is built: %d products", await self.index.rebuild(lambda *_: None))
            except Busy as error:
                logger.info("not built: %s", error)
            return
        batch = [document.id for document in await self.documents.after(self.bookmark.last, TENDED)]
        await self.index.refresh(batch)
        self.bookmark.last = batch[-1] if len(batch) == TENDED else None
