"""Categories on PostgreSQL. They publish no events, so their version counts the writes."""

from collections.abc import Sequence

import asyncpg
import msgspec

from adapters.postgres.database import statement
from adapters.postgres.unit import Unit
from application.ports import StaleWrite
from domain.categories import Category, CategoryId
from domain.slugs import SlugTaken

ALL = "select id, name, slug, description, parent_id, is_active, version from category order by id"


class PostgresCategories:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def all(self) -> list[Category]:
        return [category_of(row) for row in await self._unit.connection.fetch(ALL)]

    async def save(self, categories: Sequence[Category]) -> None:
        fresh = [category for category in categories if not category.version]
        known = [category for category in categories if category.version]
        for category in categories:
            category.version += 1
        try:
            if fresh:
                await self._unit.connection.execute(statement("category_insert"), _rows(fresh))
            if known:
                outcome = await self._unit.connection.execute(statement("category_update"), _rows(known))
                if outcome != f"UPDATE {len(known)}":
                    raise StaleWrite
        except asyncpg.UniqueViolationError as error:
            raise SlugTaken from error


def category_of(row: asyncpg.Record) -> Category:
    return Category(
        id=CategoryId(row["id"]),
        name=row["name"],
        slug=row["slug"],
        description=row["description"],
        parent=None if row["parent_id"] is None else CategoryId(row["parent_id"]),
        is_active=row["is_active"],
        version=row["version"],
    )


def _rows(categories: Sequence[Category]) -> str:
    rows = [
        {
            "id": category.id,
            "name": category.name,
            "slug": category.slug,
            "description": category.description,
            "parent_id": category.parent,
            "is_active": category.is_active,
            "version": category.version,
        }
        for category in categories
    ]
    return msgspec.json.encode(rows).decode()
