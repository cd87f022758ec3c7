"""What sells stands higher in lists by popularity."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from application.ports import Store
from domain.catalog import ProductId
from domain.ordering import OrderPaid


@dataclass(frozen=True, slots=True)
class RankProducts:
    """Event handler: counts the pieces of every product that a paid order holds. What comes back stays counted.

    A product that sells between two pages of a list by popularity moves: a reader may meet it twice, or not at all;
    all others keep their places.
    """

    store: Store

    async def __call__(self, event_id: UUID, event: OrderPaid) -> None:
        async with self.store.transaction() as tx:
            if not await tx.handle_once(event_id, type(self).__name__):
                return
            pieces: Counter[ProductId] = Counter()
            for line in (await tx.orders.get(event.order)).lines:
                pieces[line.product] += line.quantity
            await tx.products.count_sales(pieces)
