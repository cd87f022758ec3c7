"""Accounts in memory: users, their sessions and refresh tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from adapters.memory.paging import made_at, newest_first
from adapters.memory.tables import MemoryDatabase, MemoryUnit
from application.accounts.users import UserView, user_view
from application.paging import Cursors, paged
from application.ports import Page, PageRequest
from domain.accounts import EmailTaken, Role, User, UserId, UsernameTaken, UserNotFound
from domain.sessions import REFUSALS_TOLD, LoginRefused, RefreshToken, Session, SessionStarted

ORDER = "users"


class MemoryUsers:
    """Repository of users."""

    def __init__(self, unit: MemoryUnit) -> None:
        self._unit = unit

    async def get(self, id: UserId) -> User:
        return _copy(_found(self._unit.tables.users, id))

    async def take(self, id: UserId) -> User:
        return await self.get(id)

    async def find_by_email(self, email: str) -> User | None:
        return next((_copy(user) for user in self._unit.tables.users.values() if user.email == email), None)

    async def other_admins(self, id: UserId) -> int:
        return sum(user.is_admin and user.id != id for user in self._unit.tables.users.values())

    async def save(self, user: User) -> None:
        users = self._unit.tables.users
        self._unit.guard(users.get(user.id), user)
        others = [other for other in users.values() if other.id != user.id]
        if any(other.email == user.email for other in others):
            raise EmailTaken
        if user.username is not None and any(other.username == user.username for other in others):
            raise UsernameTaken
        self._unit.publish(user, user.id)
        users[user.id] = _copy(user)


class MemorySessions:
    """Repository of sessions and their refresh tokens."""

    def __init__(self, unit: MemoryUnit) -> None:
        self._unit = unit

    async def start(self, session: Session, token: RefreshToken) -> None:
        await self.save(session, token)
        started = SessionStarted(user=session.user, session=session.id, at=token.created_at)
        self._unit.tell(started, "session", session.id, 1)

    async def refuse(self, refusal: LoginRefused) -> None:
        told = sum(event.aggregate_id == refusal.minute for event in self._unit.tables.outbox)
        if told < REFUSALS_TOLD:
            self._unit.tell(refusal, "login", refusal.minute, told + 1)

    async def take_by_token(self, digest: bytes) -> tuple[Session, RefreshToken] | None:
        token = await self.find_token(digest)
        return (replace(self._unit.tables.sessions[token.session]), token) if token else None

    async def find_by_token(self, digest: bytes) -> Session | None:
        token = self._unit.tables.refresh_tokens.get(digest)
        return replace(self._unit.tables.sessions[token.session]) if token else None

    async def find_token(self, digest: bytes) -> RefreshToken | None:
        token = self._unit.tables.refresh_tokens.get(digest)
        return replace(token) if token else None

    async def save(self, session: Session, *tokens: RefreshToken) -> None:
        self._unit.tables.sessions[session.id] = replace(session)
        for token in tokens:
            self._unit.tables.refresh_tokens[token.digest] = replace(token)

    async def end(self, session: UUID, at: datetime) -> bool:
        sessions = self._unit.tables.sessions
        if sessions[session].revoked_at is not None:
            return False
        sessions[session] = replace(sessions[session], revoked_at=at)
        return True

    async def end_all(self, user: UserId, at: datetime, *, but: UUID | None = None) -> list[UUID]:
        sessions = self._unit.tables.sessions.values()
        theirs = [each for each in sessions if each.user == user and each.expires_at > at and each.id != but]
        return [each.id for each in theirs if await self.end(each.id, at)]


@dataclass(frozen=True, slots=True)
class Joined:
    """A user by when they joined."""

    user: UserView

    @property
    def id(self) -> UserId:
        return self.user.id

    @property
    def created_at(self) -> datetime:
        return self.user.date_joined


@dataclass(frozen=True, slots=True)
class MemoryUserViews:
    """What the shop shows of its users."""

    database: MemoryDatabase
    cursors: Cursors

    async def get(self, id: UserId) -> UserView:
        return user_view(_found(self.database.tables.users, id))

    async def list(self, q: str | None, page: PageRequest) -> Page[UserView]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        users = [user_view(user) for user in self.database.tables.users.values() if is_found(user, q)]
        rows = newest_first([Joined(user) for user in users], position)
        found = paged(rows[: page.size + 1], page.size, position, made_at, self.cursors, ORDER)
        return Page([row.user for row in found.results], found.next, found.previous)

    async def emails(self, role: Role) -> Sequence[str]:
        users = self.database.tables.users.values()
        return sorted(user.email for user in users if user.is_active and role in user.roles)


def _found(users: dict[UserId, User], id: UserId) -> User:
    if id not in users:
        raise UserNotFound
    return users[id]


def is_found(user: User, q: str | None) -> bool:
    told = (user.email, user.username or "", f"{user.first_name} {user.last_name}")
    return q is None or any(q.lower() in text.lower() for text in told)


def _copy(user: User) -> User:
    return replace(user, roles=set(user.roles), events=[])
