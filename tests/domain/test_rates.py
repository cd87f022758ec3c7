"""Rates: which zone an address is in, what a method costs, and what is taxed."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import Offer, ProductId
from domain.errors import InvalidField
from domain.money import Money
from domain.pricing import Quote, Terms, quote
from domain.promotions import Relief
from domain.rates import (
    BOOK,
    EXEMPT,
    NO_RATES,
    STANDARD,
    Area,
    Consignment,
    Destination,
    NoShippingMethod,
    RateBook,
    RateChange,
    RatesChanged,
    ShippingMethod,
    ShippingOption,
    ShippingRate,
    ShippingZone,
    TaxClass,
    TaxClassInUse,
    TaxClassNotFound,
    TaxClassTaken,
    TaxTerms,
    TaxZone,
    ZoneId,
    ZoneNotFound,
    ZoneOverlap,
    chosen,
    closest,
    spelt,
)
from tests.builders import NOW, new_id, usd

SOMEWHERE = Destination("US", "CA", "90210")


def an_offer(price: str = "10.00", *, weight: int = 0, tax_class: str = STANDARD) -> Offer:
    return Offer(
        product=ProductId(new_id()),
        variant=None,
        product_name="Lamp",
        product_slug="lamp",
        variant_name="",
        sku="LAMP",
        price=usd(price),
        image=None,
        on_sale=True,
        tracked=True,
        weight=weight,
        tax_class=tax_class,
    )


def a_consignment(price: str = "10.00", quantity: int = 1, *, weight: int = 0) -> Consignment:
    return Consignment([(an_offer(price, weight=weight), quantity)], SOMEWHERE, "USD")


def a_method(*rates: ShippingRate, code: str = "post", **fields: Any) -> ShippingMethod:
    return ShippingMethod(
        code=code, name=code.title(), estimated_days=3, rates=rates or (ShippingRate(price=usd("5.00")),), **fields
    )


def a_shipping_zone(name: str, *areas: Area, methods: tuple[ShippingMethod, ...] | None = None) -> ShippingZone:
    return ShippingZone(
        id=ZoneId(new_id()), name=name, areas=areas, methods=(a_method(),) if methods is None else methods
    )


def a_tax_zone(name: str, *areas: Area, includes_tax: bool = False, **rates: str) -> TaxZone:
    percents = {code: Decimal(rate) for code, rate in (rates or {"standard": "19"}).items()}
    return TaxZone(id=ZoneId(new_id()), name=name, areas=areas, rates=percents, includes_tax=includes_tax)


WORLD = a_shipping_zone("world")
USA = a_shipping_zone("usa", Area(country="US"))
CALIFORNIA = a_shipping_zone("california", Area(country="US", region="CA"), Area(country="US", region="California"))
HILLS = a_shipping_zone("hills", Area(country="US", postal_prefix="902"))
BEVERLY = a_shipping_zone("beverly", Area(country="US", postal_prefix="9021"))
BENELUX = a_shipping_zone("benelux", *(Area(country=code) for code in ("BE", "NL", "LU")))
ZONES = (WORLD, USA, CALIFORNIA, HILLS, BEVERLY, BENELUX)


@pytest.mark.parametrize(
    ("destination", "zone"),
    [
        (Destination("US", "CA", "90210"), BEVERLY),
        (Destination("US", "CA", "90 2-20"), HILLS),
        (Destination("US", "CA", "94105"), CALIFORNIA),
        (Destination("US", " us-ca ", ""), CALIFORNIA),
        (Destination("US", "california", ""), CALIFORNIA),
        (Destination("US", "NY", "10001"), USA),
        (Destination("US"), USA),
        (Destination("NL", "CA", "90210"), BENELUX),
        (Destination("DE", "CA", "90210"), WORLD),
    ],
)
def test_the_closest_zone_counts(destination: Destination, zone: ShippingZone) -> None:
    assert closest(ZONES, destination) is zone
    assert closest(reversed(ZONES), destination) is zone


def test_beyond_all_zones_there_is_none() -> None:
    assert closest((USA, BENELUX), Destination("DE")) is None
    assert closest((), SOMEWHERE) is None


def test_british_postcodes_are_compared_without_their_blank() -> None:
    highlands = a_shipping_zone("highlands", Area(country="GB", postal_prefix="iv"))
    assert closest((highlands,), Destination("GB", "", "IV1 1AA")) is highlands
    assert closest((highlands,), Destination("GB", "", "EC1A 1BB")) is None


@pytest.mark.parametrize(
    ("weight", "quantity", "price"),
    [(0, 1, "4.00"), (999, 1, "4.00"), (1000, 1, "4.00"), (1001, 1, "7.00"), (500, 10, "7.00"), (501, 10, None)],
)
def test_the_first_rate_that_covers_the_weight_counts(weight: int, quantity: int, price: str | None) -> None:
    method = a_method(
        ShippingRate(price=usd("4.00"), max_weight=1_000), ShippingRate(price=usd("7.00"), max_weight=5_000)
    )
    option = method.option(a_consignment(quantity=quantity, weight=weight))
    assert (option and option.price) == (usd(price) if price else None)


@pytest.mark.parametrize(
    ("weight", "price"), [(0, "2.00"), (1, "2.50"), (1000, "2.50"), (1001, "3.00"), (9999, "7.00")]
)
def test_every_kilogram_that_is_begun_costs(weight: int, price: str) -> None:
    method = a_method(ShippingRate(price=usd("2.00"), per_kg=usd("0.50")))
    assert method.option(a_consignment(weight=weight)) == ShippingOption("post", "Post", usd(price), 3)


@pytest.mark.parametrize(
    ("subtotal", "price"),
    [("9.99", None), ("10.00", "5.00"), ("19.99", "5.00"), ("20.00", "3.00"), ("49.99", "3.00"), ("50.00", "0.00")],
)
def test_rates_by_subtotal_and_free_from_a_threshold(subtotal: str, price: str | None) -> None:
    method = a_method(
        ShippingRate(price=usd("5.00"), min_subtotal=usd("10.00"), max_subtotal=usd("19.99")),
        ShippingRate(price=usd("3.00"), min_subtotal=usd("20.00")),
        free_from=usd("50.00"),
    )
    option = method.option(a_consignment(subtotal))
    assert (option and option.price) == (usd(price) if price else None)


def test_what_no_rate_covers_is_not_sent_for_nothing_either() -> None:
    method = a_method(ShippingRate(price=usd("5.00"), max_weight=1_000), free_from=usd("10.00"))
    assert method.option(a_consignment(weight=1_001)) is None


def test_nothing_is_sent_for_more_than_anything_may_cost() -> None:
    method = a_method(ShippingRate(price=usd("0"), per_kg=usd("99999999")))
    assert method.option(a_consignment(weight=1_000)) == ShippingOption("post", "Post", usd("99999999"), 3)
    assert method.option(a_consignment(weight=1_001)) is None


def test_methods_are_offered_in_their_order_and_the_first_is_taken_unless_one_is_named() -> None:
    zone = a_shipping_zone(
        "usa",
        methods=(a_method(code="slow"), a_method(ShippingRate(price=usd("1"), min_weight=1)), a_method(code="fast")),
    )
    options = zone.options(a_consignment())
    assert [option.code for option in options] == ["slow", "fast"]
    assert chosen(options, None).code == "slow"
    assert chosen(options, "fast").code == "fast"
    with pytest.raises(InvalidField) as refused:
        chosen(options, "post")
    assert (refused.value.pointer, refused.value.reason) == ("/shipping_method", "invalid-choice")
    with pytest.raises(NoShippingMethod):
        chosen([], None)
    with pytest.raises(NoShippingMethod):
        chosen([], "slow")


def test_a_class_without_a_rate_is_taxed_as_standard_and_exempt_never() -> None:
    zone = a_tax_zone("de", standard="19", books="7")
    assert [zone.rate(code) for code in (STANDARD, "books", "shoes", EXEMPT)] == [19, 7, 19, 0]
    wanted = [(an_offer(tax_class="books"), 1), (an_offer(), 2), (an_offer(tax_class=EXEMPT), 3)]
    assert zone.terms(wanted) == TaxTerms((Decimal(7), Decimal(19), Decimal(0)), included=False)


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [
        (11_900, "19", 1_900),
        (1_999, "19", 319),
        (10_700, "7", 700),
        (2_499, "20", 417),  # 416.5, half up
        (1, "19", 0),
        (4, "19", 1),
        (0, "19", 0),
        (999, "0", 0),
        (200, "100", 100),
        (10_000, "8.875", 815),
        (-2_499, "20", -417),
    ],
)
def test_the_tax_within_a_price(gross: int, rate: str, tax: int) -> None:
    assert Money(gross, "USD").contained(Decimal(rate)) == Money(tax, "USD")


def terms(*rates: str, included: bool, shipping: int = 500) -> Terms:
    return Terms(
        shipping=ShippingOption("post", "Post", Money(shipping, "USD"), 3),
        taxes=TaxTerms(tuple(map(Decimal, rates)), included),
    )


def test_with_taxes_within_the_prices_nothing_is_added() -> None:
    told = quote([(an_offer("19.99"), 2), (an_offer("5.00"), 1)], terms("19", "7", included=True))
    assert (told.subtotal, told.tax, told.shipping, told.total) == (usd("44.98"), usd("0"), usd("5"), usd("49.98"))
    assert [line.included_tax for line in told.lines] == [usd("6.38"), usd("0.33")]
    assert told.included_tax == usd("6.71")


def test_a_discount_comes_off_before_the_tax_within_is_told() -> None:
    off = Relief((usd("3.98"), usd("0")))
    told = quote([(an_offer("19.99"), 2), (an_offer("5.00"), 1)], terms("19", "7", included=True), off)
    assert [(line.total, line.included_tax) for line in told.lines] == [
        (usd("36.00"), usd("5.75")),
        (usd("5.00"), usd("0.33")),
    ]
    assert told.total == usd("46.00")


def test_each_line_has_its_own_rate() -> None:
    told = quote(
        [(an_offer("24.99"), 1), (an_offer("2.50"), 1), (an_offer("0.50"), 1)], terms("10.75", "5", "0", included=False)
    )
    assert [line.tax for line in told.lines] == [usd("2.69"), usd("0.13"), usd("0")]
    assert (told.tax, told.included_tax, told.total) == (usd("2.82"), usd("0"), usd("35.81"))


prices = st.integers(0, 99_999_999)
lines = st.tuples(prices, st.integers(1, 9_999), st.decimals(0, 100, places=4))


@given(st.lists(lines, min_size=1, max_size=20), st.integers(0, 10_000), st.booleans(), st.booleans())
def test_whatever_is_bought_lines_make_the_totals(
    wanted: list[tuple[int, int, Decimal]], permyriad: int, included: bool, free: bool
) -> None:
    bought = [(replace(an_offer(), price=Money(price, "USD")), quantity) for price, quantity, _ in wanted]
    gross = [price * quantity for price, quantity, _ in wanted]
    off = Money(sum(gross) * permyriad // 10_000, "USD")
    shares = off.split(gross) if off else [off] * len(gross)
    told = quote(bought, terms(*(str(rate) for *_, rate in wanted), included=included), Relief(tuple(shares), free))
    adds_up(told)
    assert told.shipping == Money(0 if free else 500, "USD")
    for line in told.lines:
        net = line.total - line.included_tax
        assert Money(0, "USD") <= line.included_tax <= line.total
        assert line.tax >= Money(0, "USD")
        assert (line.tax if included else line.included_tax) == Money(0, "USD")
        if included:
            exact = Decimal(line.total.amount) * line.tax_rate / (100 + line.tax_rate)
            assert abs(line.included_tax.amount - exact) <= Decimal("0.5")
            assert abs(net.percent(line.tax_rate).amount - line.included_tax.amount) <= 1


def adds_up(told: Quote) -> None:
    assert sum(line.discount.amount for line in told.lines) == told.discount.amount
    assert sum(line.total.amount for line in told.lines) == (told.subtotal - told.discount).amount
    assert sum(line.tax.amount for line in told.lines) == told.tax.amount
    assert told.total == told.subtotal - told.discount + told.tax + told.shipping


def changes(book: RateBook) -> list[tuple[str, str, RateChange]]:
    return [(event.kind, event.name, event.change) for event in book.drain() if isinstance(event, RatesChanged)]


def test_the_book_tells_of_every_change_and_of_nothing_else() -> None:
    book = RateBook()
    book.put_shipping_zone(USA, NOW)
    book.put_shipping_zone(USA, NOW)
    dearer = replace(USA, methods=(a_method(ShippingRate(price=usd("6.00"))),))
    book.put_shipping_zone(dearer, NOW)
    assert book.rates.shipping_zones == (dearer,)
    book.remove_shipping_zone(USA.id, NOW)
    assert book.id == BOOK
    assert book.rates == NO_RATES
    assert changes(book) == [
        ("shipping-zone", "usa", RateChange.CREATED),
        ("shipping-zone", "usa", RateChange.CHANGED),
        ("shipping-zone", "usa", RateChange.REMOVED),
    ]
    assert book.version == 3
    with pytest.raises(ZoneNotFound):
        book.remove_shipping_zone(USA.id, NOW)
    with pytest.raises(ZoneNotFound):
        book.remove_tax_zone(USA.id, NOW)


def test_a_change_tells_what_differs() -> None:
    book = RateBook()
    zone = a_tax_zone("de", Area(country="DE"))
    book.put_tax_zone(zone, NOW)
    book.put_tax_zone(replace(zone, rates={STANDARD: Decimal(16)}), NOW)
    _, changed = book.drain()
    assert isinstance(changed, RatesChanged)
    assert (changed.before, changed.after) == ({"rates": {STANDARD: 19}}, {"rates": {STANDARD: 16}})


def test_no_area_is_in_two_zones_of_a_kind() -> None:
    book = RateBook()
    book.put_shipping_zone(USA, NOW)
    book.put_shipping_zone(WORLD, NOW)
    book.put_tax_zone(a_tax_zone("usa", Area(country="US")), NOW)
    for other in (a_shipping_zone("america", Area(country="CA"), Area(country="US")), a_shipping_zone("elsewhere")):
        with pytest.raises(ZoneOverlap):
            book.put_shipping_zone(other, NOW)
    book.put_shipping_zone(CALIFORNIA, NOW)
    with pytest.raises(ZoneOverlap) as refused:
        book.put_shipping_zone(a_shipping_zone("ca", Area(country="US", region="us-ca")), NOW)
    assert refused.value.facts == {"zone": str(CALIFORNIA.id), "name": "california"}


def test_a_class_that_is_used_stays() -> None:
    book = RateBook()
    book.add_tax_class(TaxClass("books", "Books"), NOW)
    with pytest.raises(TaxClassTaken):
        book.add_tax_class(TaxClass("books", "More books"), NOW)
    with pytest.raises(TaxClassTaken):
        book.add_tax_class(TaxClass(EXEMPT, "Exempt"), NOW)
    zone = a_tax_zone("de", standard="19", books="7")
    book.put_tax_zone(zone, NOW)
    for code in ("books", STANDARD, EXEMPT):
        with pytest.raises(TaxClassInUse):
            book.remove_tax_class(code, NOW)
    book.remove_tax_zone(zone.id, NOW)
    book.remove_tax_class("books", NOW)
    with pytest.raises(TaxClassNotFound):
        book.remove_tax_class("books", NOW)
    assert book.rates.tax_classes == ()


US = Area(country="US")


@pytest.mark.parametrize(
    ("zone", "pointer", "reason"),
    [
        (a_shipping_zone("x", Area(country="ZZ")), "/areas/0/country", "invalid-country"),
        (a_shipping_zone("x", US, Area(country="us")), "/areas/1/country", "invalid-country"),
        (a_shipping_zone("x", US, US), "/areas", "duplicate"),
        (a_shipping_zone("x", Area(country="US", postal_prefix="--")), "/areas/0/postal_prefix", "invalid-format"),
        (a_shipping_zone("x", Area(country="US", region=" ")), "/areas/0/region", "invalid-format"),
        (
            a_shipping_zone("x", Area(country="US", region="CA", postal_prefix="9")),
            "/areas/0/postal_prefix",
            "not-both",
        ),
        (a_shipping_zone("x", US, methods=(a_method(), a_method())), "/methods/1/code", "duplicate"),
        (
            a_shipping_zone("x", US, methods=(a_method(ShippingRate(price=usd("1"), min_weight=2, max_weight=1)),)),
            "/methods/0/rates/0/max_weight",
            "out-of-range",
        ),
        (
            a_shipping_zone(
                "x",
                US,
                methods=(a_method(ShippingRate(price=usd("1"), min_subtotal=usd("2"), max_subtotal=usd("1.99"))),),
            ),
            "/methods/0/rates/0/max_subtotal",
            "out-of-range",
        ),
        (a_tax_zone("x", US, books="7"), "/rates/standard", "required"),
        (a_tax_zone("x", US, standard="19", exempt="7"), "/rates/exempt", "invalid-choice"),
        (a_tax_zone("x", US, standard="19", books="7"), "/rates/books", "invalid-choice"),
        (a_tax_zone("x", US, standard="100.01"), "/rates/standard", "out-of-range"),
    ],
)
def test_what_is_no_zone(zone: ShippingZone | TaxZone, pointer: str, reason: str) -> None:
    book = RateBook()
    with pytest.raises(InvalidField) as refused:
        book.put_tax_zone(zone, NOW) if isinstance(zone, TaxZone) else book.put_shipping_zone(zone, NOW)
    assert (refused.value.pointer, refused.value.reason) == (pointer, reason)
    assert (book.rates.shipping_zones, book.rates.tax_zones, book.events) == ((), (), [])


@pytest.mark.parametrize(
    ("rate", "text"), [("19", "19"), ("19.00", "19"), ("8.875", "8.875"), ("10", "10"), ("0", "0"), ("100.0", "100")]
)
def test_rates_are_spelt_without_zeros_at_the_end(rate: str, text: str) -> None:
    assert spelt(Decimal(rate)) == text
