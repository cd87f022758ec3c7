"""The catalogue manager's desk, and what may be written there."""

from typing import Any

import msgspec
from dishka import AsyncContainer

from application.catalog.changing import ChangeProduct, CreateProduct, DeleteProduct
from application.catalog.inputs import NewProduct, ProductChanges, VariantInput
from application.catalog.views import CatalogViews, ProductView, StaffProductView, Versioned
from application.ports import Store
from domain.accounts import Actor, Role
from entrypoints.shop import Shop, ShopClock

MANAGER = Actor(roles=frozenset({Role.CATALOG_MANAGER}))


def amount(text: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(text))


def sizes(**pieces: int) -> list[VariantInput]:
    """A variant for each size, with so many pieces of it."""
    return [
        VariantInput(name=size, sku=f"SHIRT-{size}", attributes={"Size": size}, stock_quantity=quantity)
        for size, quantity in pieces.items()
    ]


class Desk:
    """Where the catalogue's manager sits."""

    def __init__(self, container: AsyncContainer) -> None:
        self.container = container
        self.shop = Shop(container, ShopClock())

    async def create(self, name: str, **fields: Any) -> StaffProductView:
        told = {"price": amount("10"), "sku": name.upper(), **fields}
        return inside(await (await self.container.get(CreateProduct))(MANAGER, NewProduct(name=name, **told)))

    async def change(self, ref: str, **fields: Any) -> StaffProductView:
        return inside(await (await self.container.get(ChangeProduct))(MANAGER, ref, ProductChanges(**fields)))

    async def delete(self, ref: str) -> None:
        await (await self.container.get(DeleteProduct))(MANAGER, ref)

    async def shown(self, ref: str) -> StaffProductView:
        views = await self.container.get(CatalogViews)
        return inside(await views.product(ref, staff=True))

    async def stock(self, sku: str) -> tuple[int, int] | None:
        """On hand and reserved; None where it is not stocked."""
        store = await self.container.get(Store)
        async with store.transaction() as tx:
            item = (await tx.stock.find([sku])).get(sku)
        return (item.on_hand, item.reserved) if item else None


def inside(found: Versioned[ProductView]) -> StaffProductView:
    assert isinstance(found.view, StaffProductView)
    return found.view
