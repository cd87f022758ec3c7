"""Use cases and event handlers: wired by what their fields ask for."""

from typing import Any, NewType

from dishka import Provider, Scope, provide, provide_all

from application.accounts.addresses import ChangeAddress, RemoveAddress, SaveAddress
from application.accounts.email import ConfirmEmail, RequestEmailChange
from application.accounts.identifying import Identify
from application.accounts.keys import CreateApiKey, ListApiKeys, RevokeApiKey
from application.accounts.letters import (
    IssueLink,
    SendEmailChange,
    SendPasswordReset,
    SendVerification,
    TellFormerEmail,
    TellOfEmailChange,
    TellOfPassword,
    WarnOfTheft,
    WriteLetter,
)
from application.accounts.passwords import ChangePassword, RequestPasswordReset, ResetPassword
from application.accounts.personal import EraseAccount, ExportPersonalData
from application.accounts.registering import CreateAdmin, Register
from application.accounts.revocations import CheckStanding, PostRevocation, RepeatRevocations, TellRevocations
from application.accounts.sessions import LogIn, LogOut, RefreshTokens
from application.accounts.staff import ChangeUser, ChangeUserByEmail, ListUsers, ShowUser
from application.accounts.users import ChangeProfile
from application.audit import Audit, WatchBooks
from application.audit_log.keeping import ExtendAuditLog, ListAuditLog, VerifyAuditLog
from application.cancelling import CancelOrder, ExpireOrders, RefundCancelled
from application.cart import AddItem, ChangeCart, ClearCart, ShowCart, UpdateItem
from application.catalog.bulk import ChangeProducts
from application.catalog.categorising import ChangeCategory, CreateCategory, DeleteCategory
from application.catalog.changing import ChangeProduct, CreateProduct, DeleteProduct
from application.catalog.images import AddImage, ChangeImage, MakeThumbnails, RemoveFiles, RemoveImage
from application.catalog.ranking import RankProducts
from application.catalog.varying import AddVariant, ChangeVariant, RemoveVariant
from application.checkout import PlaceOrder
from application.exporting.catalog import ExportCatalog
from application.idempotency import AnswerOnce
from application.importing.catalog import ImportCatalog
from application.inventory import AdjustManyStocks, AdjustStock, AllowBackorders, WatchStock
from application.limits.policy import LimitCalls, LimitLogins
from application.many_orders import ChangeOrders
from application.notifications import ConfirmOrder
from application.ordering import ListHistory, ListOrders, ShowOrder
from application.outbox import DeliverEvents, RelayEvents, Subscribers
from application.papers import WriteInvoice, WritePackingSlip
from application.payments import (
    ConfirmInSandbox,
    CreateIntent,
    ListPayments,
    Reconcile,
    Settle,
    ShowPayment,
)
from application.ports import EventHandler
from application.promotions import ApplyCoupon, ChangeCoupon, CreateCoupon, DeleteCoupon, RemoveCoupon
from application.quoting import ListShippingOptions, QuoteCart
from application.rates.charging import Charge
from application.rates.listing import ShowRates
from application.rates.managing import (
    ChangeRates,
    ChangeShippingZone,
    ChangeTaxZone,
    CreateShippingZone,
    CreateTaxClass,
    CreateTaxZone,
    DeleteShippingZone,
    DeleteTaxClass,
    DeleteTaxZone,
)
from application.refunding import CarryRefundOut, RefundOrder, RefundPayment, SendRefund
from application.reviving import TellOfRevival
from application.sample.load import LoadSample
from application.sealing import ResealSecrets
from application.search.indexing import IndexCategory, IndexOrder, IndexProduct, IndexStock
from application.search.misses import ListMisses
from application.search.searching import SearchProducts, SuggestProducts
from application.shipping import DeliverOrder, ShipOrder
from application.subscriptions import STEADFAST, SUBSCRIPTIONS
from application.tidings import TellOfCancellation, TellOfDelivery, TellOfRefund, TellOfShipment, WriteOfOrder
from application.transfers.asking import RequestExport, RequestImport, ShowTransfers
from application.transfers.carrying import CarryOut
from application.transfers.running import ForgetTransfers, ReadExport, RunExports, RunImports
from entrypoints.settings import Settings

AccountLetters = NewType("AccountLetters", tuple[EventHandler[Any], ...])
OrderTidings = NewType("OrderTidings", tuple[EventHandler[Any], ...])
IndexKeepers = NewType("IndexKeepers", tuple[EventHandler[Any], ...])
KEEPERS = (IndexProduct, IndexOrder, IndexStock, IndexCategory)


