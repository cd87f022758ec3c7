"""What goes into the audit log, and how much of it: names and values, no secret, nothing personal but ids."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from application.acting import Acting
from application.ports import StoredEvent
from domain.accounts import (
    EmailChanged,
    EmailChangeRequested,
    PasswordChanged,
    RolesChanged,
    SessionsEnded,
    UserChanged,
    UserDisabled,
    UserEnabled,
    UserErased,
    UserRegistered,
)
from domain.aggregate import Event
from domain.api_keys import ApiKeyCreated, ApiKeyRevoked
from domain.catalog import ProductChanged
from domain.categories import CategoryChanged
from domain.inventory import StockAdjusted
from domain.links import PasswordResetRequested
from domain.ordering import OrderCancelled, OrderDelivered, OrderRefunded, OrderShipped, RefundAsked, RefundEnded
from domain.sessions import LoginRefused, SessionStarted

Values = Mapping[str, Any]
Detail = Callable[[Values], tuple[Values, Values]]  # of an event's data: before and after

# Whoever did it; of anything else, what staff did.
SECURITY: frozenset[type[Event]] = frozenset(
    {
        SessionStarted,
        LoginRefused,
        SessionsEnded,
        UserRegistered,
        UserChanged,
        UserDisabled,
        UserEnabled,
        UserErased,
        RolesChanged,
        PasswordChanged,
        PasswordResetRequested,
        EmailChangeRequested,
        EmailChanged,
        ApiKeyCreated,
        ApiKeyRevoked,
    }
)


def is_audited(event: Event, acting: Acting) -> bool:
    return acting.is_staff or type(event) in SECURITY


def _only(*names: str) -> Detail:
    return lambda data: ({}, {name: data[name] for name in names if name in data})


def _changed(data: Values) -> tuple[Values, Values]:
    """A change that tells itself what was before."""
    return data.get("before", {}), {"change": data["change"], **data.get("after", {})}


def _between(name: str, former: str) -> Detail:
    return lambda data: ({name: data[former]} if former in data else {}, {name: data[name]})


# An event that is not named here is told without before and after.
DETAILS: Mapping[str, Detail] = {
    event.__name__: detail
    for event, detail in {
        ProductChanged: _changed,
        CategoryChanged: _changed,
        StockAdjusted: _between("on_hand", "former"),
        RolesChanged: _between("roles", "former"),
        UserRegistered: _only("roles"),
        UserChanged: _only("fields"),
        SessionStarted: _only("session"),
        SessionsEnded: _only("sessions", "reason"),
        ApiKeyCreated: _only("name", "prefix", "scopes", "expires_at"),
        OrderCancelled: _only("number", "was_paid"),
        OrderShipped: _only("number", "parcel", "is_whole"),
        OrderDelivered: _only("number"),
        RefundAsked: _only("number", "refund", "amount"),
        RefundEnded: _only("number", "refund", "state"),
        OrderRefunded: _only("number", "refunded", "currency"),
    }.items()
}
# Whose name is another than that of the aggregate that told it.
OBJECTS: Mapping[str, Callable[[Values], str]] = {
    StockAdjusted.__name__: lambda data: f"stock:{data['sku']}",
    **{event.__name__: lambda data: f"key:{data['key']}" for event in (ApiKeyCreated, ApiKeyRevoked)},
    **{
        event.__name__: lambda data: f"user:{data['user'] or 'unknown'}"
        for event in (SessionStarted, LoginRefused, PasswordResetRequested)
    },
}
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def action_of(event: StoredEvent) -> str:
    """ "ProductChanged" as "product-changed"."""
    return HUMP.sub("-", event.type).lower()


def object_of(event: StoredEvent) -> str:
    """As "product:<id>"."""
    named = OBJECTS.get(event.type)
    return named(event.data) if named else f"{event.aggregate}:{event.aggregate_id}"


def detail_of(event: StoredEvent) -> tuple[Values, Values]:
    """What was before, and after."""
    detail = DETAILS.get(event.type)
    return detail(event.data) if detail else ({}, {})
