"""What was shipped of an order, and what was refunded of it."""

from importlib.resources import files

from alembic import op

revision = "0009"
down_revision = "0008"

SQL = files("adapters.postgres.migrations").joinpath("sql", "0009_fulfilment.sql")


def upgrade() -> None:
    for statement in SQL.read_text().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE refund")
    op.execute("ALTER TABLE purchase DROP COLUMN shipments")
