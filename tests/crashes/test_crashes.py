"""A few deaths at each change; `make crash` dies them all."""

from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from application.checkout import Checkouts
from application.outbox import Outbox
from application.ports import Mailer, PaymentGateway, SandboxCards, Store
from domain.inventory import Stock
from domain.ordering import Orders
from domain.payments import Payments
from domain.promotions import Coupons
from tests.crashes.points import PORTS, REPOSITORIES, asked_of, protocols
from tests.crashes.running import DATABASE, WEB, WORKER, Death, deaths, die
from tests.crashes.scenes import SCENES, Scene
from tests.crashes.shop import CrashShop, opened

# What a port hands out, what the worker calls, what is there with Meilisearch alone, and one of several.
PARTS = {"Transaction", "EventHandler", "SeparateIndex", "Vault"}
ON_THE_WAY = (Checkouts, Store, PaymentGateway, SandboxCards, Outbox, Mailer, Orders, Payments, Stock, Coupons)
ELSEWHERE = {
    "coupons": {"find_by_code", "take", "most_uses", "save"},  # staff write them, customers choose them
    "stock": {"remove"},  # of a product that goes
}
DECISIVE = (
    "ending Store.transaction",
    "after Store.transaction",
    "after Memory.together",
    "after Checkouts.write",
    "after PaymentGateway.refund",
    "after SandboxCards.confirm",
    "after Mailer.send",
)

Listed = Mapping[str, Sequence[Death]]


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CrashShop]:
    async with opened(tmp_path_factory.mktemp("crashes")) as shop:
        yield shop
        await shop.audit_by_command()


@pytest.fixture(scope="module")
async def listed(shop: CrashShop) -> Listed:
    """Every death of every scene."""
    return {scene.name: await deaths(shop, scene) for scene in SCENES}


def test_every_port_has_points() -> None:
    waited_for = {protocol.__name__ for protocol in protocols() if asked_of(protocol)}
    assert waited_for - {port.__name__ for port in PORTS} == PARTS


async def test_whoever_asks_for_anything_on_the_way_of_an_order_can_die_there(listed: Listed) -> None:
    names = {protocol: name for name, protocol in REPOSITORIES.items()}
    wanted = {
        f"{when} {name}.{method}"
        for port in ON_THE_WAY
        for name in [names.get(port, port.__name__)]
        for method in set(asked_of(port)) - ELSEWHERE.get(name, set())
        for when in ("before", "after")
    }
    met = {death.point.partition(" (")[0] for found in listed.values() for death in found}
    assert wanted - met == set()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_what_is_done_is_done_once_whoever_dies(shop: CrashShop, listed: Listed, scene: Scene) -> None:
    for death in chosen(listed[scene.name]):
        await die(shop, death)


def chosen(found: Sequence[Death]) -> list[Death]:
    """The last decisive point of each process, and one of the database."""
    decisive = [death for death in found if death.point.startswith(DECISIVE)]
    of = {(process, process): None for process in (WEB, WORKER)} | {(WEB, DATABASE): None}
    last = {(death.process, death.victim): death for death in decisive}
    return [last[key] for key in of if key in last]
