"""Sealing anew from the command line what the database keeps sealed."""

import click

from application.sealing import ResealSecrets
from entrypoints.container import make_container
from entrypoints.progress import progress_bar
from entrypoints.settings import Settings


async def reseal(settings: Settings) -> int:
    """1 where something was sealed with a secret that is not among the settings."""
    container = make_container(settings)
    try:
        with progress_bar("Sealing") as progress:
            resealed = await (await container.get(ResealSecrets))(progress)
    finally:
        await container.close()
    click.echo(f"{resealed.done} secrets sealed anew.")
    if resealed.lost:
        click.echo(f"{resealed.lost} cannot be opened: the SECRET_KEY they were sealed with is missing.", err=True)
    return 1 if resealed.lost else 0
