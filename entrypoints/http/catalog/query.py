"""The query of a list of products, as filters."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import prod
from typing import Annotated, Any

from litestar import Request
from litestar.params import QueryParameter

from application.catalog.wishes import Ordering, ProductFilter
from application.ports import Currency
from domain.errors import InvalidField
from domain.money import InvalidMoney, Money

Ref = Annotated[str | None, QueryParameter(max_length=200, description="Slug or id; sub-categories count in.")]
Price = Annotated[str | None, QueryParameter(max_length=20, description="A decimal such as 29.99.")]
Code = Annotated[str | None, QueryParameter(max_length=20, description="The shop's; any other is refused.")]
Flag = Annotated[bool | None, QueryParameter()]
ForStaff = Annotated[bool, QueryParameter(description="Only staff find anything with false.")]
Tags = Annotated[list[str] | None, QueryParameter(max_items=20, description="It has all of them.")]
Words = Annotated[str | None, QueryParameter(max_length=200, description="Part of the name, a SKU or a tag.")]
Order = Annotated[Ordering, QueryParameter(description="Each also downwards, with -.")]

ATTRIBUTE = "attr."
MOST_COMBINATIONS = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, before it is known what the shop sells in."""

    filter: ProductFilter
    min_price: str | None
    max_price: str | None
    currency: str | None

    def within(self, currency: Currency) -> ProductFilter:
        """Raises InvalidField for what is no price, or not in the shop's currency."""
        if self.currency not in {None, currency}:
            raise InvalidField("currency", "invalid-choice", f"this shop sells in {currency}")
        if self.min_price is None and self.max_price is None:
            return self.filter
        least, most = _price("min_price", self.min_price, currency), _price("max_price", self.max_price, currency)
        return replace(self.filter, min_price=least, max_price=most)


def asked_of(
    request: Request[Any, Any, Any],
    category: Ref = None,
    min_price: Price = None,
    max_price: Price = None,
    currency: Code = None,
    in_stock: Flag = None,
    is_featured: Flag = None,
    is_on_sale: Flag = None,
    is_active: ForStaff = True,
    tag: Tags = None,
    search: Words = None,
    ordering: Order = "-created_at",
) -> Asked:
    """Beside what is named here, attr.<name>=<value> asks for variants with that attribute."""
    told = ProductFilter(
        category=category,
        in_stock=in_stock,
        is_featured=is_featured,
        is_on_sale=is_on_sale,
        is_active=is_active,
        tags=tuple(tag or ()),
        attributes=_attributes(request.query_params.multi_items()),
        search=search,
        ordering=ordering,
    )
    return Asked(told, min_price, max_price, currency)


def _attributes(query: Iterable[tuple[str, str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Which values are asked for of each attribute; of several for one, any will do."""
    found: dict[str, list[str]] = {}
    for name, value in query:
        if name.startswith(ATTRIBUTE):
            found.setdefault(name.removeprefix(ATTRIBUTE), []).append(value)
    if prod(map(len, found.values())) > MOST_COMBINATIONS:
        raise InvalidField("attr", "out-of-range", f"at most {MOST_COMBINATIONS} combinations")
    return tuple((name, tuple(values)) for name, values in sorted(found.items()))


def _price(name: str, text: str | None, currency: Currency) -> Money | None:
    if text is None:
        return None
    try:
        return Money.parse(text, currency)
    except InvalidMoney as error:
        raise InvalidField(name, "invalid-money", f"must be an amount of {currency}") from error
