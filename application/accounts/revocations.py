"""Access that ends before its time: what a token or a key was issued for is compared at each request."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from application.ports import AccessTtl, Clock, Unavailable
from domain.accounts import (
    Actor,
    RolesChanged,
    SessionsEnded,
    TokenInvalid,
    UserChanged,
    UserDisabled,
    UserErased,
    UserId,
)
from domain.api_keys import ApiKeyRevoked

logger = logging.getLogger("tradepost.access")

# By user, session or key: the lowest version of a user under which a token must have been issued to be good.
Floors = Mapping[UUID, int]
OVER = 2**53  # higher than any version: what is over stays over
SKEW = timedelta(minutes=1)  # that the clocks of two machines may differ


class Notices(Protocol):
    """The board where all processes see at once what is void. Raises Unavailable where it cannot say for sure."""

    async def floors(self, credentials: Sequence[UUID]) -> Sequence[int]:
        """0 where nothing is void."""
        ...

    async def post(self, floors: Floors, *, whole: bool = False) -> None:
        """A floor never sinks. `whole` says that nothing else is void; the board is trusted for a while then."""
        ...


class Standings(Protocol):
    """The truth behind the board."""

    async def is_good(self, who: Actor, at: datetime) -> bool:
        """Whether session, user and key are what they were when it was issued."""
        ...

    async def floors(self, since: datetime, user: UserId | None = None) -> Floors:
        """What became void since then, of one user or of all and of all keys."""
        ...


@dataclass(frozen=True, slots=True)
class CheckStanding:
    """Asked whenever somebody shows a token. Where the board is away it is the database that answers."""

    notices: Notices
    standings: Standings
    clock: Clock

    async def __call__(self, who: Actor) -> None:
        """Raises TokenInvalid."""
        try:
            is_good = who.version >= max(await self.notices.floors(who.credentials))
        except Unavailable:
            is_good = await self.standings.is_good(who, self.clock())
        if not is_good:
            raise TokenInvalid


@dataclass(frozen=True, slots=True)
class TellRevocations:
    """Called after the commit of whatever ends somebody's access. What it cannot tell, RepeatRevocations will."""

    notices: Notices
    standings: Standings
    clock: Clock
    ttl: AccessTtl

    async def __call__(self, user: UserId) -> None:
        await self._post(await self.standings.floors(self.clock() - self.ttl - SKEW, user))

    async def over(self, credential: UUID) -> None:
        await self._post({credential: OVER})

    async def _post(self, floors: Floors) -> None:
        try:
            await self.notices.post(floors)
        except Unavailable:
            logger.warning("nobody could be told of a revocation; it is told again shortly")


@dataclass(frozen=True, slots=True)
class PostRevocation:
    """Event handler: tells it where whoever made it so died between the commit and the word."""

    tell: TellRevocations

    async def __call__(
        self, _: UUID, event: SessionsEnded | UserDisabled | RolesChanged | UserChanged | UserErased | ApiKeyRevoked
    ) -> None:
        if isinstance(event, ApiKeyRevoked):
            await self.tell.over(event.key)
        elif not isinstance(event, UserChanged) or "roles" in event.fields:
            await self.tell(event.user)


@dataclass(frozen=True, slots=True)
class RepeatRevocations:
    """Every web process does it every few seconds: a board that was away, emptied or set back is whole again."""

    notices: Notices
    standings: Standings
    clock: Clock
    ttl: AccessTtl

    async def __call__(self) -> None:
        """Raises Unavailable."""
        await self.notices.post(await self.standings.floors(self.clock() - self.ttl - SKEW), whole=True)
