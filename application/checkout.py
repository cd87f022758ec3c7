"""Checkout: read once, decide in the domain, write once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from application.idempotency import Answer, Once, Remembered, replay
from application.ordering import order_view
from application.ports import Busy, Clock, NewId, NewOrderNumber, OrderTtl, Wake
from application.rates.charging import Charge, CurrentRates
from domain.accounts import Actor, Address, NotAuthenticated, Owner
from domain.addresses import AddressId, AddressNotFound
from domain.cart import Basket, Cart, CartEmpty
from domain.errors import InvalidField
from domain.money import Money
from domain.ordering import LineId, Order, OrderId, Placement, PriceChanged
from domain.pricing import Quote
from domain.promotions import CouponUse, CustomerKey, customer_of
from domain.rates import Destination

TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """What the customer says beside the cart itself. Mail goes to `email`, or to the account's; a guest has none.

    An address is spelt out, or named by its id in the customer's address book.
    """

    shipping_address: Address | AddressId
    billing_address: Address | AddressId | None = None
    email: str | None = None
    shipping_method: str | None = None  # without one, the first that is offered
    customer_notes: str = ""
    expected_total: Money | None = None

    @property
    def named(self) -> list[AddressId]:
        """The addresses that the customer's book has to give."""
        given = (self.shipping_address, self.billing_address)
        return [one for one in given if one is not None and not isinstance(one, Address)]


@dataclass(frozen=True, slots=True)
class CheckoutState:
    """All that placing an order is decided by, as it was at one moment."""

    email: str | None  # of the account; None where there is no such account
    basket: Basket | None
    customer: CustomerKey | None  # whose uses of the cart's coupon count; None of a guest who gave no address
    remembered: Remembered | None
    addresses: Mapping[AddressId, Address]  # of the customer's book, those that were named
    rates: int = 0  # the version that the rate book had

    @property
    def cart(self) -> Cart:
        """Raises CartEmpty where there is none."""
        if self.basket is None:
            raise CartEmpty
        return self.basket.cart

    @property
    def coupon(self) -> str | None:
        """The code of the one that is in the cart."""
        return self.basket.coupon.code if self.basket and self.basket.coupon else None

    @property
    def use(self) -> CouponUse | None:
        """What an order of this cart uses up."""
        if self.basket is None or self.basket.coupon is None or self.customer is None:
            return None
        coupon = self.basket.coupon
        return CouponUse(coupon.id, coupon.version, self.customer, coupon.next_use(self.basket.uses))

    def address(self, given: Address | AddressId) -> Address:
        """Raises AddressNotFound."""
        if isinstance(given, Address):
            return given
        if given not in self.addresses:
            raise AddressNotFound
        return self.addresses[given]


class Checkouts(Protocol):
    """Reads what an order is decided by, and writes the decision: all of it or nothing."""

    async def read(
        self,
        owner: Owner,
        once: Once | None,
        named: Sequence[AddressId] = (),
        customer: CustomerKey | None = None,
    ) -> CheckoutState:
        """`named` are addresses that the book has to give; `customer` is whose uses of a coupon count."""
        ...

    async def write(self, order: Order, state: CheckoutState, once: Once | None, body: bytes) -> bool:
        """Order, reservation (a paid one's pieces leave), movements, coupon's use, events, emptied cart and answer.

        False where the state is no longer so.
        """
        ...


async def price(charge: Charge, rates: CurrentRates, checkout: Checkout, state: CheckoutState, at: datetime) -> Quote:
    """What an order of this cart costs. Raises CartEmpty, PriceChanged, and what Charge does."""
    if state.basket is None:
        raise CartEmpty
    destination = Destination.of(state.address(checkout.shipping_address))
    current = await rates.at(state.rates)
    priced = await charge(state.basket, destination, checkout.shipping_method, current, at)
    if checkout.expected_total is not None and checkout.expected_total != priced.total:
        raise PriceChanged(checkout.expected_total, priced.total)
    return priced


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Makes an order of the customer's cart and reserves its stock; what costs nothing is paid, and its stock leaves.

    The answer is an encoded OrderView.
    """

    checkouts: Checkouts
    clock: Clock
    new_id: NewId
    new_number: NewOrderNumber
    charge: Charge
    rates: CurrentRates
    ttl: OrderTtl
    wake: Wake

    async def __call__(self, who: Actor, checkout: Checkout, once: Once | None = None) -> Answer:
        """Raises AddressNotFound, CartEmpty, ProductUnavailable, InsufficientStock, PriceChanged, KeyReused.

        CouponExpired, CouponExhausted, CouponNotApplicable, NoShippingMethod; InvalidField for a guest without an
        e-mail address, and for a shipping method that is not offered. Unavailable where who says what shipping or
        taxes are is away; Busy after lost races.
        """
        owner = who.must_own()
        customer, tries = customer_of(owner, checkout.email), 0
        while True:
            state = await self.checkouts.read(owner, once, checkout.named, customer)
            if once and state.remembered:
                return replay(once, state.remembered)
            order = await self._decide(owner, checkout, state)
            if tries == TRIES:
                raise Busy  # every race was lost, and a last look shows no reason why
            tries += 1
            body = msgspec.json.encode(order_view(order))
            if await self.checkouts.write(order, state, once, body):
                self.wake()
                return Answer(body)

    async def _decide(self, owner: Owner, checkout: Checkout, state: CheckoutState) -> Order:
        user, guest = (None, owner) if isinstance(owner, bytes) else (owner, None)
        if user is not None and state.email is None:
            raise NotAuthenticated
        email = checkout.email or state.email
        if email is None:
            raise InvalidField("/email", "required", "is required of guests")
        now, shipping = self.clock(), state.address(checkout.shipping_address)
        priced = await price(self.charge, self.rates, checkout, state, now)
        placement = Placement(
            user=user,
            guest=guest,
            email=email,
            shipping_address=shipping,
            billing_address=state.address(checkout.billing_address or shipping),
            shipping_method=priced.terms.shipping.code,
            shipping_name=priced.terms.shipping.name,
            tax_included=priced.terms.taxes.included,
            customer_notes=checkout.customer_notes,
            coupon=state.coupon,
        )
        ids = [LineId(self.new_id()) for _ in priced.lines]
        return Order.place(OrderId(self.new_id()), self.new_number(), placement, priced, ids, now, self.ttl)
