"""The tables of imports and exports, with the files that web and workers hand each other."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped

from adapters.postgres.records.record import Record, key


class TransferRecord(Record):
    """An import or export; `due_at` is the end of the lease of who works on it."""

    id: Mapped[UUID] = key()
    kind: Mapped[str]
    file_name: Mapped[str]
    encoding: Mapped[str]
    dry_run: Mapped[bool]
    restock: Mapped[bool]
    requested_by: Mapped[UUID | None]
    status: Mapped[str]
    attempts: Mapped[int]
    due_at: Mapped[datetime]
    done: Mapped[int]
    total: Mapped[int]
    counts: Mapped[dict[str, Any]]
    errors: Mapped[list[dict[str, Any]]]
    notes: Mapped[list[dict[str, Any]]]
    failure: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    version: Mapped[int]
    __table_args__ = (
        Index("ix_transfer_due", "kind", "due_at", postgresql_where=sql("status IN ('queued', 'running')")),
        Index("ix_transfer_kind", "kind", sql("created_at DESC"), sql("id DESC")),
    )


class TransferChunkRecord(Record):
    """A piece of a file: of the upload (attempt 0), or of what an attempt wrote."""

    transfer_id: Mapped[UUID] = key(to="transfer.id")
    attempt: Mapped[int] = key()
    position: Mapped[int] = key()
    data: Mapped[bytes]
