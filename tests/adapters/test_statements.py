"""Every .sql file is a statement that the migrated schema understands."""

from importlib.resources import files

import asyncpg

from adapters.postgres.cart import CARRIED_SQL, OFFERS_SQL
from adapters.postgres.database import statement

PARTS = {"carried", "coupon", "offers"}  # of other statements
NAMES = sorted(
    entry.name.removesuffix(".sql")
    for entry in files("adapters.postgres").joinpath("sql").iterdir()
    if entry.name.endswith(".sql")
)


async def test_every_statement_can_be_prepared(postgres_url: str) -> None:
    whole = [name for name in NAMES if name not in PARTS]
    connection = await asyncpg.connect(postgres_url)
    for name in whole:
        text = statement(name).replace("/*offers*/", OFFERS_SQL).replace("/*carried*/", CARRIED_SQL)
        await connection.prepare(text.replace("$customer", "$6" if name == "checkout_read" else "$4"))
    await connection.close()
    assert {"basket", "checkout_read", "checkout_write", "order_get"} <= set(whole)
