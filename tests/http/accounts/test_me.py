"""One's own profile over HTTP."""

import uuid
from typing import Any

import httpx
import pytest
from dishka import AsyncContainer

from application.accounts.registering import CreateAdmin
from tests.http.accounts.asking import JSON, PASSWORD, an_address, bearer, refused, registered, signed_in


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer a.b.c", "Token x"])
async def test_who_is_not_signed_in_is_nobody_whatever_the_body(client: httpx.AsyncClient, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    code = "token-invalid" if header else "not-authenticated"
    refused(await client.get("users/me/", headers=headers), 401, code)
    refused(await client.patch("users/me/", content=b"{broken", headers={**headers, **JSON}), 401, code)


async def test_a_profile_changes_in_the_named_fields_only(client: httpx.AsyncClient) -> None:
    tokens = await signed_in(client)
    name = uuid.uuid4().hex
    for changes in (
        {"first_name": "Ada"},
        {"last_name": "Lovelace", "phone_number": "+44 20 1234"},
        {"username": name, "preferred_language": "fr"},
        {"first_name": ""},
        {"username": None, "phone_number": ""},
        {},
    ):
        answer = await client.patch("users/me/", json=changes, headers=bearer(tokens))
        tokens["user"] |= changes
        assert (answer.status_code, answer.json()) == (200, tokens["user"])
        assert (await client.get("users/me/", headers=bearer(tokens))).json() == tokens["user"]


async def test_an_absent_body_changes_nothing(client: httpx.AsyncClient) -> None:
    tokens = await signed_in(client)
    answer = await client.patch("users/me/", headers=bearer(tokens))
    assert (answer.status_code, answer.json()) == (200, tokens["user"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first_name": None}, ("/first_name", "invalid-type")),
        ({"last_name": None}, ("/last_name", "invalid-type")),
        ({"phone_number": None}, ("/phone_number", "invalid-type")),
        ({"preferred_language": None}, ("/preferred_language", "invalid-type")),
        ({"preferred_language": "tlh"}, ("/preferred_language", "invalid-choice")),
        ({"preferred_language": "EN"}, ("/preferred_language", "invalid-choice")),
        ({"username": ""}, ("/username", "too-short")),
        ({"username": "ada lovelace"}, ("/username", "invalid-format")),
        ({"first_name": "x" * 151}, ("/first_name", "too-long")),
        ({"first_name": "\x00"}, ("/first_name", "invalid-text")),
        ({"email": "other@example.com"}, ("/email", "unknown-field")),
        ({"roles": ["admin"]}, ("/roles", "unknown-field")),
        ({"is_active": True}, ("/is_active", "unknown-field")),
        ({"password": PASSWORD}, ("/password", "unknown-field")),
    ],
)
async def test_a_bad_change_says_what_is_wrong_and_changes_nothing(
    client: httpx.AsyncClient, changes: dict[str, Any], field: tuple[str, str]
) -> None:
    tokens = await signed_in(client)
    answer = await client.patch("users/me/", json={"last_name": "Changed", **changes}, headers=bearer(tokens))
    refused(answer, 422, "validation-error", field)
    assert (await client.get("users/me/", headers=bearer(tokens))).json() == tokens["user"]


async def test_a_name_that_another_has_is_taken(client: httpx.AsyncClient) -> None:
    name = uuid.uuid4().hex
    await registered(client, username=name)
    answer = await client.patch("users/me/", json={"username": name}, headers=bearer(await signed_in(client)))
    refused(answer, 409, "username-taken")


async def test_an_administrator_is_staff(client: httpx.AsyncClient, container: AsyncContainer) -> None:
    email = an_address()
    await (await container.get(CreateAdmin))(email, PASSWORD)
    user = (await signed_in(client, email))["user"]
    assert (user["is_staff"], user["roles"]) == (True, ["admin", "customer"])


async def test_every_path_works_without_its_slash(client: httpx.AsyncClient) -> None:
    tokens = await signed_in(client)
    assert (await client.get("users/me", headers=bearer(tokens))).status_code == 200
    assert (await client.post("token/verify", json={"token": tokens["access"]})).status_code == 200
    assert (await client.post("token/refresh", json={"refresh": tokens["refresh"]})).status_code == 200
