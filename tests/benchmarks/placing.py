"""Checkout without HTTP: the use case with its read and its write, in one process with several tasks."""

import asyncio
from collections.abc import Iterator
from time import perf_counter
from uuid import UUID, uuid4

from application.checkout import Checkout, PlaceOrder
from application.idempotency import Once
from domain.accounts import Actor, Address, UserId
from tests.benchmarks.client import Figure
from tests.benchmarks.crowd import ADDRESS

TASKS = 8
CHECKOUT = Checkout(shipping_address=Address(**ADDRESS))
ROUTE = "POST /api/orders/cart/checkout/"


async def place_orders(place_order: PlaceOrder, customers: int) -> Figure:
    """One order of each customer's cart."""
    numbers = iter(range(1, customers + 1))
    began = perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(TASKS):
            group.create_task(_place(place_order, numbers))
    seconds = perf_counter() - began
    return Figure(per_second=customers / seconds, seconds=seconds)


async def _place(place_order: PlaceOrder, customers: Iterator[int]) -> None:
    for number in customers:
        user = UserId(UUID(int=number))
        once = Once(actor=f"user:{user}", key=str(uuid4()), route=ROUTE, fingerprint=user.bytes, status=201)
        await place_order(Actor(user), CHECKOUT, once)
