"""The search index from the command line."""

import click

from application.search.index import SearchIndex
from entrypoints.container import make_container
from entrypoints.progress import progress_bar
from entrypoints.settings import Settings


async def reindex(settings: Settings) -> None:
    container = make_container(settings)
    try:
        index = await container.get(SearchIndex)
        with progress_bar("Indexing") as progress:
            products = await index.rebuild(progress)
    finally:
        await container.close()
    where = "Meilisearch, and in PostgreSQL's own index" if settings.meili_url else "PostgreSQL's own index"
    click.echo(f"{products} products indexed in {where}.")
