"""Alembic migrations: one transaction each, under one advisory lock."""
