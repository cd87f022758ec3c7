"""Checkout on the wire: an address in, an order out."""

from typing import Annotated
from uuid import UUID

from dishka import FromDishka
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Meta, Raw, field

from application.checkout import Checkout, PlaceOrder
from application.idempotency import Once
from application.money import Amount, read_optional_amount
from application.ordering import OrderView
from application.ports import Currency
from domain.accounts import Actor, Address, normal_email
from domain.addresses import AddressId
from domain.errors import InvalidField
from entrypoints.http.access import buyers
from entrypoints.http.bodies import Body
from entrypoints.http.idempotency import reply

Name = Annotated[str, Meta(min_length=1, max_length=200)]


class AddressBody(Body, frozen=True):
    """`phone` is an older name of `phone_number`."""

    full_name: Name
    address_line1: Name
    city: Annotated[str, Meta(min_length=1, max_length=100)]
    postal_code: Annotated[str, Meta(min_length=1, max_length=20)]
    country: Annotated[str, Meta(min_length=2, max_length=2)]
    address_line2: Annotated[str, Meta(max_length=200)] = ""
    state: Annotated[str, Meta(max_length=100)] = ""
    phone_number: Annotated[str, Meta(max_length=40)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""

    def address(self, pointer: str) -> Address:
        """Raises InvalidField below the pointer."""
        address = Address(
            full_name=self.full_name,
            address_line1=self.address_line1,
            address_line2=self.address_line2,
            city=self.city,
            state=self.state,
            postal_code=self.postal_code,
            country=self.country,
            phone_number=self.phone_number or self.phone,
        )
        address.check(pointer)
        return address


class CheckoutBody(Body, frozen=True):
    """Billing goes where shipping goes, if nothing else is said; mail goes to the account's address.

    A guest has none, so `email` is required of guests.

    An address is given itself, or by its id in the caller's address book.
    """

    shipping_address: AddressBody | None = None
    shipping_address_id: UUID | None = None
    billing_address: AddressBody | None = None
    billing_address_id: UUID | None = None
    shipping_method: Annotated[str, Meta(min_length=1, max_length=50)] | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None
    customer_notes: Annotated[str, Meta(max_length=2000)] = ""
    expected_total: Amount = field(default_factory=lambda: Raw(b"null"))

    def checkout(self, currency: str) -> Checkout:
        """Raises InvalidField."""
        shipping = _address("shipping_address", self.shipping_address, self.shipping_address_id)
        if shipping is None:
            raise InvalidField("/shipping_address", "required", "or shipping_address_id is required")
        return Checkout(
            shipping_address=shipping,
            billing_address=_address("billing_address", self.billing_address, self.billing_address_id),
            shipping_method=self.shipping_method,
            email=normal_email(self.email) if self.email is not None else None,
            customer_notes=self.customer_notes,
            expected_total=read_optional_amount(self.expected_total, currency, "/expected_total"),
        )


def _address(name: str, spelt: AddressBody | None, id: UUID | None) -> Address | AddressId | None:
    """Raises InvalidField for both at once."""
    if spelt is not None and id is not None:
        raise InvalidField(f"/{name}_id", "not-both", f"must not stand beside {name}")
    if id is not None:
        return AddressId(id)
    return spelt.address(f"/{name}") if spelt is not None else None


@post("/api/orders/cart/checkout", access=buyers, tags=["Orders"], summary="Place an order")
async def checkout(
    data: JSONBody[CheckoutBody],
    who: NamedDependency[Actor],
    once: NamedDependency[Once | None],
    currency: FromDishka[Currency],
    place_order: FromDishka[PlaceOrder],
) -> Response[OrderView]:
    return reply(await place_order(who, data.checkout(currency), once))


routes: list[HTTPRouteHandler] = [checkout]
