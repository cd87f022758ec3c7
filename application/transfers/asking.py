"""Asking for an import or export, and looking what became of it."""

import asyncio
from dataclasses import dataclass

from application.importing.rows import check, text_of
from application.ports import Clock, NewId, Page, PageRequest, Store
from application.transfers.views import ExportView, ImportView, TransferViews, export_view, import_view
from domain.accounts import Actor, Permission, must
from domain.transfers import UPLOAD, Kind, Transfer, TransferId, TransferNotFound

CHUNK = 1 << 20  # bytes of a file that are kept in one row


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A product export that came with a request, and what is to be done with it."""

    data: bytes
    file_name: str = ""
    encoding: str = "utf-8"
    dry_run: bool = False
    restock: bool = False


@dataclass(frozen=True, slots=True)
class RequestImport:
    """Keeps the file for a worker. Raises an Invalid error for what is no product export at first sight."""

    store: Store
    clock: Clock
    new_id: NewId

    async def __call__(self, who: Actor, upload: Upload) -> ImportView:
        must(who, Permission.WRITE_CATALOG)
        await asyncio.to_thread(lambda: check(text_of(upload.data, upload.encoding)))
        transfer = Transfer.request(
            TransferId(self.new_id()),
            Kind.IMPORT,
            who.user,
            self.clock(),
            file_name=upload.file_name,
            encoding=upload.encoding,
            dry_run=upload.dry_run,
            restock=upload.restock,
        )
        async with self.store.transaction() as tx:
            await tx.transfers.save(transfer)
            for position, start in enumerate(range(0, len(upload.data), CHUNK)):
                await tx.transfers.write(transfer.id, UPLOAD, position, upload.data[start : start + CHUNK])
        return import_view(transfer)


@dataclass(frozen=True, slots=True)
class RequestExport:
    store: Store
    clock: Clock
    new_id: NewId

    async def __call__(self, who: Actor) -> ExportView:
        must(who, Permission.WRITE_CATALOG)
        transfer = Transfer.request(TransferId(self.new_id()), Kind.EXPORT, who.user, self.clock())
        async with self.store.transaction() as tx:
            await tx.transfers.save(transfer)
        return export_view(transfer)


@dataclass(frozen=True, slots=True)
class ShowTransfers:
    """Imports and exports are the catalogue managers' in common."""

    views: TransferViews

    async def imports(self, who: Actor, page: PageRequest) -> Page[ImportView]:
        must(who, Permission.WRITE_CATALOG)
        found = await self.views.list(Kind.IMPORT, page)
        return Page([import_view(one) for one in found.results], found.next, found.previous)

    async def exports(self, who: Actor, page: PageRequest) -> Page[ExportView]:
        must(who, Permission.WRITE_CATALOG)
        found = await self.views.list(Kind.EXPORT, page)
        return Page([export_view(one) for one in found.results], found.next, found.previous)

    async def import_(self, who: Actor, id: TransferId) -> ImportView:
        return import_view(await self._find(who, Kind.IMPORT, id))

    async def export(self, who: Actor, id: TransferId) -> ExportView:
        return export_view(await self._find(who, Kind.EXPORT, id))

    async def _find(self, who: Actor, kind: Kind, id: TransferId) -> Transfer:
        must(who, Permission.WRITE_CATALOG)
        found = await self.views.find(id)
        if found is None or found.kind is not kind:
            raise TransferNotFound
        return found
