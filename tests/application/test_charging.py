"""Who says what shipping and taxes cost are ports: others can stand in, and where they are away nothing is ordered."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import httpx
import pytest
from dishka import Provider, Scope

from application.checkout import Checkout
from application.ports import Unavailable
from application.quoting import ListShippingOptions, QuoteCart
from application.rates.charging import Carriers, Taxes
from domain.promotions import Relief
from domain.rates import Consignment, Destination, Rates, ShippingOption, TaxTerms
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from entrypoints.shop import SOMEWHERE, Customer, Shop, open_shop
from tests.audit import audit
from tests.builders import usd
from tests.http.conftest import opened
from tests.http.shopping.callers import HOME, a_caller, refused


@dataclass
class Pigeons:
    """A carrier of another kind, that may be away."""

    is_away: bool = False
    asked: list[Consignment] = field(default_factory=list)

    async def options(self, consignment: Consignment, rates: Rates) -> Sequence[ShippingOption]:
        self.asked.append(consignment)
        if self.is_away:
            raise Unavailable("shipping")
        return [ShippingOption("pigeon", "Pigeon", usd("1.50"), 9)]


@dataclass
class Office:
    """A tax service, that may be away."""

    is_away: bool = False

    async def terms(self, consignment: Consignment, relief: Relief | None, rates: Rates) -> TaxTerms:
        if self.is_away:
            raise Unavailable("taxes")
        return TaxTerms((Decimal("5.5"),) * len(consignment.wanted))


@pytest.fixture
def pigeons() -> Pigeons:
    return Pigeons()


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def shop(settings: Settings, pigeons: Pigeons, office: Office) -> AsyncIterator[Shop]:
    others = Provider(scope=Scope.APP)
    others.provide(lambda: pigeons, provides=Carriers)
    others.provide(lambda: office, provides=Taxes)
    async with open_shop(settings, others) as made:
        yield made
        await audit(made.container)


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    await shop.has("LAMP", price="20.00", stock=5, weight=250)
    ann = await shop.customer("ann@example.com")
    await ann.add("LAMP", 2)
    return ann


async def test_others_can_say_what_it_costs(shop: Shop, ann: Customer, pigeons: Pigeons) -> None:
    found = await (await shop.get(ListShippingOptions))(ann.who, Destination("US"))
    assert [(option.code, option.price) for option in found.results] == [("pigeon", "1.50")]
    quote = await (await shop.get(QuoteCart))(ann.who, Checkout(shipping_address=SOMEWHERE))
    order = await ann.checkout()
    assert quote.total_amount == order.total_amount == "43.70"
    assert (order.shipping_method, order.tax_amount, order.items[0].tax_rate) == ("pigeon", "2.20", "5.5")
    assert {(asked.weight, asked.subtotal) for asked in pigeons.asked} == {(500, usd("40.00"))}
    assert pigeons.asked[-1].destination == Destination("US", "", "12345")


@pytest.mark.parametrize("part", ["shipping", "taxes"])
async def test_while_they_are_away_nothing_is_ordered(
    shop: Shop, ann: Customer, pigeons: Pigeons, office: Office, part: str
) -> None:
    away = pigeons if part == "shipping" else office
    away.is_away = True
    with pytest.raises(Unavailable) as refusal:
        await ann.checkout()
    assert refusal.value.part == part
    assert ((await ann.cart()).items_count, (await shop.stock("LAMP")).reserved) == (2, 0)
    away.is_away = False
    assert (await ann.checkout()).total_amount == "43.70"


async def test_only_checkout_quotes_and_options_suffer(
    shop: Shop, settings: Settings, pigeons: Pigeons, ann: Customer
) -> None:
    pigeons.is_away = True
    async with opened(build_app(settings, shop.container)) as client:
        caller = await a_caller(shop, client)
        lamp = (await caller.get("products/products/"))["results"][0]
        await caller.post("orders/cart/add_item/", {"product_id": lamp["id"]})
        unavailable(await caller("GET", "orders/cart/shipping_options/?country=US"))
        for path in ("quote", "checkout"):
            unavailable(await caller("POST", f"orders/cart/{path}/", {"shipping_address": HOME}))
        assert (await caller.get("orders/cart/"))["items_count"] == 1
        assert (await caller.get("orders/orders/"))["results"] == []


def unavailable(answer: httpx.Response) -> None:
    assert refused(answer) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
