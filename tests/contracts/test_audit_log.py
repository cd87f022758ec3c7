"""What every audit log must do: take in what staff did, once each and in order, and let nothing of it be touched."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec
import pytest
from dishka import AsyncContainer

from adapters.memory.audit_log import MemoryAuditLog
from adapters.postgres.audit_log import APPEND, columns
from adapters.postgres.database import Database
from application.acting import OPERATOR, SHOP, Acting, on_behalf_of
from application.audit_log.entries import AuditLog, Entry, EntryFilters, Head, digest
from application.audit_log.keeping import Anchor, ExtendAuditLog, VerifyAuditLog
from application.outbox import Outbox
from application.ports import PageRequest, Store
from domain.accounts import Actor, Role, UserId
from domain.catalog import Product
from domain.errors import InvalidField
from domain.sessions import REFUSALS_TOLD, LoginRefused
from tests.builders import NOW, a_product, new_id, usd

ANN = UserId(new_id())
STAFF = Acting.of(Actor(ANN, frozenset({Role.CATALOG_MANAGER})), "request-1")


async def told(container: AsyncContainer) -> list[Entry]:
    """Do what the worker does, and read all of the log."""
    await (await container.get(Outbox)).dispatch([], 1000)
    log = await container.get(AuditLog)
    await ExtendAuditLog(log)()
    return list(await log.read(0, 1000))


async def proved(container: AsyncContainer, anchor: Anchor | None = None) -> list[str]:
    return (await VerifyAuditLog(await container.get(AuditLog))(anchor)).findings


async def save(store: Store, *products: Product, by: Acting = STAFF) -> None:
    with on_behalf_of(by):
        async with store.transaction() as tx:
            await tx.products.save(products)


async def reprice(store: Store, product: Product, *prices: str) -> None:
    for price in prices:
        async with store.transaction() as tx:
            changed = (await tx.products.take([product.id]))[product.id]
        changed.change(NOW, price=usd(price))
        await save(store, changed)


async def test_a_change_says_who_what_and_from_what_to_what(container: AsyncContainer, store: Store) -> None:
    lamp = a_product("Lamp", price="29.99")
    await save(store, lamp)
    await reprice(store, lamp, "19.99")
    created, changed = await told(container)
    assert (changed.number, changed.actor, changed.request_id) == (2, f"user:{ANN}", "request-1")
    assert (changed.action, changed.object, changed.at) == ("product-changed", f"product:{lamp.id}", NOW)
    assert changed.before == {"price": {"amount": 2999, "currency": "USD"}}
    assert changed.after == {"change": "changed", "price": {"amount": 1999, "currency": "USD"}}
    assert (created.before, created.after["name"], created.after["change"]) == ({}, "Lamp", "created")
    assert created.hash == digest(Head().hash, created)
    assert changed.hash == digest(created.hash, changed)
    assert await proved(container) == []


async def test_what_the_shop_does_itself_is_no_business_of_the_log(container: AsyncContainer, store: Store) -> None:
    await save(store, a_product(), by=SHOP)
    await save(store, a_product(), by=Acting.of(Actor(ANN, frozenset({Role.CUSTOMER}))))
    await save(store, a_product(), by=OPERATOR)
    await save(store, a_product(), by=Acting.of(Actor(key=new_id())))
    assert [entry.actor.partition(":")[0] for entry in await told(container)] == ["operator", "key"]


async def test_nothing_is_written_of_what_was_undone(container: AsyncContainer, store: Store) -> None:
    with pytest.raises(RuntimeError, match="at the last moment"), on_behalf_of(STAFF):
        async with store.transaction() as tx:
            await tx.products.save([a_product()])
            raise RuntimeError("at the last moment")
    assert await told(container) == []


async def test_ten_refused_logins_of_an_account_are_told_in_a_minute(container: AsyncContainer, store: Store) -> None:
    tries = [NOW] * (REFUSALS_TOLD + 3) + [NOW + timedelta(minutes=1)]
    for user in (ANN, None):
        for at in tries:
            async with store.transaction() as tx:
                await tx.sessions.refuse(LoginRefused(user=user, at=at))
    entries = await told(container)
    assert [entry.object for entry in entries] == [f"user:{ANN}"] * 11 + ["user:unknown"] * 11
    assert {entry.action for entry in entries} == {"login-refused"}


async def test_writers_at_once_write_each_event_once(container: AsyncContainer, store: Store) -> None:
    await save(store, *(a_product() for _ in range(40)))
    await (await container.get(Outbox)).dispatch([], 1000)
    log = await container.get(AuditLog)
    while sum(await asyncio.gather(*(log.extend(3) for _ in range(5)))):
        pass
    assert [entry.number for entry in await log.read(0, 1000)] == list(range(1, 41))
    assert await proved(container) == []


async def test_writers_of_business_at_once_do_not_fork_the_chain(container: AsyncContainer, store: Store) -> None:
    await asyncio.gather(*(save(store, a_product()) for _ in range(30)), *(told(container) for _ in range(5)))
    assert len(await told(container)) == 30
    assert await proved(container) == []


async def test_pages_and_filters(container: AsyncContainer, store: Store) -> None:
    lamp = a_product("Lamp")
    await save(store, lamp)
    await save(store, a_product("Chair"), by=OPERATOR)
    await reprice(store, lamp, "1", "2", "3")
    await told(container)
    log = await container.get(AuditLog)

    async def numbers(cursor: str | None = None, **wanted: Any) -> tuple[list[int], str | None, str | None]:
        page = await log.list(EntryFilters(**wanted), PageRequest(2, cursor))
        return [entry.number for entry in page.results], page.next, page.previous

    first, following, _ = await numbers(object=f"product:{lamp.id}")
    second, end, back = await numbers(following, object=f"product:{lamp.id}")
    assert (first, second, end) == ([5, 4], [3, 1], None)
    assert (await numbers(back, object=f"product:{lamp.id}"))[0] == [5, 4]
    assert (await numbers(actor="operator"))[0] == [2]
    assert (await numbers(action="login-refused"))[0] == []
    assert (await numbers(action="product-changed", actor=f"user:{ANN}"))[0] == [5, 4]
    assert (await numbers(since=NOW + timedelta(seconds=1)))[0] == []
    assert (await numbers(since=NOW, actor="operator"))[0] == [2]
    with pytest.raises(InvalidField, match="is no cursor"):
        await numbers("nonsense")


async def test_an_anchor_that_was_noted_must_still_be_there(container: AsyncContainer, store: Store) -> None:
    await save(store, a_product(), a_product())
    first, last = await told(container)
    assert await proved(container, Anchor.parse(f"1:{first.hash}")) == []
    assert await proved(container, Anchor(2, first.hash)) == ["entry 2: is not the one that was noted"]
    assert await proved(container, Anchor(3, last.hash)) == ["entry 3: is not the one that was noted"]
    for text in ("", "1", "one:" + first.hash, "1:" + first.hash[1:]):
        with pytest.raises(InvalidField):
            Anchor.parse(text)


EDITED = "entry {0}: was edited, or does not belong behind entry {1}"
Touch = Callable[[list[Entry]], list[Entry]]
TOUCHES: dict[str, tuple[Touch, list[str]]] = {
    "another actor": (lambda log: [log[0], _with(log[1], actor="nobody"), *log[2:]], [EDITED.format(2, 1)]),
    "another price": (lambda log: [log[0], _with(log[1], after={"price": 1}), *log[2:]], [EDITED.format(2, 1)]),
    "another time": (
        lambda log: [log[0], _with(log[1], at=NOW + timedelta(microseconds=1)), *log[2:]],
        [EDITED.format(2, 1)],
    ),
    "edited and hashed anew": (
        lambda log: [log[0], _rehashed(log[0], _with(log[1], actor="nobody")), *log[2:]],
        [EDITED.format(3, 2)],
    ),
    "a row less": (lambda log: [*log[:2], *log[3:]], ["entry 3: missing", "event {2}: has no entry"]),
    "two rows less": (
        lambda log: log[2:],
        ["entry 1 to 2: missing", "event {0}: has no entry", "event {1}: has no entry"],
    ),
    "swapped": (
        lambda log: [log[0], _with(log[2], number=2), _with(log[1], number=3), log[3]],
        [EDITED.format(2, 1), EDITED.format(3, 2), EDITED.format(4, 3)],
    ),
}


def _with(entry: Entry, **changes: Any) -> Entry:
    return msgspec.structs.replace(entry, **changes)


def _rehashed(former: Entry, entry: Entry) -> Entry:
    return _with(entry, hash=digest(former.hash, entry))


@pytest.mark.parametrize("touch", TOUCHES)
async def test_who_touches_the_rows_is_named_with_them(touch: str, container: AsyncContainer, store: Store) -> None:
    lamp = a_product()
    await save(store, lamp)
    await reprice(store, lamp, "1", "2", "3")
    log = await told(container)
    events = [str(entry.event) for entry in log]
    change, findings = TOUCHES[touch]
    await _force(container, change(log))
    assert await proved(container) == [finding.format(*events) for finding in findings]


async def test_what_is_cut_off_at_the_end_grows_again(container: AsyncContainer, store: Store) -> None:
    await save(store, a_product(), a_product(), a_product())
    log = await told(container)
    await _force(container, log[:1])
    assert await told(container) == log


@pytest.mark.parametrize(
    "change", ["update audit_log set actor = 'nobody'", "delete from audit_log where false", "truncate audit_log"]
)
async def test_the_table_refuses_to_change(change: str, postgres_container: AsyncContainer) -> None:
    database = await postgres_container.get(Database)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="audit_log can only grow"):
        async with database.connection() as connection:
            await connection.execute(change)


async def _force(container: AsyncContainer, log: list[Entry]) -> None:
    """What somebody who owns the machine can do."""
    kept = await container.get(AuditLog)
    if isinstance(kept, MemoryAuditLog):
        kept.database.tables.audit_log = log
        return
    async with (await container.get(Database)).connection() as connection:
        await connection.execute("alter table audit_log disable trigger all")
        await connection.execute("delete from audit_log")
        await connection.execute(APPEND, *map(list, zip(*map(columns, log), strict=True)))
