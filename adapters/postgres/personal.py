"""Personal data on PostgreSQL: which table holds what of a person, how it is handed out, and how it goes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import msgspec

from adapters.postgres.accounts import user_of
from adapters.postgres.addresses import entry_of
from adapters.postgres.database import Database, statement
from adapters.postgres.ordering import MOMENTS, PLACEMENT, SHIPMENTS, order_of
from adapters.postgres.payments import payment_of
from adapters.postgres.unit import Unit
from application.accounts.addresses import saved_address
from application.accounts.personal import Disclosed
from application.accounts.users import user_view
from application.ordering import order_view
from application.payments import payment_view
from domain.accounts import UserId, UserNotFound
from domain.personal import OPEN, TOLD, OpenOrders, anonymous, silent, untraceable

OPEN_ORDERS = "select number from purchase where user_id = $1 and status = any($2) order by created_at"
ORDERS = "select id, placement, timeline, shipments from purchase where user_id = $1 order by id for no key update"
ANONYMISE = """
update purchase set email = $1, placement = one.placement, timeline = one.timeline, shipments = one.shipments
from unnest($2::uuid[], $3::jsonb[], $4::jsonb[], $5::jsonb[]) as one (id, placement, timeline, shipments)
where purchase.id = one.id
"""
OF_USER = """
select id, type, aggregate, aggregate_id, seq, at, data from outbox
where aggregate_id = any(
    select $1::uuid
    union all select id from purchase where user_id = $1
    union all select id from payment where user_id = $1
)
order by at, aggregate_id, seq
"""
SILENCE = """
update outbox set data = jsonb_set(data, array[$3::text], to_jsonb($2::text))
where type = $4 and aggregate_id = any(select $1::uuid union all select id from purchase where user_id = $1)
"""


def as_it_is(row: Mapping[str, Any]) -> Any:
    return row


def _entry(row: Mapping[str, Any]) -> Any:
    return {**row, "before": msgspec.Raw(row["before"].encode()), "after": msgspec.Raw(row["after"].encode())}


def _event(row: Mapping[str, Any]) -> Any:
    return {**row, "data": msgspec.Raw(row["data"].encode())}


def _cart(row: Mapping[str, Any]) -> Any:
    return {**row, "items": msgspec.Raw(row["items"].encode())}


@dataclass(frozen=True, slots=True)
class Holding:
    """What one table holds of a person ($1). Every column is handed out, or withheld for a reason."""

    file: str
    rows: str
    withheld: Mapping[str, str] = field(default_factory=dict)
    show: Callable[[Any], Any] = as_it_is
    erase: str = ""  # else it is kept: `kept` says why, or where it goes
    kept: str = ""


SECRET = "a secret, or what a secret could be tried against"
COUNTER = "counts writes, says nothing of a person"
ACTOR = "may be somebody else: of the staff"
HOLDINGS: Mapping[str, Holding] = {
    "account": Holding(
        "account",
        "select * from account where id = $1",
        withheld={"password_hash": SECRET, "version": COUNTER},
        show=lambda row: user_view(user_of(row)),
        kept="emptied by User.erase; its id stays in the books",
    ),
    "address": Holding(
        "addresses",
        "select * from address where user_id = $1 order by created_at",
        withheld={"user_id": "is the person"},
        show=lambda row: saved_address(entry_of(row)),
        erase="delete from address where user_id = $1",
    ),
    "audit_log": Holding(
        "audit_log",
        "select * from audit_log where object = 'user:' || ($1::uuid)::text order by number",
        show=_entry,
        withheld={"position": COUNTER, "actor": ACTOR, "hash": COUNTER},
        kept="names the person by nothing but the id",
    ),
    "cart": Holding(
        "carts",
        "select * from cart where user_id = $1",
        withheld={"version": COUNTER},
        show=_cart,
        erase="delete from cart where user_id = $1",
    ),
    "link": Holding(
        "links",
        "select * from link where user_id = $1 order by created_at",
        withheld={"digest": SECRET},
        erase="delete from link where user_id = $1",
    ),
    "once": Holding(
        "idempotency_keys",
        "select * from once where actor = 'user:' || ($1::uuid)::text order by created_at",
        withheld={"fingerprint": SECRET, "body": "an answer given before: what it told of is in the other files"},
        erase="delete from once where actor = 'user:' || ($1::uuid)::text",
    ),
    "outbox": Holding(
        "events",
        OF_USER,
        show=_event,
        kept="emptied of what it tells of the person",
        withheld={
            "position": COUNTER,
            "actor": ACTOR,
            "request_id": COUNTER,
            "audited": COUNTER,
        },
    ),
    "payment": Holding(
        "payments",
        "select * from payment where user_id = $1 order by created_at",
        withheld={"user_id": "is the person", "version": COUNTER},
        show=lambda row: payment_view(payment_of(row)),
        kept="amounts and the gateway's numbers: the books",
    ),
    "purchase": Holding(
        "orders",
        f"{statement('order_get')} where o.user_id = $1 order by o.created_at",
        withheld={"version": COUNTER},
        show=lambda row: order_view(order_of(row)),
        kept="emptied but for number, lines, totals and country: the books",
    ),
    "refresh_token": Holding(
        "refreshes",
        "select t.* from refresh_token t join session s on s.id = t.session_id where s.user_id = $1"
        " order by t.created_at",
        withheld={"digest": SECRET, "successor": SECRET, "sealed_successor": SECRET},
        erase="delete from refresh_token where session_id in (select id from session where user_id = $1)",
    ),
    "session": Holding(
        "sessions",
        "select * from session where user_id = $1 order by expires_at",
        kept="says only when somebody nameless was signed in, and that it is over",
    ),
}
NOT_PERSONAL: Mapping[str, str] = {
    "api_key": "programs",
    "category": "the catalogue",
    "coupon": "terms, and how often it was used",
    "coupon_use": "the books: counts orders by their customer's id, or the hash of an address",
    "delivery": "which event is owed to which handler",
    "handled": "which event was handled",
    "low_stock": "of goods",
    "movement": "of goods",
    "product": "the catalogue",
    "purchase_line": "handed out with its order",
    "rate_book": "what the shop charges",
    "refund": "amounts and pieces: the books; its order's timeline tells of them",
    "search_document": "the catalogue",
    "search_miss": "words, not who looked for them",
    "search_word": "the catalogue's words",
    "sku": "the catalogue",
    "stock": "of goods",
    "transfer": "files of staff, about the catalogue",
    "transfer_chunk": "files of staff, about the catalogue",
    "variant": "the catalogue",
}


@dataclass(frozen=True, slots=True)
class PostgresDisclosures:
    database: Database

    async def of(self, user: UserId) -> Disclosed:
        async with (
            self.database.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            held = {each.file: await _shown(connection, each, user) for each in HOLDINGS.values()}
        if not held["account"]:
            raise UserNotFound
        return held


async def _shown(connection: asyncpg.Connection, holding: Holding, user: UserId) -> list[Any]:
    rows = await connection.fetch(holding.rows, user)
    if holding.show in (as_it_is, _cart, _entry, _event):
        kept = ({name: value for name, value in row.items() if name not in holding.withheld} for row in rows)
        return [holding.show(row) for row in kept]
    return [holding.show(row) for row in rows]


@dataclass(frozen=True, slots=True)
class PostgresPersonalData:
    unit: Unit

    async def forget(self, user: UserId, stand_in: str) -> None:
        """The cart goes first: whoever is checking it out is waited for, and afterwards nobody can."""
        connection = self.unit.connection
        for holding in HOLDINGS.values():
            if holding.erase:
                await connection.execute(holding.erase, user)
        if numbers := await connection.fetch(OPEN_ORDERS, user, sorted(OPEN)):
            raise OpenOrders(tuple(row["number"] for row in numbers))
        await self._anonymise_orders(user, stand_in)
        for event, name in sorted(TOLD):
            await connection.execute(SILENCE, user, "" if name == "reason" else stand_in, name, event)

    async def _anonymise_orders(self, user: UserId, stand_in: str) -> None:
        rows = await self.unit.connection.fetch(ORDERS, user)
        placements = [anonymous(PLACEMENT.decode(row["placement"]), stand_in) for row in rows]
        timelines = [silent(MOMENTS.decode(row["timeline"])) for row in rows]
        shipments = [untraceable(SHIPMENTS.decode(row["shipments"])) for row in rows]
        await self.unit.connection.execute(
            ANONYMISE,
            stand_in,
            [row["id"] for row in rows],
            [msgspec.json.encode(each).decode() for each in placements],
            [msgspec.json.encode(each).decode() for each in timelines],
            [msgspec.json.encode(each).decode() for each in shipments],
        )
