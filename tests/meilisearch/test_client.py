"""What the client makes of a server that promises, fails, ails, dawdles or is gone."""

import time

import pytest

from adapters.meilisearch.client import MeilisearchClient, MeilisearchRefused, Problem, TaskFailed
from application.ports import Unavailable
from tests.meilisearch.fake import FakeMeilisearch

INDEX = {"uid": "things", "primaryKey": "id"}


async def test_a_change_is_waited_for(client: MeilisearchClient, server: FakeMeilisearch) -> None:
    await client.change("POST", "/indexes", INDEX)
    assert list(server.indexes) == ["things"]
    assert [path for _, path, _ in server.asked] == ["/indexes", *["/tasks/0"] * 3]


async def test_a_task_that_fails_is_told_with_its_reason(client: MeilisearchClient, server: FakeMeilisearch) -> None:
    server.failing = ["database_size_limit_reached"]
    with pytest.raises(TaskFailed, match="task 0 database_size_limit_reached: made to fail"):
        await client.change("POST", "/indexes", INDEX)
    assert server.indexes == {}


async def test_a_task_that_takes_too_long_is_given_up(client: MeilisearchClient, server: FakeMeilisearch) -> None:
    with pytest.raises(Unavailable, match="search"):
        await client.change("POST", "/indexes", INDEX, patience=0.0)
    assert server.done == 0


async def test_a_refusal_has_meilisearchs_code(client: MeilisearchClient) -> None:
    with pytest.raises(MeilisearchRefused) as refused:
        await client.ask("GET", "/indexes/nowhere", Problem)
    assert refused.value.code == "index_not_found"


async def test_a_server_that_is_gone_or_ails_or_refuses_the_key_is_away(
    client: MeilisearchClient, server: FakeMeilisearch
) -> None:
    stranger = MeilisearchClient(server.url, "wrong")
    for asked, ails in ((stranger, False), (client, True)):
        server.ails = ails
        with pytest.raises(Unavailable, match="search"):
            await asked.ask("GET", "/health", Problem)
    await stranger.close()
    with server.away(), pytest.raises(Unavailable, match="search"):
        await client.ask("GET", "/health", Problem)


async def test_a_server_that_dawdles_is_not_waited_for(client: MeilisearchClient, server: FakeMeilisearch) -> None:
    server.delay = 60.0
    began = time.monotonic()
    with pytest.raises(Unavailable, match="search"):
        await client.ask("GET", "/health", Problem, patience=0.1)
    assert time.monotonic() - began < 30.0


async def test_what_is_no_meilisearch_is_away(client: MeilisearchClient) -> None:
    with pytest.raises(Unavailable, match="search"):
        await client.ask("GET", "/health", int)


async def test_the_client_comes_back_with_the_server(client: MeilisearchClient, server: FakeMeilisearch) -> None:
    with server.away(), pytest.raises(Unavailable):
        await client.change("POST", "/indexes", INDEX)
    await client.change("POST", "/indexes", INDEX)
    assert list(server.indexes) == ["things"]
