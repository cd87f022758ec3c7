"""Refresh, verify and logout over HTTP."""

import asyncio

import httpx

from tests.http.accounts.asking import bearer, refused, signed_in


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
