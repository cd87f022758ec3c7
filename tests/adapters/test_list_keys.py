"""What a list's cursor keeps of a row is exactly what the row has."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from adapters.postgres.catalog.listing import moment

MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize("year", [1970, 2000, 2026, 2037, 2099, 2200])
async def test_a_moment_read_as_seconds_is_the_same_to_the_microsecond(year: int, postgres_url: str) -> None:
    begin = datetime(year, 7, 1, 12, 30, 15, 999_900, UTC)
    moments = [begin + n * MICROSECOND for n in range(200)]
    connection = await asyncpg.connect(postgres_url)
    rows = await connection.fetch("select date_part('epoch', at) from unnest($1::timestamptz[]) at", moments)
    await connection.close()
    assert [moment(row[0]) for row in rows] == moments
