"""Settings: what is read from where, and that a wrong one stops the start by its name."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from domain.money import Money
from entrypoints import keepsakes
from entrypoints.settings import Settings, SettingsError, load, with_keepsakes

PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "x" * 32,
    "DATABASE_URL": "postgresql://shop@db/shop",
    "REDIS_URL": "redis://cache",
    "ALLOWED_HOSTS": "shop.example",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRETS": "whsec_1",
}


def test_nothing_given_is_a_shop_for_development() -> None:
    settings = load({})
    assert settings.environment == "development"
    assert settings.public_base_url == "http://127.0.0.1:8000"
    assert settings.tariff.tax_rate == Decimal(10)
    assert settings.tariff.shipping_price == Money(1000, "USD")
    assert settings.tariff.shipping_free_from == Money(5000, "USD")
    assert settings.order_ttl == timedelta(hours=1)


def test_text_becomes_what_the_setting_is() -> None:
    settings = load(
        {
            "PORT": " 9000 ",
            "DEBUG": "ON",
            "SAMPLE_DATA": "no",
            "ALLOWED_HOSTS": "shop.example, www.shop.example,",
            "DATA_DIR": "/srv/my shop",
            "CURRENCY": "JPY",
            "SHIPPING_PRICE": "500",
            "SHIPPING_FREE_FROM": "5000",
        }
    )
    assert (settings.port, settings.debug, settings.sample_data) == (9000, True, False)
    assert settings.allowed_hosts == ("shop.example", "www.shop.example")
    assert settings.data_dir == Path("/srv/my shop")
    assert settings.tariff.shipping_price == Money(500, "JPY")
    assert settings.public_base_url == "http://127.0.0.1:9000"


def test_an_empty_setting_is_not_given() -> None:
    assert load({"PORT": "", "SECRET_KEY": "  ", "DATABASE_URL": ""}) == load({})


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "9000")
    tmp_path.joinpath(".env").write_text(
        "# a comment\n\nexport CURRENCY='EUR'\nPORT=7000\nMAIL_FROM=\"Shop <a=b@example.com>\"\n"
    )
    settings = load()
    assert (settings.port, settings.currency, settings.mail_from) == (9000, "EUR", "Shop <a=b@example.com>")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "staging"),
        ("DEBUG", "perhaps"),
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("WEB_WORKERS", "0"),
        ("WORKER_CONCURRENCY", "-1"),
        ("UNPAID_ORDER_TTL", "0"),
        ("ACCESS_TOKEN_TTL", "0"),
        ("REFRESH_TOKEN_TTL", "-5"),
        ("RECONCILE_EVERY", "1.5"),
        ("TAX_RATE", "ten"),
        ("TAX_RATE", "NaN"),
        ("TAX_RATE", "101"),
        ("TAX_RATE", "-1"),
        ("SHIPPING_PRICE", "10.001"),
        ("SHIPPING_FREE_FROM", "free"),
        ("CURRENCY", "usd"),
        ("CURRENCY", "DOLLAR"),
        ("TIMEZONE", "Mars/Olympus"),
        ("TIMEZONE", "../etc/passwd"),
        ("SMTP_URL", "mail.example.com"),
        ("DATABASE_URL", "mysql://db/shop"),
        ("REDIS_URL", "db:6379"),
        ("MEILI_URL", "meilisearch:7700"),
        ("LOG_LEVEL", "loud"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "11"),
        ("ACCESS_TOKEN_TTL", "86401"),
        ("REFRESH_TOKEN_TTL", "9999999999999"),
        ("UNPAID_ORDER_TTL", "99999999999999999999"),
        ("HSTS", "-1"),
        ("HSTS", "forever"),
        ("HTTPS_REDIRECT", "on"),
        ("SECRET_KEY", "x" * 31),
        ("SECRET_KEY_FALLBACKS", f"{'x' * 32},short"),
        ("ADMIN_EMAIL", "admin"),
        ("MAIL_FROM", "Tradepost"),
        ("MAIL_FROM", "Shop <shop@example.com>\r\nBcc: all@example.com"),
        ("PUBLIC_BASE_URL", "shop.example"),
        ("PUBLIC_BASE_URL", "https://shop.example@evil.example"),
        ("PUBLIC_BASE_URL", "https://shop.example/?a=b"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "null"),
        ("CORS_ORIGINS", "https://*.shop.example"),
        ("CORS_ORIGINS", "https://shop.example/"),
        ("ALLOWED_HOSTS", "*.shop.example"),
        ("ALLOWED_HOSTS", "https://shop.example"),
    ],
)
def test_a_wrong_one_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^(\w+, )*{name}\b.*:"):
        load({name: value})


def test_what_is_right_is_taken() -> None:
    settings = load(
        {
            "LOG_LEVEL": "WARNING",
            "TRUSTED_PROXIES": "2",
            "HSTS": "31536000",
            "HTTPS_REDIRECT": "on",
            "PUBLIC_BASE_URL": "https://shop.example/of/lamps",
            "CORS_ORIGINS": "https://shop.example, http://localhost:5173,http://[::1]:5173",
            "ALLOWED_HOSTS": "shop.example,shop.example:8443,10.0.0.1,[::1]",
            "SECRET_KEY": "x" * 32,
            "ADMIN_EMAIL": "Admin@Example.com",
            "MAIL_FROM": '"Lamps, Ltd." <lamps@example.com>',
        }
    )
    assert (settings.log_level, settings.trusted_proxies, settings.hsts) == ("warning", 2, 31_536_000)
    assert settings.https_redirect
    assert len(settings.cors_origins) == 3


def test_an_error_tells_no_secret() -> None:
    with pytest.raises(SettingsError) as refused:
        load({"DATABASE_URL": "mysql://shop:hunter2@db/shop"})
    assert "hunter2" not in str(refused.value)


def test_production_takes_what_is_safe() -> None:
    assert load(PRODUCTION).is_production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "on"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "x" * 31),
        ("DATABASE_URL", ""),
        ("REDIS_URL", ""),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "shop.example,*"),
        ("STRIPE_SECRET_KEY", ""),
        ("STRIPE_WEBHOOK_SECRETS", ""),
    ],
)
def test_production_refuses_what_is_not(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load({**PRODUCTION, name: value})


def test_what_an_earlier_start_made_up_fills_the_gaps(tmp_path: Path) -> None:
    given = Settings(data_dir=tmp_path, secret_key="mine")
    made_up = keepsakes.for_children(tmp_path, given)
    assert "SECRET_KEY" not in made_up
    completed = with_keepsakes(given)
    assert completed.secret_key == "mine"
    assert completed.admin_email == "admin@example.com"
    assert completed.admin_password == made_up["ADMIN_PASSWORD"]
    assert completed.stripe_webhook_secrets == (made_up["STRIPE_WEBHOOK_SECRETS"],)


@pytest.mark.parametrize("name", ["database_url", "redis_url", "secret_key"])
def test_what_cannot_be_done_without_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=name.upper()):
        Settings().needed(name)  # type: ignore[arg-type]


def test_the_defaults_are_amounts_of_any_currency() -> None:
    assert str(load({"CURRENCY": "JPY"}).tariff.shipping_price) == "10"
    assert str(load({"CURRENCY": "KWD"}).tariff.shipping_free_from) == "50.000"
