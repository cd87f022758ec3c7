"""Entries of the audit log, and the chain of hashes that holds them together."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from application.audit_log import rules
from application.ports import Page, PageRequest, StoredEvent


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what to what, and when. `hash` (SHA-256) covers all of it, and the hash of the entry before."""

    number: int
    event: UUID
    position: int
    at: datetime
    actor: str
    action: str
    object: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    request_id: str | None
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry: what the next one follows."""

    number: int = 0
    position: int = 0
    hash: str = "0" * 64


@dataclass(frozen=True, slots=True)
class EntryFilters:
    """What is not given does not matter."""

    actor: str | None = None
    action: str | None = None
    object: str | None = None
    since: datetime | None = None


class AuditLog(Protocol):
    """Grows by the events that are to be audited, in the order of their positions. Nothing of it ever changes."""

    async def extend(self, limit: int) -> int:
        """Append at most so many of the events that wait. One caller at a time; 0 where somebody else is at it."""
        ...

    async def read(self, after: int, limit: int) -> Sequence[Entry]:
        """Entries from behind that number on, by number."""
        ...

    async def unwritten(self, limit: int) -> Sequence[UUID]:
        """Audited events that have no entry, though later ones have."""
        ...

    async def list(self, filters: EntryFilters, page: PageRequest) -> Page[Entry]:
        """Newest first."""
        ...


def chained(head: Head, events: Sequence[tuple[int, StoredEvent]]) -> Iterator[Entry]:
    """The entries that follow, for events with their positions."""
    for number, (position, event) in enumerate(events, head.number + 1):
        before, after = rules.detail_of(event)
        entry = Entry(
            number=number,
            event=event.id,
            position=position,
            at=event.at,
            actor=event.actor or "unknown",
            action=rules.action_of(event),
            object=rules.object_of(event),
            before=before,
            after=after,
            request_id=event.request_id,
            hash="",
        )
        entry = msgspec.structs.replace(entry, hash=digest(head.hash, entry))
        head = Head(number, position, entry.hash)
        yield entry


def digest(former: str, entry: Entry) -> str:
    """Over the former hash and a spelling of the content that has but one form: sorted, in ASCII, times in UTC."""
    content = (
        former,
        entry.number,
        str(entry.event),
        entry.position,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.action,
        entry.object,
        entry.before,
        entry.after,
        entry.request_id,
    )
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
