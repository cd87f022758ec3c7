"""A product's variants, one by one, and prices moved by per cent."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import Change, PriceTooHigh, ProductChanged
from domain.money import LIMIT_UNITS, Money
from domain.variants import MAX_VARIANTS, SkuTaken, TooManyVariants, VariantId, VariantNotFound
from tests.builders import NOW, a_product, a_variant, new_id, usd

LATER = NOW + timedelta(hours=1)


def test_variants_come_change_and_go_one_by_one() -> None:
    shirt, small, large = a_product("Shirt", sku="SHIRT"), a_variant("S", "S"), a_variant("L", "L")
    shirt.add_variant(small, LATER)
    shirt.add_variant(large, LATER)
    assert shirt.stocked == {small.id: "S", large.id: "L"}
    shirt.change_variant(small.id, LATER, sku="XS", price=usd("1"))
    assert [(one.id, one.sku, one.price) for one in shirt.variants] == [
        (small.id, "XS", usd("1")),
        (large.id, "L", None),
    ]
    shirt.remove_variant(small.id, LATER)
    shirt.remove_variant(large.id, LATER)
    assert (shirt.variants, shirt.stocked) == ((), {None: "SHIRT"})
    told = ProductChanged(product=shirt.id, change=Change.CHANGED, fields=("variants",), at=LATER)
    assert shirt.drain()[1:] == [told] * 5


def test_a_change_of_a_variant_to_the_same_is_none() -> None:
    shirt = a_product(variants=(small := a_variant("S", "S"),))
    shirt.drain()
    shirt.change_variant(small.id, LATER, name="S", sku="S", price=None)
    assert shirt.events == []


def test_two_variants_do_not_share_a_sku() -> None:
    shirt = a_product(variants=(small := a_variant("S", "S"), a_variant("L", "L")))
    with pytest.raises(SkuTaken):
        shirt.add_variant(a_variant("X", "L"), LATER)
    with pytest.raises(SkuTaken):
        shirt.change_variant(small.id, LATER, sku="L")
    assert shirt.skus == ("S", "L")


def test_what_is_no_variant_is_not_found() -> None:
    shirt, stranger = a_product(variants=(a_variant("S", "S"),)), VariantId(new_id())
    for call in (
        lambda: shirt.variant(stranger),
        lambda: shirt.change_variant(stranger, LATER, name="X"),
        lambda: shirt.remove_variant(stranger, LATER),
    ):
        with pytest.raises(VariantNotFound):
            call()


def test_a_product_has_so_many_variants_and_no_more() -> None:
    shirt = a_product(variants=tuple(a_variant(f"{n}", f"S{n}") for n in range(MAX_VARIANTS)))
    with pytest.raises(TooManyVariants):
        shirt.add_variant(a_variant("One more", "MORE"), LATER)


@pytest.mark.parametrize(
    ("price", "percent", "adjusted"),
    [
        ("10.05", "-10", "9.05"),  # 9.045
        ("10.05", "10", "11.06"),  # 11.055
        ("0.01", "-50", "0.01"),  # 0.005
        ("0.01", "-50.01", "0.00"),
        ("19.99", "-100", "0.00"),
        ("19.99", "0", "19.99"),
        ("100.00", "12.3456", "112.35"),
        ("1.00", "1000", "11.00"),
    ],
)
def test_prices_are_adjusted_half_up(price: str, percent: str, adjusted: str) -> None:
    own = a_variant("S", "S", price=usd(price), compare_at_price=usd("50"))
    shirt = a_product(price=price, compare_at_price=usd("50"), variants=(own, a_variant("L", "L")))
    shirt.adjust_price(Decimal(percent), LATER)
    assert (shirt.price, shirt.compare_at_price) == (usd(adjusted), usd("50"))
    assert [one.price for one in shirt.variants] == [usd(adjusted), None]
    assert shirt.variants[0].compare_at_price == usd("50")


def test_no_price_goes_above_the_highest() -> None:
    shirt = a_product(variants=(a_variant("S", "S", price=usd(f"{LIMIT_UNITS}")),))
    with pytest.raises(PriceTooHigh):
        shirt.adjust_price(Decimal("0.0001"), LATER)
    assert (shirt.price, shirt.updated_at) == (usd("19.99"), NOW)


@given(
    st.integers(0, LIMIT_UNITS // 2),
    st.decimals(-100, 100, places=4),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_an_adjusted_price_is_never_negative_and_off_by_half_a_unit_at_most(
    amount: int, percent: Decimal, currency: str
) -> None:
    lamp = a_product()
    lamp.price = Money(amount, currency)
    lamp.adjust_price(percent, LATER)
    assert lamp.price.amount >= 0
    assert Decimal("-0.5") < lamp.price.amount - amount * (100 + percent) / 100 <= Decimal("0.5")
