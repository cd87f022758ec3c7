"""Access that was ended by somebody who died before they could say so: the worker says it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from application.accounts.identifying import Identify
from application.accounts.keys import CreateApiKey, NewApiKey, RevokeApiKey
from application.accounts.passwords import ChangePassword, PasswordChange
from application.accounts.personal import EraseAccount
from application.accounts.registering import Register, Registration
from application.accounts.revocations import Floors, Notices, RepeatRevocations, TellRevocations
from application.accounts.sessions import Credentials, LogIn, LogOut, RefreshTokens, SignedIn
from application.accounts.staff import ChangeUser, UserChanges
from domain.accounts import Actor, Permission, Role, TokenInvalid, UserId
from entrypoints.shop import Shop
from tests.application.accounts.desk import PASSWORD

ANN = "ann@example.com"


class KilledError(Exception):
    """The process ended here."""


class Dying:
    """A board before which whoever comes to it dies."""

    async def floors(self, credentials: Sequence[UUID]) -> Sequence[int]:
        raise KilledError

    async def post(self, floors: Floors, *, whole: bool = False) -> None:
        raise KilledError


async def dying(shop: Shop, kind: Callable[..., Any]) -> Any:
    """The use case in a process that ends between its commit and its word."""
    tell = await shop.get(TellRevocations)
    return replace(await shop.get(kind), tell=replace(tell, notices=Dying()))


async def _disable(shop: Shop, ann: SignedIn) -> None:
    await (await dying(shop, ChangeUser))(Actor.shop(), UserId(ann.user.id), UserChanges(is_active=False))


async def _promote(shop: Shop, ann: SignedIn) -> None:
    await (await dying(shop, ChangeUser))(Actor.shop(), UserId(ann.user.id), UserChanges(roles=[Role.ANALYST]))


async def _log_out(shop: Shop, ann: SignedIn) -> None:
    await (await dying(shop, LogOut))(ann.refresh)


async def _reuse(shop: Shop, ann: SignedIn) -> None:
    refresh = await shop.get(RefreshTokens)
    second = await refresh(ann.refresh)
    await refresh(second.refresh)
    await (await dying(shop, RefreshTokens))(ann.refresh)


async def _change_password(shop: Shop, ann: SignedIn) -> None:
    elsewhere = Actor(UserId(ann.user.id), session=UUID(int=1))
    change = PasswordChange(old_password=PASSWORD, new_password="another lamp in the attic")
    await (await dying(shop, ChangePassword))(elsewhere, change)


async def _erase(shop: Shop, ann: SignedIn) -> None:
    await (await dying(shop, EraseAccount))(Actor(UserId(ann.user.id)))


@pytest.mark.parametrize("end", [_disable, _promote, _log_out, _reuse, _change_password, _erase])
async def test_the_worker_says_what_nobody_lived_to_say(
    shop: Shop, end: Callable[[Shop, SignedIn], Awaitable[None]]
) -> None:
    await (await shop.get(Register))(Registration(email=ANN, password=PASSWORD))
    ann = await (await shop.get(LogIn))(Credentials(email=ANN, password=PASSWORD))
    await shop.deliver_events()
    await (await shop.get(RepeatRevocations))()
    identify, board = await shop.get(Identify), await shop.get(Notices)
    who = await identify(ann.access)
    with pytest.raises(KilledError):
        await end(shop, ann)
    assert max(await board.floors(who.credentials)) <= who.version  # the gap that is to be closed
    await shop.deliver_events()
    assert max(await board.floors(who.credentials)) > who.version
    with pytest.raises(TokenInvalid):
        await identify(ann.access)


async def test_the_worker_says_that_a_key_is_void(shop: Shop) -> None:
    made = await (await shop.get(CreateApiKey))(Actor.shop(), NewApiKey(name="ERP", scopes=[Permission.READ_STOCK]))
    await (await shop.get(RepeatRevocations))()
    identify = await shop.get(Identify)
    await identify(made.key)
    with pytest.raises(KilledError):
        await (await dying(shop, RevokeApiKey))(Actor.shop(), made.id)
    await identify(made.key)  # it lies on the ring, and the board says nothing
    await shop.deliver_events()
    with pytest.raises(TokenInvalid):
        await identify(made.key)
