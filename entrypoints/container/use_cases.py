"""Use cases and event handlers: wired by what their fields ask for."""

from typing import Any

from dishka import Provider, Scope, provide, provide_all

from application.accounts.registering import CreateAdmin, Register
from application.accounts.sessions import LogIn, LogOut, RefreshTokens
from application.accounts.users import ChangeProfile
from application.cancelling import CancelOrder, ExpireOrders, RefundCancelled
from application.cart import AddItem, ClearCart, ShowCart, UpdateItem
from application.catalog.changing import ChangeProduct, CreateProduct, DeleteProduct
from application.catalog.images import AddImage, ChangeImage, MakeThumbnails, RemoveFiles, RemoveImage
from application.catalog.ranking import RankProducts
from application.checkout import PlaceOrder
from application.importing.catalog import ImportCatalog
from application.notifications import ConfirmOrder
from application.ordering import ListHistory, ListOrders, ShowOrder
from application.outbox import DeliverEvents, RelayEvents, Subscribers
from application.payments import (
    ConfirmInSandbox,
    CreateIntent,
    ListPayments,
    Reconcile,
    Settle,
    ShowPayment,
)
from application.ports import EventHandler
from application.sample.load import LoadSample
from application.subscriptions import SUBSCRIPTIONS


class UseCases(Provider):
    """Use cases, views' readers and event handlers: wired by what their fields ask for."""

    scope = Scope.APP
    accounts = provide_all(Register, LogIn, RefreshTokens, LogOut, ChangeProfile, CreateAdmin)
    cart = provide_all(ShowCart, AddItem, UpdateItem, ClearCart)
    orders = provide_all(PlaceOrder, ShowOrder, ListOrders, ListHistory, CancelOrder, ExpireOrders)
    payments = provide_all(CreateIntent, Settle, ConfirmInSandbox, Reconcile, ShowPayment, ListPayments)
    catalog = provide_all(CreateProduct, ChangeProduct, DeleteProduct, ImportCatalog, LoadSample)
    images = provide_all(AddImage, ChangeImage, RemoveImage, MakeThumbnails, RemoveFiles)
    events = provide_all(ConfirmOrder, RankProducts, RefundCancelled, RelayEvents, DeliverEvents)

    @provide
    def subscribers(
        self,
        confirm_order: ConfirmOrder,
        rank_products: RankProducts,
        refund_cancelled: RefundCancelled,
        make_thumbnails: MakeThumbnails,
        remove_files: RemoveFiles,
    ) -> Subscribers:
        handlers: tuple[EventHandler[Any], ...] = (
            confirm_order,
            rank_products,
            refund_cancelled,
            make_thumbnails,
            remove_files,
        )
        made = {type(handler): handler for handler in handlers}
        return Subscribers({event: tuple(made[each] for each in wanted) for event, wanted in SUBSCRIPTIONS.items()})
