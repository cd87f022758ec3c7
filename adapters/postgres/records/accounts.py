"""The tables of accounts and their sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
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
    version: Mapped[int]


class SessionRecord(Record):
    id: Mapped[UUID] = key()
    user_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RefreshTokenRecord(Record):
    digest: Mapped[bytes] = key()
    session_id: Mapped[UUID] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    successor: Mapped[bytes | None]
    sealed_successor: Mapped[bytes | None]
