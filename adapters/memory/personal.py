"""Personal data in memory: which table holds what of a person, how it is handed out, and how it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from adapters.memory.tables import Mailed, MemoryDatabase, MemoryUnit, Tables, twin
from application.accounts.addresses import saved_address
from application.accounts.personal import Disclosed
from application.accounts.users import user_view
from application.audit_log.entries import Entry
from application.ordering import order_view
from application.payments import payment_view
from application.ports import StoredEvent
from domain.accounts import UserId, UserNotFound
from domain.addresses import AddressBook
from domain.cart import Cart
from domain.ordering import Order
from domain.personal import OPEN, TOLD, OpenOrders, anonymous, silent, untraceable

WITHHELD = {"position", "actor", "hash"}  # of the audit log: others' ids, and counters
# By file, the tables that hold something of a person; the others tell of goods, or of nobody.
FILES: Mapping[str, str] = {
    "account": "users",
    "addresses": "address_books",
    "carts": "carts",
    "links": "links",
    "idempotency_keys": "answers",
    "audit_log": "audit_log",
    "events": "outbox",
    "payments": "payments",
    "orders": "orders",
    "refreshes": "refresh_tokens",
    "sessions": "sessions",
}


@dataclass(frozen=True, slots=True)
class MemoryDisclosures:
    database: MemoryDatabase

    async def of(self, user: UserId) -> Disclosed:
        tables = self.database.tables
        if user not in tables.users:
            raise UserNotFound
        sessions = {each.id: each for each in tables.sessions.values() if each.user == user}
        book = tables.address_books.get(user, AddressBook(user=user))
        refreshes = [each for each in tables.refresh_tokens.values() if each.session in sessions]
        return {
            "account": [user_view(tables.users[user])],
            "addresses": [saved_address(each) for each in book.entries],
            "audit_log": [_entry(each) for each in tables.audit_log if each.object == f"user:{user}"],
            "carts": [_cart(each) for each in tables.carts.values() if each.owner == user],
            "links": [_link(each) for each in tables.links.values() if each.link.user == user],
            "idempotency_keys": [
                {"actor": actor, "key": key, "route": answer.route, "status": answer.status}
                for (actor, key), answer in tables.answers.items()
                if actor == f"user:{user}"
            ],
            "events": [event for event in tables.outbox if event.aggregate_id in _of_the(user, tables)],
            "payments": [payment_view(each) for each in tables.payments.values() if each.user == user],
            "orders": [order_view(each) for each in _orders(user, tables)],
            "refreshes": [
                {"session_id": each.session, "created_at": each.created_at, "used_at": each.used_at}
                for each in refreshes
            ],
            "sessions": [
                {"id": each.id, "user_id": user, "expires_at": each.expires_at, "revoked_at": each.revoked_at}
                for each in sessions.values()
            ],
        }


@dataclass(frozen=True, slots=True)
class MemoryPersonalData:
    unit: MemoryUnit

    async def forget(self, user: UserId, stand_in: str) -> None:
        tables = self.unit.tables
        if numbers := [order.number for order in _orders(user, tables) if order.status in OPEN]:
            raise OpenOrders(tuple(numbers))
        told = {user, *(order.id for order in _orders(user, tables))}
        for order in _orders(user, tables):
            tables.orders[order.id] = _emptied(order, stand_in)
        tables.outbox[:] = [
            _silent(event, stand_in) if event.aggregate_id in told else event for event in tables.outbox
        ]
        tables.address_books.pop(user, None)
        sessions = {each.id for each in tables.sessions.values() if each.user == user}
        tables.carts = {key: each for key, each in tables.carts.items() if each.owner != user}
        tables.links = {key: each for key, each in tables.links.items() if each.link.user != user}
        tables.answers = {key: each for key, each in tables.answers.items() if key[0] != f"user:{user}"}
        tables.refresh_tokens = {
            key: each for key, each in tables.refresh_tokens.items() if each.session not in sessions
        }


def _orders(user: UserId, tables: Tables) -> list[Order]:
    return [order for order in tables.orders.values() if order.placement.user == user]


def _of_the(user: UserId, tables: Tables) -> set[Any]:
    payments = (payment.id for payment in tables.payments.values() if payment.user == user)
    return {user, *(order.id for order in _orders(user, tables)), *payments}


def _emptied(order: Order, stand_in: str) -> Order:
    emptied = twin(order)
    emptied.placement = anonymous(order.placement, stand_in)
    emptied.timeline, emptied.shipments = silent(order.timeline), untraceable(order.shipments)
    return emptied


def _silent(event: StoredEvent, stand_in: str) -> StoredEvent:
    told = {name: "" if name == "reason" else stand_in for kind, name in TOLD if kind == event.type}
    return msgspec.structs.replace(event, data={**event.data, **told})


def _cart(cart: Cart) -> Any:
    return {"id": cart.id, "user_id": cart.owner, "items": list(cart.items), "updated_at": cart.updated_at}


def _entry(entry: Entry) -> Any:
    told = msgspec.structs.asdict(entry)
    return {"event_id" if name == "event" else name: told[name] for name in told if name not in WITHHELD}


def _link(mailed: Mailed) -> Any:
    link = mailed.link
    return {"user_id": link.user, "purpose": link.purpose, "email": link.email, "expires_at": mailed.expires_at}
