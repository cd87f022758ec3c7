"""Pricing: what a cart costs, to the minor unit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import Offer, ProductId
from domain.money import CurrencyMismatch, Money
from domain.pricing import Quote, Tariff
from domain.pricing import quote as priced
from domain.promotions import Relief
from tests.builders import new_id

DEFAULT = Tariff(Decimal(10), Money(1000, "USD"), Money(5000, "USD"))


def usd(amount: int) -> Money:
    return Money(amount, "USD")


def an_offer(price: int, currency: str = "USD", sku: str = "LAMP") -> Offer:
    return Offer(
        product=ProductId(new_id()),
        variant=None,
        product_name="Lamp",
        product_slug="lamp",
        variant_name="",
        sku=sku,
        price=Money(price, currency),
        image=None,
        on_sale=True,
        tracked=True,
    )


def relief(off: int, *gross: int) -> Relief:
    return Relief(tuple(usd(off).split(gross)))


def at(rate: str) -> Tariff:
    return Tariff(Decimal(rate), usd(0), usd(0))


def quote(wanted: list[tuple[Offer, int]], tariff: Tariff, off: Relief | None = None) -> Quote:
    return priced(wanted, tariff.terms(wanted), off)


def test_the_whole_is_subtotal_less_discount_plus_tax_and_shipping() -> None:
    told = quote([(an_offer(1999), 2)], DEFAULT, relief(398, 3998))
    assert (told.subtotal, told.discount, told.tax, told.shipping) == (usd(3998), usd(398), usd(360), usd(1000))
    assert told.total == usd(4960)


def test_a_line_is_quantity_times_price_less_its_share_and_its_tax_stands_beside_it() -> None:
    (line,) = quote([(an_offer(1999), 3)], DEFAULT, relief(100, 5997)).lines
    assert (line.quantity, line.discount, line.total, line.tax) == (3, usd(100), usd(5897), usd(590))


@pytest.mark.parametrize(
    ("prices", "rate", "taxes"),
    [([2499], "10.75", [269]), ([250] * 3, "5", [13, 13, 13]), ([50], "1", [1]), ([49], "1", [0]), ([0], "19", [0])],
)
def test_tax_is_rounded_half_up_on_each_line(prices: list[int], rate: str, taxes: list[int]) -> None:
    told = quote([(an_offer(price), 1) for price in prices], at(rate))
    assert [line.tax for line in told.lines] == [usd(tax) for tax in taxes]
    assert told.tax == usd(sum(taxes))


def test_the_discount_is_shared_by_largest_remainder_and_taxed_after_its_share() -> None:
    told = quote([(an_offer(price), 1) for price in (1999, 1, 4000)], at("10"), relief(500, 1999, 1, 4000))
    assert [line.discount for line in told.lines] == [usd(167), usd(0), usd(333)]
    assert [line.total for line in told.lines] == [usd(1832), usd(1), usd(3667)]
    assert [line.tax for line in told.lines] == [usd(183), usd(0), usd(367)]


@pytest.mark.parametrize(("price", "shipping"), [(4999, 1000), (5000, 0), (5001, 0), (1, 1000)])
def test_shipping_is_judged_by_the_subtotal_before_the_discount(price: int, shipping: int) -> None:
    assert quote([(an_offer(price), 1)], DEFAULT).shipping == usd(shipping)
    assert quote([(an_offer(price), 1)], DEFAULT, relief(1, price)).shipping == usd(shipping)


def test_shipping_is_not_taxed() -> None:
    assert quote([(an_offer(100), 1)], DEFAULT).tax == usd(10)


def test_an_offer_in_another_currency_is_an_error_of_ours() -> None:
    with pytest.raises(CurrencyMismatch):
        quote([(an_offer(100, "EUR"), 1)], DEFAULT)


@given(
    st.lists(st.tuples(st.integers(0, 99_999_999), st.integers(1, 9_999)), min_size=1, max_size=20),
    st.decimals(0, 100, places=2),
    st.integers(0, 10_000),
)
def test_whatever_is_bought_the_lines_add_up(wanted: list[tuple[int, int]], rate: Decimal, permille: int) -> None:
    gross = sum(price * quantity for price, quantity in wanted)
    discount = usd(gross * permille // 10_000)
    off = relief(discount.amount, *(price * quantity for price, quantity in wanted)) if discount else None
    told = quote([(an_offer(price), quantity) for price, quantity in wanted], at(str(rate)), off)
    assert sum(line.discount.amount for line in told.lines) == told.discount.amount == discount.amount
    assert sum(line.total.amount for line in told.lines) == (told.subtotal - told.discount).amount
    assert sum(line.tax.amount for line in told.lines) == told.tax.amount
    for line in told.lines:
        exact = Decimal(line.total.amount) * rate / 100
        assert abs(line.tax.amount - exact) <= Decimal("0.5")
        assert 0 <= line.discount.amount <= line.offer.price.amount * line.quantity
