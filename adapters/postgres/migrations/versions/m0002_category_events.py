"""Categories tell what happens to them: those that exist were created, as far as the log of events knows."""

from importlib.resources import files

from alembic import op

revision = "0002"
down_revision = "0001"

SQL = files("adapters.postgres.migrations").joinpath("sql", "0002_category_events.sql")


def upgrade() -> None:
    for statement in SQL.read_text().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE aggregate = 'category'")
