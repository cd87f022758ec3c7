"""What an order would cost, on the wire: shipping options, and a quote."""

from typing import Annotated

from dishka import FromDishka
from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter

from application.ports import Currency
from application.quoting import ListShippingOptions, QuoteCart, QuoteView
from application.rates.views import ShippingOptionsView
from domain.accounts import Actor
from domain.countries import COUNTRIES
from domain.errors import InvalidField
from domain.rates import Destination
from entrypoints.http.access import buyers, shoppers
from entrypoints.http.checkout import CheckoutBody
from entrypoints.http.guests import Shopper

Country = Annotated[str, QueryParameter(min_length=2, max_length=2, description="ISO 3166 alpha-2.")]
PostalCode = Annotated[str, QueryParameter(max_length=20)]
Region = Annotated[str, QueryParameter(name="state", max_length=100, description="As an address's `state`.")]


@get("/api/orders/cart/shipping_options", access=shoppers, tags=["Cart"], summary="How my cart can be sent there")
async def shipping_options(
    shopper: NamedDependency[Shopper],
    list_options: FromDishka[ListShippingOptions],
    country: Country,
    postal_code: PostalCode = "",
    region: Region = "",
) -> ShippingOptionsView:
    """In the order in which they are offered: an order that names none gets the first. Perhaps nothing goes there."""
    if country not in COUNTRIES:
        raise InvalidField("country", "invalid-country", "must be an ISO 3166 alpha-2 code")
    return await list_options(shopper.who, Destination(country, region, postal_code))


@post(
    "/api/orders/cart/quote",
    access=buyers,
    changes=False,
    status_code=200,
    tags=["Cart"],
    summary="What my order would cost",
)
async def quote(
    data: JSONBody[CheckoutBody],
    who: NamedDependency[Actor],
    currency: FromDishka[Currency],
    quote_cart: FromDishka[QuoteCart],
) -> QuoteView:
    """Takes what checkout takes and refuses what it refuses, but writes nothing. Guests need no e-mail address yet."""
    return await quote_cart(who, data.checkout(currency))


routes: list[HTTPRouteHandler] = [shipping_options, quote]
