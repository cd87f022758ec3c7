"""The schema: migrations make what the records declare, up and down again, and two starts at once migrate once."""

import asyncio
from uuid import uuid4

import asyncpg
import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.embedded import Addresses
from adapters.postgres import migrate
from adapters.postgres.database import driver_url
from adapters.postgres.records import METADATA
from adapters.postgres.revision import head, is_current
from domain.categories import CategoryChanged
from domain.errors import InvalidField
from domain.promotions import CouponChanged
from tests.conftest import on_database

OLD_CATEGORY = """insert into category (id, name, slug, description, parent_id, is_active, version)
values ($1, 'Old', $2, '', $3, true, $4)"""
OLD_COUPON = """insert into coupon (id, code, kind, value, currency, categories, products, created_at, used, version)
values ($1, 'TEN', 'percent', 1000, 'USD', '{}', '{}', now(), 0, 2)"""
TABLES = "select count(*) from pg_tables where schemaname in ('public', 'sandbox')"


@pytest.fixture
async def empty_url(machines: Addresses) -> str:
    assert machines.database_url is not None
    name = f"empty_{uuid4().hex}"
    connection = await asyncpg.connect(machines.database_url)
    await connection.execute(f"create database {name}")
    await connection.close()
    return on_database(machines.database_url, name)


async def test_the_migrated_schema_is_the_declared_one(postgres_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, METADATA))

    engine = create_async_engine(driver_url(postgres_url))
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert [each for each in found if "alembic_version" not in str(each)] == []


async def test_down_and_up_again_leaves_nothing_and_then_everything(empty_url: str) -> None:
    await migrate.upgrade(empty_url)
    before = await _value(empty_url, TABLES)
    await migrate.downgrade(empty_url, "base")
    assert await _value(empty_url, TABLES) == 1  # alembic_version
    await migrate.upgrade(empty_url)
    assert await _value(empty_url, TABLES) == before


async def test_two_starts_at_once_migrate_once(empty_url: str) -> None:
    await asyncio.gather(*(migrate.upgrade(empty_url) for _ in range(2)))
    assert await _value(empty_url, "select version_num from alembic_version") == head()


async def test_the_code_knows_the_newest_revision_without_alembic(empty_url: str) -> None:
    assert head() == ScriptDirectory.from_config(migrate.config()).get_current_head()
    connection = await asyncpg.connect(empty_url)
    assert not await is_current(connection)
    await migrate.upgrade(empty_url)
    assert await is_current(connection)
    await connection.close()


async def test_categories_of_an_older_shop_were_created_as_far_as_the_log_knows(empty_url: str) -> None:
    await migrate.upgrade(empty_url, "0001")
    connection = await asyncpg.connect(empty_url)
    top, below = uuid4(), uuid4()
    for category, slug, parent, version in ((top, "top", None, 3), (below, "below", top, 1)):
        await connection.execute(OLD_CATEGORY, category, slug, parent, version)
    await migrate.upgrade(empty_url)
    rows = await connection.fetch("select aggregate_id, seq, data from outbox where type = 'CategoryChanged'")
    told = {row["aggregate_id"]: msgspec.json.decode(row["data"], type=CategoryChanged) for row in rows}
    assert [(told[one].change, told[one].slug, told[one].parent) for one in (top, below)] == [
        ("created", "top", None),
        ("created", "below", top),
    ]
    assert {row["seq"] for row in rows} == {1}
    assert [row[0] for row in await connection.fetch("select version from category")] == [1, 1]
    await migrate.downgrade(empty_url, "0001")
    assert await connection.fetchval("select count(*) from outbox") == 0
    await connection.close()


async def test_coupons_of_an_older_shop_were_changed_as_often_as_they_count(empty_url: str) -> None:
    await migrate.upgrade(empty_url, "0013")
    connection = await asyncpg.connect(empty_url)
    coupon = uuid4()
    await connection.execute(OLD_COUPON, coupon)
    await migrate.upgrade(empty_url)
    rows = await connection.fetch("select seq, data from outbox where aggregate_id = $1 order by seq", coupon)
    told = [msgspec.json.decode(row["data"], type=CouponChanged) for row in rows]
    assert [(row["seq"], each.change, each.code) for row, each in zip(rows, told, strict=True)] == [
        (1, "created", "TEN"),
        (2, "changed", "TEN"),
    ]
    await migrate.downgrade(empty_url, "0013")
    assert await connection.fetchval("select count(*) from outbox") == 0
    await connection.close()


async def _value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_what_is_no_revision_is_refused_by_name(postgres_url: str) -> None:
    for move in (migrate.upgrade, migrate.downgrade):
        with pytest.raises(InvalidField, match=r"revision: .*'nonsense'"):
            await move(postgres_url, "nonsense")
