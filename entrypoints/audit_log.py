"""`tradepost audit-log`: what it says, and whether it is whole, for people and for exit codes."""

import click
import msgspec

from application.audit_log.entries import AuditLog, EntryFilters
from application.audit_log.keeping import Anchor, VerifyAuditLog
from application.ports import PageRequest
from entrypoints.container import make_container
from entrypoints.settings import Settings


async def show(settings: Settings, filters: EntryFilters, limit: int) -> None:
    """Print the newest entries, oldest of them first, as one JSON object a line."""
    container = make_container(settings)
    try:
        page = await (await container.get(AuditLog)).list(filters, PageRequest(limit))
    finally:
        await container.close()
    for entry in reversed(page.results):
        click.echo(msgspec.json.encode(entry))


async def verify(settings: Settings, anchor: Anchor | None) -> int:
    """Print what was touched. 0 where nothing was, else 1."""
    container = make_container(settings)
    try:
        verdict = await (await container.get(VerifyAuditLog))(anchor)
    finally:
        await container.close()
    for finding in verdict.findings:
        click.echo(finding)
    click.echo(f"{verdict.entries} entries, {len(verdict.findings)} findings; ends with {verdict.head}")
    return 1 if verdict.findings else 0
