"""API keys: how programs of others sign in. The secret is shown once; only its hash is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Protocol, Self
from uuid import UUID

from domain.accounts import SCOPES, Actor, Permission
from domain.aggregate import Aggregate, Event
from domain.errors import InvalidField, NotFound

ApiKeyId = NewType("ApiKeyId", UUID)

MARK = "tp_"  # what every key begins with, so that it is known for one wherever it leaks
NAME_LENGTH = range(1, 101)


class ApiKeyNotFound(NotFound):
    code = "api-key-not-found"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyCreated(Event):
    key: ApiKeyId
    name: str
    prefix: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    by: str | None  # an Actor's name


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRevoked(Event):
    key: ApiKeyId
    by: str | None


@dataclass(slots=True, eq=False, kw_only=True)
class ApiKey(Aggregate):
    """`prefix` tells keys apart without giving them away."""

    id: ApiKeyId
    name: str
    prefix: str
    digest: bytes
    scopes: frozenset[Permission]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None  # to the minute

    @classmethod
    def create(
        cls,
        id: ApiKeyId,
        name: str,
        digest: bytes,
        prefix: str,
        scopes: Iterable[Permission],
        expires_at: datetime | None,
        by: Actor,
        at: datetime,
    ) -> Self:
        """Raises InvalidField."""
        scopes = frozenset(scopes)
        if len(name.strip()) not in NAME_LENGTH or not name.isprintable():
            raise InvalidField("/name", "invalid-text", "must be one line of text")
        if not scopes or not scopes <= SCOPES:
            raise InvalidField("/scopes", "invalid-choice", f"must be some of {', '.join(sorted(SCOPES))}")
        if expires_at is not None and expires_at <= at:
            raise InvalidField("/expires_at", "out-of-range", "must be in the future")
        key = cls(
            id=id,
            name=name.strip(),
            prefix=prefix,
            digest=digest,
            scopes=scopes,
            created_at=at,
            expires_at=expires_at,
        )
        told = tuple(sorted(scopes))
        key.record(
            ApiKeyCreated(key=id, name=key.name, prefix=prefix, scopes=told, expires_at=expires_at, by=by.name, at=at)
        )
        return key

    @property
    def actor(self) -> Actor:
        return Actor(key=self.id, scopes=frozenset(self.scopes))

    def revoke(self, by: Actor, at: datetime) -> None:
        """For good; who revokes it again changes nothing."""
        if self.revoked_at is None:
            self.revoked_at = at
            self.record(ApiKeyRevoked(key=self.id, by=by.name, at=at))


class ApiKeys(Protocol):
    """Repository of API keys."""

    async def take(self, id: ApiKeyId) -> ApiKey:
        """Locked. Raises ApiKeyNotFound."""
        ...

    async def save(self, key: ApiKey) -> None: ...
