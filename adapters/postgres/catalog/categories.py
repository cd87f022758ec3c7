"""Categories on PostgreSQL."""

from collections.abc import Sequence

import asyncpg
import msgspec

from adapters.postgres.database import statement
from adapters.postgres.unit import Unit, guarded
from application.ports import StaleWrite
from domain.categories import Category, CategoryId
from domain.slugs import SlugTaken

ALL = "select id, name, slug, description, parent_id, is_active, version from category order by id"
# One lock instead of one per row: a new category may be anybody's parent, too. Any number that nobody else uses.
ONE_AT_A_TIME = "select pg_advisory_xact_lock(7305104113)"
REMOVE = "delete from category where id = $1 and version = $2"


class PostgresCategories:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def all(self) -> list[Category]:
        return [category_of(row) for row in await self._unit.connection.fetch(ALL)]

    async def take(self) -> list[Category]:
        await self._unit.connection.execute(ONE_AT_A_TIME)
        return await self.all()

    async def save(self, categories: Sequence[Category]) -> None:
        before = [category.version for category in categories]
        for category in categories:
            self._unit.publish(category, category.id)
        fresh = [category for category, version in zip(categories, before, strict=True) if not version]
        known = [(category, version) for category, version in zip(categories, before, strict=True) if version]
        try:
            if fresh:
                await self._unit.connection.execute(statement("category_insert"), _rows(fresh))
            if known:
                await self._update(known)
        except asyncpg.UniqueViolationError as error:
            raise SlugTaken from error
        except asyncpg.ForeignKeyViolationError as error:  # its parent went meanwhile
            raise StaleWrite from error

    async def remove(self, category: Category) -> None:
        before = category.version
        self._unit.publish(category, category.id)
        try:
            guarded(await self._unit.connection.execute(REMOVE, category.id, before))
        except asyncpg.ForeignKeyViolationError as error:  # something was put into it meanwhile
            raise StaleWrite from error

    async def _update(self, known: list[tuple[Category, int]]) -> None:
        ids, versions = [category.id for category, _ in known], [version for _, version in known]
        rows = _rows([category for category, _ in known])
        outcome = await self._unit.connection.execute(statement("category_update"), rows, ids, versions)
        if outcome != f"UPDATE {len(known)}":
            raise StaleWrite


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
