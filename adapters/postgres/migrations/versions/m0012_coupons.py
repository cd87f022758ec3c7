"""Coupons, their uses, and the one in a cart."""

from importlib.resources import files

from alembic import op

revision = "0012"
down_revision = "0011"

SQL = files("adapters.postgres.migrations").joinpath("sql", "0012_coupons.sql")


def upgrade() -> None:
    for statement in SQL.read_text().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE cart DROP COLUMN coupon_id")
    op.execute("DROP TABLE coupon_use")
    op.execute("DROP TABLE coupon")
