"""Where orders are kept."""

from datetime import datetime
from typing import Protocol

from domain.ordering.events import OrderId
from domain.ordering.order import Order


class Orders(Protocol):
    """Repository of orders."""

    async def get(self, id: OrderId) -> Order: ...

    async def take(self, id: OrderId) -> Order:
        """Locked."""
        ...

    async def save(self, order: Order) -> None: ...

    async def due(self, now: datetime, limit: int) -> list[OrderId]:
        """Unpaid orders whose time is up."""
        ...
