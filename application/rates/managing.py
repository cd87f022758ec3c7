"""How staff set up what orders are charged beside their goods. Orders that were placed keep what they were charged."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from application.ports import Clock, Currency, NewId, Store, Transaction, Wake
from application.rates.forms import (
    NewShippingZone,
    NewTaxClass,
    NewTaxZone,
    ShippingZoneChanges,
    TaxZoneChanges,
)
from application.rates.views import (
    ShippingZoneView,
    TaxClassView,
    TaxZoneView,
    shipping_zone_view,
    tax_class_view,
    tax_zone_view,
)
from domain.accounts import Actor, Permission, must
from domain.rates import RateBook, ShippingZone, TaxClass, TaxClassInUse, TaxZone, ZoneId

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ChangeRates:
    """The frame of every change: the book is taken, changed and saved; the next checkout goes by it."""

    store: Store
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, change: Callable[[RateBook, datetime], T]) -> T:
        async with self.taken(who) as (_, book):
            return change(book, self.clock())

    @asynccontextmanager
    async def taken(self, who: Actor) -> AsyncIterator[tuple[Transaction, RateBook]]:
        """The locked book, for a change that has to look at more than it."""
        must(who, Permission.WRITE_RATES)
        async with self.store.transaction() as tx:
            book = await tx.rate_books.take()
            yield tx, book
            await tx.rate_books.save(book)
        self.wake()


@dataclass(frozen=True, slots=True)
class CreateShippingZone:
    change: ChangeRates
    new_id: NewId
    currency: Currency

    async def __call__(self, who: Actor, form: NewShippingZone) -> ShippingZoneView:
        """Raises InvalidField, ZoneOverlap or TooManyZones."""
        zone = ShippingZone(id=ZoneId(self.new_id()), **form.fields(self.currency))
        await self.change(who, lambda book, now: book.put_shipping_zone(zone, now))
        return shipping_zone_view(zone, self.currency)


@dataclass(frozen=True, slots=True)
class ChangeShippingZone:
    change: ChangeRates
    currency: Currency

    async def __call__(self, who: Actor, id: ZoneId, form: ShippingZoneChanges) -> ShippingZoneView:
        """Raises ZoneNotFound, InvalidField or ZoneOverlap."""
        fields = form.fields(self.currency)

        def changed(book: RateBook, now: datetime) -> ShippingZone:
            zone = replace(book.rates.shipping_zone(id), **fields)
            book.put_shipping_zone(zone, now)
            return zone

        return shipping_zone_view(await self.change(who, changed), self.currency)


@dataclass(frozen=True, slots=True)
class DeleteShippingZone:
    """After the last one, the defaults of the settings hold again."""

    change: ChangeRates

    async def __call__(self, who: Actor, id: ZoneId) -> None:
        """Raises ZoneNotFound."""
        await self.change(who, lambda book, now: book.remove_shipping_zone(id, now))


@dataclass(frozen=True, slots=True)
class CreateTaxZone:
    change: ChangeRates
    new_id: NewId

    async def __call__(self, who: Actor, form: NewTaxZone) -> TaxZoneView:
        """Raises InvalidField, ZoneOverlap or TooManyZones."""
        zone = TaxZone(id=ZoneId(self.new_id()), **form.fields())
        await self.change(who, lambda book, now: book.put_tax_zone(zone, now))
        return tax_zone_view(zone)


@dataclass(frozen=True, slots=True)
class ChangeTaxZone:
    change: ChangeRates

    async def __call__(self, who: Actor, id: ZoneId, form: TaxZoneChanges) -> TaxZoneView:
        """Raises ZoneNotFound, InvalidField or ZoneOverlap."""
        fields = form.fields()

        def changed(book: RateBook, now: datetime) -> TaxZone:
            zone = replace(book.rates.tax_zone(id), **fields)
            book.put_tax_zone(zone, now)
            return zone

        return tax_zone_view(await self.change(who, changed))


@dataclass(frozen=True, slots=True)
class DeleteTaxZone:
    """After the last one, the defaults of the settings hold again."""

    change: ChangeRates

    async def __call__(self, who: Actor, id: ZoneId) -> None:
        """Raises ZoneNotFound."""
        await self.change(who, lambda book, now: book.remove_tax_zone(id, now))


@dataclass(frozen=True, slots=True)
class CreateTaxClass:
    change: ChangeRates

    async def __call__(self, who: Actor, form: NewTaxClass) -> TaxClassView:
        """Raises TaxClassTaken or TooManyZones."""
        new = TaxClass(form.code, form.name)
        await self.change(who, lambda book, now: book.add_tax_class(new, now))
        return tax_class_view(new)


@dataclass(frozen=True, slots=True)
class DeleteTaxClass:
    change: ChangeRates

    async def __call__(self, who: Actor, code: str) -> None:
        """Raises TaxClassNotFound, or TaxClassInUse while a zone or a product names it."""
        async with self.change.taken(who) as (tx, book):
            book.remove_tax_class(code, self.change.clock())
            if await tx.products.are_of_tax_class(code):
                raise TaxClassInUse
