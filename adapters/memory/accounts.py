"""Accounts in memory: users, their sessions and refresh tokens."""

from dataclasses import dataclass, replace

from adapters.memory.tables import MemoryDatabase, MemoryUnit
from application.accounts.users import UserView, user_view
from domain.accounts import EmailTaken, User, UserId, UsernameTaken, UserNotFound
from domain.sessions import RefreshToken, Session


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

    async def take_by_token(self, digest: bytes) -> tuple[Session, RefreshToken] | None:
        token = await self.find_token(digest)
        return (replace(self._unit.tables.sessions[token.session]), token) if token else None

    async def find_token(self, digest: bytes) -> RefreshToken | None:
        token = self._unit.tables.refresh_tokens.get(digest)
        return replace(token) if token else None

    async def save(self, session: Session, *tokens: RefreshToken) -> None:
        self._unit.tables.sessions[session.id] = replace(session)
        for token in tokens:
            self._unit.tables.refresh_tokens[token.digest] = replace(token)


@dataclass(frozen=True, slots=True)
class MemoryUserViews:
    """What the shop shows of its users."""

    database: MemoryDatabase

    async def get(self, id: UserId) -> UserView:
        return user_view(_found(self.database.tables.users, id))


def _found(users: dict[UserId, User], id: UserId) -> User:
    if id not in users:
        raise UserNotFound
    return users[id]


def _copy(user: User) -> User:
    return replace(user, roles=set(user.roles), events=[])
