"""What every store of imports and exports must do."""

from datetime import datetime, timedelta

import pytest
from dishka import AsyncContainer

from application.ports import PageRequest, StaleWrite, Store
from application.transfers.views import TransferViews
from domain.transfers import (
    UPLOAD,
    Failure,
    Finding,
    Kind,
    Outcome,
    Transfer,
    TransferId,
    TransferLost,
    TransferNotFound,
    TransferStatus,
)
from tests.builders import NOW, new_id

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
async def views(container: AsyncContainer) -> TransferViews:
    found: TransferViews = await container.get(TransferViews)
    return found


async def asked(store: Store, kind: Kind = Kind.IMPORT, at: datetime = NOW, **fields: object) -> Transfer:
    told = {"id": TransferId(new_id()), "kind": kind, "requested_by": None, "created_at": at, "due_at": at, **fields}
    transfer = Transfer(**told)  # type: ignore[arg-type]
    async with store.transaction() as tx:
        await tx.transfers.save(transfer)
    return transfer


async def begun(store: Store, kind: Kind = Kind.IMPORT, at: datetime = NOW) -> Transfer | None:
    async with store.transaction() as tx:
        transfer = await tx.transfers.take_due(kind, at)
        if transfer:
            transfer.begin(at, at + timedelta(seconds=30))
            await tx.transfers.save(transfer)
        return transfer


def told(transfer: Transfer | None) -> dict[str, object]:
    assert transfer is not None
    return {name: getattr(transfer, name) for name in Transfer.__dataclass_fields__}


async def test_what_is_saved_is_found_as_it_was(store: Store, views: TransferViews) -> None:
    transfer = await asked(store, file_name="Größen.csv", encoding="windows-1252", dry_run=True, restock=True)
    assert told(await views.find(transfer.id)) == told(transfer)
    async with store.transaction() as tx:
        transfer = await tx.transfers.take(transfer.id)
        transfer.begin(NOW, LATER)
        finding = Finding(row=3, handle="lamp", code="invalid-price", message="'x' is no amount")
        transfer.finish(1, LATER, 9, Outcome(counts={"created": 2}, errors=(finding,), notes=(finding, finding)))
        await tx.transfers.save(transfer)
    assert told(await views.find(transfer.id)) == told(transfer)


async def test_what_is_not_there_is_not_found(store: Store, views: TransferViews) -> None:
    assert await views.find(TransferId(new_id())) is None
    async with store.transaction() as tx:
        with pytest.raises(TransferNotFound):
            await tx.transfers.take(TransferId(new_id()))


async def test_the_oldest_of_its_kind_is_due_first_and_none_before_its_time(store: Store) -> None:
    second = await asked(store, at=NOW + timedelta(seconds=1))
    first = await asked(store)
    await asked(store, at=LATER)
    export = await asked(store, Kind.EXPORT)
    at = NOW + timedelta(seconds=2)
    found = [await begun(store, at=at), await begun(store, at=at), await begun(store, at=at)]
    assert [one and one.id for one in found] == [first.id, second.id, None]
    assert (await begun(store, Kind.EXPORT) or first).id == export.id


async def test_a_lease_that_ended_is_due_again_and_the_one_before_counts_no_more(store: Store) -> None:
    transfer = await asked(store)
    assert await begun(store) is not None
    assert await begun(store, at=NOW + timedelta(seconds=29)) is None
    again = await begun(store, at=NOW + timedelta(seconds=30))
    assert again is not None
    assert again.attempts == 2
    async with store.transaction() as tx:
        held = await tx.transfers.take(transfer.id)
        with pytest.raises(TransferLost):
            held.proceed(1, 1, 2, LATER)
        with pytest.raises(TransferLost):
            held.postpone(1, LATER)
        with pytest.raises(TransferLost):
            held.finish(1, LATER, 2, Outcome())
        with pytest.raises(TransferLost):
            held.fail(1, LATER, Failure(code="x", message="y"))


@pytest.mark.parametrize("end", ["done", "failed"])
async def test_what_has_ended_is_never_due(store: Store, end: str) -> None:
    transfer = await asked(store)
    await begun(store)
    async with store.transaction() as tx:
        held = await tx.transfers.take(transfer.id)
        if end == "done":
            held.finish(1, LATER, 2, Outcome())
        else:
            held.fail(1, LATER, Failure(code="gave-up", message="five times"))
        await tx.transfers.save(held)
    assert held.status is TransferStatus(end)
    assert await begun(store, at=NOW + timedelta(days=1)) is None


async def test_what_was_put_off_comes_back_then(store: Store) -> None:
    transfer = await asked(store)
    await begun(store)
    async with store.transaction() as tx:
        held = await tx.transfers.take(transfer.id)
        held.postpone(1, LATER)
        await tx.transfers.save(held)
    assert await begun(store, at=LATER - timedelta(microseconds=1)) is None
    assert (await begun(store, at=LATER)) is not None


async def test_two_writers_cannot_both_win(store: Store) -> None:
    transfer = await asked(store)
    transfer.version = 0
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            await tx.transfers.save(transfer)


async def test_files_are_kept_by_attempt_and_go_with_what_they_belong_to(store: Store) -> None:
    transfer = await asked(store)
    async with store.transaction() as tx:
        for attempt, data in ((UPLOAD, b"\x00\xff"), (1, b"one"), (2, b"two")):
            await tx.transfers.write(transfer.id, attempt, 0, data)
        await tx.transfers.write(transfer.id, 2, 1, b"more")
    async with store.transaction() as tx:
        assert await tx.transfers.read(transfer.id, UPLOAD, 0) == b"\x00\xff"
        await tx.transfers.discard(transfer.id, but=2)
    async with store.transaction() as tx:
        read = [await tx.transfers.read(transfer.id, *place) for place in ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2))]
        assert read == [None, None, b"two", b"more", None]
        await tx.transfers.discard(transfer.id)
    async with store.transaction() as tx:
        assert await tx.transfers.read(transfer.id, 2, 0) is None


async def test_what_ended_before_is_forgotten_with_its_file_and_the_rest_is_kept(
    store: Store, views: TransferViews
) -> None:
    ended, young, waiting = [await asked(store) for _ in range(3)]
    for one, at in ((ended, NOW), (young, LATER)):
        async with store.transaction() as tx:
            held = await tx.transfers.take(one.id)
            held.begin(NOW, LATER)
            held.finish(1, at, 0, Outcome())
            await tx.transfers.save(held)
            await tx.transfers.write(one.id, 1, 0, b"data")
    async with store.transaction() as tx:
        assert await tx.transfers.forget(LATER, 10) == 1
        assert await tx.transfers.forget(LATER, 10) == 0
    assert [await views.find(one.id) is not None for one in (ended, young, waiting)] == [False, True, True]
    async with store.transaction() as tx:
        assert await tx.transfers.read(ended.id, 1, 0) is None
        assert await tx.transfers.read(young.id, 1, 0) == b"data"


async def test_a_list_has_the_newest_first_in_pages_both_ways(store: Store, views: TransferViews) -> None:
    made = [await asked(store, at=NOW + timedelta(seconds=n)) for n in range(5)]
    await asked(store, Kind.EXPORT)
    newest = [one.id for one in reversed(made)]
    first = await views.list(Kind.IMPORT, PageRequest(2))
    second = await views.list(Kind.IMPORT, PageRequest(2, first.next))
    assert [one.id for one in first.results + second.results] == newest[:4]
    back = await views.list(Kind.IMPORT, PageRequest(2, second.previous))
    assert [one.id for one in back.results] == newest[:2]
