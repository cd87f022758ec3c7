"""The sandbox gateway. It behaves as Stripe does: idempotent by key, intents with a life of their own."""

import secrets
from dataclasses import dataclass, replace

from adapters.sandbox.ledger import Ledger, Refund
from domain.errors import InvalidField
from domain.money import Money
from domain.ordering import ExceedsRefundable, OrderId
from domain.payments import LIVE, Intent, OrderNotPayable, PaymentDeclined, PaymentState

CARDS = {"4242424242424242": None, "4000000000000002": "card_declined", "4000000000009995": "insufficient_funds"}


@dataclass(frozen=True, slots=True)
class SandboxGateway:
    """Both the gateway and the cards that a browser would hold. Its books are in the ledger that it is given."""

    ledger: Ledger

    @property
    def publishable_key(self) -> str:
        return "pk_sandbox"

    async def create_intent(self, order: OrderId, amount: Money, key: str) -> Intent:
        name = f"pi_{secrets.token_hex(12)}"
        secret = f"{name}_secret_{secrets.token_urlsafe(18)}"
        new = Intent(id=name, client_secret=secret, order=order, amount=amount, state=PaymentState.PENDING)
        return await self.ledger.open(key, new)

    async def intent(self, id: str) -> Intent | None:
        return await self.ledger.find(id)

    async def cancel_intent(self, id: str) -> Intent:
        async with self.ledger.take(id) as book:
            if book.intent.state in LIVE - {PaymentState.PROCESSING}:
                book.intent = replace(book.intent, state=PaymentState.CANCELLED)
            return book.intent

    async def refund(self, intent: str, amount: Money, key: str) -> Intent:
        async with self.ledger.take(intent) as book:
            if await book.is_new(Refund(key, intent, amount.amount)):
                refunded = book.intent.refunded + amount.amount
                if refunded > book.intent.captured:
                    raise ExceedsRefundable
                whole = refunded >= book.intent.captured
                state = PaymentState.REFUNDED if whole else PaymentState.PARTIALLY_REFUNDED
                book.intent = replace(book.intent, refunded=refunded, state=state)
            return book.intent

    async def confirm(self, intent: str, card: str) -> Intent:
        if card not in CARDS:
            raise InvalidField("/card", "unknown-card", f"must be one of {', '.join(CARDS)}")
        async with self.ledger.take(intent) as book:
            if book.intent.state is PaymentState.CANCELLED:
                raise OrderNotPayable
            if book.intent.state in LIVE:
                book.intent = _tried(book.intent, CARDS[card])
            tried = book.intent
        if tried.failure_code is not None:
            raise PaymentDeclined(tried.failure_code)
        return tried


def _tried(intent: Intent, decline: str | None) -> Intent:
    if decline is not None:
        return replace(intent, state=PaymentState.FAILED, failure_code=decline)
    return replace(intent, state=PaymentState.SUCCEEDED, captured=intent.amount.amount, failure_code=None)
