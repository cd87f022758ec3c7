"""Orders in memory."""

from dataclasses import dataclass
from datetime import datetime

from adapters.memory.paging import made_at, newest_first
from adapters.memory.tables import MemoryDatabase, MemoryUnit, twin
from application.ordering import OrderFilters, OrderSummary, Reference
from application.paging import Cursors, paged
from application.ports import Page, PageRequest, StaleWrite
from domain.ordering import Order, OrderId, OrderNotFound, Status

ORDER = "orders"


@dataclass(frozen=True, slots=True)
class MemoryOrders:
    unit: MemoryUnit

    async def get(self, id: OrderId) -> Order:
        if id not in self.unit.tables.orders:
            raise OrderNotFound
        return twin(self.unit.tables.orders[id])

    async def take(self, id: OrderId) -> Order:
        return await self.get(id)

    async def save(self, order: Order) -> None:
        """Only checkout makes orders: one that is not there yet is stale."""
        if order.id not in self.unit.tables.orders:
            raise StaleWrite
        self.unit.guard(self.unit.tables.orders[order.id], order)
        self.unit.publish(order, order.id)
        self.unit.tables.orders[order.id] = twin(order)

    async def due(self, now: datetime, limit: int) -> list[OrderId]:
        unpaid = [order for order in self.unit.tables.orders.values() if order.status is Status.PENDING]
        due = sorted((order for order in unpaid if order.expires_at <= now), key=lambda order: order.expires_at)
        return [order.id for order in due[:limit]]


@dataclass(frozen=True, slots=True)
class MemoryOrderViews:
    database: MemoryDatabase
    cursors: Cursors

    async def find(self, reference: Reference) -> Order | None:
        orders = self.database.tables.orders.values()
        return twin(next((order for order in orders if reference in {order.id, order.number}), None))

    async def list(self, filters: OrderFilters, page: PageRequest) -> Page[OrderSummary]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        fitting = [_summary(order) for order in self.database.tables.orders.values() if _fits(order, filters)]
        rows = newest_first(fitting, position)
        return paged(rows[: page.size + 1], page.size, position, made_at, self.cursors, ORDER)


def _fits(order: Order, filters: OrderFilters) -> bool:
    wanted = (filters.q or "").lower()
    return (
        (filters.user is None or order.placement.user == filters.user)
        and (wanted in order.number.lower() or wanted in order.placement.email.lower())
        and (filters.statuses is None or order.status in filters.statuses)
        and (filters.payment_status is None or order.payment_status == filters.payment_status)
        and (filters.created_after is None or order.created_at >= filters.created_after)
        and (filters.created_before is None or order.created_at < filters.created_before)
    )


def _summary(order: Order) -> OrderSummary:
    return OrderSummary(
        order.id,
        order.number,
        order.status,
        order.payment_status,
        str(order.total),
        order.currency,
        sum(line.quantity for line in order.lines),
        order.created_at,
    )
