"""Zones and tax classes for staff to look at: few, and held in the process, so a page is cut out of all of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from application.paging import Cursors, paged
from application.ports import Currency, Page, PageRequest
from application.rates.charging import CurrentRates
from application.rates.views import (
    ShippingZoneView,
    TaxClassView,
    TaxZoneView,
    shipping_zone_view,
    tax_class_view,
    tax_zone_view,
)
from domain.rates import ZoneId

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class ShowRates:
    """Each list by name."""

    current: CurrentRates
    currency: Currency
    cursors: Cursors

    async def shipping_zones(self, page: PageRequest) -> Page[ShippingZoneView]:
        views = [shipping_zone_view(zone, self.currency) for zone in (await self.current.now()).shipping_zones]
        return self._page(views, lambda view: (view.name, str(view.id)), page, "shipping zones")

    async def shipping_zone(self, id: ZoneId) -> ShippingZoneView:
        """Raises ZoneNotFound."""
        return shipping_zone_view((await self.current.now()).shipping_zone(id), self.currency)

    async def tax_zones(self, page: PageRequest) -> Page[TaxZoneView]:
        views = [tax_zone_view(zone) for zone in (await self.current.now()).tax_zones]
        return self._page(views, lambda view: (view.name, str(view.id)), page, "tax zones")

    async def tax_zone(self, id: ZoneId) -> TaxZoneView:
        """Raises ZoneNotFound."""
        return tax_zone_view((await self.current.now()).tax_zone(id))

    async def tax_classes(self, page: PageRequest) -> Page[TaxClassView]:
        views = [tax_class_view(each) for each in (await self.current.now()).classes]
        return self._page(views, lambda view: (view.name, view.code), page, "tax classes")

    def _page(self, views: Iterable[V], key: Callable[[V], tuple[str, str]], page: PageRequest, order: str) -> Page[V]:
        position = self.cursors.open(page.cursor, order) if page.cursor is not None else None
        rows = sorted(views, key=key, reverse=position is not None and position.way == "previous")
        if position is not None:
            here = position.values
            rows = [row for row in rows if (key(row) > here if position.way == "next" else key(row) < here)]
        return paged(rows[: page.size + 1], page.size, position, key, self.cursors, order)
