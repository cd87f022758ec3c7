"""The load generator: HTTP/1.1 over kept-alive connections, one request under way on each, as light as Python can."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Self, cast

import msgspec

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
HEAD_ENDS = b"\r\n\r\n"
STATUS = slice(9, 12)  # of "HTTP/1.1 200 OK"
FOREVER = float("inf")

Feed = Iterator[bytes]  # the requests of one connection, one after another


class Answer(msgspec.Struct, frozen=True):
    status: int
    head: str
    body: bytes


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """How fast something was done, how often it was refused, and how long it took."""

    per_second: float
    refused: int = 0
    p50_ms: float | None = None
    p99_ms: float | None = None
    seconds: float | None = None


@dataclass(slots=True)
class Tally:
    """What the connections saw together."""

    durations: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def figure(self, seconds: float) -> Figure:
        took = sorted(self.durations) or [0.0]
        return Figure(
            per_second=len(self.durations) / seconds,
            refused=sum(times for status, times in self.statuses.items() if status >= 400),
            p50_ms=took[len(took) // 2] * 1000,
            p99_ms=took[len(took) * 99 // 100] * 1000,
            seconds=seconds,
        )


class Connection(asyncio.Protocol):
    """Sends a feed's requests, each when the one before is answered."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._whole = 0  # bytes of the answer that is coming in; 0 while its head is incomplete
        self._feed: Feed = iter(())
        self._tally = Tally()
        self._deadline = FOREVER
        self._sent = 0.0
        self._done: asyncio.Future[None] | None = None
        self._last = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._done and not self._done.done():
            self._done.set_exception(error or ConnectionResetError("the server hung up"))

    @property
    def answer(self) -> Answer:
        """The last one."""
        head, _, body = self._last.partition(HEAD_ENDS)
        return Answer(int(head[STATUS]), head.decode("latin-1").lower(), body)

    async def drive(self, feed: Feed, tally: Tally, deadline: float) -> None:
        """Until the feed ends, or no request begins before the deadline (of perf_counter)."""
        self._feed, self._tally, self._deadline = feed, tally, deadline
        self._done = asyncio.get_running_loop().create_future()
        self._next()
        await self._done

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._whole:
            self._whole = _length(self._received)
        if not self._whole or len(self._received) < self._whole:
            return
        self._tally.durations.append(perf_counter() - self._sent)
        self._tally.statuses[int(self._received[STATUS])] += 1
        self._last = bytes(self._received)
        self._received.clear()
        self._whole = 0
        self._next()

    def _next(self) -> None:
        request = next(self._feed, None) if perf_counter() < self._deadline else None
        if request is not None:
            self._sent = perf_counter()
            self.transport.write(request)
        elif self._done:
            self._done.set_result(None)


def _length(received: bytearray) -> int:
    """Of the whole answer, head and body; 0 as long as it cannot be known."""
    head = received.find(HEAD_ENDS)
    if head < 0:
        return 0
    told = LENGTH.search(received, 0, head + 2)
    if told is None:
        raise ValueError(f"an answer without its length: {received[:head]!r}")
    return head + len(HEAD_ENDS) + int(told[1])


class Load:
    """Connections to one server, kept from one measurement to the next: a customer stays on their connection."""

    def __init__(self, port: int, connections: Sequence[Connection]) -> None:
        self.port, self.connections = port, connections

    @classmethod
    @asynccontextmanager
    async def on(cls, port: int, connections: int = 32) -> AsyncIterator[Self]:
        loop = asyncio.get_running_loop()
        opened = [await loop.create_connection(Connection, "127.0.0.1", port) for _ in range(connections)]
        load = cls(port, [connection for _, connection in opened])
        try:
            yield load
        finally:
            for connection in load.connections:
                connection.transport.close()

    async def run(self, feeds: Sequence[Feed], seconds: float = FOREVER) -> Figure:
        """One feed a connection, all at once, until they end or time is up."""
        began = perf_counter()
        return (await self.drive(feeds, seconds)).figure(perf_counter() - began)

    async def drive(self, feeds: Sequence[Feed], seconds: float = FOREVER) -> Tally:
        """The same, for who wants to count."""
        await self._reconnect()
        tally, until = Tally(), perf_counter() + seconds
        driven = zip(self.connections, feeds, strict=True)
        await asyncio.gather(*(connection.drive(feed, tally, until) for connection, feed in driven))
        return tally

    async def ask_at_once(self, requests: Sequence[bytes]) -> list[Answer]:
        """One request on each of so many new connections: none that the server may be about to close."""
        loop = asyncio.get_running_loop()
        opened = [await loop.create_connection(Connection, "127.0.0.1", self.port) for _ in requests]
        asked = [connection for _, connection in opened]
        driven = zip(asked, requests, strict=True)
        await asyncio.gather(*(each.drive(iter([request]), Tally(), FOREVER) for each, request in driven))
        for each in asked:
            each.transport.close()
        return [each.answer for each in asked]

    async def _reconnect(self) -> None:
        """The server closes what was idle for a while."""
        loop = asyncio.get_running_loop()
        self.connections = [
            (await loop.create_connection(Connection, "127.0.0.1", self.port))[1] if one.transport.is_closing() else one
            for one in self.connections
        ]

    async def ask(self, request: bytes) -> Answer:
        """One request on the first connection."""
        await self._reconnect()
        connection = self.connections[0]
        await connection.drive(iter([request]), Tally(), FOREVER)
        return connection.answer


def request(
    method: str, path: str, token: str | None = None, body: bytes | None = None, key: str | None = None
) -> bytes:
    """A request's bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if key:
        lines.append(f"Idempotency-Key: {key}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")
