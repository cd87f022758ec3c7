"""Secrets that the gateway of the sandbox shows to browsers are kept sealed; the worker seals those that are there."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE sandbox.intent ALTER COLUMN client_secret TYPE BYTEA USING convert_to(client_secret, 'UTF8')
    """)


def downgrade() -> None:
    """What is sealed stays unreadable."""
    op.execute("""
        ALTER TABLE sandbox.intent ALTER COLUMN client_secret TYPE TEXT
        USING CASE WHEN get_byte(client_secret, 0) = 1 THEN '' ELSE convert_from(client_secret, 'UTF8') END
    """)
