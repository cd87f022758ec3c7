"""Lists in memory, newest first, from a position on."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from application.paging import Position


class Made(Protocol):
    @property
    def created_at(self) -> datetime: ...
    @property
    def id(self) -> UUID: ...


M = TypeVar("M", bound=Made)


def made_at(row: Made) -> tuple[datetime, UUID]:
    """The keyset of lists that show the newest first."""
    return row.created_at, row.id


def newest_first(rows: Iterable[M], position: Position | None) -> list[M]:
    """The rows behind the position, in its own way of reading."""
    ordered = sorted(rows, key=made_at, reverse=True)
    if position is None:
        return ordered
    here = (datetime.fromisoformat(position.values[0]), UUID(position.values[1]))
    if position.way == "previous":
        return [row for row in reversed(ordered) if made_at(row) > here]
    return [row for row in ordered if made_at(row) < here]
