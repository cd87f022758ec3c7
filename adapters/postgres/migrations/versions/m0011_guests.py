"""Carts of guests, by the hash of a token that only they hold."""

from importlib.resources import files

from alembic import op

revision = "0011"
down_revision = "0010"

SQL = files("adapters.postgres.migrations").joinpath("sql", "0011_guests.sql")


def upgrade() -> None:
    for statement in SQL.read_text().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DELETE FROM cart WHERE guest IS NOT NULL")
    op.execute("DROP INDEX ix_cart_guest_updated")
    op.execute("ALTER TABLE cart DROP CONSTRAINT ck_cart_owner")
    op.execute("ALTER TABLE cart DROP COLUMN guest")
