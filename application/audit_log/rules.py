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
from domain.catalog import ImageAdded, ImagesRemoved, ProductChanged
from domain.categories import CategoryChanged
from domain.inventory import BackordersAllowed, StockAdjusted
from domain.links import PasswordResetRequested
from domain.ordering import OrderCancelled, OrderDelivered, OrderRefunded, OrderShipped, RefundAsked, RefundEnded
from domain.promotions import CouponChanged
from domain.rates import RatesChanged
from domain.sessions import LoginRefused, SessionStarted
from domain.transfers import TransferRequested

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


def _became(name: str, before: Any, after: Any, *others: str) -> Detail:
    """A change that there is but one way of."""
    return lambda data: ({name: before}, {name: after, **{other: data[other] for other in others}})


def _changed(data: Values) -> tuple[Values, Values]:
    """A change that tells itself what was before."""
    named = {name: data[name] for name in ("code",) if name in data}
    return data.get("before", {}), {"change": data["change"], **named, **data.get("after", {})}


def _cancelled(data: Values) -> tuple[Values, Values]:
    """An order is processed from the moment when it is paid."""
    before = "processing" if data["was_paid"] else "pending"
    return {"status": before}, {"status": "cancelled", "number": data["number"], "was_paid": data["was_paid"]}


def _shipped(data: Values) -> tuple[Values, Values]:
    after = "shipped" if data["is_whole"] else "processing"
    return {"status": "processing"}, {"status": after, "number": data["number"], "parcel": data["parcel"]}


def _between(name: str, former: str) -> Detail:
    return lambda data: ({name: data[former]} if former in data else {}, {name: data[name]})


# An event that is not named here is told without before and after.
DETAILS: Mapping[str, Detail] = {
    event.__name__: detail
    for event, detail in {
        ProductChanged: _changed,
        CategoryChanged: _changed,
        CouponChanged: _changed,
        RatesChanged: _changed,
        ImageAdded: _only("image"),
        ImagesRemoved: lambda data: ({"urls": data["urls"]}, {}),
        TransferRequested: _only("kind", "file_name", "dry_run", "restock"),
        StockAdjusted: _between("on_hand", "former"),
        BackordersAllowed: _between("limit", "former"),
        RolesChanged: _between("roles", "former"),
        UserRegistered: _only("roles"),
        UserChanged: _only("fields"),
        SessionStarted: _only("session"),
        SessionsEnded: _only("sessions", "reason"),
        UserDisabled: _became("is_active", before=True, after=False),
        UserEnabled: _became("is_active", before=False, after=True),
        ApiKeyCreated: _only("name", "prefix", "scopes", "expires_at"),
        ApiKeyRevoked: _became("revoked", before=False, after=True),
        OrderCancelled: _cancelled,
        OrderShipped: _shipped,
        OrderDelivered: _became("status", "shipped", "delivered", "number"),
        RefundAsked: _only("number", "refund", "amount"),
        RefundEnded: _only("number", "refund", "state"),
        OrderRefunded: _only("number", "refunded", "currency"),
    }.items()
}
# Whose name is another than that of the aggregate that told it.
OBJECTS: Mapping[str, Callable[[Values], str]] = {
    **{event.__name__: lambda data: f"stock:{data['sku']}" for event in (StockAdjusted, BackordersAllowed)},
    RatesChanged.__name__: lambda data: f"{data['kind']}:{data['key']}",
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
