"""Accounts and API keys from the command line."""

import asyncio
import re
import secrets
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from domain.accounts import SCOPES, LastAdmin, UserNotFound
from domain.api_keys import ApiKeyNotFound
from entrypoints.cli import cli
from entrypoints.container import make_container
from entrypoints.settings import Settings, load
from entrypoints.shop import Shop, ShopClock

Run = Callable[..., Result]
PASSWORD = "a lamp in the attic"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, settings: Settings, postgres_url: str, redis_url: str) -> Run:
    environment = {
        "ENVIRONMENT": "test",
        "DATABASE_URL": postgres_url,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(settings.data_dir),
        "SECRET_KEY": secrets.token_hex(),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(cli, words)


async def a_customer(email: str) -> None:
    container = make_container(load())
    await Shop(container, ShopClock()).customer(email)
    await container.close()


def test_people_are_locked_out_let_in_and_given_roles(run: Run) -> None:
    asyncio.run(a_customer("ann@example.com"))
    assert run("users", "disable", "ANN@example.com").output == "ann@example.com is disabled.\n"
    assert run("users", "enable", "ann@example.com").output == "ann@example.com is enabled.\n"
    both = run("users", "role", "ann@example.com", "--add", "analyst", "--add", "order_manager")
    assert both.output == "ann@example.com is analyst, customer, order_manager.\n"
    less = run("users", "role", "ann@example.com", "--remove", "analyst")
    assert less.output == "ann@example.com is customer, order_manager.\n"
    assert "is not one of" in run("users", "role", "ann@example.com", "--add", "root").output
    assert isinstance(run("users", "disable", "bob@example.com").exception, UserNotFound)
    run("users", "create-admin", "--email", "boss@example.com", "--password", PASSWORD)
    assert isinstance(run("users", "disable", "boss@example.com").exception, LastAdmin)
    assert isinstance(run("users", "role", "boss@example.com", "--remove", "admin").exception, LastAdmin)


def test_keys_are_made_listed_and_revoked(run: Run) -> None:
    made = run("keys", "create", "ERP", "--scope", "inventory:read", "--scope", "catalog:write", "--days", "30")
    found = re.fullmatch(r"tp_([0-9a-f]{8})_[\w-]{43}\n", made.output)
    assert found, made.output
    listed = run("keys", "list").output
    assert re.fullmatch(
        rf"{found[1]}  ERP  catalog:write inventory:read  used never  expires \d{{4}}-\d\d-\d\d\n", listed
    )
    assert run("keys", "revoke", found[1]).output == "ERP is revoked.\n"
    assert "  revoked 20" in run("keys", "list").output
    assert isinstance(run("keys", "revoke", "nothing").exception, ApiKeyNotFound)
    refused = run("keys", "create", "Root", "--scope", "users:manage")
    assert refused.exit_code == 2
    assert all(scope.value in refused.output for scope in SCOPES)
