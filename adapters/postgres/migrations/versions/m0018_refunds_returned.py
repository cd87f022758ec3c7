"""When news of a payment were last booked: only what was asked for after that may say that less was refunded."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("ALTER TABLE payment ADD COLUMN changed_at TIMESTAMP WITH TIME ZONE")


def downgrade() -> None:
    op.execute("ALTER TABLE payment DROP COLUMN changed_at")
