"""Which event has which handlers: the whole list, so that what follows from what is read on one page."""

from collections.abc import Mapping
from typing import Any

from application.accounts.letters import (
    SendEmailChange,
    SendPasswordReset,
    SendVerification,
    TellFormerEmail,
    TellOfEmailChange,
    TellOfPassword,
    WarnOfTheft,
)
from application.accounts.revocations import PostRevocation
from application.cancelling import RefundCancelled
from application.catalog.images import MakeThumbnails, RemoveFiles
from application.catalog.ranking import RankProducts
from application.inventory import WatchStock
from application.notifications import ConfirmOrder
from application.ports import EventHandler
from application.refunding import CarryRefundOut
from application.reviving import TellOfRevival
from application.search.indexing import IndexCategory, IndexOrder, IndexProduct, IndexStock
from application.tidings import TellOfCancellation, TellOfDelivery, TellOfRefund, TellOfShipment
from domain.accounts import (
    EmailChanged,
    EmailChangeRequested,
    PasswordChanged,
    RolesChanged,
    SessionsEnded,
    UserChanged,
    UserDisabled,
    UserEnabled,
    UserErased,
    UserRegistered,
)
from domain.aggregate import Event
from domain.api_keys import ApiKeyCreated, ApiKeyRevoked
from domain.catalog import ImageAdded, ImagesRemoved, ProductChanged
from domain.categories import CategoryChanged
from domain.inventory import BackordersAllowed, StockAdjusted
from domain.links import PasswordResetRequested
from domain.ordering import (
    OrderCancelled,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderRevived,
    OrderShipped,
    PaymentWasDeclined,
    RefundAsked,
    RefundEnded,
    RefundReturned,
)
from domain.payments import PaymentChanged, PaymentCreated
from domain.promotions import CouponChanged
from domain.rates import RatesChanged
from domain.sessions import LoginRefused, SessionStarted
from domain.transfers import TransferRequested

# What they are about is somebody's money: they try until it is done, and the audit tells when that takes long.
STEADFAST: tuple[type[EventHandler[Any]], ...] = (RefundCancelled, CarryRefundOut)
SUBSCRIPTIONS: Mapping[type[Event], tuple[type[EventHandler[Any]], ...]] = {
    OrderPlaced: (ConfirmOrder, WatchStock, IndexOrder),
    StockAdjusted: (WatchStock, IndexStock),
    BackordersAllowed: (WatchStock, IndexStock),
    OrderPaid: (RankProducts, IndexOrder),
    OrderCancelled: (RefundCancelled, TellOfCancellation, IndexOrder),
    OrderShipped: (TellOfShipment,),
    OrderDelivered: (TellOfDelivery,),
    OrderRevived: (TellOfRevival,),
    OrderRefunded: (TellOfRefund,),
    RefundAsked: (CarryRefundOut,),
    RefundEnded: (IndexOrder,),
    RefundReturned: (),
    PaymentWasDeclined: (),
    PaymentCreated: (),
    PaymentChanged: (),
    ProductChanged: (IndexProduct,),
    ImageAdded: (MakeThumbnails,),
    ImagesRemoved: (RemoveFiles,),
    CategoryChanged: (IndexCategory,),
    RatesChanged: (),
    CouponChanged: (),
    TransferRequested: (),
    UserRegistered: (SendVerification,),
    UserChanged: (PostRevocation,),
    SessionStarted: (),
    LoginRefused: (),
    PasswordResetRequested: (SendPasswordReset,),
    PasswordChanged: (TellOfPassword,),
    EmailChangeRequested: (SendEmailChange, TellOfEmailChange),
    EmailChanged: (TellFormerEmail,),
    SessionsEnded: (PostRevocation, WarnOfTheft),
    UserDisabled: (PostRevocation,),
    UserEnabled: (),
    RolesChanged: (PostRevocation,),
    UserErased: (PostRevocation,),
    ApiKeyCreated: (),
    ApiKeyRevoked: (PostRevocation,),
}
