"""The sandbox's books on PostgreSQL: when they cannot be read, and when the mistake is ours."""

import pytest
from sqlalchemy.exc import ProgrammingError

from adapters.embedded import Addresses
from adapters.postgres.database import Database
from adapters.sandbox.gateway import SandboxGateway
from adapters.sandbox.ledger import PostgresLedger
from adapters.security.seal import AesSeal
from application.ports import Unavailable
from domain.money import Money
from domain.ordering import OrderId
from tests.builders import new_id


async def test_without_its_database_the_gateway_is_away() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")
    gateway = SandboxGateway(PostgresLedger(database.engine, AesSeal("x" * 32)))
    for asked in (
        gateway.intent("pi_1"),
        gateway.create_intent(OrderId(new_id()), Money(1, "USD"), "k"),
        gateway.cancel_intent("pi_1"),
        gateway.confirm("pi_1", "4242424242424242"),
    ):
        with pytest.raises(Unavailable) as away:
            await asked
        assert away.value.part == "payments"
    await database.close()


async def test_books_that_were_never_laid_out_are_no_outage(machines: Addresses) -> None:
    assert machines.database_url is not None
    database = Database(machines.database_url)  # not migrated
    with pytest.raises(ProgrammingError):
        await PostgresLedger(database.engine, AesSeal("x" * 32)).find("pi_1")
    await database.close()
