"""Claims: an idempotency key may be taken before there is an answer; and answers keep their headers."""

from importlib.resources import files

from alembic import op

revision = "0016"
down_revision = "0015"

SQL = files("adapters.postgres.migrations").joinpath("sql", "0016_claims.sql")


def upgrade() -> None:
    op.execute(SQL.read_text())


def downgrade() -> None:
    op.execute("DELETE FROM once WHERE body IS NULL")
    op.execute("""
        ALTER TABLE once
            ALTER COLUMN status SET NOT NULL, ALTER COLUMN body SET NOT NULL,
            DROP COLUMN headers, DROP COLUMN lease_until, DROP COLUMN fence
    """)
