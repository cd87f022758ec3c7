"""Who moved stock, and what is known to be running low."""

from importlib.resources import files

from alembic import op

revision = "0007"
down_revision = "0006"

SQL = files("adapters.postgres.migrations").joinpath("sql", "0007_inventory.sql")


def upgrade() -> None:
    for statement in SQL.read_text().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE movement DROP COLUMN actor_id")
    op.execute("DROP TABLE low_stock")
