"""The desk that the tests of accounts work at, and a whole shop whose hashes cost little."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from dishka import Provider, Scope

from application.outbox import Patience
from application.ports import Passwords, Store
from entrypoints.settings import Settings
from entrypoints.shop import Shop, open_shop
from tests.application.accounts.desk import CHEAP, Desk
from tests.audit import audit
from tests.conftest import on_machines


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


@pytest.fixture(params=["memory", "postgres"])
async def shop(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Shop]:
    """Whatever a test does: in the end, once the jobs have run, the books must balance."""
    made = settings if request.param == "memory" else on_machines(request, settings)
    instead = Provider(scope=Scope.APP)
    instead.provide(lambda: CHEAP, provides=Passwords)
    instead.provide(lambda: Patience(first=timedelta()), provides=Patience)
    async with open_shop(made, instead) as opened:
        yield opened
        opened.clock.pass_(timedelta(minutes=1))
        await opened.run_jobs()
        await audit(opened.container)
