"""What is secret in a whole life of an account reaches no log, and links go where the settings say, whoever asks."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from dishka import AsyncContainer

from domain.accounts import Role
from entrypoints import logging as ours
from entrypoints.shop import Shop, ShopClock
from tests.http.accounts.asking import PASSWORD, an_address, bearer, signed_in
from tests.http.catalog.asking import caller

NEW = "a lamp in the cellar"
TOKEN = re.compile(r"\?token=([\w-]+)")


@pytest.fixture
def everything(capfd: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """All that was logged since the last look, at the lowest level."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    ours.configure("debug")
    yield lambda: capfd.readouterr().err
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def shop(container: AsyncContainer) -> Shop:
    return Shop(container, ShopClock())


async def test_no_secret_of_an_account_reaches_the_log(
    client: httpx.AsyncClient, container: AsyncContainer, shop: Shop, everything: Any
) -> None:
    tokens = await signed_in(client)
    email, here = tokens["user"]["email"], bearer(tokens)
    await client.post("login/", json={"email": email, "password": NEW})
    fresh = (await client.post("token/refresh/", json={"refresh": tokens["refresh"]})).json()
    await client.post("token/refresh/", json={"refresh": fresh["refresh"]})
    await client.post("token/refresh/", json={"refresh": tokens["refresh"]})  # reused: all sessions end
    await client.post("password-reset/", json={"email": email})
    await shop.deliver_events()
    mailed = [token for mail in await shop.mails() for token in TOKEN.findall(mail.text)]
    for token in mailed:
        await client.post("email/verify/", json={"token": token})
        await client.post("password-reset/confirm/", json={"token": token, "new_password": NEW})
    admin = await caller(container, client, Role.ADMIN)
    asked = {"name": "warehouse", "scopes": ["inventory:read"]}
    key = (await client.post("api-keys/", json=asked, headers=admin.headers)).json()["key"]
    wrong = {"Authorization": f"Bearer {key}x", "Cookie": f"session={tokens['access']}", "X-Cart-Token": key}
    await client.get(f"users/me/?token={tokens['access']}", headers=wrong)
    await client.get("users/me/", headers={"Authorization": f"Bearer {key}"})
    await client.get("users/me/", headers=here)
    told = everything()
    assert told.count('"message":"request"') > 10
    assert len(mailed) >= 2
    secrets = (PASSWORD, NEW, key, *mailed, *(pair[name] for pair in (tokens, fresh) for name in ("access", "refresh")))
    assert [secret for secret in secrets if secret in told] == []
    assert email not in told


async def test_links_in_mail_go_where_the_settings_say(client: httpx.AsyncClient, shop: Shop) -> None:
    email = an_address()
    forged = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "Origin": "https://evil.example",
        "Referer": "https://evil.example/",
    }
    await client.post("register/", json={"email": email, "password": PASSWORD}, headers=forged)
    await client.post("password-reset/", json={"email": email}, headers=forged)
    await shop.deliver_events()
    mails = [mail for mail in await shop.mails() if mail.to == email]
    assert len(mails) == 2
    for mail in mails:
        assert "http://shop.test/account/" in mail.text
        assert "evil" not in mail.text + mail.html + mail.message_id + mail.subject
