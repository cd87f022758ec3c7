"""Imports and exports over HTTP: who may, what they send, and what they are told."""

from typing import Any

import httpx
import pytest
from dishka import AsyncContainer

from application.transfers.running import RunExports, RunImports
from domain.accounts import Role
from tests.http.catalog.asking import IN_MEMORY, Caller, caller
from tests.http.shopping.callers import MISSING

CSV = {"Content-Type": "text/csv"}
LAMPS = b"Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\nlamp,Lamp,L-1,5,1\nmug,Mug,M-1,six,1\n"


@pytest.fixture
async def customer(container: AsyncContainer, client: httpx.AsyncClient) -> Caller:
    return await caller(container, client, Role.CUSTOMER)


async def call(staff: Caller, method: str, path: str, **said: Any) -> httpx.Response:
    headers = {**staff.headers, **said.pop("headers", {})}
    return await staff.client.request(method, f"/api/products/{path}", headers=headers, **said)


async def shown(staff: Caller, path: str) -> Any:
    answer = await call(staff, "GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_import_is_accepted_and_its_status_tells_what_becomes_of_it(
    container: AsyncContainer, staff: Caller
) -> None:
    answer = await call(staff, "POST", "imports/", content=LAMPS, headers=CSV)
    assert answer.status_code == 202
    where = answer.headers["location"].removeprefix("/api/products/")
    assert answer.json()["status"] == "queued"
    await (await container.get(RunImports))()
    told = await shown(staff, where)
    assert (told["status"], told["rows"], told["rows_done"], told["created"], told["refused"]) == ("done", 2, 2, 1, 1)
    assert [(one["row"], one["code"]) for one in told["errors"]] == [(3, "invalid-price")]
    assert [one["id"] for one in (await shown(staff, "imports/"))["results"]] == [told["id"]]
    assert (await staff.get("lamp/"))["price"] == "5.00"


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, {"dry_run": False, "restock": False, "encoding": "utf-8", "file_name": ""}),
        (
            {"dry_run": "true", "restock": "1", "encoding": "windows-1252", "file_name": "Größen.csv"},
            {"dry_run": True, "restock": True, "encoding": "windows-1252", "file_name": "Größen.csv"},
        ),
    ],
)
async def test_a_file_comes_in_a_form_with_what_is_to_be_done(
    staff: Caller, form: dict[str, str], told: dict[str, Any]
) -> None:
    answer = await call(staff, "POST", "imports/", data=form, files={"file": ("x.csv", LAMPS, "text/csv")})
    assert answer.status_code == 202
    assert {name: answer.json()[name] for name in told} == told


async def test_the_query_tells_what_is_to_be_done_with_a_body(staff: Caller) -> None:
    path = "imports/?dry_run=true&file_name=lamps.csv"
    told = (await call(staff, "POST", path, content=LAMPS, headers={"Content-Type": "text/csv; charset=UTF-8"})).json()
    assert (told["dry_run"], told["restock"], told["file_name"]) == (True, False, "lamps.csv")


@IN_MEMORY
@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"content": b"", "headers": CSV}, 422, "import-file-empty"),
        ({"content": b"a,b\n1,2\n", "headers": CSV}, 422, "import-columns-missing"),
        ({"content": b"Handle,Title\n\xff", "headers": CSV}, 422, "import-file-not-text"),
        ({"content": b"Handle,Title\n\0,", "headers": CSV}, 422, "import-file-not-text"),
        ({"content": LAMPS, "headers": {"Content-Type": "text/csv; charset=klingon"}}, 415, "unsupported-media-type"),
        ({"content": LAMPS, "headers": {"Content-Type": "application/json"}}, 415, "unsupported-media-type"),
        ({"content": LAMPS}, 415, "unsupported-media-type"),
        ({"files": {"file": ("x.csv", b"")}}, 422, "validation-error"),
        ({"files": {"other": ("x.csv", LAMPS)}}, 422, "validation-error"),
        ({"files": {"file": ("x.csv", LAMPS)}, "data": {"dry_run": "maybe"}}, 422, "validation-error"),
        ({"files": {"file": ("x.csv", LAMPS)}, "data": {"encoding": "ebcdic"}}, 422, "validation-error"),
        ({"files": {"file": ("x.csv", LAMPS)}, "data": {"file_name": "a\nb"}}, 422, "validation-error"),
        ({"content": LAMPS, "headers": CSV, "params": {"encoding": "ebcdic"}}, 422, "validation-error"),
        ({"content": LAMPS + b" " * (20 << 20), "headers": CSV}, 413, "content-too-large"),
        ({"files": {"file": ("x.csv", LAMPS + b" " * (20 << 20))}}, 413, "content-too-large"),
        ({"content": LAMPS + b" " * (21 << 20), "headers": CSV}, 413, "content-too-large"),
    ],
)
async def test_what_is_no_file_of_products_is_refused_before_anything_is_kept(
    staff: Caller, said: dict[str, Any], status: int, code: str
) -> None:
    answer = await call(staff, "POST", "imports/", **said)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await shown(staff, "imports/"))["results"] == []


async def test_an_export_is_downloaded_as_a_file_when_it_is_done(container: AsyncContainer, staff: Caller) -> None:
    await staff.make(name="Lamp", price="20", sku="LAMP", stock_quantity=3)
    answer = await call(staff, "POST", "exports/")
    assert answer.status_code == 202
    where = answer.headers["location"].removeprefix("/api/products/")
    early = await call(staff, "GET", f"{where}file/")
    assert (early.status_code, early.json()["code"]) == (409, "export-not-ready")
    await (await container.get(RunExports))()
    told = await shown(staff, where)
    assert (told["status"], told["products"], told["rows"]) == ("done", 1, 1)
    file = await staff.client.get(told["url"], headers=staff.headers)
    assert file.status_code == 200
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"].startswith('attachment; filename="products-')
    assert file.headers["x-content-type-options"] == "nosniff"
    assert file.headers["cache-control"] == "private, no-store"
    assert len(file.content) == told["bytes"]
    assert [one["id"] for one in (await shown(staff, "exports/"))["results"]] == [told["id"]]
    again = await call(staff, "POST", "imports/", content=file.content, headers=CSV)
    await (await container.get(RunImports))()
    assert (await shown(staff, f"imports/{again.json()['id']}/"))["unchanged"] == 1


@IN_MEMORY
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "imports/"),
        ("GET", "imports/"),
        ("GET", f"imports/{MISSING}/"),
        ("POST", "exports/"),
        ("GET", "exports/"),
        ("GET", f"exports/{MISSING}/"),
        ("GET", f"exports/{MISSING}/file/"),
    ],
)
async def test_it_is_for_managers_of_the_catalogue_only(
    anyone: Caller, customer: Caller, method: str, path: str
) -> None:
    assert (await call(anyone, method, path)).status_code == 401
    assert (await call(customer, method, path)).status_code == 403


@IN_MEMORY
@pytest.mark.parametrize("path", [f"imports/{MISSING}/", f"exports/{MISSING}/", f"exports/{MISSING}/file/"])
async def test_what_does_not_exist_is_not_found(staff: Caller, path: str) -> None:
    answer = await call(staff, "GET", path)
    assert (answer.status_code, answer.json()["code"]) == (404, "transfer-not-found")


async def test_an_import_is_no_export(staff: Caller) -> None:
    made = (await call(staff, "POST", "imports/", content=LAMPS, headers=CSV)).json()
    assert (await call(staff, "GET", f"exports/{made['id']}/")).status_code == 404
    assert (await call(staff, "GET", f"exports/{made['id']}/file/")).status_code == 404
