"""One's own data: all of it handed out, or taken out of the shop."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Protocol
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec

from application.accounts.revocations import TellRevocations
from application.accounts.sessions import end_sessions
from application.ports import Clock, Store, Wake
from domain.accounts import Actor, Ending, LastAdmin, UserId

Disclosed = Mapping[str, Sequence[Any]]  # what JSON can say, by the name of its file


class Disclosures(Protocol):
    """Reads all that the shop holds on a person, as it was at one moment."""

    async def of(self, user: UserId) -> Disclosed:
        """Raises UserNotFound."""
        ...


@dataclass(frozen=True, slots=True)
class ExportPersonalData:
    """A zip with a JSON file for each kind of thing that is held."""

    disclosures: Disclosures
    clock: Clock

    async def __call__(self, who: Actor) -> bytes:
        held = await self.disclosures.of(who.must_be_user())
        return await asyncio.to_thread(_zipped, held, self.clock())


@dataclass(frozen=True, slots=True)
class EraseAccount:
    """Forgets the person and keeps the books. Raises OpenOrders or LastAdmin."""

    store: Store
    tell: TellRevocations
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor) -> None:
        now = self.clock()
        async with self.store.transaction() as tx:
            user = await tx.users.take(who.must_be_user())
            was_admin = user.is_admin
            await end_sessions(tx, user, Ending.ERASED, now)
            user.erase(now)
            await tx.personal_data.forget(user.id, user.email)
            if was_admin and not await tx.users.other_admins(user.id):
                raise LastAdmin
            await tx.users.save(user)
        await self.tell(user.id)
        self.wake()


def _zipped(held: Disclosed, at: datetime) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, rows in held.items():
            entry = ZipInfo(f"{name}.json", at.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, msgspec.json.format(msgspec.json.encode(rows), indent=2))
    return out.getvalue()
