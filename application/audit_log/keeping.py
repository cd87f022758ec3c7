"""Writing the audit log, looking at it, and proving that nothing in it was touched."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self

import msgspec

from application.audit_log.entries import AuditLog, Entry, EntryFilters, Head, digest
from application.ports import Page, PageRequest
from domain.accounts import Actor, Permission, must
from domain.errors import InvalidField

AT_ONCE = 500
MOST = 100  # findings that are told
HASH_LENGTH = 64


@dataclass(frozen=True, slots=True)
class ExtendAuditLog:
    """Called by the worker: what was committed is in the log soon after, whoever died in between."""

    log: AuditLog

    async def __call__(self) -> int:
        written = latest = await self.log.extend(AT_ONCE)
        while latest == AT_ONCE:
            latest = await self.log.extend(AT_ONCE)
            written += latest
        return written


@dataclass(frozen=True, slots=True)
class ListAuditLog:
    """Raises Forbidden for who is no admin."""

    log: AuditLog

    async def __call__(self, who: Actor, filters: EntryFilters, page: PageRequest) -> Page[Entry]:
        must(who, Permission.READ_BOOKS)
        return await self.log.list(filters, page)


class Anchor(msgspec.Struct, frozen=True):
    """An entry's number and hash as somebody noted them elsewhere."""

    number: int
    hash: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises InvalidField."""
        number, _, noted = text.partition(":")
        if not number.isdecimal() or len(noted) != HASH_LENGTH:
            raise InvalidField("noted", "invalid-format", "must be a number, a colon and a hash")
        return cls(int(number), noted)

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


class Verdict(msgspec.Struct, frozen=True):
    """How many entries there are, where they end, and everything that is wrong with them."""

    entries: int
    head: Anchor
    findings: list[str]


@dataclass(frozen=True, slots=True)
class VerifyAuditLog:
    """Computes the whole chain anew. What was cut off at its end and written anew, only an anchor can show."""

    log: AuditLog

    async def __call__(self, anchor: Anchor | None = None) -> Verdict:
        head, count, findings = Head(), 0, list[str]()
        is_anchored = anchor is None
        async for entry in self._entries():
            findings += _wrong(head, entry)
            is_anchored = is_anchored or anchor == Anchor(entry.number, entry.hash)
            head, count = Head(entry.number, entry.position, entry.hash), count + 1
        if anchor is not None and not is_anchored:
            findings.append(f"entry {anchor.number}: is not the one that was noted")
        findings += [f"event {event}: has no entry" for event in await self.log.unwritten(MOST)]
        return Verdict(count, Anchor(head.number, head.hash), findings[:MOST])

    async def _entries(self) -> AsyncIterator[Entry]:
        number = 0
        while batch := await self.log.read(number, AT_ONCE):
            for entry in batch:
                yield entry
            number = batch[-1].number


def _wrong(head: Head, entry: Entry) -> list[str]:
    """What is wrong with an entry behind that one."""
    if entry.number != head.number + 1:
        gone = f"{head.number + 1}" if entry.number == head.number + 2 else f"{head.number + 1} to {entry.number - 1}"
        return [f"entry {gone}: missing"]
    if entry.hash != digest(head.hash, entry):
        return [f"entry {entry.number}: was edited, or does not belong behind entry {head.number}"]
    return []
