"""Zones and tax classes for staff to look at: few, and held in the process, so a page is cut out of all of them."""

from dataclasses import dataclass

from application.paging import Cursors, page_of_all
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


@dataclass(frozen=True, slots=True)
class ShowRates:
    """Each list by name."""

    current: CurrentRates
    currency: Currency
    cursors: Cursors

    async def shipping_zones(self, page: PageRequest) -> Page[ShippingZoneView]:
        views = [shipping_zone_view(zone, self.currency) for zone in (await self.current.now()).shipping_zones]
        return page_of_all(views, _by_name, page, self.cursors, "shipping zones")

    async def shipping_zone(self, id: ZoneId) -> ShippingZoneView:
        """Raises ZoneNotFound."""
        return shipping_zone_view((await self.current.now()).shipping_zone(id), self.currency)

    async def tax_zones(self, page: PageRequest) -> Page[TaxZoneView]:
        views = [tax_zone_view(zone) for zone in (await self.current.now()).tax_zones]
        return page_of_all(views, _by_name, page, self.cursors, "tax zones")

    async def tax_zone(self, id: ZoneId) -> TaxZoneView:
        """Raises ZoneNotFound."""
        return tax_zone_view((await self.current.now()).tax_zone(id))

    async def tax_classes(self, page: PageRequest) -> Page[TaxClassView]:
        views = [tax_class_view(each) for each in (await self.current.now()).classes]
        return page_of_all(views, lambda view: (view.name, view.code), page, self.cursors, "tax classes")


def _by_name(zone: ShippingZoneView | TaxZoneView) -> tuple[str, str]:
    return zone.name, str(zone.id)
