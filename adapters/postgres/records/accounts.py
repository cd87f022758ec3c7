"""The tables of accounts, their sessions, addresses and mailed links."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.records.record import Record, key


class AccountRecord(Record):
    id: Mapped[UUID] = key()
    email: Mapped[str] = mapped_column(unique=True)
    username: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str]
    first_name: Mapped[str]
    last_name: Mapped[str]
    phone_number: Mapped[str]
    preferred_language: Mapped[str]
    roles: Mapped[list[str]]
    is_active: Mapped[bool]
    email_verified: Mapped[bool]
    date_joined: Mapped[datetime]
    access_version: Mapped[int] = mapped_column(server_default="0")
    access_changed_at: Mapped[datetime | None] = mapped_column(index=True)
    version: Mapped[int]


class SessionRecord(Record):
    id: Mapped[UUID] = key()
    user_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(index=True)


class ApiKeyRecord(Record):
    """Of the key itself only the hash is kept."""

    id: Mapped[UUID] = key()
    name: Mapped[str]
    prefix: Mapped[str]
    digest: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None] = mapped_column(index=True)
    last_used_at: Mapped[datetime | None]
    version: Mapped[int]


class RefreshTokenRecord(Record):
    digest: Mapped[bytes] = key()
    session_id: Mapped[UUID] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    successor: Mapped[bytes | None]
    sealed_successor: Mapped[bytes | None]


class AddressRecord(Record):
    """An entry of somebody's address book."""

    id: Mapped[UUID] = key()
    user_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    type: Mapped[str]
    full_name: Mapped[str]
    phone_number: Mapped[str]
    address_line1: Mapped[str]
    address_line2: Mapped[str]
    city: Mapped[str]
    state: Mapped[str]
    postal_code: Mapped[str]
    country: Mapped[str]
    is_default: Mapped[bool]
    created_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_address_user", "user_id", sql("created_at DESC"), sql("id DESC")),
        # One default for each use, whoever else is at it.
        Index(
            "uq_address_shipping",
            "user_id",
            unique=True,
            postgresql_where=sql("is_default AND type IN ('shipping', 'both')"),
        ),
        Index(
            "uq_address_billing",
            "user_id",
            unique=True,
            postgresql_where=sql("is_default AND type IN ('billing', 'both')"),
        ),
    )


class LinkRecord(Record):
    """A link that was mailed; only its token's hash is kept."""

    digest: Mapped[bytes] = key()
    user_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str]
    email: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
