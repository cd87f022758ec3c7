"""What every aggregate shares: a version, and the events it recorded since it was loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ABRIDGED = 500  # letters of a text that a difference tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, told in the past tense with flat fields."""

    at: datetime


@dataclass(slots=True, eq=False, kw_only=True)
class Aggregate:
    """A cluster of objects that changes as one.

    `version` is what the store holds; it is the optimistic lock. Where an aggregate publishes events,
    the version counts them: the n-th event that an aggregate ever recorded has number n, without gaps.
    """

    version: int = 0
    events: list[Event] = field(default_factory=list)

    def record(self, event: Event) -> None:
        self.events.append(event)

    def drain(self) -> list[Event]:
        """Hand over the recorded events and move the version on by their number. Called by who stores the aggregate."""
        drained, self.events = self.events, []
        self.version += len(drained)
        return drained


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What an event tells of changed fields as `before` and `after`: of a collection only the members that differ."""
    told = {name: _difference(before[name], after[name]) for name in after}
    return {
        "before": {name: former for name, (former, _) in told.items()},
        "after": {name: latter for name, (_, latter) in told.items()},
    }


def _difference(before: Any, after: Any) -> tuple[Any, Any]:
    if isinstance(before, tuple) and isinstance(after, tuple):
        former, latter = _members(before), _members(after)
        return (
            tuple(one for key, one in former.items() if latter.get(key) != one),
            tuple(one for key, one in latter.items() if former.get(key) != one),
        )
    return _abridged(before), _abridged(after)


def _members(collection: tuple[Any, ...]) -> dict[Any, Any]:
    return {getattr(one, "id", one): one for one in collection}


def _abridged(value: Any) -> Any:
    return f"{value[:ABRIDGED]}…" if isinstance(value, str) and len(value) > ABRIDGED else value
