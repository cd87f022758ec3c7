"""Checkout: read once, decide in the domain, write once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from application.idempotency import Answer, Once, Remembered, replay
from application.ordering import order_view
from application.ports import Busy, Clock, NewId, NewOrderNumber, OrderTtl, Wake
from domain.accounts import Actor, Address, NotAuthenticated, Owner
from domain.addresses import AddressId, AddressNotFound
from domain.cart import Basket, Cart, CartEmpty
from domain.errors import InvalidField
from domain.money import Money
from domain.ordering import LineId, Order, OrderId, Placement, PriceChanged
from domain.pricing import Tariff, quote
from domain.promotions import CouponUse, CustomerKey, customer_of

TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """What the customer says beside the cart itself. Mail goes to `email`, or to the account's; a guest has none.

    An address is spelt out, or named by its id in the customer's address book.
    """

    shipping_address: Address | AddressId
    billing_address: Address | AddressId | None = None
    email: str | None = None
    shipping_method: str = "standard"
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

    @property
    def cart(self) -> Cart:
        """Raises CartEmpty where there is none."""
        if self.basket is None:
            raise CartEmpty
        return self.basket.cart

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
        """Order, reservation, movements, coupon's use, event, emptied cart and answer.

        False where the state is no longer so.
        """
        ...


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Makes an order of the customer's cart and reserves its stock. The answer is an encoded OrderView."""

    checkouts: Checkouts
    clock: Clock
    new_id: NewId
    new_number: NewOrderNumber
    tariff: Tariff
    ttl: OrderTtl
    wake: Wake

    async def __call__(self, who: Actor, checkout: Checkout, once: Once | None = None) -> Answer:
        """Raises AddressNotFound, CartEmpty, ProductUnavailable, InsufficientStock, PriceChanged, KeyReused.

        CouponExpired, CouponExhausted, CouponNotApplicable; InvalidField for a guest without an e-mail address.
        Busy after lost races.
        """
        owner = who.must_own()
        customer, tries = customer_of(owner, checkout.email), 0
        while True:
            state = await self.checkouts.read(owner, once, checkout.named, customer)
            if once and state.remembered:
                return replay(once, state.remembered)
            order = self._decide(owner, checkout, state)
            if tries == TRIES:
                raise Busy  # every race was lost, and a last look shows no reason why
            tries += 1
            body = msgspec.json.encode(order_view(order))
            if await self.checkouts.write(order, state, once, body):
                self.wake()
                return Answer(body)

    def _decide(self, owner: Owner, checkout: Checkout, state: CheckoutState) -> Order:
        user, guest = (None, owner) if isinstance(owner, bytes) else (owner, None)
        if user is not None and state.email is None:
            raise NotAuthenticated
        email = checkout.email or state.email
        if email is None:
            raise InvalidField("/email", "required", "is required of guests")
        shipping = state.address(checkout.shipping_address)
        if state.basket is None:
            raise CartEmpty
        now, basket = self.clock(), state.basket
        priced = quote(basket.priced(), self.tariff, basket.relief(now))
        if checkout.expected_total is not None and checkout.expected_total != priced.total:
            raise PriceChanged(checkout.expected_total, priced.total)
        placement = Placement(
            user=user,
            guest=guest,
            email=email,
            shipping_address=shipping,
            billing_address=state.address(checkout.billing_address or shipping),
            shipping_method=checkout.shipping_method,
            customer_notes=checkout.customer_notes,
            coupon=basket.coupon.code if basket.coupon else None,
        )
        ids = [LineId(self.new_id()) for _ in priced.lines]
        return Order.place(OrderId(self.new_id()), self.new_number(), placement, priced, ids, now, self.ttl)
