"""What the use cases need from the world, in the shop's words. Adapters fit these."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, NewType, Protocol, TypeVar
from uuid import UUID

import msgspec

from domain.accounts import Actor, User, Users
from domain.addresses import AddressBooks
from domain.aggregate import Event
from domain.api_keys import ApiKeys
from domain.cart import Carts
from domain.catalog import Products
from domain.categories import Categories
from domain.errors import Invalid
from domain.inventory import Stock
from domain.links import Links
from domain.money import Money
from domain.ordering import OrderId, Orders
from domain.payments import Intent, Payments
from domain.personal import PersonalData
from domain.promotions import Coupons
from domain.rates import RateBooks
from domain.sessions import Sessions
from domain.transfers import Transfers

T = TypeVar("T")
E_contra = TypeVar("E_contra", bound=Event, contravariant=True)

Clock = Callable[[], datetime]  # now, in UTC
NewId = Callable[[], UUID]  # a UUID version 7
NewOrderNumber = Callable[[], str]  # "ORD-…", not guessable in sequence
Wake = Callable[[], None]  # tell the dispatcher that there are new events; never blocks, never fails
Sanitise = Callable[[str], str]  # HTML from elsewhere, made harmless
Progress = Callable[[int, int], None]  # done, total

ShopUrl = NewType("ShopUrl", str)  # where customers find the shop, without a slash at the end
Currency = NewType("Currency", str)  # the shop's, ISO 4217
OrderTtl = NewType("OrderTtl", timedelta)  # how long an order may stay unpaid
AccessTtl = NewType("AccessTtl", timedelta)  # how long an access token is good
RefreshTtl = NewType("RefreshTtl", timedelta)  # how long a session lasts without a new login


class Busy(Exception):
    """The shop lost a race too often, or a row stayed locked too long: try again shortly. Nothing was changed."""


class LostRace(Busy):
    """The database undid the transaction for another's sake: the same call may succeed at once."""


class Unavailable(Exception):
    """A part that the request cannot do without is away. `part` names it."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


class StaleWrite(Exception):
    """Somebody else changed the aggregate since it was loaded."""


class PreconditionFailed(Exception):
    """The aggregate is not in the version that the caller means."""


# -- persistence


class Transaction(Protocol):
    """One unit of work. Leaving it normally commits, an exception rolls back."""

    @property
    def users(self) -> Users: ...
    @property
    def products(self) -> Products: ...
    @property
    def categories(self) -> Categories: ...
    @property
    def stock(self) -> Stock: ...
    @property
    def carts(self) -> Carts: ...
    @property
    def coupons(self) -> Coupons: ...
    @property
    def rate_books(self) -> RateBooks: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def payments(self) -> Payments: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def api_keys(self) -> ApiKeys: ...
    @property
    def links(self) -> Links: ...
    @property
    def address_books(self) -> AddressBooks: ...
    @property
    def personal_data(self) -> PersonalData: ...
    @property
    def transfers(self) -> Transfers: ...

    async def handle_once(self, event: UUID, handler: str) -> bool:
        """Mark the event as handled by this handler. False where it was already: do nothing then."""
        ...

    async def remember(self, view: msgspec.Struct) -> None:
        """Under a claim (application.idempotency): with this transaction all is done, and that is what to answer
        should nobody live to give a better answer."""
        ...


class Store(Protocol):
    """Where aggregates live. Recorded events and movements are stored with what recorded them."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]: ...


# -- reading


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of a list is wanted: `cursor` is opaque and comes from an earlier page."""

    size: int = 20
    cursor: str | None = None


class Page(msgspec.Struct, Generic[T]):
    """One page of a list. `next` and `previous` are cursors; the edge makes references of them."""

    results: list[T]
    next: str | None = None
    previous: str | None = None


# -- parties outside


class PaymentGateway(Protocol):
    """Who moves the money. Calls raise Unavailable("payments") when it is away; repeating a key repeats no effect."""

    @property
    def publishable_key(self) -> str: ...

    async def create_intent(self, order: OrderId, amount: Money, key: str) -> Intent: ...

    async def intent(self, id: str) -> Intent | None: ...

    async def cancel_intent(self, id: str) -> Intent:
        """Idempotent; answers with the intent as it is, which may be that it has already succeeded."""
        ...

    async def refund(self, intent: str, amount: Money, key: str) -> Intent: ...


class SandboxCards(Protocol):
    """The browser's part of a payment, which only the sandbox can play."""

    async def confirm(self, intent: str, card: str) -> Intent:
        """Raises PaymentDeclined, InvalidField for a card it does not know, PaymentNotFound."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message to one recipient. `message_id` without the angle brackets; the same event gives the same one."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str


class RecipientRefused(Invalid):
    """Mail to this address will never arrive."""

    code = "recipient-refused"


class Mailer(Protocol):
    """Raises RecipientRefused, or Unavailable("mail") where it may work later."""

    async def send(self, mail: Mail) -> None: ...


class Outgoing(msgspec.Struct, frozen=True):
    """A mail as the development mailbox shows it."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str
    sent_at: datetime


