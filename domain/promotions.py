"""Promotions: coupons, when one holds, and what it takes off. A coupon's limits are kept by who stores its uses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any, NewType, Protocol, Self
from uuid import UUID

from domain.accounts import Owner, UserId
from domain.aggregate import Aggregate, Event, differing
from domain.catalog import Offer, ProductId
from domain.categories import CategoryId
from domain.errors import Conflict, InvalidField, NotFound
from domain.money import Money, total

CouponId = NewType("CouponId", UUID)
CustomerKey = NewType("CustomerKey", str)  # who uses a coupon, as far as counting their uses goes

HUNDRED_PERCENT = 10_000  # in hundredths


class Kind(StrEnum):
    PERCENT = "percent"
    FIXED = "fixed"
    FREE_SHIPPING = "free_shipping"


class CouponNotFound(NotFound):
    code = "coupon-not-found"


class CouponCodeTaken(Conflict):
    code = "coupon-code-taken"


class CouponExpired(Conflict):
    code = "coupon-expired"


class CouponExhausted(Conflict):
    """It was used as often as it may be, by everybody or by this customer."""

    code = "coupon-exhausted"


class CouponNotApplicable(Conflict):
    """It does not hold yet, or not for what is in the cart."""

    code = "coupon-not-applicable"


@dataclass(frozen=True, slots=True)
class Relief:
    """What is taken off each line, and whether shipping is free."""

    shares: tuple[Money, ...]
    free_shipping: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What a coupon is judged by."""

    wanted: Sequence[tuple[Offer, int]]
    families: Mapping[ProductId, frozenset[CategoryId]]  # of each product its category with all above
    uses: frozenset[int]  # the ordinals of this customer's uses
    at: datetime

    @property
    def gross(self) -> list[Money]:
        return [offer.price * quantity for offer, quantity in self.wanted]


class CouponChange(StrEnum):
    """What happened to a coupon."""

    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponChanged(Event):
    """Tells which terms differ from before."""

    coupon: CouponId
    code: str
    change: CouponChange
    before: Mapping[str, Any] = field(default_factory=dict, compare=False)
    after: Mapping[str, Any] = field(default_factory=dict, compare=False)


TERMS = ("kind", "value", "currency", "usage_limit", "per_customer_limit", "starts_at", "ends_at")


@dataclass(slots=True, eq=False, kw_only=True)
class Coupon(Aggregate):
    """`version` counts the changes of its terms; `used` the orders that have it now."""

    id: CouponId
    code: str
    kind: Kind
    value: int  # hundredths of a per cent, or minor units
    currency: str
    created_at: datetime
    min_subtotal: Money | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    usage_limit: int | None = None
    per_customer_limit: int | None = None
    categories: frozenset[CategoryId] = field(default_factory=frozenset)  # of these, and what is below them
    products: frozenset[ProductId] = field(default_factory=frozenset)
    archived_at: datetime | None = None
    used: int = 0

    @classmethod
    def create(cls, *, at: datetime, **terms: Any) -> Self:
        """Raises InvalidField for terms that make no sense."""
        coupon = cls(created_at=at, **terms)
        coupon._check()
        coupon._tell(CouponChange.CREATED, at, after=_told({name: terms[name] for name in terms if name != "id"}))
        return coupon

    def change(self, at: datetime, **terms: Any) -> None:
        """Change the named terms. Nothing is recorded where nothing differs. Raises InvalidField."""
        named = {name: value for name, value in terms.items() if getattr(self, name) != value}
        if not named:
            return
        told = differing(_told({name: getattr(self, name) for name in named}), _told(named))
        for name, value in named.items():
            setattr(self, name, value)
        self._check()
        self._tell(CouponChange.CHANGED, at, **told)

    def archive(self, at: datetime) -> None:
        """Nobody can use it any more."""
        self.archived_at = at
        self._tell(CouponChange.REMOVED, at, before=_told({name: getattr(self, name) for name in TERMS}))

    def _tell(self, change: CouponChange, at: datetime, **differences: Mapping[str, Any]) -> None:
        self.record(CouponChanged(coupon=self.id, code=self.code, change=change, at=at, **differences))

    def _check(self) -> None:
        """Raises InvalidField for terms that make no sense."""
        if self.kind is Kind.PERCENT and not 0 < self.value <= HUNDRED_PERCENT:
            raise InvalidField("/value", "out-of-range", "must be more than 0 and at most 100 per cent")
        if self.kind is Kind.FIXED and self.value <= 0:
            raise InvalidField("/value", "out-of-range", "must be more than 0")
        if self.kind is Kind.FREE_SHIPPING and self.value:
            raise InvalidField("/value", "out-of-range", "must be 0 where shipping is free")
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise InvalidField("/ends_at", "out-of-range", "must be after starts_at")

    def covers(self, offer: Offer, family: frozenset[CategoryId]) -> bool:
        if not self.categories and not self.products:
            return True
        return offer.product in self.products or bool(self.categories & family)

    def refusal(self, purchase: Purchase) -> type[Conflict] | None:
        """Why it does not hold; None where it does."""
        return next((refused for policy in POLICIES if (refused := policy(self, purchase))), None)

    def relief(self, purchase: Purchase) -> Relief:
        """Raises CouponExpired, CouponExhausted or CouponNotApplicable."""
        if refused := self.refusal(purchase):
            raise refused
        covered = self._covered(purchase)
        whole = total(covered, self.currency)
        off = self._off(whole)
        shares = off.split([amount.amount for amount in covered]) if off else [off] * len(covered)
        return Relief(tuple(shares), free_shipping=self.kind is Kind.FREE_SHIPPING)

    def next_use(self, uses: frozenset[int]) -> int:
        """The first ordinal that is free: two orders at once choose the same one, and only one gets it."""
        return next(n for n in range(1, len(uses) + 2) if n not in uses)

    def use_again(self, customer: CustomerKey, uses: frozenset[int]) -> "CouponUse | None":
        """By an order that had it before, on whatever terms; None where that would be one too many."""
        limits = ((self.usage_limit, self.used), (self.per_customer_limit, len(uses)))
        if self.archived_at is not None or any(limit is not None and used >= limit for limit, used in limits):
            return None
        return CouponUse(self.id, self.version, customer, self.next_use(uses))

    def _covered(self, purchase: Purchase) -> list[Money]:
        """Of each line the amount that it applies to."""
        none = Money.zero(self.currency)
        return [
            amount if self.covers(offer, purchase.families.get(offer.product, frozenset())) else none
            for amount, (offer, _) in zip(purchase.gross, purchase.wanted, strict=True)
        ]

    def _off(self, whole: Money) -> Money:
        """Never more than what it applies to."""
        if self.kind is Kind.PERCENT:
            return whole.percent(Decimal(self.value) / 100)
        return min(Money(self.value, self.currency), whole)


