"""Secrets that have to be read again, and so cannot be hashed: sealed where they are kept, and sealed anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NewType, Protocol

from application.ports import Progress

AT_ONCE = 200

Place = tuple[str, ...]  # the key of a row


class SealBroken(Exception):
    """It was sealed with a key that nobody has any more, or for another place, or somebody touched it."""


class Seal(Protocol):
    """Closes secrets, so that a copy of the database gives none away. What is closed begins with `mark`."""

    @property
    def mark(self) -> bytes:
        """Of the newest key; the first byte is the same for all."""
        ...

    def close(self, secret: bytes, about: str) -> bytes:
        """With the newest key. `about` names the place: sealed bytes are good for nothing in any other."""
        ...

    def open(self, sealed: bytes, about: str) -> bytes:
        """With whichever key it was closed. What never was closed is what it is. Raises SealBroken."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A secret as it is stored."""

    place: Place
    about: str
    sealed: bytes


class Vault(Protocol):
    """One kind of place where secrets are kept."""

    async def count_stale(self, mark: bytes) -> int:
        """Those that do not begin with the mark."""
        ...

    async def stale(self, mark: bytes, after: Place | None, limit: int) -> Sequence[Kept]:
        """The next of them, by their places."""
        ...

    async def replace(self, kept: Kept, sealed: bytes) -> None:
        """Nothing where it is another by now."""
        ...


Vaults = NewType("Vaults", tuple[Vault, ...])


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many were sealed anew, and how many nobody can open any more."""

    done: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class ResealSecrets:
    """Gives everything that is sealed the newest key. Whoever stops it, or does it twice or at once, harms nothing."""

    vaults: Vaults
    seal: Seal

    async def __call__(self, progress: Progress = lambda done, total: None) -> Resealed:
        mark, done, lost = self.seal.mark, 0, 0
        total = sum([await vault.count_stale(mark) for vault in self.vaults])
        for vault in self.vaults:
            last: Place | None = None
            while batch := await vault.stale(mark, last, AT_ONCE):
                opened = [await self._reseal(vault, kept) for kept in batch]
                done, lost, last = done + sum(opened), lost + opened.count(False), batch[-1].place
                progress(done + lost, total)
        return Resealed(done, lost)

    async def _reseal(self, vault: Vault, kept: Kept) -> bool:
        try:
            secret = self.seal.open(kept.sealed, kept.about)
        except SealBroken:
            return False
        await vault.replace(kept, self.seal.close(secret, kept.about))
        return True
