"""Stands between the shop and a port: sees what is asked, cuts the wire, lets something happen just then."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from dishka import Provider, Scope

from adapters.sandbox.gateway import SandboxGateway
from application.ports import PaymentGateway, Unavailable
from domain.money import Money
from domain.ordering import OrderId
from domain.payments import Intent

Happening = Callable[[], Awaitable[Any]]


@dataclass
class Wire:
    """The line to the payment gateway. `calls` are the names of what was asked, `cut` of what cannot be asked."""

    calls: list[str] = field(default_factory=list)
    cut: set[str] = field(default_factory=set)
    fails: Counter[str] = field(default_factory=Counter)  # how often it fails before it works again
    after: dict[str, Happening] = field(default_factory=dict)  # once, with the gateway's answer under way

    async def carry(self, name: str, call: Happening) -> Any:
        if name in self.cut or self.fails[name] > 0:
            self.fails[name] -= 1
            raise Unavailable("payments")
        self.calls.append(name)
        answer = await call()
        if happening := self.after.pop(name, None):
            await happening()
        return answer


@dataclass
class WiredGateway:
    gateway: PaymentGateway
    wire: Wire

    @property
    def publishable_key(self) -> str:
        return self.gateway.publishable_key

    async def create_intent(self, order: OrderId, amount: Money, key: str) -> Intent:
        made: Intent = await self.wire.carry("create", lambda: self.gateway.create_intent(order, amount, key))
        return made

    async def intent(self, id: str) -> Intent | None:
        found: Intent | None = await self.wire.carry("ask", lambda: self.gateway.intent(id))
        return found

    async def cancel_intent(self, id: str) -> Intent:
        cancelled: Intent = await self.wire.carry("cancel", lambda: self.gateway.cancel_intent(id))
        return cancelled

    async def refund(self, intent: str, amount: Money, key: str) -> Intent:
        refunded: Intent = await self.wire.carry("refund", lambda: self.gateway.refund(intent, amount, key))
        return refunded


def wired(wire: Wire) -> Provider:
    def gateway(sandbox: SandboxGateway) -> PaymentGateway:
        return WiredGateway(sandbox, wire)

    provider = Provider(scope=Scope.APP)
    provider.provide(gateway)
    return provider
