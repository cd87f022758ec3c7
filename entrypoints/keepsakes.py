"""Secrets that a first start makes up, kept in DATA_DIR/secrets.json for every later one."""

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

FILE = "secrets.json"


class Given(Protocol):
    """The settings that are made up where they are empty."""

    @property
    def secret_key(self) -> str | None: ...
    @property
    def admin_email(self) -> str | None: ...
    @property
    def admin_password(self) -> str | None: ...
    @property
    def stripe_webhook_secrets(self) -> Sequence[str]: ...


def kept(data_dir: Path) -> dict[str, str]:
    """What was made up here, by the names of the environment; empty before the first start."""
    try:
        return msgspec.json.decode((data_dir / FILE).read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}


def given(settings: Given) -> dict[str, str]:
    """What need not be made up, by the names of the environment."""
    named = {
        "SECRET_KEY": settings.secret_key,
        "ADMIN_EMAIL": settings.admin_email,
        "ADMIN_PASSWORD": settings.admin_password,
        "STRIPE_WEBHOOK_SECRETS": ",".join(settings.stripe_webhook_secrets),
    }
    return {name: value for name, value in named.items() if value}


def for_children(data_dir: Path, settings: Given) -> dict[str, str]:
    """What is not given, as kept; made up and kept where this is the first start."""
    known = kept(data_dir)
    complete = {**_made_up(), **known}
    if complete != known:
        _write(data_dir, complete)
    return {name: value for name, value in complete.items() if name not in given(settings)}


def _made_up() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ADMIN_EMAIL": "admin@example.com",
        "ADMIN_PASSWORD": secrets.token_urlsafe(12),
        "STRIPE_WEBHOOK_SECRETS": f"whsec_{secrets.token_hex(24)}",
    }


def _write(data_dir: Path, contents: Mapping[str, str]) -> None:
    fresh = data_dir / f"{FILE}.new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(contents)))
        os.fsync(file.fileno())
    fresh.replace(data_dir / FILE)
