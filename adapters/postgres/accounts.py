"""Accounts on PostgreSQL: users, their sessions and refresh tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from adapters.postgres.database import Database
from adapters.postgres.unit import Unit, guarded
from application.accounts.users import UserView, user_view
from application.paging import Cursors, paged
from application.ports import Page, PageRequest, StaleWrite
from domain.accounts import EmailTaken, Role, User, UserId, UsernameTaken, UserNotFound
from domain.sessions import REFUSALS_TOLD, LoginRefused, RefreshToken, Session, SessionStarted

ORDER = "users"
EMAILS = "select email from account where is_active and roles @> array[$1] order by email"
GET = "select * from account where id = $1"
TAKE = "select * from account where id = $1 for no key update"
FIND_BY_EMAIL = "select * from account where email = $1"
OTHER_ADMINS = """
    select id from account where is_active and roles @> array['admin'] and id <> $1 order by id for no key update
"""
OLDER = """
    select * from account
    where ($1::text is null
            or strpos(lower(concat_ws(chr(10), email, username, first_name || ' ' || last_name)), lower($1)) > 0)
        and ($2::timestamptz is null or (date_joined, id) < ($2, $3))
    order by date_joined desc, id desc limit $4
"""
NEWER = """
    select * from account
    where ($1::text is null
            or strpos(lower(concat_ws(chr(10), email, username, first_name || ' ' || last_name)), lower($1)) > 0)
        and (date_joined, id) > ($2, $3)
    order by date_joined, id limit $4
