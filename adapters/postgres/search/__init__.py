"""Search on PostgreSQL: documents that the catalogue's own transactions keep up, by triggers of the schema."""

from adapters.postgres.search.index import PostgresSearchIndex
from adapters.postgres.search.misses import PostgresMisses

__all__ = ["PostgresMisses", "PostgresSearchIndex"]
