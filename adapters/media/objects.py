"""Media in an object store, by obstore: local files, which the shop serves at /media/, or a bucket of S3."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from application.media import HERE, cache_control, is_key, type_of
from application.ports import StoredMedia, Unavailable

DEFAULT_REGION = "us-east-1"
TIMEOUT = timedelta(seconds=10)
RETRIES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Access:
    """By the usual AWS_… names. Without a key, what the machine itself may do; without an endpoint, Amazon's."""

    key_id: str | None = None
    secret: str | None = None
    session_token: str | None = None
    region: str | None = None
    endpoint: str | None = None


class ObjectMedia:
    """`base` is what addresses begin with. `folder`, of local files, is what nothing may lead out of."""

    def __init__(self, store: ObjectStore, base: str, folder: Path | None = None) -> None:
        self._store, self._base, self._folder = store, base, folder

    async def put(self, key: str, data: bytes) -> str:
        if not is_key(key):
            raise ValueError(key)
        with _away():
            if self._folder:  # files have no attributes: their type is in their name
                await self._store.put_async(key, data)
            else:
                told = {"Content-Type": type_of(key), "Cache-Control": cache_control(key)}
                await self._store.put_async(key, data, attributes=told, use_multipart=False)
        return f"{self._base}{key}"

    async def get(self, key: str) -> StoredMedia | None:
        if not is_key(key) or (self._folder and not await asyncio.to_thread(_is_inside, self._folder, key)):
            return None
        with _away():
            try:
                found = await self._store.get_async(key)
                data = bytes(await found.bytes_async())
            except FileNotFoundError:
                return None
        return StoredMedia(data, type_of(key), found.meta["e_tag"] or f'"{len(data)}"')

    async def remove(self, keys: Iterable[str]) -> None:
        for key in keys:
            with _away():
                try:
                    await self._store.delete_async(key)
                except FileNotFoundError:
                    continue

    def key(self, url: str) -> str | None:
        """An address from before the pictures moved into a bucket still names one of them."""
        for base in (self._base, HERE):
            if is_key(key := url.removeprefix(base)) and key != url:
                return key
        return None


def local_media(folder: Path) -> ObjectMedia:
    return ObjectMedia(LocalStore(folder, mkdir=True), HERE, folder)


def s3_media(url: str, access: S3Access, public_url: str | None = None) -> ObjectMedia:
    """`url` is s3://bucket/prefix. Pictures are served from `public_url`, else by the bucket itself."""
    parts = urlsplit(url)
    bucket, prefix = parts.netloc, parts.path.strip("/")
    store = S3Store(
        bucket,
        prefix=prefix or None,
        config=_config(access),
        client_options={"allow_http": (access.endpoint or "").startswith("http://"), "timeout": TIMEOUT},
        retry_config={"max_retries": RETRIES, "retry_timeout": TIMEOUT},
    )
    base = public_url or f"{_origin(bucket, access)}/{prefix}"
    return ObjectMedia(store, f"{base.rstrip('/')}/")


def _config(access: S3Access) -> Any:
    """As obstore names it; its type is not there at run time."""
    told = {
        "region": access.region or DEFAULT_REGION,
        "access_key_id": access.key_id,
        "secret_access_key": access.secret,
        "session_token": access.session_token,
        "endpoint": access.endpoint,
    }
    return {name: value for name, value in told.items() if value}


def _origin(bucket: str, access: S3Access) -> str:
    if access.endpoint:
        return f"{access.endpoint.rstrip('/')}/{bucket}"
    return f"https://{bucket}.s3.{access.region or DEFAULT_REGION}.amazonaws.com"


def _is_inside(folder: Path, key: str) -> bool:
    """Whether it is a file of the folder, and no link to one elsewhere."""
    path = (folder / key).resolve()
    return path.is_relative_to(folder.resolve()) and path.is_file()


@contextmanager
def _away() -> Iterator[None]:
    """Name what a failing store means."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise Unavailable("media") from error
