"""Imports and exports in real worker processes, one of which is killed in the middle."""

import signal

from adapters.postgres.database import Database
from application.transfers.asking import RequestExport, RequestImport, Upload
from application.transfers.views import ImportView, TransferViews, export_view, import_view
from domain.accounts import Actor, Role
from domain.transfers import TransferId
from entrypoints.settings import Settings
from tests.audit import audit
from tests.worker.conftest import TinyShop, eventually
from tests.worker.test_outages import a_process

HEADINGS = b"Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\n"
MUGS = HEADINGS + b"".join(b"mug-%d,Mug,MUG-%d,5,3\n" % (n, n) for n in range(1_200))


def manager(shop: TinyShop) -> Actor:
    return Actor(shop.customer.user, frozenset({Role.CATALOG_MANAGER}))


async def found(shop: TinyShop, id: TransferId) -> ImportView:
    transfer = await (await shop.container.get(TransferViews)).find(id)
    assert transfer is not None
    return import_view(transfer)


async def test_a_worker_that_is_killed_in_the_middle_of_an_import_loses_nothing_and_does_nothing_twice(
    shop: TinyShop, machine_settings: Settings
) -> None:
    request = await shop.container.get(RequestImport)
    asked = TransferId((await request(manager(shop), Upload(data=MUGS))).id)

    async def is_stuck() -> bool:
        return bool(await shop.sql("select count(*) from pg_locks where relation = 'stock'::regclass and not granted"))

    async def is_done() -> bool:
        return (await found(shop, asked)).status == "done"

    database = await shop.container.get(Database)
    async with a_process(machine_settings) as first, database.transaction() as connection:
        await connection.execute("lock table stock in share mode")
        await eventually(is_stuck)
        first.send_signal(signal.SIGKILL)
        await first.wait()
    assert (await found(shop, asked)).status == "running"
    assert await shop.sql("select count(*) from product where slug like 'mug-%'") == 0
    # Its lease would end after half a minute: let that time be over.
    await shop.sql("update transfer set due_at = due_at - interval '30 s' returning 1")
    async with a_process(machine_settings):
        await eventually(is_done)
    done = await found(shop, asked)
    assert (done.created, done.unchanged, done.rows_done) == (1_200, 0, 1_200)
    assert await shop.sql("select attempts from transfer") == 2
    assert await shop.sql("select count(*) from transfer_chunk") == 0
    await audit(shop.container)


async def test_a_worker_writes_the_file_of_an_export(shop: TinyShop, machine_settings: Settings) -> None:
    asked = TransferId((await (await shop.container.get(RequestExport))(manager(shop))).id)
    views = await shop.container.get(TransferViews)

    async def is_done() -> bool:
        transfer = await views.find(asked)
        return transfer is not None and export_view(transfer).url is not None

    async with a_process(machine_settings):
        await eventually(is_done)
    assert await shop.sql("select position('lamp,Lamp' in convert_from(data, 'UTF8')) from transfer_chunk") > 0
