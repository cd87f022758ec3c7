"""Who asks: told by an access token, or by the key of a program."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.accounts.revocations import CheckStanding
from application.ports import AccessTokens
from domain.accounts import Actor, TokenInvalid
from domain.api_keys import MARK, ApiKey


class KeyUses(Protocol):
    async def use(self, digest: bytes, at: datetime) -> ApiKey | None:
        """The live key of that hash, and note that it was used; at most once a minute."""
        ...


class KeyRing(Protocol):
    """Knows API keys by their text. A use is noted once a minute."""

    async def actor(self, key: str) -> Actor:
        """Raises TokenInvalid for what is no live key of ours."""
        ...

    def known(self, key: str) -> Actor | None:
        """What is known without asking anybody."""
        ...


@dataclass(frozen=True, slots=True)
class Identify:
    """Raises TokenInvalid for what is not or no longer good."""

    tokens: AccessTokens
    ring: KeyRing
    check: CheckStanding

    async def __call__(self, credential: str) -> Actor:
        is_key = credential.startswith(MARK)
        who = await self.ring.actor(credential) if is_key else self.tokens.actor(credential)
        await self.check(who)
        return who

    def claimed(self, credential: str) -> Actor | None:
        """Whom to count the call against, before anybody is asked whether it is still good."""
        if credential.startswith(MARK):
            return self.ring.known(credential)
        try:
            return self.tokens.actor(credential)
        except TokenInvalid:
            return None
