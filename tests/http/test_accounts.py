"""Accounts over HTTP: status, shape and problem of every call, and what each refuses."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import msgspec
import pytest
from dishka import AsyncContainer

from application.accounts import CreateAdmin
from entrypoints.container import make_memory_container
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from tests.http.conftest import opened

PASSWORD = "a lamp in the attic"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, secret_key="a secret key for tests, long enough")


@pytest.fixture
async def container(settings: Settings) -> AsyncIterator[AsyncContainer]:
    """In memory: the use cases have been seen on PostgreSQL already."""
    made = make_memory_container(settings)
    yield made
    await made.close()


@pytest.fixture
async def client(container: AsyncContainer, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(build_app(settings, container)) as client:
        client.base_url = httpx.URL("http://localhost:8000/api/auth/")
        yield client


def an_address() -> str:
    return f"{uuid.uuid4().hex}@example.com"


async def registered(client: httpx.AsyncClient, **fields: Any) -> Any:
    answer = await client.post("register/", json={"email": an_address(), "password": PASSWORD, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def signed_in(client: httpx.AsyncClient, email: str | None = None) -> Any:
    email = email or (await registered(client))["email"]
    answer = await client.post("login/", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return answer.json()


def bearer(tokens: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access']}"}


def refused(answer: httpx.Response, status: int, code: str, *fields: tuple[str, str]) -> None:
    """The answer is that problem, about those fields, each (pointer, code)."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, f"/problems/{code}")
    assert [(error["pointer"], error["code"]) for error in problem.get("errors", [])] == list(fields)


# -- register


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


# -- login


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


# -- tokens


async def test_three_generations_and_then_the_first_again_ends_them_all(client: httpx.AsyncClient) -> None:
    tokens = [await signed_in(client)]
    for _ in range(2):
        answer = await client.post("token/refresh/", json={"refresh": tokens[-1]["refresh"]})
        assert (answer.status_code, answer.json().keys()) == (200, {"access", "refresh"})
        assert (await client.get("users/me/", headers=bearer(answer.json()))).status_code == 200
        tokens.append(answer.json())
    refused(await client.post("token/refresh/", json={"refresh": tokens[0]["refresh"]}), 401, "token-reused")
    for dead in tokens:
        answer = await client.post("token/refresh/", json={"refresh": dead["refresh"]})
        assert answer.status_code == 401


async def test_twenty_refreshes_at_once_get_one_successor(client: httpx.AsyncClient) -> None:
    tokens = await signed_in(client)
    body = {"refresh": tokens["refresh"]}
    answers = await asyncio.gather(*(client.post("token/refresh/", json=body) for _ in range(20)))
    assert [answer.status_code for answer in answers] == [200] * 20
    (successor,) = {answer.json()["refresh"] for answer in answers}
    assert (await client.post("token/refresh/", json={"refresh": successor})).status_code == 200


async def test_what_is_no_refresh_token_is_refused(client: httpx.AsyncClient) -> None:
    tokens = await signed_in(client)
    for token in ("", "x", tokens["access"]):
        refused(await client.post("token/refresh/", json={"refresh": token}), 401, "token-invalid")
    for body in ({}, {"refresh": None}, {"refresh": 1}):
        assert (await client.post("token/refresh/", json=body)).status_code == 422


async def test_a_token_can_be_verified(client: httpx.AsyncClient) -> None:
    tokens = await signed_in(client)
    answer = await client.post("token/verify/", json={"token": tokens["access"]})
    assert (answer.status_code, answer.json()) == (200, {})
    header, claims, signature = tokens["access"].split(".")
    for token in ("", "x", tokens["refresh"], f"{header}.{claims}.", f"{claims}.{header}.{signature}"):
        refused(await client.post("token/verify/", json={"token": token}), 401, "token-invalid")


async def test_signing_out_ends_the_session_and_can_be_repeated(client: httpx.AsyncClient) -> None:
    tokens = await signed_in(client)
    for _ in range(2):
        answer = await client.post("logout/", json={"refresh": tokens["refresh"]})
        assert (answer.status_code, answer.content) == (204, b"")
    refused(await client.post("token/refresh/", json={"refresh": tokens["refresh"]}), 401, "token-invalid")
    assert (await client.post("logout/", json={"refresh": "never heard of"})).status_code == 204


# -- me


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