"""
INSERT = """
    insert into account (
        id, email, username, password_hash, first_name, last_name, phone_number, preferred_language, roles, is_active,
        email_verified, date_joined, access_version, access_changed_at, version
    ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""
UPDATE = """
    update account set
        email = $2, username = $3, password_hash = $4, first_name = $5, last_name = $6, phone_number = $7,
        preferred_language = $8, roles = $9, is_active = $10, email_verified = $11, date_joined = $12,
        access_version = $13, access_changed_at = $14, version = $15
    where id = $1 and version = $16
"""
VIOLATED = {"uq_account_email": EmailTaken, "uq_account_username": UsernameTaken, "pk_account": StaleWrite}

START = "insert into session (id, user_id, expires_at, revoked_at) values ($1, $2, $3, $4)"
# Two statements: the token is read only once the lock is held, so that it is seen as the one before left it.
TAKE_SESSION = """
    select session.* from session join refresh_token on refresh_token.session_id = session.id
    where refresh_token.digest = $1 for no key update of session
"""
FIND_SESSION = """
    select session.* from session join refresh_token on refresh_token.session_id = session.id
    where refresh_token.digest = $1
"""
END = "update session set revoked_at = $2 where id = $1 and revoked_at is null"
END_ALL = """
    update session set revoked_at = $2
    where user_id = $1 and revoked_at is null and expires_at > $2 and id is distinct from $3
    returning id
"""
LOCK_REFUSALS = "select pg_advisory_xact_lock(hashtextextended(($1::uuid)::text, 0))"
WRITE_ALL_THE_SAME = "select pg_logical_emit_message(true, 'tradepost', $1)"
COUNT_REFUSALS = "select count(*) from outbox where aggregate_id = $1"
FIND_TOKEN = "select * from refresh_token where digest = $1"
SAVE_SESSION = "update session set expires_at = $2, revoked_at = $3 where id = $1"
SAVE_TOKEN = """
    insert into refresh_token (digest, session_id, created_at, used_at, successor, sealed_successor)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (digest) do update set
        used_at = excluded.used_at, successor = excluded.successor, sealed_successor = excluded.sealed_successor
"""


class PostgresUsers:
    """Repository of users."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def get(self, id: UserId) -> User:
        return _found(await self._unit.connection.fetchrow(GET, id))

    async def take(self, id: UserId) -> User:
        return _found(await self._unit.connection.fetchrow(TAKE, id))

    async def find_by_email(self, email: str) -> User | None:
        row = await self._unit.connection.fetchrow(FIND_BY_EMAIL, email)
        return user_of(row) if row else None

    async def other_admins(self, id: UserId) -> int:
        return len(await self._unit.connection.fetch(OTHER_ADMINS, id))

    async def save(self, user: User) -> None:
        before = user.version
        self._unit.publish(user, user.id)
        try:
            if before:
                outcome = await self._unit.connection.execute(UPDATE, *_columns(user), before)
            else:
                outcome = await self._unit.connection.execute(INSERT, *_columns(user))
        except asyncpg.UniqueViolationError as error:
            raise VIOLATED[str(error.constraint_name)] from error
        guarded(outcome)


class PostgresSessions:
    """Repository of sessions and their refresh tokens."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def start(self, session: Session, token: RefreshToken) -> None:
        await self._unit.connection.execute(START, session.id, session.user, session.expires_at, session.revoked_at)
        await self._save_token(token)
        started = SessionStarted(user=session.user, session=session.id, at=token.created_at)
        self._unit.tell(started, "session", session.id, 1)

    async def refuse(self, refusal: LoginRefused) -> None:
        connection = self._unit.connection
        await connection.execute(LOCK_REFUSALS, refusal.minute)
        told: int = await connection.fetchval(COUNT_REFUSALS, refusal.minute)
        if told < REFUSALS_TOLD:
            self._unit.tell(refusal, "login", refusal.minute, told + 1)
        else:  # a commit that writes nothing is quicker, which would tell accounts that were tried from others
            await connection.execute(WRITE_ALL_THE_SAME, str(refusal.minute))

    async def take_by_token(self, digest: bytes) -> tuple[Session, RefreshToken] | None:
        row = await self._unit.connection.fetchrow(TAKE_SESSION, digest)
        if row is None:
            return None
        token = await self.find_token(digest)
        return (_session(row), token) if token else None

    async def find_by_token(self, digest: bytes) -> Session | None:
        row = await self._unit.connection.fetchrow(FIND_SESSION, digest)
        return _session(row) if row else None

    async def find_token(self, digest: bytes) -> RefreshToken | None:
        row = await self._unit.connection.fetchrow(FIND_TOKEN, digest)
        return _token(row) if row else None

    async def save(self, session: Session, *tokens: RefreshToken) -> None:
        await self._unit.connection.execute(SAVE_SESSION, session.id, session.expires_at, session.revoked_at)
        for token in tokens:
            await self._save_token(token)

    async def end(self, session: UUID, at: datetime) -> bool:
        return bool(await self._unit.connection.execute(END, session, at) == "UPDATE 1")

    async def end_all(self, user: UserId, at: datetime, *, but: UUID | None = None) -> list[UUID]:
        return [row["id"] for row in await self._unit.connection.fetch(END_ALL, user, at, but)]

    async def _save_token(self, token: RefreshToken) -> None:
        await self._unit.connection.execute(
            SAVE_TOKEN,
            token.digest,
            token.session,
            token.created_at,
            token.used_at,
            token.successor,
            token.sealed_successor,
        )


@dataclass(frozen=True, slots=True)
class PostgresUserViews:
    """What the shop shows of its users."""

    database: Database
    cursors: Cursors

    async def get(self, id: UserId) -> UserView:
        async with self.database.connection() as connection:
            return user_view(_found(await connection.fetchrow(GET, id)))

    async def list(self, q: str | None, page: PageRequest) -> Page[UserView]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        at, last = (datetime.fromisoformat(position.values[0]), UUID(position.values[1])) if position else (None, None)
        query = NEWER if position and position.way == "previous" else OLDER
        async with self.database.connection() as connection:
            rows = await connection.fetch(query, q, at, last, page.size + 1)
        found = [user_view(user_of(row)) for row in rows]
        return paged(found, page.size, position, lambda user: (user.date_joined, user.id), self.cursors, ORDER)

    async def emails(self, role: Role) -> Sequence[str]:
        async with self.database.connection() as connection:
            return [row["email"] for row in await connection.fetch(EMAILS, role)]


def _found(row: asyncpg.Record | None) -> User:
    if row is None:
        raise UserNotFound
    return user_of(row)


def user_of(row: asyncpg.Record) -> User:
    return User(**{**row, "roles": {Role(role) for role in row["roles"]}})


def _columns(user: User) -> tuple[object, ...]:
    """As INSERT and UPDATE number them."""
    return (
        user.id,
        user.email,
        user.username,
        user.password_hash,
        user.first_name,
        user.last_name,
        user.phone_number,
        user.preferred_language,
        sorted(user.roles),
        user.is_active,
        user.email_verified,
        user.date_joined,
        user.access_version,
        user.access_changed_at,
        user.version,
    )


def _session(row: asyncpg.Record) -> Session:
    return Session(
        id=row["id"], user=UserId(row["user_id"]), expires_at=row["expires_at"], revoked_at=row["revoked_at"]
    )


def _token(row: asyncpg.Record) -> RefreshToken:
    return RefreshToken(
        digest=row["digest"],
        session=row["session_id"],
        created_at=row["created_at"],
        used_at=row["used_at"],
        successor=row["successor"],
        sealed_successor=row["sealed_successor"],
    )
