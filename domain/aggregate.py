"""What every aggregate shares: a version, and the events it recorded since it was loaded."""

from dataclasses import dataclass, field
from datetime import datetime


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
