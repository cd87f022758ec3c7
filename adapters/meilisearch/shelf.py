"""The indexes on the server: the live one, the one being built, and how the second takes the first one's place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from adapters.meilisearch.client import MeilisearchClient, MeilisearchRefused, TaskFailed
from adapters.meilisearch.documents import SETTINGS, SHAPE, Shelved, shelved
from application.ports import Busy
from application.search.index import Document
from domain.catalog import ProductId

ABANDONED = timedelta(minutes=10)  # without a change an index is not being built any longer
BUILDING = 600.0  # seconds for one step of it
GONE = "index_not_found"
NOT_OURS = "invalid_document_filter"
TAKEN = "index_already_exists"


class Held(msgspec.Struct):
    results: list[dict[str, Any]]


class Index(msgspec.Struct, rename="camel"):
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Shelves:
    """By their names on the server. That the second one can be made only once is what keeps two builders apart."""

    client: MeilisearchClient
    name: str = "tradepost_products"

    @property
    def live(self) -> str:
        return f"{self.name}_{SHAPE}"

    @property
    def next(self) -> str:
        return f"{self.live}_next"

    async def to_tell(self) -> Sequence[str]:
        """The live one last: where they are exchanged in between, it is the one that has been filled.

        One that is not being built yet needs nothing: whoever begins, will read the catalogue.
        """
        return [self.live] if await self._look(self.next) is None else [self.next, self.live]

    async def is_there(self) -> bool:
        return await self._look(self.live) is not None

    async def store(self, shelf: str, products: Sequence[ProductId], documents: Sequence[Document]) -> bool:
        """Make it hold these documents, and nothing else of these products. Says whether anything had to be changed.

        An index that is not there needs nothing: whoever builds it, will read the catalogue.
        """
        try:
            held = await self._held(shelf, products)
            wanted = {str(document.id): shelved(document) for document in documents}
            sent = [document for key, document in wanted.items() if held.get(key) != document]
            gone = [key for key in held if key not in wanted]
            if sent:
                await self.client.change("POST", f"/indexes/{shelf}/documents", sent, {"primaryKey": "id"})
            if gone:
                await self.client.change("POST", f"/indexes/{shelf}/documents/delete-batch", gone)
        except (MeilisearchRefused, TaskFailed) as error:
            if error.code not in {GONE, NOT_OURS}:
                raise
            return False
        return bool(sent or gone)

    async def begin(self) -> None:
        """An empty index beside the live one, ready to be filled. Raises Busy where somebody else is filling it."""
        found = await self._look(self.next)
        if found is not None:
            if datetime.now(UTC) - found.updated_at < ABANDONED:
                raise Busy(f"another rebuild is under way, or died in the last {ABANDONED.seconds // 60} minutes")
            await self._drop(self.next)
        try:
            await self.client.change("POST", "/indexes", {"uid": self.next, "primaryKey": "id"}, patience=BUILDING)
        except TaskFailed as error:
            if error.code != TAKEN:
                raise
            raise Busy("another rebuild has just begun") from error
        await self.client.change("PATCH", f"/indexes/{self.next}/settings", SETTINGS, patience=BUILDING)

    async def replace(self) -> None:
        """The new one is live from one moment to the next; the old one goes."""
        swap = {"indexes": [self.next, self.live], "rename": not await self.is_there()}
        await self.client.change("POST", "/swap-indexes", [swap], patience=BUILDING)
        await self._drop(self.next)

    async def _drop(self, shelf: str) -> None:
        try:
            await self.client.change("DELETE", f"/indexes/{shelf}", patience=BUILDING)
        except (MeilisearchRefused, TaskFailed) as error:
            if error.code != GONE:
                raise

    async def _look(self, shelf: str) -> Index | None:
        try:
            return await self.client.ask("GET", f"/indexes/{shelf}", Index)
        except MeilisearchRefused as error:
            if error.code != GONE:
                raise
            return None

    async def _held(self, shelf: str, products: Sequence[ProductId]) -> dict[str, Shelved]:
        """The filter is one of our settings: an index that came about by writing to one just gone, refuses it."""
        body = {"ids": [str(product) for product in products], "limit": len(products), "filter": "price EXISTS"}
        held = await self.client.ask("POST", f"/indexes/{shelf}/documents/fetch", Held, body=body)
        return {document["id"]: document for document in held.results}
