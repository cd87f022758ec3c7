"""What a worker does of imports and exports, and what becomes of them in the end."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from application.acting import SHOP, Acting, on_behalf_of
from application.exporting.catalog import ExportCatalog
from application.importing.catalog import ImportCatalog
from application.importing.report import ImportReport, Note, Refusal
from application.importing.rows import text_of
from application.ports import Clock, Store, Transaction
from application.transfers.carrying import CarryOut, Leased
from application.transfers.views import TransferViews
from domain.accounts import Actor, Permission, UserId, must
from domain.transfers import (
    UPLOAD,
    ExportNotReady,
    Finding,
    Kind,
    Outcome,
    Transfer,
    TransferId,
    TransferNotFound,
    TransferStatus,
)

MOST_FINDINGS = 1_000
KEPT = timedelta(days=7)
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class RunImports:
    """The import and the word that it is done are one transaction: who dies before has done nothing, and none is
    done twice."""

    carry_out: CarryOut
    store: Store
    clock: Clock
    import_catalog: ImportCatalog

    async def __call__(self) -> int:
        return await self.carry_out(Kind.IMPORT, self._import)

    async def _import(self, leased: Leased) -> None:
        async def conclude(tx: Transaction, report: ImportReport) -> None:
            transfer = await tx.transfers.take(leased.id)
            transfer.finish(leased.attempt, self.clock(), report.rows, outcome_of(report))
            await tx.transfers.save(transfer)
            await tx.transfers.discard(leased.id)

        asked = leased.transfer
        data = b"".join([chunk async for chunk in chunks(self.store, leased.id, UPLOAD)])
        options = {"dry_run": asked.dry_run, "restock": asked.restock}
        with on_behalf_of(_staff(asked.requested_by)):
            await self.import_catalog(text_of(data, asked.encoding), leased.progress, conclude=conclude, **options)


@dataclass(frozen=True, slots=True)
class RunExports:
    """Each attempt writes a file of its own; what counts is the one that was finished."""

    carry_out: CarryOut
    store: Store
    clock: Clock
    export_catalog: ExportCatalog

    async def __call__(self) -> int:
        return await self.carry_out(Kind.EXPORT, self._export)

    async def _export(self, leased: Leased) -> None:
        written = 0

        async def write(piece: bytes) -> None:
            nonlocal written
            async with self.store.transaction() as tx:
                await tx.transfers.write(leased.id, leased.attempt, written, piece)
            written += 1

        report = await self.export_catalog(write, leased.progress)
        counts = {"variants": report.variants, "images": report.images, "rows": report.rows, "bytes": report.bytes}
        async with self.store.transaction() as tx:
            transfer = await tx.transfers.take(leased.id)
            transfer.finish(leased.attempt, self.clock(), report.products, Outcome(counts=counts))
            await tx.transfers.save(transfer)
            await tx.transfers.discard(leased.id, but=leased.attempt)


@dataclass(frozen=True, slots=True)
class ReadExport:
    """The file that was written, a piece at a time."""

    store: Store
    views: TransferViews

    async def __call__(self, who: Actor, id: TransferId) -> tuple[Transfer, AsyncIterator[bytes]]:
        """Raises TransferNotFound, or ExportNotReady."""
        must(who, Permission.WRITE_CATALOG)
        found = await self.views.find(id)
        if found is None or found.kind is not Kind.EXPORT:
            raise TransferNotFound
        if found.status is not TransferStatus.DONE:
            raise ExportNotReady
        return found, chunks(self.store, id, found.attempts)


@dataclass(frozen=True, slots=True)
class ForgetTransfers:
    """A week after it ended nobody asks for an import or export any more."""

    store: Store
    clock: Clock

    async def __call__(self) -> int:
        forgotten = latest = await self._forget()
        while latest == AT_ONCE:
            latest = await self._forget()
            forgotten += latest
        return forgotten

    async def _forget(self) -> int:
        async with self.store.transaction() as tx:
            return await tx.transfers.forget(self.clock() - KEPT, AT_ONCE)


async def chunks(store: Store, id: TransferId, attempt: int) -> AsyncIterator[bytes]:
    """A file that is kept, each piece in a transaction of its own."""
    position = 0
    while True:
        async with store.transaction() as tx:
            chunk = await tx.transfers.read(id, attempt, position)
        if chunk is None:
            return
        yield chunk
        position += 1


def _staff(user: UserId | None) -> Acting:
    return Acting(Actor(user).name or SHOP.actor, is_staff=True)


def outcome_of(report: ImportReport) -> Outcome:
    counts = {
        "created": report.products_created,
        "changed": report.products_changed,
        "unchanged": report.products_unchanged,
        "refused": report.products_refused,
        "variants": report.variants,
        "images": report.images,
        "categories_created": report.categories_created,
        "stock_received": report.stock_received,
        "errors": len(report.refused),
        "notes": len(report.notes),
    }
    return Outcome(counts=counts, errors=_first(report.refused), notes=_first(report.notes))


def _first(told: list[Refusal] | list[Note]) -> tuple[Finding, ...]:
    return tuple(
        Finding(row=one.row, handle=one.handle, code=one.code, message=one.message) for one in told[:MOST_FINDINGS]
    )
