"""Search by Meilisearch, with the catalogue's own index to stand in for it: where MEILI_URL is set."""

from collections.abc import AsyncIterator

from dishka import Provider, Scope, decorate, provide

from adapters.meilisearch.client import MeilisearchClient
from adapters.meilisearch.index import MeilisearchIndex
from adapters.meilisearch.shelf import Shelves
from application import ports
from application.paging import Cursors
from application.search.index import Documents, SearchIndex
from application.search.indexing import SeparateIndex, TendIndex
from application.search.standby import CatalogIndex, Circuit, StandbyIndex
from entrypoints.observing import Probes
from entrypoints.settings import Settings


class OnMeilisearch(Provider):
    """Instead of the catalogue's own index alone."""

    scope = Scope.APP

    @provide
    async def client(self, settings: Settings) -> AsyncIterator[MeilisearchClient]:
        client = MeilisearchClient(settings.meili_url or "", settings.meili_key)
        yield client
        await client.close()

    @provide
    def meilisearch(
        self,
        client: MeilisearchClient,
        documents: Documents,
        store: ports.Store,
        cursors: Cursors,
        currency: ports.Currency,
    ) -> MeilisearchIndex:
        return MeilisearchIndex(client, Shelves(client), documents, store, cursors, currency)

    @provide
    def separate(self, meilisearch: MeilisearchIndex) -> SeparateIndex:
        return meilisearch

    @provide
    def index(self, meilisearch: MeilisearchIndex, own: CatalogIndex) -> SearchIndex:
        return StandbyIndex(meilisearch, own, Circuit())

    @provide
    def tend_index(self, index: SeparateIndex, documents: Documents) -> TendIndex:
        return TendIndex(index, documents)

    @decorate
    def probes(self, probes: Probes, client: MeilisearchClient) -> Probes:
        return Probes({**probes, "search": client.is_well})
