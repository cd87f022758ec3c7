"""What is the same over every adapter: settings, time, ids, money, keys."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dishka import Provider, Scope, provide
from uuid_utils.compat import uuid7

from adapters.documents import PaperPress
from adapters.html.sanitising import sanitise
from adapters.media.pictures import PillowPictures
from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.key_ring import ApiKeyRing
from adapters.security.passwords import Argon2Passwords
from adapters.security.refresh_secrets import ChaChaRefreshSecrets
from adapters.security.seal import AesSeal
from application import ports
from application.accounts.identifying import KeyRing, KeyUses
from application.freshness import Bulletin
from application.idempotency import Lease
from application.limits.policy import Quotas
from application.notifications import Letterhead
from application.outbox import Patience
from application.paging import Cursors
from application.papers import Press
from application.rates.charging import Carriers, OwnCarriers, OwnTaxes, Taxes
from application.sealing import Seal
from application.transfers.carrying import Perseverance
from domain.pricing import Tariff
from entrypoints.settings import Settings

NUMBER_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32, so that each is as likely: no 0 and O, no 1 and I
NUMBER_LENGTH = 10


def new_order_number() -> str:
    """50 random bits: two in a row tell nothing of each other."""
    return "ORD-" + "".join(NUMBER_ALPHABET[byte % 32] for byte in secrets.token_bytes(NUMBER_LENGTH))


def utc_now() -> datetime:
    return datetime.now(UTC)


class Basics(Provider):
    """What is the same over every adapter."""

    scope = Scope.APP

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    @provide
    def settings(self) -> Settings:
        return self._settings

    @provide
    def clock(self) -> ports.Clock:
        return utc_now

    @provide
    def new_id(self) -> ports.NewId:
        return uuid7

    @provide
    def new_number(self) -> ports.NewOrderNumber:
        return new_order_number

    @provide
    def currency(self) -> ports.Currency:
        return ports.Currency(self._settings.currency)

    @provide
    def shop_url(self) -> ports.ShopUrl:
        return ports.ShopUrl(self._settings.public_base_url.rstrip("/"))

    @provide
    def tariff(self) -> Tariff:
        return self._settings.tariff

    @provide
    def carriers(self, tariff: Tariff) -> Carriers:
        return OwnCarriers(tariff)

    @provide
    def taxes(self, tariff: Tariff) -> Taxes:
        return OwnTaxes(tariff)

    @provide
    def order_ttl(self) -> ports.OrderTtl:
        return ports.OrderTtl(self._settings.order_ttl)

    @provide
    def lease(self) -> Lease:
        return Lease(timedelta(seconds=self._settings.idempotency_lease))

    @provide
    def quotas(self) -> Quotas:
        names = ("anonymous", "user", "login_account", "login_address")
        return Quotas.a_minute(*(getattr(self._settings, f"rate_limit_{name}") for name in names))

    @provide
    def access_ttl(self) -> ports.AccessTtl:
        return ports.AccessTtl(timedelta(seconds=self._settings.access_token_ttl))

    @provide
    def key_ring(self, uses: KeyUses, clock: ports.Clock) -> KeyRing:
        return ApiKeyRing(uses, clock)

    @provide
    def refresh_ttl(self) -> ports.RefreshTtl:
        return ports.RefreshTtl(timedelta(seconds=self._settings.refresh_token_ttl))

    @provide
    def cursors(self) -> Cursors:
        return Cursors(self._settings.needed("secret_key"))

    @provide
    def letterhead(self) -> Letterhead:
        return Letterhead(self._settings.public_base_url)

    @provide
    def passwords(self) -> ports.Passwords:
        return Argon2Passwords(processes=self._settings.web_workers)

    @provide
    def access_tokens(self, ttl: ports.AccessTtl, clock: ports.Clock, new_id: ports.NewId) -> ports.AccessTokens:
        secret = self._settings.needed("secret_key")
        return JwtAccessTokens(secret, ttl, clock, new_id, self._settings.secret_key_fallbacks)

    @provide
    def refresh_secrets(self) -> ports.RefreshSecrets:
        return ChaChaRefreshSecrets()

    @provide
    def seal(self) -> Seal:
        return AesSeal(self._settings.needed("secret_key"), self._settings.secret_key_fallbacks)

    @provide
    def draw(self) -> ports.Draw:
        from adapters.media.drawing.picture import draw  # Pillow: only who draws pays for it

        return draw

    @provide
    def pictures(self) -> ports.Pictures:
        return PillowPictures()

    @provide
    def bulletin(self) -> Bulletin:
        return Bulletin()

    @provide
    def press(self) -> Press:
        return PaperPress(Path(self._settings.pdf_font) if self._settings.pdf_font else None)

    @provide
    def perseverance(self) -> Perseverance:
        return Perseverance()

    @provide
    def patience(self) -> Patience:
        return Patience()

    @provide
    def sanitise(self) -> ports.Sanitise:
        return sanitise
