"""The shop in process: a whole one that Python code holds in its hands, for tests, simulation and notebooks."""

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from dishka import AsyncContainer, Provider, Scope

from application import ports
from application.audit_log.keeping import ExtendAuditLog
from application.cancelling import CancelOrder, ExpireOrders
from application.cart import AddItem, CartView, ShowCart
from application.catalog.changing import CreateProduct
from application.catalog.inputs import NewProduct
from application.catalog.views import ProductView
from application.checkout import Checkout, PlaceOrder
from application.ordering import OrderView, ShowOrder
from application.outbox import AT_ONCE, DeliverEvents, Outbox, Subscribers
from application.payments import ConfirmInSandbox, CreateIntent, Reconcile
from application.transfers.running import RunExports, RunImports
from domain.accounts import Actor, Address, Role, User, UserId
from domain.cart import Article
from domain.catalog import ProductNotFound
from domain.inventory import Sku, StockItem
from domain.ordering import OrderId
from domain.payments import PaymentState
from domain.variants import VariantId
from entrypoints.container import make_container, make_memory_container
from entrypoints.settings import Settings

T = TypeVar("T")

VISA = "4242424242424242"
DECLINED = "4000000000000002"
SOMEWHERE = Address(
    full_name="Ann Example", address_line1="1 Main Street", city="Springfield", postal_code="12345", country="US"
)


@dataclass(slots=True)
class ShopClock:
    """The time, ahead of the world's by what was let pass."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_(self, time: timedelta) -> None:
        self.ahead += time


@dataclass(frozen=True, slots=True)
class Shop:
    """What a test says to a shop. Everything else is a use case: `await shop.get(UseCase)`."""

    container: AsyncContainer
    clock: ShopClock

    async def get(self, kind: Callable[..., T]) -> T:
        """The use case, view or port of that type. (To mypy a Protocol is a callable, but no `type[T]`.)"""
        found: T = await self.container.get(kind)
        return found

    async def has(
        self, sku: str, *, price: str = "10.00", stock: int | None = 10, name: str = "", **fields: Any
    ) -> ProductView:
        """Put a product on sale; with stock None it is not counted. Further fields are those of NewProduct."""
        counted = {"track_inventory": False} if stock is None else {"stock_quantity": stock}
        amount = msgspec.Raw(msgspec.json.encode(price))
        new = NewProduct(name=name or sku.capitalize(), price=amount, sku=sku, **{**counted, **fields})
        create = await self.get(CreateProduct)
        return (await create(Actor.shop(), new)).view

    async def article(self, sku: str) -> Article:
        """What is put into a cart to buy that SKU."""
        store = await self.get(ports.Store)
        async with store.transaction() as tx:
            owners = await tx.products.owners([sku])
            if sku not in owners:
                raise ProductNotFound
            product = await tx.products.get(owners[sku])
        variant = next((one.id for one in product.variants if one.sku == sku), None)
        return product.id, VariantId(variant) if variant else None

    async def stock(self, sku: str) -> StockItem:
        """Raises KeyError where the SKU is not stocked."""
        store = await self.get(ports.Store)
        async with store.transaction() as tx:
            return (await tx.stock.find([Sku(sku)]))[Sku(sku)]

    async def customer(self, email: str, *roles: Role) -> "Customer":
        """Somebody with an account, new or known, and no password to sign in with. Further roles make them staff."""
        store, new_id = await self.get(ports.Store), await self.container.get(ports.NewId)
        async with store.transaction() as tx:
            user = await tx.users.find_by_email(email)
            if user is None:
                user = User.register(UserId(new_id()), email, "!", self.clock(), (Role.CUSTOMER, *roles))
                user.email_verified = True
                await tx.users.save(user)
        return Customer(self, user.actor, user.email)

    async def run_jobs(self) -> None:
        """What a worker does: expiry, reconciliation, transfers, and events to their handlers until none is due."""
        await (await self.get(ExpireOrders))()
        await (await self.get(Reconcile))()
        await (await self.get(RunImports))()
        await (await self.get(RunExports))()
        await self.deliver_events()
        await (await self.get(ExtendAuditLog))()

    async def deliver_events(self) -> None:
        outbox = await self.get(Outbox)
        subscribers, deliver = await self.get(Subscribers), await self.get(DeliverEvents)
        while True:
            while await outbox.dispatch(subscribers.subscriptions, AT_ONCE) == AT_ONCE:
                pass
            due = await outbox.due(subscribers.names)
            if not due:
                return
            for handler in due:
                await deliver(handler)

    async def mails(self) -> Sequence[ports.Outgoing]:
        """The mails sent, newest first."""
        mailbox = await self.get(ports.Mailbox)
        return await mailbox.sent()


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody at the shop's counter."""

    shop: Shop
    who: Actor
    email: str
    address: Address = field(default=SOMEWHERE)

    async def add(self, sku: str, quantity: int = 1) -> CartView:
        """Raises what AddItem raises."""
        add_item = await self.shop.get(AddItem)
        return await add_item(self.who, await self.shop.article(sku), quantity)

    async def cart(self) -> CartView:
        return await (await self.shop.get(ShowCart))(self.who)

    async def checkout(self, **said: Any) -> OrderView:
        """Order what is in the cart. What is said are fields of Checkout. Raises what PlaceOrder raises."""
        place_order = await self.shop.get(PlaceOrder)
        answer = await place_order(self.who, Checkout(**{"shipping_address": self.address, **said}))
        return msgspec.json.decode(answer.body, type=OrderView)

    async def buy(self, sku: str, quantity: int = 1) -> OrderView:
        """An order of that alone."""
        await self.add(sku, quantity)
        return await self.checkout()

    async def pay(self, order: OrderView, card: str = VISA) -> PaymentState:
        """Raises PaymentDeclined, OrderAlreadyPaid, OrderNotPayable."""
        create_intent, confirm = await self.shop.get(CreateIntent), await self.shop.get(ConfirmInSandbox)
        intent = await create_intent(self.who, OrderId(order.id))
        return await confirm(self.who, intent.payment_intent_id, card)

    async def order(self, reference: UUID | str) -> OrderView:
        """By id or number, as it is now. Raises OrderNotFound for somebody else's."""
        show_order = await self.shop.get(ShowOrder)
        return (await show_order(self.who, OrderId(reference) if isinstance(reference, UUID) else reference)).view

    async def cancel(self, order: OrderView, reason: str = "") -> OrderView:
        """Raises OrderNotCancellable."""
        cancel_order = await self.shop.get(CancelOrder)
        return await cancel_order(self.who, OrderId(order.id), reason)


@asynccontextmanager
async def open_shop(settings: Settings | None = None, *instead: Provider) -> AsyncIterator[Shop]:
    """A shop in memory; on its machines where the settings name a database. `instead` replaces parts of it."""
    settings = settings or Settings(environment="test", secret_key=secrets.token_hex(), public_base_url="http://shop")
    clock = ShopClock()
    time = Provider(scope=Scope.APP)
    time.provide(lambda: clock, provides=ports.Clock)
    make = make_container if settings.database_url else make_memory_container
    container = make(settings, time, *instead)
    try:
        yield Shop(container, clock)
    finally:
        await container.close()
