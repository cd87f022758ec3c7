"""Money loses no cent, whatever is done to it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import CurrencyMismatch, InvalidMoney, Money, total

amounts = st.integers(-(10**11), 10**11)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any)
currencies = st.sampled_from(["USD", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("29.99", "USD", 2999),
        ("5", "USD", 500),
        ("0.1", "USD", 10),
        ("007.50", "USD", 750),
        ("99999999", "USD", 9_999_999_900),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("1.2", "KWD", 1200),
    ],
)
def test_a_written_amount_is_read(text: str, currency: str, amount: int) -> None:
    assert Money.parse(text, currency) == Money(amount, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        *((text, "USD") for text in ("", " ", "-1", "+1", "1e2", "1.", ".5", "1.999", "1,5", "NaN", "Infinity", "1 ")),
        *((text, "USD") for text in ("٣", "½", "1\n", "0x1", "1_000", "99999999.01", "100000000", "9" * 400)),
        ("500.0", "JPY"),
        ("1.2345", "KWD"),
    ],
)
def test_what_is_no_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(InvalidMoney):
        Money.parse(text, currency)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(2999, "USD"), "29.99"),
        (Money(5, "USD"), "0.05"),
        (Money(-5, "USD"), "-0.05"),
        (Money(-12345, "USD"), "-123.45"),
        (Money(500, "JPY"), "500"),
        (Money(-500, "JPY"), "-500"),
        (Money(1234, "KWD"), "1.234"),
        (Money(0, "USD"), "0.00"),
    ],
)
def test_an_amount_is_written_with_exactly_the_currencys_digits(money: Money, text: str) -> None:
    assert str(money) == text


@given(st.integers(0, 9_999_999_900), currencies)
def test_what_is_written_is_read_again(amount: int, currency: str) -> None:
    money = Money(amount % 99_999_999, currency)
    assert Money.parse(str(money), currency) == money


@pytest.mark.parametrize(
    ("amount", "rate", "part"),
    [
        (2499, "10.75", 269),
        (250, "5", 13),
        (50, "1", 1),
        (49, "1", 0),
        (-50, "1", -1),
        (1000, "0", 0),
        (3, "33.3333", 1),
    ],
)
def test_a_percentage_is_rounded_half_up(amount: int, rate: str, part: int) -> None:
    assert Money(amount, "USD").percent(Decimal(rate)) == Money(part, "USD")


@pytest.mark.parametrize(
    ("amount", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (500, [1999, 1, 4000], [167, 0, 333]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (1, [0, 5], [0, 1]),
        (0, [1, 2], [0, 0]),
        (7, [3], [7]),
    ],
)
def test_an_amount_is_split_by_largest_remainder(amount: int, weights: list[int], shares: list[int]) -> None:
    assert [share.amount for share in Money(amount, "USD").split(weights)] == shares


@given(amounts, weights)
def test_shares_sum_to_the_whole_and_stray_by_less_than_one(amount: int, weights: list[int]) -> None:
    shares = Money(amount, "USD").split(weights)
    assert total(shares, "USD") == Money(amount, "USD")
    whole = sum(weights)
    assert all(
        abs(share.amount * whole - amount * weight) < whole for share, weight in zip(shares, weights, strict=True)
    )


def test_nothing_to_split_by_is_an_error() -> None:
    with pytest.raises(ValueError, match="sum to zero"):
        Money(100, "USD").split([0, 0])


def test_a_thousand_refunded_in_three_units() -> None:
    assert [Money(1000, "USD").share(done, 1, 3).amount for done in range(3)] == [333, 333, 334]


@given(st.integers(0, 10**9), st.lists(st.integers(1, 50), min_size=1, max_size=10))
def test_parts_settled_one_after_another_sum_to_the_whole(amount: int, parts: list[int]) -> None:
    money, quantity, done, settled = Money(amount, "USD"), sum(parts), 0, 0
    for now in parts:
        settled += money.share(done, now, quantity).amount
        done += now
    assert settled == amount


@given(amounts, amounts)
def test_sums_are_exact(left: int, right: int) -> None:
    a, b = Money(left, "USD"), Money(right, "USD")
    assert (a + b).amount == left + right
    assert (a - b) == a + -b
    assert (a * 3).amount == 3 * left
    assert (a < b) == (left < right)
    assert bool(a) == (left != 0)


def test_currencies_do_not_mix() -> None:
    dollars, yen = Money(1, "USD"), Money(1, "JPY")
    with pytest.raises(CurrencyMismatch):
        dollars + yen
    with pytest.raises(CurrencyMismatch):
        dollars - yen
    assert dollars != yen
    assert total([], "USD") == Money.zero("USD")
