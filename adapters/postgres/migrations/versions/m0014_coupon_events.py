"""Coupons tell of their changes: those of an older shop were created and changed, as far as the log knows."""

from importlib.resources import files

from alembic import op

revision = "0014"
down_revision = "0013"

SQL = files("adapters.postgres.migrations").joinpath("sql", "0014_coupon_events.sql")


def upgrade() -> None:
    op.execute(SQL.read_text())


def downgrade() -> None:
    op.execute("DELETE FROM delivery WHERE event_id IN (SELECT id FROM outbox WHERE aggregate = 'coupon')")
    op.execute("DELETE FROM outbox WHERE aggregate = 'coupon'")
