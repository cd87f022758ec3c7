"""A shop in process, in memory and on PostgreSQL, with a line to the payment gateway that tests can tap."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from dishka import Provider, Scope

from application.outbox import Patience
from entrypoints.settings import Settings
from entrypoints.shop import Shop, open_shop
from tests.application.wires import Wire, wired
from tests.audit import audit
from tests.conftest import on_machines


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture(params=["memory", "postgres"])
async def shop(request: pytest.FixtureRequest, settings: Settings, wire: Wire) -> AsyncIterator[Shop]:
    """Whatever a test does: in the end, once the jobs have run, the books must balance."""
    made = settings if request.param == "memory" else on_machines(request, settings)
    prompt = Provider(scope=Scope.APP)
    prompt.provide(lambda: Patience(first=timedelta()), provides=Patience)
    async with open_shop(made, wired(wire), prompt) as opened:
        yield opened
        wire.cut.clear()
        wire.fails.clear()
        opened.clock.pass_(timedelta(minutes=1))
        await opened.run_jobs()
        await audit(opened.container)
