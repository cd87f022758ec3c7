"""Meilisearch's own client and ours at one server: what either writes the other reads, so we speak no dialect."""

import asyncio

import meilisearch
import msgspec
import pytest

from adapters.meilisearch.client import MeilisearchClient
from adapters.meilisearch.index import MeilisearchIndex
from tests.meilisearch.fake import KEY, FakeMeilisearch
from tests.meilisearch.shop import Shelf, a_document


@pytest.fixture
def official(server: FakeMeilisearch) -> meilisearch.Client:
    return meilisearch.Client(server.url, KEY)


async def test_what_our_index_holds_the_official_client_finds(
    official: meilisearch.Client, index: MeilisearchIndex, shelf: Shelf
) -> None:
    shelf.put(lamp := a_document("Desk Lamp"), chair := a_document("Chair"))
    await index.refresh([lamp.id, chair.id])
    theirs = official.index("test_1")
    found = await asyncio.to_thread(theirs.search, "desk", {"limit": 5, "attributesToRetrieve": ["id"]})
    assert [hit["id"] for hit in found["hits"]] == [str(lamp.id)]


class Made(msgspec.Struct):
    uid: str


async def test_what_the_official_client_makes_ours_reads(
    official: meilisearch.Client, client: MeilisearchClient
) -> None:
    task = await asyncio.to_thread(official.create_index, "things", {"primaryKey": "id"})
    done = await asyncio.to_thread(official.wait_for_task, task.task_uid)
    assert done.status == "succeeded"
    assert (await client.ask("GET", "/indexes/things", Made)).uid == "things"
