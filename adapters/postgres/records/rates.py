"""The table of the one rate book."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from adapters.postgres.records.record import Record, key


class RateBookRecord(Record):
    """Its zones and classes are its own values, so they live in its row and are locked with it."""

    id: Mapped[UUID] = key()
    rates: Mapped[dict[str, Any]]
    version: Mapped[int]
