"""Pieces that were paid before they were there: on hand may go below nothing, as far as backorders are allowed."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("ALTER TABLE stock DROP CONSTRAINT ck_stock_on_hand")
    op.execute("ALTER TABLE stock ADD CONSTRAINT ck_stock_on_hand CHECK (on_hand >= -backorder_limit)")


def downgrade() -> None:
    op.execute("ALTER TABLE stock DROP CONSTRAINT ck_stock_on_hand")
    op.execute("ALTER TABLE stock ADD CONSTRAINT ck_stock_on_hand CHECK (on_hand >= 0)")
