"""Passwords, e-mail addresses and personal data over HTTP."""

import io
import re
import zipfile
from typing import Any

import httpx
import pytest
from dishka import AsyncContainer

from entrypoints.shop import Shop, ShopClock
from tests.http.accounts.asking import PASSWORD, an_address, bearer, refused, registered, signed_in

NEW = "a lamp in the cellar"


@pytest.fixture
def shop(container: AsyncContainer) -> Shop:
    return Shop(container, ShopClock())


async def mailed_token(shop: Shop, to: str, page: str) -> str:
    await shop.deliver_events()
    mail = next(mail for mail in await shop.mails() if mail.to == to and page in mail.text)
    found = re.search(rf"http://shop\.test/account/{page}/\?token=([\w-]+)", mail.text)
    assert found is not None
    return found[1]


async def test_a_password_is_changed_and_other_sessions_end(client: httpx.AsyncClient) -> None:
    here = await signed_in(client)
    email = here["user"]["email"]
    elsewhere = await signed_in(client, email)
    body = {"old_password": PASSWORD, "new_password": NEW}
    answer = await client.post("users/me/password/", json=body, headers=bearer(here))
    assert (answer.status_code, answer.content) == (204, b"")
    outcomes = [
        (await client.post("token/refresh/", json={"refresh": tokens["refresh"]})).status_code
        for tokens in (here, elsewhere)
    ]
    assert outcomes == [200, 401]
    refused(await client.post("login/", json={"email": email, "password": PASSWORD}), 401, "invalid-credentials")
    assert (await client.post("login/", json={"email": email, "password": NEW})).status_code == 200


async def test_a_wrong_old_password_is_named(client: httpx.AsyncClient) -> None:
    tokens = bearer(await signed_in(client))
    body = {"old_password": "wrong", "new_password": NEW}
    answer = await client.post("users/me/password/", json=body, headers=tokens)
    refused(answer, 422, "validation-error", ("/old_password", "wrong-password"))
    body = {"old_password": PASSWORD, "new_password": "password"}
    answer = await client.post("users/me/password/", json=body, headers=tokens)
    refused(answer, 422, "password-too-weak", ("/new_password", "too-common"))


async def test_a_forgotten_password_is_replaced(client: httpx.AsyncClient, shop: Shop) -> None:
    tokens = await signed_in(client)
    email = tokens["user"]["email"]
    known, unknown = [
        await client.post("password-reset/", json={"email": each}, headers={"Host": "localhost:8000"})
        for each in (email, an_address())
    ]
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, b"{}")
    token = await mailed_token(shop, email, "reset-password")
    body = {"token": token, "new_password": NEW}
    answer = await client.post("password-reset/confirm/", json=body)
    assert (answer.status_code, answer.content) == (204, b"")
    refused(await client.post("password-reset/confirm/", json=body), 422, "link-invalid", ("/token", "invalid-link"))
    assert (await client.post("token/refresh/", json={"refresh": tokens["refresh"]})).status_code == 401
    assert (await client.post("login/", json={"email": email, "password": NEW})).status_code == 200


async def test_links_are_built_from_the_settings_alone(client: httpx.AsyncClient, shop: Shop) -> None:
    email = (await registered(client))["email"]
    tricks = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "Origin": "https://evil.example"}
    assert (await client.post("password-reset/", json={"email": email}, headers=tricks)).status_code == 202
    await shop.deliver_events()
    mails = [mail for mail in await shop.mails() if mail.to == email]
    assert len(mails) == 2
    assert not any("evil" in mail.text + mail.html for mail in mails)
    await mailed_token(shop, email, "reset-password")


async def test_an_address_is_verified_and_changed_by_mail(client: httpx.AsyncClient, shop: Shop) -> None:
    tokens = await signed_in(client)
    email, new = tokens["user"]["email"], an_address()
    body = {"token": await mailed_token(shop, email, "verify-email")}
    assert (await client.post("email/verify/", json=body)).status_code == 204
    refused(await client.post("email/verify/", json=body), 422, "link-invalid", ("/token", "invalid-link"))
    assert (await client.get("users/me/", headers=bearer(tokens))).json()["email_verified"] is True
    answer = await client.post("email/change/", json={"new_email": new, "password": PASSWORD}, headers=bearer(tokens))
    assert (answer.status_code, answer.content) == (202, b"{}")
    assert (await client.get("users/me/", headers=bearer(tokens))).json()["email"] == email
    token = await mailed_token(shop, new, "verify-email")
    assert (await client.post("email/verify/", json={"token": token})).status_code == 204
    assert (await client.get("users/me/", headers=bearer(tokens))).json()["email"] == new


async def test_that_an_address_is_taken_is_not_told(client: httpx.AsyncClient) -> None:
    other, tokens = await registered(client), bearer(await signed_in(client))
    answers = [
        await client.post("email/change/", json={"new_email": each, "password": PASSWORD}, headers=tokens)
        for each in (other["email"], an_address())
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"{}")}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("users/me/password/", {"new_password": NEW}, ("/old_password", "required")),
        ("users/me/password/", {"old_password": PASSWORD, "new_password": 7}, ("/new_password", "invalid-type")),
        ("password-reset/", {"email": "ada"}, ("/email", "invalid-email")),
        ("password-reset/", {"email": "a@example.com", "link": "http://evil"}, ("/link", "unknown-field")),
        ("password-reset/confirm/", {"token": "x"}, ("/new_password", "required")),
        ("email/verify/", {"token": None}, ("/token", "invalid-type")),
        ("email/change/", {"new_email": "ada", "password": PASSWORD}, ("/new_email", "invalid-email")),
        ("email/change/", {"new_email": "a@example.com", "password": "wrong"}, ("/password", "wrong-password")),
    ],
)
async def test_a_bad_body_says_what_is_wrong(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], field: tuple[str, str]
) -> None:
    answer = await client.post(path, json=body, headers=bearer(await signed_in(client)))
    refused(answer, 422, "validation-error", field)


async def test_an_export_is_a_zip_of_json(client: httpx.AsyncClient) -> None:
    tokens = await signed_in(client)
    answer = await client.get("users/me/export/", headers=bearer(tokens))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert tokens["user"]["email"] in archive.read("account.json").decode()


async def test_a_deleted_account_is_gone_and_its_address_free(client: httpx.AsyncClient) -> None:
    tokens = await signed_in(client)
    email = tokens["user"]["email"]
    answer = await client.delete("users/me/", headers=bearer(tokens))
    assert (answer.status_code, answer.content) == (204, b"")
    refused(await client.post("login/", json={"email": email, "password": PASSWORD}), 401, "invalid-credentials")
    refused(await client.post("token/refresh/", json={"refresh": tokens["refresh"]}), 401, "token-invalid")
    await registered(client, email=email)


async def test_nobody_has_nothing_to_change_or_to_take_away(client: httpx.AsyncClient) -> None:
    for method, path in (
        ("POST", "users/me/password/"),
        ("POST", "email/change/"),
        ("GET", "users/me/export/"),
        ("DELETE", "users/me/"),
    ):
        refused(await client.request(method, path), 401, "not-authenticated")
