"""Use cases: wired by what their fields ask for."""

from dishka import Provider, Scope, provide_all

from application.accounts.addresses import ChangeAddress, RemoveAddress, SaveAddress
from application.accounts.email import ConfirmEmail, RequestEmailChange
from application.accounts.identifying import Identify
from application.accounts.keys import CreateApiKey, ListApiKeys, RevokeApiKey
from application.accounts.letters import (
    IssueLink,
    WriteLetter,
)
from application.accounts.passwords import ChangePassword, RequestPasswordReset, ResetPassword
from application.accounts.personal import EraseAccount, ExportPersonalData
from application.accounts.registering import CreateAdmin, Register
from application.accounts.revocations import CheckStanding, RepeatRevocations, TellRevocations
from application.accounts.sessions import LogIn, LogOut, RefreshTokens
from application.accounts.staff import ChangeUser, ChangeUserByEmail, ListUsers, ShowUser
from application.accounts.users import ChangeProfile
from application.audit import Audit, WatchBooks
from application.audit_log.keeping import ExtendAuditLog, ListAuditLog, VerifyAuditLog
from application.cancelling import CancelOrder, ExpireOrders
from application.cart import AddItem, ChangeCart, ClearCart, ShowCart, UpdateItem
from application.catalog.bulk import ChangeProducts
from application.catalog.categorising import ChangeCategory, CreateCategory, DeleteCategory
from application.catalog.changing import ChangeProduct, CreateProduct, DeleteProduct
from application.catalog.images import AddImage, ChangeImage, RemoveImage
from application.catalog.varying import AddVariant, ChangeVariant, RemoveVariant
from application.checkout import PlaceOrder
from application.exporting.catalog import ExportCatalog
from application.idempotency import AnswerOnce
from application.importing.catalog import ImportCatalog
from application.inventory import AdjustManyStocks, AdjustStock, AllowBackorders
from application.limits.policy import LimitCalls, LimitLogins
from application.many_orders import ChangeOrders
from application.ordering import ListHistory, ListOrders, ShowOrder
from application.outbox import DeliverEvents, RelayEvents
from application.papers import WriteInvoice, WritePackingSlip
from application.payments import (
    ConfirmInSandbox,
    CreateIntent,
    ListPayments,
    Reconcile,
    Settle,
    ShowPayment,
)
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
from application.refunding import RefundOrder, RefundPayment, SendRefund
from application.sample.load import LoadSample
from application.sealing import ResealSecrets
from application.search.misses import ListMisses
from application.search.searching import SearchProducts, SuggestProducts
from application.shipping import DeliverOrder, ShipOrder
from application.tidings import WriteOfOrder
from application.transfers.asking import RequestExport, RequestImport, ShowTransfers
from application.transfers.carrying import CarryOut
from application.transfers.running import ForgetTransfers, ReadExport, RunExports, RunImports


class UseCases(Provider):
    """Use cases and views' readers: wired by what their fields ask for."""

    scope = Scope.APP
    accounts = provide_all(Register, LogIn, RefreshTokens, LogOut, ChangeProfile, CreateAdmin)
    passwords = provide_all(ChangePassword, RequestPasswordReset, ResetPassword)
    email = provide_all(RequestEmailChange, ConfirmEmail, WriteLetter, IssueLink)
    inventory = provide_all(AdjustStock, AdjustManyStocks, AllowBackorders)
    idempotency = provide_all(AnswerOnce)
    limits = provide_all(LimitCalls, LimitLogins)
    audit = provide_all(Audit, WatchBooks)
    audit_log = provide_all(ExtendAuditLog, ListAuditLog, VerifyAuditLog)
    access = provide_all(Identify, CheckStanding, TellRevocations, RepeatRevocations)
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
    fulfilment = provide_all(ShipOrder, DeliverOrder, RefundOrder, RefundPayment, SendRefund)
    many_orders = provide_all(ChangeOrders)
    papers = provide_all(WriteInvoice, WritePackingSlip)
    payments = provide_all(CreateIntent, Settle, ConfirmInSandbox, Reconcile, ShowPayment, ListPayments)
    catalog = provide_all(CreateProduct, ChangeProduct, DeleteProduct, ImportCatalog, LoadSample)
    search = provide_all(SearchProducts, SuggestProducts, ListMisses)
    products = provide_all(ChangeProducts, AddVariant, ChangeVariant, RemoveVariant)
    transfers = provide_all(RequestImport, RequestExport, ShowTransfers, ReadExport, ExportCatalog)
    carrying = provide_all(CarryOut, RunImports, RunExports, ForgetTransfers)
    categories = provide_all(CreateCategory, ChangeCategory, DeleteCategory)
    images = provide_all(AddImage, ChangeImage, RemoveImage)
    events = provide_all(RelayEvents, DeliverEvents, WriteOfOrder)
