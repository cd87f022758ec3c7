"""Keeps encoded answers for up to a second: one loader per key, and nothing is kept that a change has overtaken."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

import msgspec

from application.freshness import SharedAnswers
from entrypoints.http import headers
from entrypoints.http.headers import Raw

LIFE = 1.0  # seconds from the moment when its loading began: what API.md promises of freshness
MOST = 8 << 20  # bytes in one process
BESIDE = 1024  # bytes that keeping an answer takes beside its body
CODINGS = 2  # a body's codings take less together than the body does

Key = tuple[str, bytes]  # the path without a last slash, and the query as it came


class Answer(msgspec.Struct, frozen=True):
    """What is the same for all callers: the body, the headers that the route gave, and what the answer is about."""

    body: bytes
    headers: tuple[Raw, ...]
    topics: frozenset[str]


@dataclass(slots=True, eq=False)
class Kept:
    """An answer ready to be sent, in each coding that somebody asked for."""

    answer: Answer
    template: str
    until: float
    tag: str = ""
    _coded: dict[bytes, tuple[list[Raw], bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tag = next((value.decode() for name, value in self.answer.headers if name == b"etag"), "")

    @property
    def size(self) -> int:
        return len(self.answer.body) * CODINGS + BESIDE

    async def coded(self, coding: bytes) -> tuple[list[Raw], bytes]:
        """The headers, all but those of this very request, and the body."""
        if coding not in self._coded:
            raw = [(b"content-type", b"application/json"), *self.answer.headers]
            raw.append((b"content-length", str(len(self.answer.body)).encode()))
            raw, body = await headers.encoded(raw, self.answer.body, coding)
            headers.complete(raw, self.template, 200)
            self._coded[coding] = raw, body
        return self._coded[coding]

    def unchanged(self) -> list[Raw]:
        """The headers of 304."""
        raw = list(self.answer.headers)
        headers.complete(raw, self.template, 304)
        return raw


@dataclass(slots=True, eq=False)
class Loading:
    """An answer that is being loaded, and what was changed since that began."""

    outcome: asyncio.Future[Kept]
    changed: list[frozenset[str]] = field(default_factory=list)

    def overtaken(self, kept: Kept, changes: int) -> bool:
        """Whether one of the first so many changes was about it."""
        return any(topics & kept.answer.topics for topics in self.changed[:changes])


@dataclass(slots=True, eq=False)
class Answers:
    """The answers of this process. With `shared`, other processes' younger than `LIFE` serve, too."""

    shared: SharedAnswers
    most: int = MOST
    held: int = 0  # bytes
    _kept: dict[Key, Kept] = field(default_factory=dict)  # the oldest first
    _about: dict[str, set[Key]] = field(default_factory=dict)
    _loading: dict[Key, Loading] = field(default_factory=dict)
    _changed_at: dict[str, float] = field(default_factory=dict)  # by topic, of the last `LIFE`
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def find(self, key: Key) -> Kept | None:
        kept = self._kept.get(key)
        return kept if kept is not None and kept.until > monotonic() else None

    def is_loading(self, key: Key) -> bool:
        return key in self._loading

    async def load(self, key: Key, template: str, load: Callable[[], Awaitable[Answer]], *, share: bool) -> Kept:
        """By whoever asks first; the others wait. Whoever asks after a change never gets what was read before it."""
        while True:
            loading = self._loading.get(key) or self._begin(key, template, load, share)
            changes = len(loading.changed)
            kept = await asyncio.shield(loading.outcome)
            if not loading.overtaken(kept, changes):
                return kept

    def drop(self, topics: frozenset[str]) -> None:
        """Something was changed: keep nothing about it, nor what is being read just now."""
        now = monotonic()
        self._changed_at = {topic: at for topic, at in self._changed_at.items() if now - at < LIFE}
        self._changed_at.update(dict.fromkeys(topics, now))
        for loading in self._loading.values():
            loading.changed.append(topics)
        for topic in topics:
            for key in tuple(self._about.get(topic, ())):
                self._remove(key)

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, key: Key, template: str, load: Callable[[], Awaitable[Answer]], share: bool) -> Loading:
        loading = self._loading[key] = Loading(asyncio.get_running_loop().create_future())
        task = asyncio.create_task(self._load(key, template, load, loading, share))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return loading

    async def _load(
        self, key: Key, template: str, load: Callable[[], Awaitable[Answer]], loading: Loading, share: bool
    ) -> None:
        began = monotonic()
        try:
            kept = await self._borrow(key, template, began) if share else None
            borrowed = kept is not None
            if kept is None:
                kept = Kept(await load(), template, began + LIFE)
        except BaseException as error:
            del self._loading[key]
            _fail(loading.outcome, error)
            if not isinstance(error, Exception):
                raise
            return
        del self._loading[key]
        fresh = not loading.overtaken(kept, len(loading.changed))
        if fresh:
            self._keep(key, kept)
        loading.outcome.set_result(kept)
        if share and fresh and not borrowed:
            await self.shared.put(_name(key), msgspec.msgpack.encode(kept.answer), kept.until - monotonic())

    async def _borrow(self, key: Key, template: str, began: float) -> Kept | None:
        """What another process loaded, unless it may be older than a change that this one has made."""
        found = await self.shared.get(_name(key))
        if found is None:
            return None
        answer = msgspec.msgpack.decode(found[0], type=Answer)
        if any(began - self._changed_at.get(topic, -LIFE) < LIFE for topic in answer.topics):
            return None
        return Kept(answer, template, began + min(found[1], LIFE))

    def _keep(self, key: Key, kept: Kept) -> None:
        self._remove(key)
        now = monotonic()
        while self._kept:
            oldest = next(iter(self._kept))
            if self.held + kept.size <= self.most and self._kept[oldest].until > now:
                break
            self._remove(oldest)
        if kept.size > self.most:
            return
        self._kept[key] = kept
        self.held += kept.size
        for topic in kept.answer.topics:
            self._about.setdefault(topic, set()).add(key)

    def _remove(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        self.held -= kept.size
        for topic in kept.answer.topics:
            keys = self._about[topic]
            keys.discard(key)
            if not keys:
                del self._about[topic]


def _name(key: Key) -> str:
    return f"{key[0]}?{key[1].decode('latin-1')}"


def _fail(outcome: asyncio.Future[Kept], error: BaseException) -> None:
    if isinstance(error, Exception):
        outcome.set_exception(error)
        outcome.exception()  # looked at, even where everybody who waited has left
    else:
        outcome.cancel()
