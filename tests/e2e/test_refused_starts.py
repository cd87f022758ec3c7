"""A start that cannot be: refused at once, with what is wrong by its name, and nothing left behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.clone import environment
from tests.readme import ROOT

CLI = (sys.executable, "-m", "entrypoints.cli")


def refused(home: Path, command: str, **settings: str) -> str:
    """What the command says on stderr, which is all that it says."""
    done = subprocess.run(
        (*CLI, *command.split()),
        cwd=home,
        env=environment(PYTHONPATH=str(ROOT), **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert list(home.iterdir()) == []
    return done.stderr


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"PORT": "eighty"}, "PORT: "),
        ({"TAX_RATE": "a lot"}, "TAX_RATE: must be a decimal number"),
        ({"TIMEZONE": "Mars/Olympus"}, "TIMEZONE: there is no zone 'Mars/Olympus'"),
        ({"SMTP_URL": "mail"}, "SMTP_URL: must begin with smtp:// or smtps://"),
        ({"ENVIRONMENT": "production"}, "SECRET_KEY: production needs one of at least 32 characters"),
    ],
)
@pytest.mark.parametrize("command", ["up", "serve", "worker"])
def test_a_wrong_setting_is_named(tmp_path: Path, command: str, settings: dict[str, str], told: str) -> None:
    said = refused(tmp_path, command, **settings)
    assert said.startswith(f"tradepost: {told}")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "command", ["serve", "worker", "db upgrade", "sample", "users create-admin --email a@b.example --password x"]
)
def test_what_needs_a_shop_says_that_there_is_none(tmp_path: Path, command: str) -> None:
    said = refused(tmp_path, command)
    assert "DATA_DIR (`tradepost up` starts one)" in said
    assert said.count("\n") == 1
