"""The tables of search: a document per product, kept by triggers; the words in them; what was looked for in vain."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.records.record import Record, key


class SearchDocumentRecord(Record):
    """What a product is found by and counted under. A sale rewrites none but those that it sells out."""

    product_id: Mapped[UUID] = key(to="product.id")
    name: Mapped[str]  # folded, as are the SKUs
    name_words: Mapped[int]
    skus: Mapped[list[str]]
    words: Mapped[Any] = mapped_column(TSVECTOR, nullable=False)
    listed: Mapped[str]  # name, SKUs and tags in lower case, a line each: what the list's `search` looks into
    category_id: Mapped[UUID | None]
    price: Mapped[int]
    tags: Mapped[list[str]]
    attributes: Mapped[list[dict[str, Any]]]  # of the active variants, each set once
    is_active: Mapped[bool]
    is_featured: Mapped[bool]
    is_on_sale: Mapped[bool]
    in_stock: Mapped[bool]
    __table_args__ = (
        Index("ix_search_document_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index(
            "ix_search_document_listed",
            "listed",
            postgresql_using="gin",
            postgresql_ops={"listed": "gin_trgm_ops"},
        ),
        Index(
            "ix_search_document_name",
            "name",
            postgresql_where=sql("is_active"),
            postgresql_ops={"name": "text_pattern_ops"},
        ),
    )


class SearchWordRecord(Record):
    """A word that products are called by, folded, and as it is shown. It may have outlived its products."""

    word: Mapped[str] = key()
    shown: Mapped[str]
    __table_args__ = (
        Index("ix_search_word_word", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
        Index("ix_search_word_length", sql("length(word)")),
    )


class SearchMissRecord(Record):
    words: Mapped[str] = key()
    count: Mapped[int]
    last_seen: Mapped[datetime] = mapped_column(index=True)
