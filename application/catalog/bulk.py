"""The same change made to many products at once: each has an outcome of its own, and all is written together."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from application.catalog.changing import take_out
from application.catalog.taking import again, chosen_category
from application.ports import Clock, Store, Transaction, Wake
from domain.accounts import Actor, Permission, must
from domain.catalog import Product, ProductId, ProductNotFound, ProductUnavailable
from domain.errors import DomainError, InvalidField

AT_ONCE = 500
PERCENT = re.compile(rb'("?)(?P<percent>-?\d{1,4}(\.\d{1,4})?)\1')  # a string, or a number that never becomes a float
NO_TEXT = (msgspec.DecodeError, UnicodeDecodeError)
LEAST, MOST = Decimal(-100), Decimal(1000)
FLAGS = {
    "activate": {"is_active": True},
    "deactivate": {"is_active": False},
    "feature": {"is_featured": True},
    "unfeature": {"is_featured": False},
}

Value = Annotated[Raw, Meta(extra_json_schema={"type": ["string", "number", "null"]})]
Change = Callable[[Product], None]


class BulkChange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`value` is the category (slug, id or null) of set_category, or the per cent of adjust_price_percent: "-12.5"."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=AT_ONCE)]
    action: Literal["activate", "deactivate", "feature", "unfeature", "set_category", "adjust_price_percent", "delete"]
    value: Value | UnsetType = UNSET


class BulkOutcome(msgspec.Struct, omit_defaults=True):
    """`code` says why it was refused."""

    id: UUID
    ok: bool
    code: str | UnsetType = UNSET


class BulkOutcomes(msgspec.Struct):
    """One for each id, in their order; an id that comes twice counts once."""

    results: list[BulkOutcome]


@dataclass(frozen=True, slots=True)
class ChangeProducts:
    store: Store
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, bulk: BulkChange) -> BulkOutcomes:
        """Raises InvalidField where the value does not fit the action; what befalls one product is in its outcome."""
        must(who, Permission.WRITE_CATALOG)
        outcomes = await again(lambda _: self._change(bulk))
        self.wake()
        return outcomes

    async def _change(self, bulk: BulkChange) -> BulkOutcomes:
        at = self.clock()
        ids = [ProductId(named) for named in dict.fromkeys(bulk.ids)]
        async with self.store.transaction() as tx:
            change = await _change_of(tx, bulk, at)
            held = await tx.products.take(ids)
            results = [_outcome(wanted, held, change, bulk.action) for wanted in ids]
            changed = [held[ProductId(one.id)] for one in results if one.ok]
            if bulk.action == "delete":
                await take_out(tx, changed, at)
            else:
                await tx.products.save([product for product in changed if product.events])
            return BulkOutcomes(results)


async def _change_of(tx: Transaction, bulk: BulkChange, at: datetime) -> Change:
    """What is to be done to each. Raises InvalidField where the value does not fit."""
    match bulk.action:
        case "set_category":
            ref = _category(bulk.value)
            category = None if ref is None else chosen_category(ref, await tx.categories.all(), "/value").id
            return lambda product: product.change(at, category=category)
        case "adjust_price_percent":
            percent = _percent(bulk.value)
            return lambda product: product.adjust_price(percent, at)
    if bulk.value is not UNSET and bytes(bulk.value) != b"null":
        raise InvalidField("/value", "invalid-value", "this action takes none")
    fields = FLAGS.get(bulk.action, {})
    return lambda product: product.change(at, **fields)


def _outcome(id: ProductId, held: Mapping[ProductId, Product], change: Change, action: str) -> BulkOutcome:
    try:
        if id not in held:
            raise ProductNotFound
        if held[id].archived_at is not None:
            raise ProductNotFound if action == "delete" else ProductUnavailable
        change(held[id])
    except DomainError as refusal:
        return BulkOutcome(id, ok=False, code=refusal.code)
    return BulkOutcome(id, ok=True)


def _category(value: Raw | UnsetType) -> str | None:
    if value is UNSET:
        raise InvalidField("/value", "required", "the category, or null for none")
    try:
        return msgspec.json.decode(value, type=str | None)
    except NO_TEXT as error:
        raise InvalidField("/value", "invalid-type", "must be a category, or null for none") from error


def _percent(value: Raw | UnsetType) -> Decimal:
    if value is UNSET or bytes(value) == b"null":
        raise InvalidField("/value", "required", "how many per cent")
    match = PERCENT.fullmatch(bytes(value).strip())
    if match is None:
        raise InvalidField("/value", "invalid-format", "must be a decimal such as -12.5")
    percent = Decimal(match["percent"].decode())
    if not LEAST <= percent <= MOST:
        raise InvalidField("/value", "out-of-range", f"must be from {LEAST} to {MOST}")
    return percent
