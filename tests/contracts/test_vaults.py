"""Where secrets are kept sealed: they follow the shop's newest key, whoever is at it, and none is ever lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.postgres.database import Database
from adapters.postgres.idempotency import AnswersVault, PostgresMemory
from adapters.sandbox.ledger import PostgresLedger
from adapters.sandbox.vault import SandboxVault
from adapters.security.seal import AesSeal
from application.idempotency import Answer, Claim, Once
from application.sealing import AT_ONCE, Resealed, ResealSecrets, SealBroken, Vaults
from domain.money import Money
from domain.ordering import OrderId
from domain.payments import Intent, PaymentState
from tests.builders import new_id

OLD, NEW = "the shop's secret of last year..", "the shop's secret of this year.."
BODY = b'{"client_secret":"pi_1_secret"}'
COUNT = AT_ONCE + 1  # more than one batch


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url)
    yield database
    await database.close()


def resealing(database: Database, seal: AesSeal) -> ResealSecrets:
    return ResealSecrets(Vaults((SandboxVault(database.engine), AnswersVault(database))), seal)


def an_intent(number: int) -> Intent:
    order, amount = OrderId(new_id()), Money(100, "USD")
    secret = f"pi_{number}_secret"
    return Intent(id=f"pi_{number}", client_secret=secret, order=order, amount=amount, state=PaymentState.PENDING)


def a_key(number: int, *, secret: bool = True) -> Once:
    return Once("user:1", f"k{number}", "POST /pay", b"", 200, secret)


async def sealed(database: Database, seal: AesSeal, count: int = COUNT) -> None:
    """So many intents and answers."""
    ledger, memory = PostgresLedger(database.engine, seal), PostgresMemory(database, seal)
    for number in range(count):
        await ledger.open(f"key {number}", an_intent(number))
        claim = await memory.claim(a_key(number), timedelta(minutes=1))
        assert isinstance(claim, Claim)
        await memory.conclude(claim, Answer(BODY, 200))


async def readable(database: Database, seal: AesSeal) -> int:
    """How many there are, each of which has to be what it was."""
    ledger, memory, number = PostgresLedger(database.engine, seal), PostgresMemory(database, seal), 0
    while (intent := await ledger.find(f"pi_{number}")) is not None:
        assert intent.client_secret == f"pi_{number}_secret"
        kept = await memory.recall(a_key(number))
        assert kept is not None
        assert kept.body == BODY
        number += 1
    return number


async def test_the_old_key_may_go_once_everything_has_the_new_one(database: Database) -> None:
    await sealed(database, AesSeal(OLD))
    both, told = AesSeal(NEW, [OLD]), list[tuple[int, int]]()
    assert await readable(database, both) == COUNT
    reseal = resealing(database, both)
    assert await reseal(lambda done, total: told.append((done, total))) == Resealed(2 * COUNT)
    assert told == [(done, 2 * COUNT) for done in (AT_ONCE, COUNT, COUNT + AT_ONCE, 2 * COUNT)]
    assert await reseal() == Resealed()
    assert await readable(database, AesSeal(NEW)) == COUNT
    with pytest.raises(SealBroken):
        await readable(database, AesSeal(OLD))


async def test_on_a_live_shop_and_by_several_at_once_nothing_is_lost(database: Database) -> None:
    await sealed(database, AesSeal(OLD))
    both = AesSeal(NEW, [OLD])

    async def selling() -> None:
        memory = PostgresMemory(database, both)
        for number in range(COUNT):
            await memory.remember(a_key(number), Answer(BODY, 200))
            assert await readable(database, both) == COUNT if number % 50 == 0 else True

    await asyncio.gather(*(resealing(database, both)() for _ in range(3)), selling())
    assert await resealing(database, both)() == Resealed()
    assert await readable(database, AesSeal(NEW)) == COUNT


async def test_what_an_older_shop_kept_in_clear_is_sealed(database: Database) -> None:
    await sealed(database, AesSeal(NEW), 1)
    async with database.connection() as connection:
        await connection.execute("update sandbox.intent set client_secret = convert_to('pi_0_secret', 'UTF8')")
    assert await readable(database, AesSeal(NEW)) == 1
    assert await resealing(database, AesSeal(NEW))() == Resealed(1)
    async with database.connection() as connection:
        assert bytes(await connection.fetchval("select client_secret from sandbox.intent"))[:1] == b"\x01"
    assert await readable(database, AesSeal(NEW)) == 1


async def test_what_nobody_can_open_is_counted_and_left_alone(database: Database) -> None:
    await sealed(database, AesSeal("a secret that somebody has lost."), 3)
    assert await resealing(database, AesSeal(NEW, [OLD]))() == Resealed(0, 6)
    assert await readable(database, AesSeal("a secret that somebody has lost.")) == 3


async def test_answers_that_are_no_secret_are_kept_as_they_are(database: Database) -> None:
    memory = PostgresMemory(database, AesSeal(NEW))
    await memory.remember_refusal(a_key(1, secret=False), Answer(b'{"code":"no"}', 409))
    async with database.connection() as connection:
        assert bytes(await connection.fetchval("select body from once")) == b'{"code":"no"}'
    assert await resealing(database, AesSeal(NEW))() == Resealed()
