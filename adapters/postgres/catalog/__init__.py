"""The catalogue on PostgreSQL: repositories, and the views that readers page through."""

from adapters.postgres.catalog.categories import PostgresCategories
from adapters.postgres.catalog.products import PostgresProducts
from adapters.postgres.catalog.views import PostgresCatalogViews

__all__ = ["PostgresCatalogViews", "PostgresCategories", "PostgresProducts"]
