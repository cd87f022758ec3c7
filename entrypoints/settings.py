"""Settings: read once from the environment and `.env`; a wrong one stops the start, by name."""

import os
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from domain.accounts import normal_email
from domain.errors import DomainError
from domain.money import Money
from domain.pricing import Tariff
from entrypoints import keepsakes

LISTS = {"secret_key_fallbacks", "allowed_hosts", "cors_origins", "stripe_webhook_secrets"}
POSITIVE = (
    "web_workers",
    "worker_concurrency",
    "unpaid_order_ttl",
    "idempotency_lease",
    "access_token_ttl",
    "refresh_token_ttl",
    "reconcile_every",
    "rate_limit_anonymous",
    "rate_limit_user",
    "rate_limit_login_account",
    "rate_limit_login_address",
    "audit_every",
)
AT_MOST = {
    "trusted_proxies": 10,
    "unpaid_order_ttl": 30 * 86_400,
    "idempotency_lease": 3600,
    "access_token_ttl": 86_400,
    "refresh_token_ttl": 90 * 86_400,
    "reconcile_every": 86_400,
    "audit_every": 30 * 86_400,
    "hsts": 2 * 366 * 86_400,
}
AT_LEAST = {**dict.fromkeys(POSITIVE, 1), "trusted_proxies": 0, "hsts": 0}
SECRET_LENGTH = 32
ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
SCHEMES = {
    "database_url": ("postgresql", "postgres", "postgresql+asyncpg"),
    "redis_url": ("redis", "rediss", "unix"),
    "smtp_url": ("smtp", "smtps"),
    "meili_url": ("http", "https"),
    "media_url": ("s3",),
    "media_public_url": ("https", "http"),
    "aws_endpoint_url": ("https", "http"),
}
SWITCHES = {"on": True, "off": False, "true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


class SettingsError(Exception):
    """A setting is wrong or missing; the message names it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting by the lower-case name of its environment variable. Durations in seconds."""

    environment: Literal["development", "test", "production"] = "development"
    debug: bool = False
    host: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = 1
    worker_concurrency: int = 4
    public_base_url: str = ""  # where customers find the shop; HOST and PORT where it is not set
    secret_key: str | None = None
    secret_key_fallbacks: tuple[str, ...] = ()  # earlier ones: what they signed and sealed is good
    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    https_redirect: bool = False  # send readers who come by HTTP on to PUBLIC_BASE_URL
    hsts: int = 0  # seconds for which browsers shall come by HTTPS only; 0 says nothing
    database_url: str | None = None
    redis_url: str | None = None
    meili_url: str | None = None
    meili_key: str | None = None
    metrics_token: str | None = None  # who has it may read /metrics
    cache: bool = True  # keep the answers of hot reads for up to a second
    stripe_secret_key: str | None = None
    stripe_publishable_key: str = "pk_sandbox"
    stripe_webhook_secrets: tuple[str, ...] = ()
    smtp_url: str | None = None
    mail_from: str = "Tradepost <shop@example.com>"
    media_url: str | None = None
    media_public_url: str | None = None
    aws_access_key_id: str | None = None
    aws_secret_access_key: str | None = None
    aws_session_token: str | None = None
    aws_region: str | None = None
    aws_endpoint_url: str | None = None
    currency: str = "USD"
    timezone: str = "UTC"
    pdf_font: str | None = None  # a TrueType file, for invoices in other letters than Latin ones
    tax_rate: str = "10"  # per cent
    shipping_price: str = "10"
    shipping_free_from: str = "50"
    unpaid_order_ttl: int = 3600
    idempotency_lease: int = 30
    rate_limits: bool = True
    rate_limit_anonymous: int = 300  # calls a minute and address
    rate_limit_user: int = 1000
    rate_limit_login_account: int = 5  # logins and password resets a minute
    rate_limit_login_address: int = 20
    access_token_ttl: int = 900
    refresh_token_ttl: int = 604_800
    reconcile_every: int = 60
    audit_every: int = 3600
    admin_email: str | None = None
    admin_password: str | None = None
    sample_data: bool = True
    data_dir: Path = Path(".tradepost")
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def tariff(self) -> Tariff:
        """The default tax and shipping, in the shop's currency."""
        price = Money.parse(self.shipping_price, self.currency)
        return Tariff(Decimal(self.tax_rate), price, Money.parse(self.shipping_free_from, self.currency))

    def needed(self, name: Literal["database_url", "redis_url", "secret_key"]) -> str:
        """A setting that the caller cannot do without. Raises SettingsError naming it."""
        value: str | None = getattr(self, name)
        if not value:
            raise SettingsError(f"{name.upper()}: is not set, and no shop runs in DATA_DIR (`tradepost up` starts one)")
        return value

    @property
    def order_ttl(self) -> timedelta:
        return timedelta(seconds=self.unpaid_order_ttl)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment, then `.env` for what it lacks. Raises SettingsError naming the first wrong one."""
    given = {**_dotenv(Path(".env")), **os.environ} if environ is None else dict(environ)
    named = {
        name: _plain(name, given[name.upper()].strip()) for name in _fields() if given.get(name.upper(), "").strip()
    }
    try:
        settings = msgspec.convert(named, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise SettingsError(f"{where.rstrip('`').upper() or 'settings'}: {what}") from error
    if not settings.public_base_url:
        settings = msgspec.structs.replace(settings, public_base_url=f"http://{settings.host}:{settings.port}")
    _check(settings)
    return settings


def with_keepsakes(settings: Settings) -> Settings:
    """The settings with the secrets that an earlier start made up in DATA_DIR, where none are given."""
    made_up = {name.lower(): _plain(name.lower(), value) for name, value in keepsakes.kept(settings.data_dir).items()}
    return msgspec.structs.replace(settings, **{name: v for name, v in made_up.items() if not getattr(settings, name)})


def _check(settings: Settings) -> None:
    for complaint in _complaints(settings):
        raise SettingsError(complaint)


def _complaints(settings: Settings) -> Iterator[str]:
    """What is wrong, one sentence each."""
    try:
        if not 0 <= settings.tariff.tax_rate <= 100:
            yield "TAX_RATE: must be a percentage from 0 to 100"
    except (InvalidOperation, ValueError):
        yield "TAX_RATE: must be a decimal number"
    except DomainError as error:
        yield f"SHIPPING_PRICE, SHIPPING_FREE_FROM: must be amounts of {settings.currency} ({error})"
    if not (len(settings.currency) == 3 and settings.currency.isascii() and settings.currency.isupper()):
        yield "CURRENCY: must be an ISO 4217 code such as USD"
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"TIMEZONE: there is no zone {settings.timezone!r}"
    yield from _unusable(settings)
    yield from _misaddressed(settings)
    if settings.is_production:
        yield from _unfit_for_production(settings)


def _unusable(settings: Settings) -> Iterator[str]:
    """Numbers and addresses with which nothing could start."""
    if not 0 < settings.port < 65536:
        yield "PORT: must be from 1 to 65535"
    for name, least in AT_LEAST.items():
        if getattr(settings, name) < least:
            yield f"{name.upper()}: must be at least {least}"
    for name, most in AT_MOST.items():
        if getattr(settings, name) > most:
            yield f"{name.upper()}: must be at most {most}"
    if any(len(secret) < SECRET_LENGTH for secret in (settings.secret_key, *settings.secret_key_fallbacks) if secret):
        yield f"SECRET_KEY, SECRET_KEY_FALLBACKS: must have at least {SECRET_LENGTH} characters"
    for name, schemes in SCHEMES.items():
        url = getattr(settings, name)
        if url and not url.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            yield f"{name.upper()}: must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}"


def _misaddressed(settings: Settings) -> Iterator[str]:
    """Addresses that would reach nobody, and patterns: hosts and origins are compared as they are."""
    if not ORIGIN.match(settings.public_base_url) or re.search(r"[?#@\s]", settings.public_base_url):
        yield "PUBLIC_BASE_URL: must be an address such as https://shop.example"
    if settings.https_redirect and not settings.public_base_url.startswith("https://"):
        yield "HTTPS_REDIRECT: needs a PUBLIC_BASE_URL that begins with https://"
    if not all(ORIGIN.fullmatch(origin) for origin in settings.cors_origins):
        yield "CORS_ORIGINS: must be exact origins such as https://shop.example"
    if not all(HOST.fullmatch(host) for host in settings.allowed_hosts):
        yield "ALLOWED_HOSTS: must be exact host names"
    sender = parseaddr(settings.mail_from)[1]
    for name, address in (("ADMIN_EMAIL", settings.admin_email), ("MAIL_FROM", sender)):
        if address is not None and not _is_email(address):
            yield f"{name}: must be an e-mail address"
    if not settings.mail_from.isprintable():
        yield "MAIL_FROM: must be one line"


def _is_email(text: str) -> bool:
    try:
        normal_email(text)
    except DomainError:
        return False
    return True


def _unfit_for_production(settings: Settings) -> Iterator[str]:
    if settings.debug:
        yield "DEBUG: must be off in production"
    if not settings.secret_key:
        yield f"SECRET_KEY: production needs one of at least {SECRET_LENGTH} characters"
    if not settings.database_url or not settings.redis_url:
        yield "DATABASE_URL, REDIS_URL: production needs both"
    if not settings.allowed_hosts:
        yield "ALLOWED_HOSTS: production needs exact host names"
    if not settings.stripe_secret_key:
        yield "STRIPE_SECRET_KEY: the sandbox gateway is refused in production"
    if not settings.rate_limits:
        yield "RATE_LIMITS: must be on in production"
    if not settings.stripe_webhook_secrets:
        yield "STRIPE_WEBHOOK_SECRETS: must not be empty in production"


def _fields() -> tuple[str, ...]:
    return Settings.__struct_fields__


def _plain(name: str, text: str) -> Any:
    """The text as the field's type wants it before conversion."""
    if name in LISTS:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if name in {"debug", "sample_data", "cache", "rate_limits", "https_redirect"}:
        return SWITCHES.get(text.lower(), text)
    if name == "log_level":
        return text.lower()
    return text


def _path(kind: type, value: Any) -> Any:
    return kind(value)


def _dotenv(path: Path) -> dict[str, str]:
    """NAME=value lines; # begins a comment line, quotes around a value are taken off."""
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.removeprefix("export ").partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}
