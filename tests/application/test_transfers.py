"""Imports and exports that staff ask for, from the question to the file, in a whole shop."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest
from dishka import AsyncContainer

from application.exporting.catalog import Write
from application.importing.rows import ImportColumnsMissing, ImportFileEmpty, ImportFileNotText
from application.ports import Busy, PageRequest, Progress, Store
from application.transfers.asking import RequestExport, RequestImport, ShowTransfers, Upload
from application.transfers.carrying import Perseverance
from application.transfers.running import ForgetTransfers, ReadExport, RunExports, RunImports
from application.transfers.views import ImportView
from domain.accounts import Actor, Role, UserId
from domain.errors import Forbidden
from domain.transfers import ExportNotReady, TransferId, TransferNotFound, TransferStatus
from tests.application.transfers import catalogue
from tests.audit import audit
from tests.builders import a_product

SIMPLE = b"Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\n"
LAMPS = SIMPLE + b"lamp,Lamp,L-1,5,1\nmug,Mug,M-1,six,1\ntorch,Torch,T-1,7,2\n"
MANAGER = Actor(UserId(UUID(int=7)), frozenset({Role.CATALOG_MANAGER}))
CUSTOMER = Actor(UserId(UUID(int=8)), frozenset({Role.CUSTOMER}))


async def asked(container: AsyncContainer, data: bytes = LAMPS, **options: bool) -> TransferId:
    request = await container.get(RequestImport)
    return TransferId((await request(MANAGER, Upload(data=data, **options))).id)  # type: ignore[arg-type]


async def shown(container: AsyncContainer, id: TransferId) -> ImportView:
    return await (await container.get(ShowTransfers)).import_(MANAGER, id)


async def run(container: AsyncContainer) -> int:
    return await (await container.get(RunImports))()


async def test_an_import_waits_is_done_and_tells_what_became_of_each_row(container: AsyncContainer) -> None:
    asked_for = await asked(container)
    waiting = await shown(container, asked_for)
    assert (waiting.status, waiting.rows, waiting.created, waiting.started_at) == ("queued", 0, 0, None)
    assert await run(container) == 1
    done = await shown(container, asked_for)
    assert (done.status, done.rows, done.rows_done) == ("done", 3, 3)
    assert (done.created, done.changed, done.unchanged, done.refused) == (2, 0, 0, 1)
    assert [(one.row, one.handle, one.code) for one in done.errors] == [(3, "mug", "invalid-price")]
    assert done.requested_by == MANAGER.user
    assert sorted(await catalogue(container)) == ["lamp", "torch"]
    assert await run(container) == 0
    await audit(container)


async def test_a_dry_run_tells_the_same_and_changes_nothing(container: AsyncContainer) -> None:
    asked_for = await asked(container, dry_run=True)
    await run(container)
    done = await shown(container, asked_for)
    assert (done.status, done.dry_run, done.created, done.refused) == ("done", True, 2, 1)
    assert await catalogue(container) == {}


async def test_the_same_again_changes_nothing(container: AsyncContainer) -> None:
    ids = [await asked(container), await asked(container)]
    assert await run(container) == 2
    told = [await shown(container, asked_for) for asked_for in ids]
    assert [(one.created, one.unchanged) for one in told] == [(2, 0), (0, 2)]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", ImportFileEmpty),
        (b"Order,Total\n1,2\n", ImportColumnsMissing),
        (b"Handle,Title\n\xff\xf1", ImportFileNotText),
    ],
)
async def test_what_is_no_product_export_is_refused_at_once(
    container: AsyncContainer, data: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await asked(container, data)
    assert (await (await container.get(ShowTransfers)).imports(MANAGER, PageRequest())).results == []


async def test_a_file_that_breaks_further_down_fails_and_says_where(container: AsyncContainer) -> None:
    asked_for = await asked(container, LAMPS + b'mug,"Mug\n')
    await run(container)
    failed = await shown(container, asked_for)
    assert failed.status is TransferStatus.FAILED
    assert failed.failure is not None
    assert (failed.failure.code, "row 5" in failed.failure.message) == ("import-file-broken", True)
    assert await catalogue(container) == {}
    assert await run(container) == 0


async def test_only_the_first_thousand_rows_are_told_and_all_are_counted(container: AsyncContainer) -> None:
    asked_for = await asked(container, SIMPLE + b"".join(b"mug-%d,Mug,,six,1\n" % n for n in range(1_005)))
    await run(container)
    done = await shown(container, asked_for)
    assert (done.refused, done.errors_count, len(done.errors)) == (1_005, 1_005, 1_000)
    (listed,) = (await (await container.get(ShowTransfers)).imports(MANAGER, PageRequest())).results
    assert (listed.errors_count, listed.errors) == (1_005, [])


async def test_customers_see_nothing_of_it(container: AsyncContainer) -> None:
    asked_for = await asked(container)
    show, request = await container.get(ShowTransfers), await container.get(RequestImport)
    for refused in (
        request(CUSTOMER, Upload(data=LAMPS)),
        show.import_(CUSTOMER, asked_for),
        show.imports(CUSTOMER, PageRequest()),
        show.exports(CUSTOMER, PageRequest()),
        (await container.get(RequestExport))(CUSTOMER),
        (await container.get(ReadExport))(CUSTOMER, asked_for),
    ):
        with pytest.raises(Forbidden):
            await refused


async def test_an_export_is_a_file_once_it_is_done(container: AsyncContainer) -> None:
    await asked(container)
    await run(container)
    asked_for = TransferId((await (await container.get(RequestExport))(MANAGER)).id)
    read, show = await container.get(ReadExport), await container.get(ShowTransfers)
    with pytest.raises(ExportNotReady):
        await read(MANAGER, asked_for)
    assert await (await container.get(RunExports))() == 1
    view = await show.export(MANAGER, asked_for)
    assert (view.status, view.products, view.products_done, view.rows) == ("done", 2, 2, 2)
    _, pieces = await read(MANAGER, asked_for)
    data = b"".join([piece async for piece in pieces])
    assert (len(data), view.url) == (view.bytes, f"/api/products/exports/{asked_for}/file/")
    again = await asked(container, data)
    await run(container)
    assert (await shown(container, again)).unchanged == 2
    with pytest.raises(TransferNotFound):
        await show.import_(MANAGER, asked_for)


def failing(run_imports: RunImports, times: int, error: Exception) -> RunImports:
    tries = count(1)
    inner = run_imports.import_catalog

    async def import_catalog(text: str, progress: Progress, **options: object) -> object:
        conclude = options.pop("conclude")

        async def hindered(tx: object, report: object) -> None:
            await conclude(tx, report)  # type: ignore[operator]
            if next(tries) <= times:
                raise error

        return await inner(text, progress, conclude=hindered, **options)  # type: ignore[arg-type]

    carry_out = replace(run_imports.carry_out, perseverance=Perseverance(pause=timedelta()))
    return replace(run_imports, import_catalog=import_catalog, carry_out=carry_out)  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [Busy(), RuntimeError("a bug")])
async def test_what_failed_half_way_left_nothing_and_is_tried_again(
    container: AsyncContainer, error: Exception
) -> None:
    asked_for = await asked(container)
    assert await failing(await container.get(RunImports), 2, error)() == 3
    done = await shown(container, asked_for)
    assert (done.status, done.created, done.unchanged) == ("done", 2, 0)
    await audit(container)


async def test_after_five_tries_it_is_given_up(container: AsyncContainer) -> None:
    asked_for = await asked(container)
    assert await failing(await container.get(RunImports), 99, RuntimeError("a bug"))() == 6
    failed = await shown(container, asked_for)
    assert failed.status is TransferStatus.FAILED
    assert failed.failure is not None
    assert failed.failure.code == "gave-up"
    assert await catalogue(container) == {}


async def test_who_was_overtaken_changes_nothing(container: AsyncContainer) -> None:
    """The lease ends while the first is still at it; a second does it; then the first comes to its last word."""
    asked_for = await asked(container)
    runs, store = await container.get(RunImports), await container.get(Store)
    inner = runs.import_catalog

    async def overtaken(text: str, progress: Progress, **options: object) -> object:
        async with store.transaction() as tx:
            transfer = await tx.transfers.take(asked_for)
            transfer.due_at = transfer.created_at
            await tx.transfers.save(transfer)
        assert await runs() == 1
        return await inner(text, progress, **options)  # type: ignore[arg-type]

    assert await replace(runs, import_catalog=overtaken)() == 1  # type: ignore[arg-type]
    done = await shown(container, asked_for)
    assert (done.status, done.created, done.unchanged) == ("done", 2, 0)
    await audit(container)


async def test_who_is_at_it_renews_its_lease_and_shows_how_far_it_is(container: AsyncContainer) -> None:
    asked_for = await asked(container)
    runs, seen = await container.get(RunImports), asyncio.Event()
    inner = runs.import_catalog

    async def slow(text: str, progress: Progress, **options: object) -> object:
        progress(1, 3)
        while (await shown(container, asked_for)).rows_done != 1:  # noqa: ASYNC110 (it is in a database)
            await asyncio.sleep(0.01)
        seen.set()
        return await inner(text, progress, **options)  # type: ignore[arg-type]

    often = replace(runs.carry_out, perseverance=Perseverance(renewal=timedelta(milliseconds=5)))
    async with asyncio.timeout(30):
        assert await replace(runs, import_catalog=slow, carry_out=often)() == 1  # type: ignore[arg-type]
    assert seen.is_set()
    assert (await shown(container, asked_for)).created == 2


async def test_each_try_of_an_export_writes_its_own_file(container: AsyncContainer) -> None:
    async with (await container.get(Store)).transaction() as tx:
        await tx.products.save([a_product("Lamp", slug="lamp")])
    asked_for = TransferId((await (await container.get(RequestExport))(MANAGER)).id)
    runs = await container.get(RunExports)
    tries = count(1)

    async def export_catalog(write: Write, progress: Progress) -> object:
        if next(tries) == 1:
            await write(b"half a file")
            raise Busy
        return await runs.export_catalog(write, progress)

    carry_out = replace(runs.carry_out, perseverance=Perseverance(pause=timedelta()))
    assert await replace(runs, export_catalog=export_catalog, carry_out=carry_out)() == 2  # type: ignore[arg-type]
    _, pieces = await (await container.get(ReadExport))(MANAGER, asked_for)
    data = b"".join([piece async for piece in pieces])
    assert data.startswith(b"Handle,")
    assert data.count(b"\r\n") == 2


async def test_a_week_after_it_ended_it_is_forgotten(container: AsyncContainer) -> None:
    asked_for = await asked(container)
    await run(container)
    forget = await container.get(ForgetTransfers)
    assert await forget() == 0
    later = replace(forget, clock=lambda: forget.clock() + timedelta(days=7, seconds=1))
    assert await later() == 1
    with pytest.raises(TransferNotFound):
        await shown(container, asked_for)
