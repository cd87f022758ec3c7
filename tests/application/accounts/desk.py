"""The use cases of accounts over one store, with a clock to turn."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapters.memory.revocations import MemoryNotices
from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.passwords import Argon2Passwords
from adapters.security.refresh_secrets import ChaChaRefreshSecrets
from application.accounts.registering import CreateAdmin, Register, Registration
from application.accounts.revocations import Floors, TellRevocations
from application.accounts.sessions import Credentials, LogIn, LogOut, RefreshTokens, SignedIn
from application.accounts.users import ChangeProfile, UserView
from application.ports import AccessTtl, RefreshTtl, Store
from domain.accounts import Actor, User, UserId

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PASSWORD = "a lamp in the attic"
WEEK = timedelta(days=7)
CHEAP = Argon2Passwords(memory=16, time=1)


@dataclass
class Watch:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **some: float) -> None:
        self.now += timedelta(**some)


def nobody() -> None:
    """Whom events wake here."""


class Untold:
    """Nothing becomes void here."""

    async def is_good(self, who: Actor, at: datetime) -> bool:
        return True

    async def floors(self, since: datetime, user: UserId | None = None) -> Floors:
        return {}


@dataclass
class Desk:
    """The use cases of accounts over one store, and a clock to turn."""

    store: Store
    clock: Watch = field(default_factory=Watch)
    passwords: Argon2Passwords = CHEAP

    def __post_init__(self) -> None:
        secrets = ChaChaRefreshSecrets()
        self.tokens = JwtAccessTokens("a secret key", timedelta(minutes=15), self.clock, uuid.uuid4)
        self.register = Register(self.store, self.passwords, self.clock, uuid.uuid4, nobody)
        self.log_in = LogIn(self.store, self.passwords, self.tokens, secrets, self.clock, uuid.uuid4, RefreshTtl(WEEK))
        tell = TellRevocations(MemoryNotices(), Untold(), self.clock, AccessTtl(timedelta(minutes=15)))
        self.refresh = RefreshTokens(self.store, self.tokens, secrets, tell, self.clock, nobody)
        self.log_out = LogOut(self.store, secrets, tell, self.clock, nobody)
        self.change_profile = ChangeProfile(self.store, self.clock)
        self.create_admin = CreateAdmin(self.store, self.passwords, tell, self.clock, uuid.uuid4)

    async def has(self, email: str | None = None) -> UserView:
        return await self.register(Registration(email=email or an_address(), password=PASSWORD))

    async def signed_in(self, email: str | None = None) -> SignedIn:
        user = await self.has(email)
        return await self.log_in(Credentials(email=user.email, password=PASSWORD))

    async def user(self, view: UserView) -> User:
        async with self.store.transaction() as tx:
            return await tx.users.get(view.id)

    async def disable(self, view: UserView) -> None:
        async with self.store.transaction() as tx:
            user = await tx.users.take(view.id)
            user.is_active = False
            await tx.users.save(user)


def an_address() -> str:
    return f"{uuid.uuid4().hex}@example.com"


def actor(view: UserView) -> Actor:
    return Actor(view.id, frozenset(view.roles))
