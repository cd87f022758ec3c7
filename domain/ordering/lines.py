"""The lines of an order: snapshots of what was bought."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NewType, Self
from uuid import UUID

from domain.catalog import ProductId
from domain.inventory import Sku
from domain.money import Money
from domain.pricing import PricedLine
from domain.variants import VariantId

LineId = NewType("LineId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """A snapshot of what was bought. `total` is quantity x unit price - discount, without tax."""

    id: LineId
    product: ProductId
    variant: VariantId | None
    product_name: str
    variant_name: str
    sku: Sku
    quantity: int
    unit_price: Money
    discount: Money
    tax: Money
    total: Money
    tracked: bool = True  # its pieces are reserved in stock
    tax_rate: Decimal | None = None  # per cent; of old orders it is not known

    @classmethod
    def of(cls, id: LineId, line: PricedLine) -> Self:
        offer = line.offer
        return cls(
            id=id,
            product=offer.product,
            variant=offer.variant,
            product_name=offer.product_name,
            variant_name=offer.variant_name,
            sku=Sku(offer.sku),
            quantity=line.quantity,
            unit_price=offer.price,
            discount=line.discount,
            tax=line.tax,
            total=line.total,
            tracked=offer.tracked,
            tax_rate=line.tax_rate,
        )