def _told(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Sets in an order, so that of two only the members are told that differ."""
    return {name: tuple(sorted(value)) if isinstance(value, frozenset) else value for name, value in terms.items()}


Policy = Callable[[Coupon, Purchase], type[Conflict] | None]


def has_not_ended(coupon: Coupon, purchase: Purchase) -> type[Conflict] | None:
    ended = coupon.archived_at is not None or (coupon.ends_at is not None and coupon.ends_at <= purchase.at)
    return CouponExpired if ended else None


def has_begun(coupon: Coupon, purchase: Purchase) -> type[Conflict] | None:
    return CouponNotApplicable if coupon.starts_at and purchase.at < coupon.starts_at else None


def is_left(coupon: Coupon, _: Purchase) -> type[Conflict] | None:
    return CouponExhausted if coupon.usage_limit is not None and coupon.used >= coupon.usage_limit else None


def is_left_for_the_customer(coupon: Coupon, purchase: Purchase) -> type[Conflict] | None:
    limit = coupon.per_customer_limit
    return CouponExhausted if limit is not None and len(purchase.uses) >= limit else None


def is_worth_it(coupon: Coupon, purchase: Purchase) -> type[Conflict] | None:
    least = coupon.min_subtotal
    return CouponNotApplicable if least and total(purchase.gross, coupon.currency) < least else None


def applies_to_something(coupon: Coupon, purchase: Purchase) -> type[Conflict] | None:
    covers = (coupon.covers(offer, purchase.families.get(offer.product, frozenset())) for offer, _ in purchase.wanted)
    return None if any(covers) else CouponNotApplicable


POLICIES: tuple[Policy, ...] = (
    has_not_ended,
    has_begun,
    is_left,
    is_left_for_the_customer,
    is_worth_it,
    applies_to_something,
)


@dataclass(frozen=True, slots=True)
class CouponUse:
    """One order's use: the coupon on the terms of that version, and the how-manieth of that customer."""

    coupon: CouponId
    version: int
    customer: CustomerKey
    n: int


def customer_of(owner: Owner, email: str | None = None) -> CustomerKey | None:
    """A user is one by their account, a guest by their e-mail address, of which only a hash is kept."""
    if not isinstance(owner, bytes):
        return user_key(owner)
    return CustomerKey(f"guest:{sha256(email.encode()).hexdigest()}") if email else None


def user_key(user: UserId) -> CustomerKey:
    return CustomerKey(f"user:{user}")


def normal_code(code: str) -> str:
    """Codes are the same whatever the case."""
    return code.strip().upper()


class Coupons(Protocol):
    """Repository of coupons."""

    async def find_by_code(self, code: str) -> Coupon | None:
        """One that is not archived."""
        ...

    async def take(self, id: CouponId) -> Coupon:
        """Locked. Raises CouponNotFound for one that is archived, too."""
        ...

    async def most_uses(self, id: CouponId) -> int:
        """So often one customer has used it."""
        ...

    async def save(self, coupon: Coupon) -> None:
        """Its terms; uses are counted by checkout. Raises CouponCodeTaken."""
        ...

    async def uses(self, id: CouponId, customer: CustomerKey) -> frozenset[int]:
        """Which uses the customer has."""
        ...

    async def use(self, order: UUID, use: CouponUse) -> None:
        """Count it, of a coupon that was taken."""
        ...

    async def give_back(self, order: UUID) -> None:
        """The order's use counts no more; once, and nothing where it had none."""
        ...
