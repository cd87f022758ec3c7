"""What every repository of API keys must do, every view of them, and every view of users."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from dishka import AsyncContainer

from application.accounts.identifying import KeyUses
from application.accounts.keys import ApiKeyViews, api_key_view
from application.accounts.users import UserViews, user_view
from application.ports import PageRequest, StaleWrite, Store
from domain.accounts import Actor, Permission, Role, User, UserId
from domain.api_keys import ApiKey, ApiKeyId, ApiKeyNotFound
from tests.builders import new_id

NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SHOP = Actor.shop()


def a_key(at: datetime = NOW, expires_at: datetime | None = None) -> ApiKey:
    scopes = [Permission.READ_STOCK, Permission.WRITE_CATALOG]
    return ApiKey.create(ApiKeyId(new_id()), "ERP", uuid4().bytes * 2, "0a1b2c3d", scopes, expires_at, SHOP, at)


async def saved(store: Store, *keys: ApiKey) -> None:
    async with store.transaction() as tx:
        for key in keys:
            await tx.api_keys.save(key)


async def test_a_key_comes_back_as_it_was_saved(store: Store) -> None:
    key = a_key(expires_at=NOW + MINUTE)
    await saved(store, key)
    async with store.transaction() as tx:
        found = await tx.api_keys.take(key.id)
        assert (api_key_view(found), found.digest, found.version) == (api_key_view(key), key.digest, 1)
        found.revoke(SHOP, NOW + MINUTE)
        await tx.api_keys.save(found)
    async with store.transaction() as tx:
        again = await tx.api_keys.take(key.id)
        assert (again.revoked_at, again.version) == (NOW + MINUTE, 2)
        with pytest.raises(ApiKeyNotFound):
            await tx.api_keys.take(ApiKeyId(uuid4()))


async def test_who_changes_an_older_version_is_told(store: Store) -> None:
    key = a_key()
    await saved(store, key)
    key.version += 1
    key.revoke(SHOP, NOW)
    with pytest.raises(StaleWrite):
        await saved(store, key)


async def test_a_use_finds_live_keys_only_and_is_noted_once_a_minute(store: Store, container: AsyncContainer) -> None:
    uses, views = await container.get(KeyUses), await container.get(ApiKeyViews)
    key, ended = a_key(expires_at=NOW + 5 * MINUTE), a_key()
    ended.revoke(SHOP, NOW)
    await saved(store, key, ended)
    noted = []
    for at in (NOW, NOW + MINUTE / 2, NOW + MINUTE, NOW + 1.9 * MINUTE):
        used = await uses.use(key.digest, at)
        assert used is not None
        assert used.actor == key.actor
        noted.append(next(each.last_used_at for each in (await views.list(PageRequest())).results if each.id == key.id))
    assert noted == [NOW, NOW, NOW + MINUTE, NOW + MINUTE]
    assert await uses.use(key.digest, NOW + 5 * MINUTE) is None
    assert await uses.use(ended.digest, NOW) is None
    assert await uses.use(b"nobody's", NOW) is None


async def test_a_noted_use_is_no_change_of_the_key(store: Store, container: AsyncContainer) -> None:
    uses, key = await container.get(KeyUses), a_key()
    await saved(store, key)
    await asyncio.gather(*(uses.use(key.digest, NOW) for _ in range(20)))
    async with store.transaction() as tx:
        assert (await tx.api_keys.take(key.id)).version == 1


async def test_keys_are_listed_newest_first_there_and_back(store: Store, container: AsyncContainer) -> None:
    keys = [a_key(NOW + n * MINUTE) for n in range(5)]
    await saved(store, *keys)
    views, ids = await container.get(ApiKeyViews), [key.id for key in reversed(keys)]
    first = await views.list(PageRequest(size=2))
    second = await views.list(PageRequest(size=2, cursor=first.next))
    last = await views.list(PageRequest(size=2, cursor=second.next))
    assert [[each.id for each in page.results] for page in (first, second, last)] == [ids[:2], ids[2:4], ids[4:]]
    assert (first.previous, last.next) == (None, None)
    assert (await views.list(PageRequest(size=2, cursor=last.previous))).results == second.results


def somebody(at: datetime, *roles: Role, **fields: str) -> User:
    return User.register(UserId(new_id()), f"{uuid4().hex}@example.com", "x", at, (Role.CUSTOMER, *roles), **fields)


async def test_users_are_found_by_address_and_names_and_listed_newest_first(
    store: Store, container: AsyncContainer
) -> None:
    people = [somebody(NOW + n * MINUTE, first_name="Grace", last_name=f"Hopper_{n}%") for n in range(5)]
    people.append(somebody(NOW, username="amazing"))
    async with store.transaction() as tx:
        for each in people:
            await tx.users.save(each)
    views = await container.get(UserViews)

    async def found(q: str | None) -> list[UserId]:
        return [each.id for each in (await views.list(q, PageRequest())).results]

    assert await found("ce HOPP") == [each.id for each in people[4::-1]]
    assert await found("hopper_3%") == [people[3].id]
    assert await found("per%") == await found("nobody") == []
    assert await found("Amazing") == await found(people[5].email[4:20].upper()) == [people[5].id]
    assert len(await found(None)) == 6
    first = await views.list("grace", PageRequest(size=3))
    rest = await views.list("grace", PageRequest(size=3, cursor=first.next))
    assert [*first.results, *rest.results] == [user_view(each) for each in people[4::-1]]
    assert (await views.list("grace", PageRequest(size=3, cursor=rest.previous))).results == first.results


async def test_admins_are_counted_who_can_act_as_such(store: Store) -> None:
    boss, deputy, former = somebody(NOW, Role.ADMIN), somebody(NOW, Role.ADMIN), somebody(NOW, Role.ADMIN)
    former.disable(SHOP, NOW)
    async with store.transaction() as tx:
        for each in (boss, deputy, former, somebody(NOW, Role.ANALYST)):
            await tx.users.save(each)
    async with store.transaction() as tx:
        counted = [await tx.users.other_admins(each.id) for each in (boss, former)]
    assert counted == [1, 2]
