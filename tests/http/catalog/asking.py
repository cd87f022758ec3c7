"""Calls of the catalogue over HTTP, by staff and by anybody."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from dishka import AsyncContainer

from domain.accounts import Role, User, UserId
from tests.builders import NOW, new_id
from tests.http.signing import a_token

LAMP = {"name": "Lamp", "price": "20", "sku": "LAMP"}
SHIRT = {
    "name": "Shirt",
    "price": "10.00",
    "sku": "SHIRT",
    "variants": [
        {"name": "S", "sku": "SHIRT-S", "stock_quantity": 3, "attributes": {"Size": "S"}},
        {"name": "L", "sku": "SHIRT-L", "price": "12.5", "attributes": {"Size": "L"}},
    ],
}

# What is refused before any store hears of it.
IN_MEMORY = pytest.mark.parametrize("container", ["memory"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize("container", ["postgres"], indirect=True)


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of the shop, with or without a token."""

    client: httpx.AsyncClient
    headers: dict[str, str]

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        return await self.client.request(
            method,
            f"/api/products/{path if path.startswith('categories/') else f'products/{path}'}",
            content=content,
            headers={**self.headers, **kind, **told},
        )

    async def get(self, path: str = "", **headers: str) -> Any:
        answer = await self("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def make(self, **fields: Any) -> Any:
        answer = await self("POST", "", fields)
        assert answer.status_code == 201, answer.text
        return answer.json()


async def caller(container: AsyncContainer, client: httpx.AsyncClient, *roles: Role) -> Caller:
    user = User.register(UserId(new_id()), f"{uuid4().hex}@example.com", "x", NOW, roles=roles)
    return Caller(client, {"Authorization": f"Bearer {await a_token(container, user)}"})


def refused(answer: httpx.Response, status: int, code: str, *fields: tuple[str, str]) -> None:
    """The answer is that problem, about those fields, each (pointer, code)."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert [(error["pointer"], error["code"]) for error in problem.get("errors", [])] == list(fields)
