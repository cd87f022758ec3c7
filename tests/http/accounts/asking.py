"""What the tests of accounts ask over and over, and how they look at a refusal."""

import uuid
from typing import Any

import httpx

PASSWORD = "a lamp in the attic"
JSON = {"Content-Type": "application/json"}


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
