"""Loading catalogues from the command line: the sample, and products' export files, both ways."""

import asyncio
from pathlib import Path

import click

from application.exporting.catalog import ExportCatalog
from application.importing.catalog import ImportCatalog
from application.importing.report import ImportReport
from application.importing.rows import text_of
from application.sample.load import LoadSample
from entrypoints.container import make_container
from entrypoints.progress import progress_bar
from entrypoints.settings import Settings


async def load_sample(settings: Settings, products: int, seed: int) -> None:
    container = make_container(settings)
    try:
        load = await container.get(LoadSample)
        with progress_bar("Loading the sample catalogue") as progress:
            report = await load(products, seed, progress)
    finally:
        await container.close()
    click.echo(
        f"{report.products_created} products made with {report.variants} variants and {report.images} images "
        f"in {report.categories_created} new categories; {report.products_skipped} were there already."
    )


async def import_file(settings: Settings, file: Path, encoding: str, *, dry_run: bool, restock: bool) -> None:
    """Raises Invalid for a file that is no product export; nothing is changed then."""
    text = text_of(await asyncio.to_thread(file.read_bytes), encoding)
    container = make_container(settings)
    try:
        import_catalog = await container.get(ImportCatalog)
        with progress_bar(f"Importing {file.name}") as progress:
            report = await import_catalog(text, progress, dry_run=dry_run, restock=restock)
    finally:
        await container.close()
    _tell(report)


async def export_file(settings: Settings, file: Path) -> None:
    """The file is there whole or not at all."""
    container = make_container(settings)
    part = file.with_name(f".{file.name}.part")
    try:
        export_catalog = await container.get(ExportCatalog)
        with progress_bar(f"Exporting {file.name}") as progress, part.open("wb") as output:

            async def write(piece: bytes) -> None:
                await asyncio.to_thread(output.write, piece)

            report = await export_catalog(write, progress)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
        await container.close()
    click.echo(
        f"{report.products} products exported with {report.variants} variants and {report.images} images "
        f"in {report.rows} rows."
    )


def _tell(report: ImportReport) -> None:
    """What was made, changed and refused, with the rows of the file."""
    for note in report.notes:
        click.echo(f"row {note.row}: {note.handle}: {note.message}")
    for refusal in report.refused:
        click.secho(f"row {refusal.row}: {refusal.handle}: refused: {refusal.message}", fg="red")
    if report.dry_run:
        click.echo("Dry run: nothing was changed.")
    click.echo(
        f"{report.products_created} products made, {report.products_changed} changed, "
        f"{report.products_unchanged} unchanged, {report.products_refused} refused; "
        f"{report.variants} variants and {report.images} images in the file."
    )