class Mailbox(Protocol):
    """The mails sent, newest first; only where mail goes to files or memory."""

    async def sent(self, limit: int = 100) -> Sequence[Outgoing]: ...


class StoredMedia(msgspec.Struct, frozen=True):
    """A picture as it is kept. `tag` is a strong entity tag with its quotes."""

    data: bytes
    content_type: str
    tag: str


class Media(Protocol):
    """Where pictures live, by keys such as "sample/lamp.webp". Raises Unavailable("media") when it is away."""

    async def put(self, key: str, data: bytes) -> str:
        """Store under the key, whole or not at all, and return the address that it is served by."""
        ...

    async def get(self, key: str) -> StoredMedia | None: ...

    async def remove(self, keys: Iterable[str]) -> None:
        """Those that are not there count as removed."""
        ...

    def key(self, url: str) -> str | None:
        """What is kept here under the address; None for one elsewhere."""
        ...


class UnsupportedImage(Invalid):
    """It is no picture of a kind that the shop takes."""

    code = "unsupported-image"


class MismatchedImage(UnsupportedImage):
    """It is a picture, but of another kind than it claims to be."""

    code = "mismatched-image"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was decoded and encoded anew: nothing but its pixels is left. `suffix` is its file name's."""

    data: bytes
    suffix: str


class Pictures(Protocol):
    """The darkroom: decodes and encodes, off the event loop and only so many at once."""

    async def develop(self, data: bytes, claimed: str | None) -> Picture:
        """From what was uploaded as that media type, or as none.

        Raises UnsupportedImage or MismatchedImage; InvalidField for one that is broken, or too large to be decoded.
        """
        ...

    async def shrink(self, data: bytes, sides: Sequence[int]) -> Sequence[bytes]:
        """Thumbnails, WebP, that fit into squares of those sides."""
        ...


class Draw(Protocol):
    """Draws a picture of a product: WebP, the same bytes for the same arguments."""

    def __call__(self, motif: str, colour: str, seed: int) -> bytes: ...


# -- security


class Passwords(Protocol):
    """Hashes passwords, off the event loop and only so many at once."""

    @property
    def common(self) -> frozenset[str]:
        """The ones that are guessed first, in lower case."""
        ...

    async def hash(self, password: str) -> str: ...

    async def verify(self, password: str, hash: str | None) -> bool:
        """Takes the same time where there is no hash."""
        ...

    def is_outdated(self, hash: str) -> bool:
        """Whether it was made with other parameters than a hash of today."""
        ...


class Jwk(msgspec.Struct, frozen=True, kw_only=True):
    """A public key with which anybody can check our access tokens (RFC 8037)."""

    kty: str = "OKP"
    crv: str = "Ed25519"
    alg: str = "EdDSA"
    use: str = "sig"
    kid: str
    x: str


class AccessTokens(Protocol):
    """Signs and checks access tokens (JWT, EdDSA with `kid`)."""

    def issue(self, user: User, session: UUID) -> str: ...

    def public_keys(self) -> list[Jwk]:
        """The key that signs now, then those whose tokens are still accepted."""
        ...

    def actor(self, token: str) -> Actor:
        """Raises TokenInvalid for anything that is not a live token of ours."""
        ...


class RefreshSecrets(Protocol):
    """Makes refresh tokens and seals a successor so that only the presenter of its predecessor can open it."""

    def new(self) -> str: ...

    def digest(self, token: str) -> bytes: ...

    def seal(self, successor: str, token: str) -> bytes: ...

    def open(self, sealed: bytes, token: str) -> str: ...


# -- events


class EventHandler(Protocol[E_contra]):
    """A use case whose input is an event. It may be told twice: its effect must be the same as of once."""

    async def __call__(self, id: UUID, event: E_contra, /) -> None: ...


class StoredEvent(msgspec.Struct, frozen=True):
    """An event as the outbox holds it. `data` is the event's fields as JSON."""

    id: UUID
    type: str
    aggregate: str
    aggregate_id: UUID
    seq: int
    at: datetime
    data: Mapping[str, Any]
    actor: str | None = None  # on whose behalf, as application.acting names them
    request_id: str | None = None
    audited: bool = False  # it belongs into the audit log
