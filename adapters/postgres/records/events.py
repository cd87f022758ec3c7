"""The tables of events, and of what was answered under idempotency keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.records.record import Record, key


class OnceRecord(Record):
    """The first answer given under an idempotency key; while it is worked out, who may until when."""

    actor: Mapped[str] = key()
    key: Mapped[str] = key()
    route: Mapped[str]
    fingerprint: Mapped[bytes]
    status: Mapped[int | None]
    body: Mapped[bytes | None]
    headers: Mapped[dict[str, str]] = mapped_column(server_default=sql("'{}'"))
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(server_default=sql("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=sql("now()"), index=True)
    __table_args__ = (
        Index("ix_once_sealed", "actor", "key", postgresql_where=sql("substring(body, 1, 1) = '\\x01'::bytea")),
    )


class OutboxRecord(Record):
    """Every event, in the transaction of what it tells of; `position` is given by the one dispatcher."""

    id: Mapped[UUID] = key()
    type: Mapped[str]
    aggregate: Mapped[str]
    aggregate_id: Mapped[UUID]
    seq: Mapped[int]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    position: Mapped[int | None] = mapped_column(unique=True)
    actor: Mapped[str | None]
    request_id: Mapped[str | None]
    audited: Mapped[bool] = mapped_column(server_default=sql("false"))
    __table_args__ = (
        UniqueConstraint("aggregate_id", "seq", name="uq_outbox_seq"),
        Index("ix_outbox_undispatched", "id", postgresql_where=sql("position IS NULL")),
        Index("ix_outbox_audited", "position", postgresql_where=sql("audited")),
    )


class DeliveryRecord(Record):
    """One event for one handler, until it is done or given up."""

    event_id: Mapped[UUID] = key(to="outbox.id")
    handler: Mapped[str] = key()
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    error: Mapped[str | None]
    __table_args__ = (
        Index("ix_delivery_due", "handler", "due_at", postgresql_where=sql("done_at IS NULL AND dead_at IS NULL")),
    )


class HandledRecord(Record):
    """Which handler's effect is committed for which event: what makes handling idempotent."""

    event_id: Mapped[UUID] = key()
    handler: Mapped[str] = key()
    at: Mapped[datetime] = mapped_column(server_default=sql("now()"))


class AuditLogRecord(Record):
    """What staff did and what happened to accounts; a trigger refuses every change but an insertion."""

    number: Mapped[int] = key(autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    position: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    request_id: Mapped[str | None]
    hash: Mapped[bytes]
    __table_args__ = (
        Index("ix_audit_log_actor", "actor", "number"),
        Index("ix_audit_log_action", "action", "number"),
        Index("ix_audit_log_object", "object", "number"),
    )
