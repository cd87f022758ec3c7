"""`tradepost audit`: what the audit found, for people and for exit codes."""

import click

from application.audit import Audit
from entrypoints.container import make_container
from entrypoints.settings import Settings


async def audit(settings: Settings) -> int:
    """Print what does not add up. 0 where everything does, else 1."""
    container = make_container(settings)
    try:
        findings = await (await container.get(Audit))()
    finally:
        await container.close()
    for found in findings.differences:
        click.echo(f"{found.check}: {found.subject}: {found.detail}")
    click.echo(f"{len(findings.checks)} checks, {len(findings.differences)} differences.")
    return 0 if findings.ok else 1
