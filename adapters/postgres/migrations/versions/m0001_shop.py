"""The shop: accounts, catalogue, stock, carts, orders, payments, events."""

from importlib.resources import files

from alembic import op

revision = "0001"
down_revision = None

TABLES = (
    "variant",
    "sku",
    "refresh_token",
    "session",
    "purchase_line",
    "product",
    "payment",
    "delivery",
    "cart",
    "stock",
    "purchase",
    "outbox",
    "once",
    "movement",
    "handled",
    "category",
    "account",
)


def upgrade() -> None:
    for statement in files("adapters.postgres.migrations").joinpath("sql", "0001_shop.sql").read_text().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP SCHEMA sandbox CASCADE")
