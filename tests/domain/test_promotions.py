"""Coupons: when they hold, what they take off, and of which lines."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts import GuestId, UserId
from domain.catalog import Offer, ProductId
from domain.categories import CategoryId
from domain.errors import Conflict, InvalidField
from domain.money import Money
from domain.promotions import (
    Coupon,
    CouponChanged,
    CouponExhausted,
    CouponExpired,
    CouponId,
    CouponNotApplicable,
    Kind,
    Purchase,
    customer_of,
    normal_code,
)
from tests.builders import NOW

HOUR = timedelta(hours=1)
LIGHTS, LAMPS = CategoryId(uuid4()), CategoryId(uuid4())
LAMP, DESK = ProductId(uuid4()), ProductId(uuid4())
FAMILIES = {LAMP: frozenset({LAMPS, LIGHTS})}


def usd(amount: int) -> Money:
    return Money(amount, "USD")


def an_offer(product: ProductId, price: int) -> Offer:
    return Offer(
        product=product,
        variant=None,
        product_name="Lamp",
        product_slug="lamp",
        variant_name="",
        sku="LAMP",
        price=usd(price),
        image=None,
        on_sale=True,
        tracked=True,
    )


def a_coupon(kind: Kind = Kind.PERCENT, value: int = 1000, **terms: Any) -> Coupon:
    return Coupon(
        id=CouponId(uuid4()), code="TEN", kind=kind, value=value, currency="USD", created_at=NOW, version=1, **terms
    )


def buying(*wanted: tuple[ProductId, int, int], uses: Sequence[int] = ()) -> Purchase:
    offers = [(an_offer(product, price), quantity) for product, price, quantity in wanted]
    return Purchase(wanted=offers, families=FAMILIES, uses=frozenset(uses), at=NOW)


BOTH = buying((LAMP, 1000, 2), (DESK, 3000, 1))


def off(coupon: Coupon, purchase: Purchase = BOTH) -> list[int]:
    return [share.amount for share in coupon.relief(purchase).shares]


@pytest.mark.parametrize(
    ("coupon", "shares"),
    [
        (a_coupon(), [200, 300]),
        (a_coupon(value=1250), [250, 375]),
        (a_coupon(value=10_000), [2000, 3000]),
        (a_coupon(Kind.FIXED, 500), [200, 300]),
        (a_coupon(Kind.FIXED, 999), [400, 599]),
        (a_coupon(Kind.FIXED, 999_999), [2000, 3000]),
        (a_coupon(Kind.FREE_SHIPPING, 0), [0, 0]),
        (a_coupon(products=frozenset({DESK})), [0, 300]),
        (a_coupon(Kind.FIXED, 999_999, products=frozenset({DESK})), [0, 3000]),
        (a_coupon(categories=frozenset({LAMPS})), [200, 0]),
        (a_coupon(categories=frozenset({LIGHTS})), [200, 0]),
        (a_coupon(categories=frozenset({LIGHTS}), products=frozenset({DESK})), [200, 300]),
        (a_coupon(min_subtotal=usd(5000), usage_limit=1, per_customer_limit=1), [200, 300]),
        (a_coupon(starts_at=NOW, ends_at=NOW + HOUR), [200, 300]),
    ],
)
def test_what_comes_off_each_line(coupon: Coupon, shares: list[int]) -> None:
    assert off(coupon) == shares
    assert coupon.relief(BOTH).free_shipping is (coupon.kind is Kind.FREE_SHIPPING)


def test_a_discount_is_split_by_largest_remainder() -> None:
    other = ProductId(uuid4())
    assert off(a_coupon(Kind.FIXED, 500), buying((LAMP, 1999, 1), (other, 1, 1), (DESK, 4000, 1))) == [167, 0, 333]


@pytest.mark.parametrize(
    ("coupon", "purchase", "refusal"),
    [
        (a_coupon(ends_at=NOW), BOTH, CouponExpired),
        (a_coupon(archived_at=NOW), BOTH, CouponExpired),
        (a_coupon(starts_at=NOW + HOUR), BOTH, CouponNotApplicable),
        (a_coupon(usage_limit=2, used=2), BOTH, CouponExhausted),
        (a_coupon(usage_limit=2, used=1), BOTH, None),
        (a_coupon(per_customer_limit=2), buying((LAMP, 1, 1), uses=[1, 3]), CouponExhausted),
        (a_coupon(per_customer_limit=2), buying((LAMP, 1, 1), uses=[2]), None),
        (a_coupon(min_subtotal=usd(5001)), BOTH, CouponNotApplicable),
        (a_coupon(products=frozenset({ProductId(uuid4())})), BOTH, CouponNotApplicable),
        (a_coupon(categories=frozenset({LAMPS})), buying((DESK, 1, 1)), CouponNotApplicable),
        (a_coupon(), buying(), CouponNotApplicable),
    ],
)
def test_when_it_does_not_hold(coupon: Coupon, purchase: Purchase, refusal: type[Conflict] | None) -> None:
    assert coupon.refusal(purchase) is refusal
    if refusal:
        with pytest.raises(refusal):
            coupon.relief(purchase)


@given(
    st.lists(st.tuples(st.sampled_from([LAMP, DESK]), st.integers(0, 99_999), st.integers(1, 99)), min_size=1),
    st.sampled_from([Kind.PERCENT, Kind.FIXED]),
    st.integers(1, 10_000),
    st.booleans(),
)
def test_never_more_than_what_it_applies_to(
    wanted: list[tuple[ProductId, int, int]], kind: Kind, value: int, restricted: bool
) -> None:
    coupon = a_coupon(kind, value, products=frozenset({LAMP} if restricted else ()))
    purchase = buying(*wanted)
    if coupon.refusal(purchase) is not None:
        return
    shares, gross = off(coupon, purchase), [price * quantity for _, price, quantity in wanted]
    covered = [
        amount if product == LAMP or not restricted else 0
        for amount, (product, _, _) in zip(gross, wanted, strict=True)
    ]
    assert all(0 <= share <= amount for share, amount in zip(shares, covered, strict=True))
    if kind is Kind.FIXED:
        assert sum(shares) == min(value, sum(covered))
    else:
        assert abs(sum(shares) * 10_000 - value * sum(covered)) <= 5_000


def test_a_use_takes_the_first_free_ordinal() -> None:
    uses = [frozenset(taken) for taken in ((), (1, 2), (2, 3), (1, 3))]
    assert [a_coupon().next_use(taken) for taken in uses] == [1, 3, 1, 2]


@pytest.mark.parametrize(
    ("coupon", "pointer"),
    [
        (a_coupon(value=0), "/value"),
        (a_coupon(value=10_001), "/value"),
        (a_coupon(Kind.FIXED, 0), "/value"),
        (a_coupon(Kind.FREE_SHIPPING, 1), "/value"),
        (a_coupon(starts_at=NOW, ends_at=NOW), "/ends_at"),
    ],
)
def test_terms_that_make_no_sense(coupon: Coupon, pointer: str) -> None:
    with pytest.raises(InvalidField) as refused:
        coupon.change(NOW, code="SENSELESS")
    assert refused.value.pointer == pointer


NO_LIMITS = ("usage_limit", "per_customer_limit", "starts_at", "ends_at")


def test_a_coupon_tells_what_became_of_its_terms() -> None:
    terms = {"code": "TEN", "kind": Kind.PERCENT, "value": 1000, "currency": "USD"}
    coupon = Coupon.create(id=CouponId(uuid4()), at=NOW, products=frozenset({LAMP}), **terms)
    coupon.change(NOW, code="TEN", value=1000)  # which is nothing
    coupon.change(NOW, value=1500, products=frozenset({LAMP, DESK}))
    coupon.archive(NOW)
    told = [event for event in coupon.events if isinstance(event, CouponChanged)]
    assert [(event.change, event.before, event.after) for event in told] == [
        ("created", {}, {**terms, "products": (LAMP,)}),
        ("changed", {"value": 1000, "products": ()}, {"value": 1500, "products": (DESK,)}),
        ("removed", {"kind": "percent", "value": 1500, "currency": "USD", **dict.fromkeys(NO_LIMITS)}, {}),
    ]


def test_codes_are_the_same_whatever_the_case() -> None:
    assert normal_code(" summer-10 ") == "SUMMER-10"


def test_a_customer_is_an_account_or_the_hash_of_an_address() -> None:
    user, guest = UserId(uuid4()), GuestId(b"g" * 32)
    assert customer_of(user, "a@example.com") == customer_of(user) == f"user:{user}"
    assert customer_of(guest, "a@example.com") == customer_of(GuestId(b"h" * 32), "a@example.com")
    assert customer_of(guest, "a@example.com") != customer_of(guest, "b@example.com")
    assert "example" not in str(customer_of(guest, "a@example.com"))
    assert customer_of(guest) is None
