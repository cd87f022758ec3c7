"""Which machine, interpreter and database the figures are of."""

import os
import platform
import re
import sysconfig
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import asyncpg
import msgspec

MODEL = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE)
OPTIMISED = ("--enable-optimizations", "-flto")


class Facts(msgspec.Struct, frozen=True):
    date: str
    python: str
    postgresql: str
    granian: str
    processor: str
    cores: int
    load_before: float
    """Processes that wanted to run in the minute before: above 0.5 the figures are of a busy machine."""


async def facts(connection: asyncpg.Connection) -> Facts:
    return Facts(
        date=datetime.now(UTC).isoformat(timespec="minutes"),
        python=f"{platform.python_implementation()} {platform.python_version()}, {_build()}",
        postgresql=await connection.fetchval("show server_version"),
        granian=version("granian"),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        load_before=round(os.getloadavg()[0], 2),
    )


def _build() -> str:
    """A build without profile-guided optimisation runs about a third slower."""
    given = str(sysconfig.get_config_var("CONFIG_ARGS")) + str(sysconfig.get_config_var("PY_CFLAGS"))
    used = [option for option in OPTIMISED if option in given]
    return f"built with {' '.join(used)}" if used else "built without optimisation"


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except FileNotFoundError:
        return platform.processor()
    named = MODEL.search(told)
    return named[1] if named else platform.processor()
