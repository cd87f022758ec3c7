"""What every table shares: its types, its name, its keys."""

from typing import Any

from advanced_alchemy.base import AdvancedDeclarativeBase, CommonTableAttributes, orm_registry
from sqlalchemy import ARRAY, BigInteger, ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import declared_attr, mapped_column

# advanced-alchemy's own JsonB fails on SQLAlchemy 2.1 (it calls a helper that is gone): PostgreSQL's type itself.
JSON_TYPES = (dict[str, Any], dict[str, str], list[dict[str, Any]])
orm_registry.update_type_annotation_map(
    {str: Text(), int: BigInteger(), list[str]: ARRAY(Text()), **dict.fromkeys(JSON_TYPES, JSONB(none_as_null=True))}
)


class Record(CommonTableAttributes, AdvancedDeclarativeBase):
    """A row of one table; the table has the class's name in snake_case, without "Record"."""

    __abstract__ = True

    @declared_attr.directive
    @classmethod
    def __tablename__(cls) -> str:
        name = cls.__name__.removesuffix("Record")
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def key(*, to: str | None = None, **options: Any) -> Any:
    """A primary key column; with `to`, one that is a foreign key too."""
    link = (ForeignKey(to, ondelete="CASCADE"),) if to else ()
    return mapped_column(*link, primary_key=True, **options)
