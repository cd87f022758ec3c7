"""The schema: every table of the shop, declared once. Migrations are checked against it."""

from adapters.postgres.records import (
    accounts,
    catalog,
    events,
    inventory,
    ordering,
    promotions,
    rates,
    search,
    transfers,
)
from adapters.postgres.records.record import Record

__all__ = [
    "METADATA",
    "accounts",
    "catalog",
    "events",
    "inventory",
    "ordering",
    "promotions",
    "rates",
    "search",
    "transfers",
]

METADATA = Record.metadata
