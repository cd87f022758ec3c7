"""Nothing that the shop stores of a person is forgotten by the export or by the erasure."""

from dataclasses import fields
from typing import get_type_hints

import asyncpg
import pytest

from adapters.memory.personal import FILES
from adapters.memory.tables import Tables
from adapters.postgres.personal import HOLDINGS, NOT_PERSONAL
from adapters.postgres.records import METADATA
from application.subscriptions import SUBSCRIPTIONS
from domain.personal import TOLD

# Texts of events that tell nothing of who the customer is.
IMPERSONAL = {
    *("number", "kind", "code", "currency", "intent", "slug", "sku", "name", "decline_reason", "reason", "key"),
    *("prefix", "file_name"),
}


def test_every_table_is_judged() -> None:
    tables = {table.name for table in METADATA.tables.values()}
    assert tables == HOLDINGS.keys() | NOT_PERSONAL.keys(), "say in adapters/postgres/personal.py what it holds"
    assert HOLDINGS.keys() & NOT_PERSONAL.keys() == set()


def test_a_table_that_names_a_user_is_personal() -> None:
    naming = {table.name for table in METADATA.tables.values() if {"user_id", "email"} & set(table.columns.keys())}
    assert naming <= HOLDINGS.keys()


def test_what_is_held_goes_or_is_kept_for_a_reason() -> None:
    assert [name for name, each in HOLDINGS.items() if bool(each.erase) == bool(each.kept)] == []


@pytest.mark.parametrize("name", HOLDINGS)
async def test_every_column_is_handed_out_or_withheld_for_a_reason(name: str, postgres_url: str) -> None:
    holding, columns = HOLDINGS[name], set(METADATA.tables[name].columns.keys())
    assert holding.withheld.keys() <= columns
    connection = await asyncpg.connect(postgres_url)
    statement = await connection.prepare(holding.rows)
    read = {attribute.name for attribute in statement.get_attributes()}
    await connection.close()
    assert columns - holding.withheld.keys() <= read


def test_both_machines_hand_out_the_same_files() -> None:
    assert set(FILES) == {holding.file for holding in HOLDINGS.values()}
    assert set(FILES.values()) <= {each.name for each in fields(Tables)}


def test_every_text_of_an_event_is_judged() -> None:
    texts = {
        (event.__name__, name) for event in SUBSCRIPTIONS for name, hint in get_type_hints(event).items() if hint is str
    }
    assert texts >= TOLD
    assert {(event, name) for event, name in texts - TOLD if name not in IMPERSONAL} == set()
    assert {event for event, name in texts if name in {"email", "former"}} == {
        event for event, name in TOLD if name != "reason"
    }
