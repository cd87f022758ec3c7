"""What the README says of settings, commands and the shop in process is so."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from entrypoints.cli import cli
from entrypoints.settings import Settings, load
from tests.readme import ROOT, blocks, rows

ENV_EXAMPLE = ROOT.joinpath(".env.example").read_text(encoding="utf-8").splitlines()
FOR_COMPOSE_ONLY = {"POSTGRES_PASSWORD", "MEILI_MASTER_KEY"}


def shown(default: Any) -> str:
    """A default as people write it."""
    if isinstance(default, bool):
        return "on" if default else "off"
    return "" if default in (None, ()) else str(default)


DEFAULTS = {
    name.upper(): shown(default)
    for name, default in zip(Settings.__struct_fields__, Settings.__struct_defaults__, strict=True)
}


def test_the_readme_lists_every_setting_with_its_default() -> None:
    assert {name: default.replace("–", "") for name, default, _ in rows("Configuration")} == DEFAULTS


def test_the_example_lists_every_setting_with_its_default() -> None:
    pairs = [line.removeprefix("# ").partition("=") for line in ENV_EXAMPLE if line.removeprefix("# ")[:1].isupper()]
    told = {name: value for name, sign, value in pairs if sign}
    assert told.keys() >= FOR_COMPOSE_ONLY
    assert {name: value for name, value in told.items() if name not in FOR_COMPOSE_ONLY} == DEFAULTS


@pytest.mark.parametrize("uncommented", [False, True])
def test_the_example_can_be_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, uncommented: bool
) -> None:
    for name in DEFAULTS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    lines = [line.removeprefix("# ") if uncommented and "=" in line else line for line in ENV_EXAMPLE]
    tmp_path.joinpath(".env").write_text("\n".join(lines), encoding="utf-8")
    assert load() == load({})


def test_the_readme_lists_every_command() -> None:
    told = {command.split("[")[0].split("=")[0].strip() for command, _ in rows("Commands")}
    spelt = {" ".join(word for word in command.split() if word.islower()) for command in told}
    assert spelt == {f"tradepost {name}" for name in commands(cli)}


def commands(group: click.Group, before: str = "") -> set[str]:
    names = set()
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            names |= commands(command, f"{before}{name} ")
            names |= {f"{before}{name}"} if command.invoke_without_command else set()
        elif not command.hidden:
            names.add(f"{before}{name}")
    return names


def test_the_shop_in_process_does_what_the_readme_says(tmp_path: Path) -> None:
    (code,) = blocks("Architecture", "python")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == blocks("Architecture", "text")[-1]
    assert list(tmp_path.iterdir()) == []  # it is all in memory
