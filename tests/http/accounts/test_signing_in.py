"""Register and login over HTTP: status, shape and problem, and what each refuses."""

import uuid
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.http.accounts.asking import JSON, PASSWORD, an_address, bearer, refused, registered


async def test_a_user_object_has_exactly_the_fields_of_the_contract(client: httpx.AsyncClient) -> None:
    email, name = an_address(), uuid.uuid4().hex
    user = await registered(
        client,
        email=email.upper(),
        password2=PASSWORD,
        username=name,
        first_name="Zoë",
        last_name="O'Neil",
        phone_number="+49 (0) 30/123-456",
    )
    assert user == {
        "id": str(uuid.UUID(user["id"])),
        "email": email,
        "username": name,
        "first_name": "Zoë",
        "last_name": "O'Neil",
        "phone_number": "+49 (0) 30/123-456",
        "is_active": True,
        "is_staff": False,
        "roles": ["customer"],
        "email_verified": False,
        "preferred_language": "en",
        "date_joined": user["date_joined"],
    }
    assert uuid.UUID(user["id"]).version == 7
    assert user["date_joined"].endswith("Z")
    assert datetime.fromisoformat(user["date_joined"]).utcoffset() is not None


async def test_an_address_and_a_name_are_taken_once(client: httpx.AsyncClient) -> None:
    name = uuid.uuid4().hex
    user = await registered(client, username=name)
    again = await client.post("register/", json={"email": user["email"].upper(), "password": PASSWORD})
    refused(again, 409, "email-taken")
    again = await client.post("register/", json={"email": an_address(), "password": PASSWORD, "username": name})
    refused(again, 409, "username-taken")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ("/email", "required")),
        ({"email": "ada@example.com"}, ("/password", "required")),
        ({"email": 1, "password": PASSWORD}, ("/email", "invalid-type")),
        ({"email": None, "password": PASSWORD}, ("/email", "invalid-type")),
        ({"email": "ada", "password": PASSWORD}, ("/email", "invalid-email")),
        ({"email": "ada@example.com\nBcc: x@y.zz", "password": PASSWORD}, ("/email", "invalid-email")),
        ({"email": "\x00@example.com", "password": PASSWORD}, ("/email", "invalid-text")),
    ],
)
async def test_a_registration_needs_an_address_and_a_password(
    client: httpx.AsyncClient, body: dict[str, Any], field: tuple[str, str]
) -> None:
    refused(await client.post("register/", json=body), 422, "validation-error", field)


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"password": 12345678}, "validation-error", ("/password", "invalid-type")),
        ({"password": "seven77"}, "password-too-weak", ("/password", "too-short")),
        ({"password": "x" * 129}, "password-too-weak", ("/password", "too-long")),
        ({"password": "Password123"}, "password-too-weak", ("/password", "too-common")),
        ({"password": "ada.lovelace@example.com"}, "password-too-weak", ("/password", "too-common")),
        ({"password2": "a lamp in the cellar"}, "validation-error", ("/password2", "mismatch")),
        ({"password2": None}, "validation-error", ("/password2", "invalid-type")),
        ({"username": ""}, "validation-error", ("/username", "too-short")),
        ({"username": "x" * 151}, "validation-error", ("/username", "too-long")),
        ({"username": "a b"}, "validation-error", ("/username", "invalid-format")),
        ({"username": "ada\n"}, "validation-error", ("/username", "invalid-format")),
        ({"first_name": "x" * 151}, "validation-error", ("/first_name", "too-long")),
        ({"first_name": "a\tb"}, "validation-error", ("/first_name", "invalid-format")),
        ({"last_name": None}, "validation-error", ("/last_name", "invalid-type")),
        ({"last_name": ["x"]}, "validation-error", ("/last_name", "invalid-type")),
        ({"phone_number": "call me"}, "validation-error", ("/phone_number", "invalid-format")),
        ({"phone_number": "1" * 33}, "validation-error", ("/phone_number", "too-long")),
        ({"phone_number": 123}, "validation-error", ("/phone_number", "invalid-type")),
        ({"is_staff": True}, "validation-error", ("/is_staff", "unknown-field")),
        ({"roles": ["admin"]}, "validation-error", ("/roles", "unknown-field")),
    ],
)
async def test_a_bad_field_of_a_registration_is_named(
    client: httpx.AsyncClient, more: dict[str, Any], code: str, field: tuple[str, str]
) -> None:
    body = {"email": "ada.lovelace@example.com", "password": PASSWORD, **more}
    refused(await client.post("register/", json=body), 422, code, field)


@pytest.mark.parametrize("path", ["register/", "login/", "token/refresh/", "token/verify/", "logout/"])
async def test_what_is_no_object_is_refused(client: httpx.AsyncClient, path: str) -> None:
    refused(await client.post(path, content=b'{"email": ', headers=JSON), 400, "malformed-body")
    refused(await client.post(path, content=b"[]", headers=JSON), 422, "validation-error", ("", "invalid-type"))
    refused(
        await client.post(path, content=b"x", headers={"Content-Type": "text/plain"}), 415, "unsupported-media-type"
    )
    refused(await client.get(path), 405, "method-not-allowed")
    unknown = await client.post(path, json={"email": "a@b.co", "password": "x", "refresh": "x", "token": "x"})
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["code"] == "unknown-field"


async def test_a_refusal_speaks_the_callers_language(client: httpx.AsyncClient) -> None:
    body = {"email": an_address(), "password": "password"}
    answer = await client.post("register/", json=body, headers={"Accept-Language": "de"})
    assert (answer.json()["title"], answer.json()["errors"][0]["message"]) == (
        "Das Passwort ist zu schwach.",
        "ist zu verbreitet",
    )


async def test_a_login_answers_with_tokens_and_user(client: httpx.AsyncClient) -> None:
    user = await registered(client)
    answer = await client.post("login/", json={"email": user["email"].upper(), "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json() == {"access": answer.json()["access"], "refresh": answer.json()["refresh"], "user": user}
    me = await client.get("users/me/", headers=bearer(answer.json()))
    assert (me.status_code, me.json()) == (200, user)


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: httpx.AsyncClient) -> None:
    user = await registered(client)
    answers = [
        await client.post("login/", json={"email": email, "password": password})
        for email, password in ((user["email"], "a lamp in the cellar"), (an_address(), PASSWORD), (user["email"], ""))
    ]
    for answer in answers:
        refused(answer, 401, "invalid-credentials")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert len({frozenset({**answer.json(), "trace_id": ""}.items()) for answer in answers}) == 1


async def test_a_bad_token_does_not_stop_who_wants_to_sign_in(client: httpx.AsyncClient) -> None:
    user = await registered(client)
    answer = await client.post(
        "login/", json={"email": user["email"], "password": PASSWORD}, headers={"Authorization": "Bearer expired"}
    )
    assert answer.status_code == 200


async def test_an_idempotency_key_means_nothing_here(client: httpx.AsyncClient) -> None:
    user = await registered(client)
    body, key = {"email": user["email"], "password": PASSWORD}, {"Idempotency-Key": "the same"}
    first, second = [await client.post("login/", json=body, headers=key) for _ in range(2)]
    assert first.json()["refresh"] != second.json()["refresh"]
    refreshed = [
        await client.post("token/refresh/", json={"refresh": tokens.json()["refresh"]}, headers=key)
        for tokens in (first, second)
    ]
    assert [answer.status_code for answer in refreshed] == [200, 200]
