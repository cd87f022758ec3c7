"""Imports and exports as staff see them."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from application.ports import Page, PageRequest
from domain.transfers import Kind, Transfer, TransferId, TransferStatus


class FindingView(msgspec.Struct):
    """`row` is the line of the file where the record starts."""

    row: int
    handle: str
    code: str
    message: str


class FailureView(msgspec.Struct):
    code: str
    message: str


class ImportView(msgspec.Struct, kw_only=True):
    """An import. `created` to `refused` count products, `errors` are the first 1,000 rows that were refused."""

    id: UUID
    status: TransferStatus
    file_name: str
    encoding: str
    dry_run: bool
    restock: bool
    rows: int
    rows_done: int
    created: int
    changed: int
    unchanged: int
    refused: int
    variants: int
    images: int
    categories_created: int
    stock_received: int
    errors_count: int
    errors: list[FindingView]
    notes_count: int
    notes: list[FindingView]
    failure: FailureView | None
    requested_by: UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ExportView(msgspec.Struct, kw_only=True):
    """An export. `url` is where the file can be had once it is done."""

    id: UUID
    status: TransferStatus
    products: int
    products_done: int
    variants: int
    images: int
    rows: int
    bytes: int
    url: str | None
    failure: FailureView | None
    requested_by: UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class TransferViews(Protocol):
    """What there is to read of imports and exports."""

    async def find(self, id: TransferId) -> Transfer | None: ...

    async def list(self, kind: Kind, page: PageRequest) -> Page[Transfer]:
        """The newest first, without what their rows were told."""
        ...


def import_view(transfer: Transfer) -> ImportView:
    counts, outcome = transfer.outcome.counts, transfer.outcome
    return ImportView(
        id=transfer.id,
        status=transfer.status,
        file_name=transfer.file_name,
        encoding=transfer.encoding,
        dry_run=transfer.dry_run,
        restock=transfer.restock,
        rows=transfer.total,
        rows_done=transfer.done,
        created=counts.get("created", 0),
        changed=counts.get("changed", 0),
        unchanged=counts.get("unchanged", 0),
        refused=counts.get("refused", 0),
        variants=counts.get("variants", 0),
        images=counts.get("images", 0),
        categories_created=counts.get("categories_created", 0),
        stock_received=counts.get("stock_received", 0),
        errors_count=counts.get("errors", 0),
        errors=[FindingView(one.row, one.handle, one.code, one.message) for one in outcome.errors],
        notes_count=counts.get("notes", 0),
        notes=[FindingView(one.row, one.handle, one.code, one.message) for one in outcome.notes],
        failure=_failure(transfer),
        requested_by=transfer.requested_by,
        created_at=transfer.created_at,
        started_at=transfer.started_at,
        finished_at=transfer.finished_at,
    )


def export_view(transfer: Transfer) -> ExportView:
    counts = transfer.outcome.counts
    return ExportView(
        id=transfer.id,
        status=transfer.status,
        products=transfer.total,
        products_done=transfer.done,
        variants=counts.get("variants", 0),
        images=counts.get("images", 0),
        rows=counts.get("rows", 0),
        bytes=counts.get("bytes", 0),
        url=f"/api/products/exports/{transfer.id}/file/" if transfer.status is TransferStatus.DONE else None,
        failure=_failure(transfer),
        requested_by=transfer.requested_by,
        created_at=transfer.created_at,
        started_at=transfer.started_at,
        finished_at=transfer.finished_at,
    )


def _failure(transfer: Transfer) -> FailureView | None:
    return FailureView(transfer.failure.code, transfer.failure.message) if transfer.failure else None
