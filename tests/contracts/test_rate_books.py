"""What every rate book must do: keep all that it says, number its changes, and be read again only after one."""

from dataclasses import replace
from decimal import Decimal

import pytest
from dishka import AsyncContainer

from application.checkout import Checkouts
from application.ports import StaleWrite, Store
from application.rates.charging import CurrentRates
from domain.accounts import UserId
from domain.rates import (
    NO_RATES,
    STANDARD,
    Area,
    RateBook,
    Rates,
    ShippingMethod,
    ShippingRate,
    ShippingZone,
    TaxClass,
    TaxZone,
    ZoneId,
)
from entrypoints.container import make_container
from entrypoints.settings import Settings
from entrypoints.shop import SOMEWHERE, Shop, ShopClock
from tests.audit import audit
from tests.builders import NOW, new_id, usd
from tests.conftest import on_machines

FULL_RATE = ShippingRate(
    price=usd("4.90"),
    per_kg=usd("0.50"),
    min_weight=0,
    max_weight=31_500,
    min_subtotal=usd("0.01"),
    max_subtotal=usd("999.99"),
)
POST = ShippingMethod(
    code="post", name="Post ✉", estimated_days=3, rates=(FULL_RATE, ShippingRate(price=usd("9"))), free_from=usd("50")
)
EUROPE = ShippingZone(
    id=ZoneId(new_id()),
    name="Europe",
    areas=(Area(country="DE"), Area(country="AT", postal_prefix="6"), Area(country="CH", region="Zürich")),
    methods=(POST,),
)
REST = ShippingZone(id=ZoneId(new_id()), name="Rest", areas=(), methods=())
TAXED = TaxZone(
    id=ZoneId(new_id()),
    name="Germany",
    areas=(Area(country="DE"),),
    rates={STANDARD: Decimal(19), "books": Decimal("7.0625")},
    includes_tax=True,
)
BOOKS = TaxClass("books", "Books")
ALL = Rates(shipping_zones=(EUROPE, REST), tax_zones=(TAXED,), tax_classes=(BOOKS,))


@pytest.fixture
def shop(container: AsyncContainer) -> Shop:
    return Shop(container, ShopClock())


async def fill(store: Store) -> None:
    async with store.transaction() as tx:
        book = await tx.rate_books.take()
        book.add_tax_class(BOOKS, NOW)
        book.put_shipping_zone(EUROPE, NOW)
        book.put_shipping_zone(REST, NOW)
        book.put_tax_zone(TAXED, NOW)
        await tx.rate_books.save(book)


async def test_a_shop_begins_without_rates(shop: Shop, store: Store) -> None:
    async with store.transaction() as tx:
        book = await tx.rate_books.take()
    assert (book.rates, book.version) == (NO_RATES, 0)
    assert await (await shop.get(CurrentRates)).at(0) == NO_RATES


async def test_all_that_it_says_is_kept(shop: Shop, store: Store) -> None:
    await fill(store)
    async with store.transaction() as tx:
        book = await tx.rate_books.take()
    assert (book.rates, book.version, book.events) == (ALL, 4, [])
    assert await (await shop.get(CurrentRates)).now() == ALL
    books = await audit(shop.container)
    assert [event["seq"] for event in books.events if event["aggregate"] == "ratebook"] == [1, 2, 3, 4]


async def test_what_was_not_saved_was_not_said(shop: Shop, store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.transaction() as tx:
            book = await tx.rate_books.take()
            book.put_shipping_zone(REST, NOW)
            await tx.rate_books.save(book)
            raise ZeroDivisionError
    assert await (await shop.get(CurrentRates)).now() == NO_RATES


async def test_of_two_changes_of_one_state_the_second_is_refused(store: Store) -> None:
    stale = RateBook(version=0)
    stale.put_shipping_zone(REST, NOW)
    await fill(store)
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            await tx.rate_books.save(stale)


async def test_a_checkout_reads_which_version_counts(shop: Shop, store: Store) -> None:
    checkouts, current = await shop.get(Checkouts), await shop.get(CurrentRates)
    nobody = UserId(new_id())
    assert await current.at((await checkouts.read(nobody, None)).rates) == NO_RATES
    await fill(store)
    state = await checkouts.read(nobody, None)
    assert state.rates == 4
    assert await current.at(state.rates) == ALL
    async with store.transaction() as tx:
        book = await tx.rate_books.take()
        book.remove_tax_zone(TAXED.id, NOW)
        await tx.rate_books.save(book)
    assert (await current.at((await checkouts.read(nobody, None)).rates)).tax_zones == ()


async def test_an_order_keeps_by_what_it_was_taxed_and_how_it_is_sent(shop: Shop, store: Store) -> None:
    await fill(store)
    await shop.has("NOVEL", price="9.99", tax_class="books")
    await shop.has("LAMP", price="19.99", weight=1_200)
    ann = await shop.customer("ann@example.com")
    await ann.add("NOVEL", 2)
    await ann.add("LAMP")
    order = await ann.checkout(shipping_address=replace(SOMEWHERE, country="DE"))
    kept = await ann.order(order.id)
    assert kept == order
    assert [(line.tax_rate, line.included_tax_amount) for line in kept.items] == [("7.0625", "1.32"), ("19", "3.19")]
    told = (kept.tax_amount, kept.included_tax_amount, kept.shipping_cost, kept.total_amount)
    assert told == ("0.00", "4.51", "5.90", "45.87")
    assert (kept.shipping_method, kept.shipping_method_name, kept.prices_include_tax) == ("post", "Post ✉", True)
    await ann.pay(order)
    await shop.run_jobs()
    await audit(shop.container)


async def test_every_process_goes_by_a_change_at_once(
    postgres_container: AsyncContainer, request: pytest.FixtureRequest, settings: Settings
) -> None:
    here = Shop(postgres_container, ShopClock())
    other = make_container(on_machines(request, settings))
    there = Shop(other, ShopClock())
    try:
        await here.has("LAMP", price="20.00")
        ann, bob = await here.customer("ann@example.com"), await there.customer("bob@example.com")
        assert [(await who.buy("LAMP")).total_amount for who in (ann, bob)] == ["32.00", "32.00"]
        zone = replace(TAXED, areas=(), rates={STANDARD: Decimal(50)}, includes_tax=False)
        async with (await here.get(Store)).transaction() as tx:
            book = await tx.rate_books.take()
            book.put_tax_zone(zone, NOW)
            await tx.rate_books.save(book)
        assert [(await who.buy("LAMP")).total_amount for who in (bob, ann)] == ["40.00", "40.00"]
    finally:
        await other.close()