class UseCases(Provider):
    """Use cases, views' readers and event handlers: wired by what their fields ask for."""

    scope = Scope.APP
    accounts = provide_all(Register, LogIn, RefreshTokens, LogOut, ChangeProfile, CreateAdmin)
    passwords = provide_all(ChangePassword, RequestPasswordReset, ResetPassword)
    email = provide_all(RequestEmailChange, ConfirmEmail, WriteLetter, IssueLink)
    inventory = provide_all(AdjustStock, AdjustManyStocks, AllowBackorders, WatchStock)
    idempotency = provide_all(AnswerOnce)
    limits = provide_all(LimitCalls, LimitLogins)
    audit = provide_all(Audit, WatchBooks)
    audit_log = provide_all(ExtendAuditLog, ListAuditLog, VerifyAuditLog)
    access = provide_all(Identify, CheckStanding, TellRevocations, RepeatRevocations, PostRevocation)
    staff = provide_all(ListUsers, ShowUser, ChangeUser, ChangeUserByEmail)
    secrets = provide_all(ResealSecrets)
    keys = provide_all(ListApiKeys, CreateApiKey, RevokeApiKey)
    addresses = provide_all(SaveAddress, ChangeAddress, RemoveAddress)
    personal = provide_all(ExportPersonalData, EraseAccount)
    cart = provide_all(ShowCart, ChangeCart, AddItem, UpdateItem, ClearCart, ApplyCoupon, RemoveCoupon)
    charging = provide_all(Charge, QuoteCart, ListShippingOptions, ShowRates, ChangeRates)
    shipping_zones = provide_all(CreateShippingZone, ChangeShippingZone, DeleteShippingZone)
    taxes = provide_all(CreateTaxZone, ChangeTaxZone, DeleteTaxZone, CreateTaxClass, DeleteTaxClass)
    coupons = provide_all(CreateCoupon, ChangeCoupon, DeleteCoupon)
    orders = provide_all(PlaceOrder, ShowOrder, ListOrders, ListHistory, CancelOrder, ExpireOrders)
    fulfilment = provide_all(ShipOrder, DeliverOrder, RefundOrder, RefundPayment, SendRefund, CarryRefundOut)
    many_orders = provide_all(ChangeOrders)
    papers = provide_all(WriteInvoice, WritePackingSlip)
    payments = provide_all(CreateIntent, Settle, ConfirmInSandbox, Reconcile, ShowPayment, ListPayments)
    catalog = provide_all(CreateProduct, ChangeProduct, DeleteProduct, ImportCatalog, LoadSample)
    search = provide_all(SearchProducts, SuggestProducts, ListMisses)
    products = provide_all(ChangeProducts, AddVariant, ChangeVariant, RemoveVariant)
    transfers = provide_all(RequestImport, RequestExport, ShowTransfers, ReadExport, ExportCatalog)
    carrying = provide_all(CarryOut, RunImports, RunExports, ForgetTransfers)
    categories = provide_all(CreateCategory, ChangeCategory, DeleteCategory)
    images = provide_all(AddImage, ChangeImage, RemoveImage, MakeThumbnails, RemoveFiles)
    events = provide_all(ConfirmOrder, RankProducts, RefundCancelled, RelayEvents, DeliverEvents)

    letters_to_users = provide_all(
        SendVerification,
        SendPasswordReset,
        SendEmailChange,
        TellOfEmailChange,
        TellFormerEmail,
        TellOfPassword,
        WarnOfTheft,
    )

    @provide
    def letters(
        self,
        send_verification: SendVerification,
        send_password_reset: SendPasswordReset,
        send_email_change: SendEmailChange,
        tell_of_email_change: TellOfEmailChange,
        tell_former_email: TellFormerEmail,
        tell_of_password: TellOfPassword,
        warn_of_theft: WarnOfTheft,
    ) -> AccountLetters:
        changes = (send_email_change, tell_of_email_change, tell_former_email)
        return AccountLetters((send_verification, send_password_reset, *changes, tell_of_password, warn_of_theft))

    tidings_of_orders = provide_all(
        WriteOfOrder, TellOfShipment, TellOfDelivery, TellOfCancellation, TellOfRevival, TellOfRefund
    )

    @provide
    def tidings(
        self,
        tell_of_shipment: TellOfShipment,
        tell_of_delivery: TellOfDelivery,
        tell_of_cancellation: TellOfCancellation,
        tell_of_revival: TellOfRevival,
        tell_of_refund: TellOfRefund,
    ) -> OrderTidings:
        ends = (tell_of_cancellation, tell_of_revival, tell_of_refund)
        return OrderTidings((tell_of_shipment, tell_of_delivery, *ends))

    index_keeping = provide_all(*KEEPERS)

    @provide
    def index_keepers(
        self,
        index_product: IndexProduct,
        index_order: IndexOrder,
        index_stock: IndexStock,
        index_category: IndexCategory,
    ) -> IndexKeepers:
        return IndexKeepers((index_product, index_order, index_stock, index_category))

    @provide
    def subscribers(
        self,
        settings: Settings,
        letters: AccountLetters,
        tidings: OrderTidings,
        index_keepers: IndexKeepers,
        confirm_order: ConfirmOrder,
        rank_products: RankProducts,
        refund_cancelled: RefundCancelled,
        carry_refund_out: CarryRefundOut,
        make_thumbnails: MakeThumbnails,
        remove_files: RemoveFiles,
        watch_stock: WatchStock,
        post_revocation: PostRevocation,
    ) -> Subscribers:
        handlers: tuple[EventHandler[Any], ...] = (
            *letters,
            *tidings,
            *index_keepers,
            confirm_order,
            rank_products,
            refund_cancelled,
            carry_refund_out,
            make_thumbnails,
            remove_files,
            watch_stock,
            post_revocation,
        )
        made = {type(handler): handler for handler in handlers}
        idle = () if settings.meili_url else KEEPERS  # the catalogue's own index keeps itself
        told = {event: tuple(made[e] for e in wanted if e not in idle) for event, wanted in SUBSCRIPTIONS.items()}
        return Subscribers(told, frozenset(handler.__name__ for handler in STEADFAST))
