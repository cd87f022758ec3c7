"""Sessions: signing in, staying so, signing out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from application.accounts.revocations import TellRevocations
from application.accounts.users import UserView, user_view
from application.cart import merge_carts
from application.ports import (
    AccessTokens,
    Clock,
    NewId,
    Passwords,
    RefreshSecrets,
    RefreshTtl,
    Store,
    Transaction,
    Wake,
)
from domain.accounts import Ending, GuestId, InvalidCredentials, TokenInvalid, TokenReused, User, normal_email
from domain.sessions import LoginRefused, RefreshToken, Session

# Two honest refreshes of one token may come so far apart: a reload, a second tab, an answer that got lost.
GRACE = timedelta(seconds=5)


class Credentials(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    email: str
    password: str


class Tokens(msgspec.Struct, kw_only=True):
    access: str
    refresh: str


class SignedIn(Tokens, kw_only=True):
    user: UserView


@dataclass(frozen=True, slots=True)
class LogIn:
    """Start a session. Whoever cannot hears InvalidCredentials after the same time, whatever the reason."""

    store: Store
    passwords: Passwords
    access_tokens: AccessTokens
    refresh_secrets: RefreshSecrets
    clock: Clock
    new_id: NewId
    refresh_token_ttl: RefreshTtl

    async def __call__(self, credentials: Credentials, guest: GuestId | None = None) -> SignedIn:
        email = normal_email(credentials.email)
        async with self.store.transaction() as tx:
            user = await tx.users.find_by_email(email)
        known = user.password_hash if user else None
        # Who is locked out is refused here: another step would take time, and tell that the password was right.
        if not await self.passwords.verify(credentials.password, known) or user is None or not user.is_active:
            await self._tell(user)
            raise InvalidCredentials
        return await self._start(user, await self._fresh_hash(user, credentials.password), guest)

    async def _tell(self, user: User | None) -> None:
        """The same work whether or not there is such a user."""
        async with self.store.transaction() as tx:
            await tx.sessions.refuse(LoginRefused(user=user.id if user else None, at=self.clock()))

    async def _fresh_hash(self, user: User, password: str) -> str:
        outdated = self.passwords.is_outdated(user.password_hash)
        return await self.passwords.hash(password) if outdated else user.password_hash

    async def _start(self, verified: User, fresh_hash: str, guest: GuestId | None) -> SignedIn:
        now, refresh = self.clock(), self.refresh_secrets.new()
        session = Session(id=self.new_id(), user=verified.id, expires_at=now + self.refresh_token_ttl)
        token = RefreshToken(digest=self.refresh_secrets.digest(refresh), session=session.id, created_at=now)
        async with self.store.transaction() as tx:
            user = await tx.users.take(verified.id)
            if user.password_hash != verified.password_hash or not user.is_active:
                raise InvalidCredentials
            if user.password_hash != fresh_hash:
                user.password_hash = fresh_hash
                await tx.users.save(user)
            await tx.sessions.start(session, token)
            await merge_carts(tx, guest, user.id, self.new_id, now)
        access = self.access_tokens.issue(user, session.id)
        return SignedIn(access=access, refresh=refresh, user=user_view(user))


@dataclass(frozen=True, slots=True)
class RefreshTokens:
    """Spend a refresh token for its successor and a new access token.

    Raises TokenInvalid, or TokenReused for one that was spent before: then its whole family is dead.
    """

    store: Store
    access_tokens: AccessTokens
    refresh_secrets: RefreshSecrets
    tell: TellRevocations
    clock: Clock
    wake: Wake

    async def __call__(self, refresh: str) -> Tokens:
        async with self.store.transaction() as tx:
            taken = await tx.sessions.take_by_token(self.refresh_secrets.digest(refresh))
            if taken is None:
                raise TokenInvalid
            answer = await self._follow(tx, *taken, refresh)
        if answer is None:
            await self._end(taken[0])
            raise TokenReused
        return answer

    async def _end(self, session: Session) -> None:
        """In a transaction of its own: the user is locked before the session, as everywhere."""
        async with self.store.transaction() as tx:
            await end_session(tx, session, Ending.TOKEN_REUSED, self.clock())
        await self.tell(session.user)
        self.wake()

    async def _follow(self, tx: Transaction, session: Session, token: RefreshToken, refresh: str) -> Tokens | None:
        """None where the token was spent before: then the family has to die."""
        if not await self._is_honest(tx, token):
            return None
        user = await tx.users.get(session.user)
        if session.revoked_at is not None or session.expires_at <= self.clock() or not user.is_active:
            raise TokenInvalid
        if token.sealed_successor is not None:
            successor = self.refresh_secrets.open(token.sealed_successor, refresh)
        else:
            successor = await self._rotate(tx, session, token, refresh)
        return Tokens(access=self.access_tokens.issue(user, session.id), refresh=successor)

    async def _is_honest(self, tx: Transaction, token: RefreshToken) -> bool:
        """It is unspent, or was spent a moment ago for a successor that nobody has used yet."""
        if token.used_at is None or token.successor is None:
            return True
        successor = await tx.sessions.find_token(token.successor)
        return self.clock() - token.used_at <= GRACE and successor is not None and successor.used_at is None

    async def _rotate(self, tx: Transaction, session: Session, token: RefreshToken, refresh: str) -> str:
        now, successor = self.clock(), self.refresh_secrets.new()
        follower = RefreshToken(digest=self.refresh_secrets.digest(successor), session=session.id, created_at=now)
        token.used_at, token.successor = now, follower.digest
        token.sealed_successor = self.refresh_secrets.seal(successor, refresh)
        await tx.sessions.save(session, token, follower)
        return successor


@dataclass(frozen=True, slots=True)
class LogOut:
    """End the session of a refresh token; an unknown one has none."""

    store: Store
    refresh_secrets: RefreshSecrets
    tell: TellRevocations
    clock: Clock
    wake: Wake

    async def __call__(self, refresh: str) -> None:
        async with self.store.transaction() as tx:
            session = await tx.sessions.find_by_token(self.refresh_secrets.digest(refresh))
            if session is not None:
                await end_session(tx, session, Ending.SIGNED_OUT, self.clock())
        if session is not None:
            await self.tell(session.user)
        self.wake()


async def end_session(tx: Transaction, session: Session, reason: Ending, now: datetime) -> None:
    user = await tx.users.take(session.user)
    if await tx.sessions.end(session.id, now):
        user.end_sessions([session.id], reason, now)
        await tx.users.save(user)


async def end_sessions(tx: Transaction, user: User, reason: Ending, now: datetime, *, but: UUID | None = None) -> None:
    """All of a locked user's but one. The caller saves the user."""
    user.end_sessions(await tx.sessions.end_all(user.id, now, but=but), reason, now)
