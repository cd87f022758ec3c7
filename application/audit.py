"""The audit: proves from what is stored that nothing was oversold, lost, doubled or made up, at any time."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

import msgspec

from application.accounts.users import UserViews
from application.ports import Mail, Mailer, NewId
from domain.accounts import Actor, Permission, Role, must

log = logging.getLogger(__name__)

MOST = 100  # differences of one check that are told


class Difference(msgspec.Struct, frozen=True, order=True):
    """Something that does not add up: which check found it, on what, and what is wrong."""

    check: str
    subject: str
    detail: str


class Findings(msgspec.Struct, frozen=True):
    """What an audit looked at, and all that it found; `ok` where nothing was found."""

    ok: bool
    checks: Sequence[str]
    differences: Sequence[Difference]


class Books(Protocol):
    """All that is stored, in one consistent view."""

    async def differences(self, most: int) -> dict[str, list[Difference]]:
        """By check, each with so many at most. Changes nothing, and waits for nobody."""
        ...


@dataclass(frozen=True, slots=True)
class Audit:
    """Called by staff, by the clock, and by tests after everything that they did to a shop."""

    books: Books

    async def __call__(self, who: Actor | None = None) -> Findings:
        """`who` is None for the shop itself. Raises Forbidden for who is no admin."""
        if who is not None:
            must(who, Permission.READ_BOOKS)
        found = await self.books.differences(MOST)
        differences = [difference for several in found.values() for difference in several]
        return Findings(ok=not differences, checks=list(found), differences=differences)


@dataclass(frozen=True, slots=True)
class WatchBooks:
    """Audits by the clock. What it finds goes to the log, and by mail to every admin."""

    audit: Audit
    users: UserViews
    mailer: Mailer
    new_id: NewId

    async def __call__(self) -> None:
        findings = await self.audit()
        if findings.ok:
            return
        log.error("audit: %d differences", len(findings.differences), extra={"differences": findings.differences[:10]})
        for address in await self.users.emails(Role.ADMIN):
            await self.mailer.send(alert(findings, address, f"{self.new_id()}.audit@mail.tradepost"))


def alert(findings: Findings, to: str, message_id: str) -> Mail:
    """What an admin is told."""
    found = [f"{each.check}: {each.subject}: {each.detail}" for each in findings.differences]
    text = "\n".join(["The audit found what does not add up:", "", *found, "", "Look at it with: tradepost audit"])
    subject = f"Audit: {len(found)} differences"
    return Mail(message_id=message_id, to=to, subject=subject, text=text, html=f"<pre>{escape(text)}</pre>")
