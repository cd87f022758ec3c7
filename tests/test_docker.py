"""The image's recipe and the composed shop, as far as they can be tried without an engine."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from entrypoints.settings import load
from tests.readme import ROOT

DOCKERFILE = ROOT.joinpath("Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(ROOT.joinpath("docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "worker")
REQUIRED = re.compile(r"\$\{(\w+):\?[^}]+\}")


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run((hadolint, ROOT / "Dockerfile"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_runs_as_a_user_without_rights() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert 'ENTRYPOINT ["tradepost"]' in DOCKERFILE
    assert "--no-deps --require-hashes --requirement requirements.lock" in DOCKERFILE


def test_the_health_check_says_no_where_nothing_listens() -> None:
    found = re.search(r"HEALTHCHECK .*?CMD (\[.*?\])\n", DOCKERFILE, re.DOTALL)
    assert found
    program, *words = json.loads(found[1])
    assert program == "python"
    done = subprocess.run((sys.executable, *words), env={"PORT": "1"}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Connection refused" in done.stderr


def test_the_build_sees_what_it_installs_and_nothing_private() -> None:
    seen = {line[1:] for line in ROOT.joinpath(".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {"domain", "application", "adapters", "entrypoints", "pyproject.toml", "requirements.lock"} <= seen
    assert not seen & {".env", ".git", "tests", ".tradepost"}


def test_the_shop_has_all_its_parts() -> None:
    assert set(SERVICES) == {*OURS, "postgres", "valkey", "meilisearch", "mail"}
    assert {SERVICES[name]["image"] for name in OURS} == {"tradepost"}
    assert [SERVICES[name]["command"] for name in OURS] == [["db", "upgrade"], ["serve"], ["worker"]]


@pytest.mark.parametrize("name", SERVICES)
def test_everybody_waits_for_what_they_need(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        once = other == "migrate"
        assert wait == {"condition": "service_completed_successfully" if once else "service_healthy"}
        assert once or "healthcheck" in SERVICES[other]


def test_web_and_worker_open_after_the_migrations() -> None:
    assert all({"migrate", "postgres", "valkey"} <= SERVICES[name]["depends_on"].keys() for name in ("web", "worker"))
    assert SERVICES["migrate"]["restart"] == "no"


def test_nothing_listens_beyond_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_no_secret_is_written_down() -> None:
    told = {
        value
        for service in SERVICES.values()
        for name, value in service.get("environment", {}).items()
        if re.search("SECRET|PASSWORD|KEY|DATABASE_URL", name)
    }
    assert told
    assert all(REQUIRED.search(value) for value in told)
    asked = {name for value in told for name in REQUIRED.findall(value)}
    assert asked == {"SECRET_KEY", "POSTGRES_PASSWORD", "MEILI_MASTER_KEY"}


@pytest.mark.parametrize("name", OURS)
def test_the_shop_takes_its_settings(name: str) -> None:
    filled = {
        key: REQUIRED.sub("0123456789abcdef" * 2, str(value)) for key, value in SERVICES[name]["environment"].items()
    }
    settings = load(filled)
    assert settings.environment == "development"
    assert settings.database_url == f"postgresql://tradepost:{'0123456789abcdef' * 2}@postgres:5432/tradepost"
    assert {settings.redis_url, settings.smtp_url} == {"redis://valkey:6379/0", "smtp://mail:1025"}
    assert (settings.meili_url, bool(settings.meili_key)) == ("http://meilisearch:7700", True)
    assert all(key.lower() in settings.__struct_fields__ for key in filled)
