"""The failpoints: a wrapper around every port, so that a process can be stopped dead wherever it asks for something."""

import asyncio
import os
import pkgutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from inspect import isawaitable, isclass, iscoroutinefunction, isfunction
from pathlib import Path
from types import FrameType
from typing import Any, get_origin, get_type_hints

import msgspec
from dishka import Provider, Scope

import application
from application import ports
from application.acting import acting
from entrypoints.container.basics import Basics
from entrypoints.container.machines import OnMachines
from entrypoints.settings import Settings

LOOK_EVERY = 0.005  # seconds between looks for the word to go on
DIE = "die"
WAIT = "wait"
TRANSACTION = "Store.transaction"


class Arming(msgspec.Struct, frozen=True):
    """What is to happen to whoever passes the point for the so-manieth time."""

    serial: int
    point: str
    number: int
    fate: str


class Points:
    """A directory by which test and processes tell each other where these are. `role` is "web" or "worker"."""

    def __init__(self, home: Path, role: str) -> None:
        self._noted, self._armed = home / f"{role}.noted", home / f"{role}.armed"
        self._reached, self._go = home / f"{role}.reached", home / f"{role}.go"
        self._serial = self._seen = 0
        self._is_web = role == "web"

    # -- the test's side

    def note(self) -> None:
        """From now on, write down every point that is passed."""
        self._noted.write_text("")

    def noted(self) -> list[str]:
        """The points in the order in which they were passed; no more are written down."""
        points = self._noted.read_text().splitlines()
        self._noted.unlink()
        return points

    def arm(self, point: str, number: int, fate: str) -> None:
        self.disarm()
        self._serial += 1
        fresh = self._armed.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(Arming(self._serial, point, number, fate)))
        fresh.replace(self._armed)

    def disarm(self) -> None:
        for path in (self._armed, self._reached, self._go):
            path.unlink(missing_ok=True)

    @property
    def is_reached(self) -> bool:
        return self._reached.exists()

    def go_on(self) -> None:
        self._go.touch()

    # -- the process's side

    async def passed(self, what: str) -> None:
        """Here may be the end."""
        if self._is_web and acting.get().request is None:
            return  # what it does by itself is in no order
        if not (self._noted.exists() or self._armed.exists()):
            return
        point = f"{what} ({users_of_ports()})"
        if self._noted.exists():
            with self._noted.open("a") as file:
                file.write(f"{point}\n")
        if self._is_meant(point):
            await self._meet(self._armed_for())

    def _armed_for(self) -> Arming | None:
        try:
            return msgspec.json.decode(self._armed.read_bytes(), type=Arming)
        except FileNotFoundError:
            return None

    def _is_meant(self, point: str) -> bool:
        arming = self._armed_for()
        if arming is None or arming.point != point:
            return False
        self._seen = self._seen + 1 if arming.serial == self._serial else 1
        self._serial = arming.serial
        return self._seen == arming.number

    async def _meet(self, arming: Arming | None) -> None:
        if arming is None:
            return
        self._armed.replace(self._reached)
        if arming.fate == DIE:
            os.killpg(os.getpgrp(), signal.SIGKILL)  # granian's other process, too
        while not self._go.exists():  # noqa: ASYNC110 (the word comes from another process)
            await asyncio.sleep(LOOK_EVERY)


def users_of_ports() -> str:
    """Which use cases are at work, the outermost first: those whose methods wait for the one that asks."""
    frame: FrameType | None = sys._getframe(2)
    names: list[str] = []
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("application."):
            name = frame.f_code.co_qualname.rpartition(".")[0]
            if name and "<" not in name and names[-1:] != [name]:
                names.append(name)
        frame = frame.f_back
    return " > ".join(reversed(names))


class Watched:
    """A port, or a transaction, whose every asynchronous method has a point before it and one after it."""

    def __init__(self, inner: Any, name: str, points: Points, parts: frozenset[str] = frozenset()) -> None:
        self._inner, self._name, self._points, self._parts = inner, name, points, parts

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name in self._parts:
            return Watched(found, name, self._points)
        return self._asking(found, f"{self._name}.{name}") if callable(found) else found

    def _asking(self, method: Callable[..., Any], name: str) -> Callable[..., Any]:
        def asked(*said: Any, **named: Any) -> Any:
            given = method(*said, **named)
            if isawaitable(given):
                return self._awaited(given, name)
            return self._within(given, name) if isinstance(given, AbstractAsyncContextManager) else given

        return asked

    async def _awaited(self, given: Awaitable[Any], name: str) -> Any:
        await self._points.passed(f"before {name}")
        answer = await given
        if answer != [] and (name, answer) != ("Outbox.dispatch", 0):  # so it is all the time while nothing is to do
            await self._points.passed(f"after {name}")
        return answer

    @asynccontextmanager
    async def _within(self, given: AbstractAsyncContextManager[Any], name: str) -> AsyncIterator[Any]:
        await self._points.passed(f"before {name}")
        async with given as found:
            is_transaction = name == TRANSACTION
            yield Watched(found, "transaction", self._points, frozenset(REPOSITORIES)) if is_transaction else found
            await self._points.passed(f"ending {name}")
        await self._points.passed(f"after {name}")


def protocols() -> Iterator[type]:
    """All that the application's modules define."""
    for module in pkgutil.walk_packages(application.__path__, "application."):
        for value in vars(import_module(module.name)).values():
            if isclass(value) and getattr(value, "_is_protocol", False) and value.__module__ == module.name:
                yield value


def asked_of(port: Any) -> list[str]:
    """The names of its methods that have points: those that are waited for."""
    methods = ((name, method) for name, method in vars(port).items() if isfunction(method))
    return [name for name, method in methods if iscoroutinefunction(method) or _is_within(method)]


def _is_within(method: Any) -> bool:
    return get_origin(get_type_hints(method).get("return")) is AbstractAsyncContextManager


def _provided() -> set[Any]:
    providers = (Basics(Settings()), OnMachines())
    return {factory.provides.type_hint for each in providers for factory in each.factories}


# By their names in a transaction.
REPOSITORIES: dict[str, type] = {
    name: get_type_hints(part.fget)["return"]
    for name, part in vars(ports.Transaction).items()
    if isinstance(part, property) and part.fget is not None
}
PORTS: tuple[type, ...] = tuple(port for port in protocols() if port in _provided() and asked_of(port))


def failpoints(points: Points) -> Provider:
    """What the container is given beside the shop's own providers: each port in its wrapper."""
    provider = Provider(scope=Scope.APP)
    for port in PORTS:
        provider.decorate(_wrapper(port, points), provides=port)
    return provider


def _wrapper(port: Any, points: Points) -> Callable[[Any], Any]:
    def watch(inner: Any) -> Any:
        return Watched(inner, port.__name__, points)

    watch.__annotations__ = {"inner": port, "return": port}
    return watch
