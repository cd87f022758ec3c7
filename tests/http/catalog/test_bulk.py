"""Many products changed by one call."""

from typing import Any
from uuid import uuid4

import pytest

from tests.http.catalog.asking import IN_MEMORY, LAMP, SHIRT, Caller, refused


async def test_each_has_an_outcome_of_its_own(staff: Caller) -> None:
    lamp, shirt, nothing = (await staff.make(**LAMP))["id"], (await staff.make(**SHIRT))["id"], str(uuid4())
    body = {"ids": [shirt, nothing, lamp], "action": "adjust_price_percent", "value": "-12.5"}
    answer = await staff("POST", "bulk/", body)
    assert answer.status_code == 200
    assert answer.json() == {
        "results": [
            {"id": shirt, "ok": True},
            {"id": nothing, "ok": False, "code": "product-not-found"},
            {"id": lamp, "ok": True},
        ]
    }
    changed = await staff.get("shirt/")
    assert (changed["price"], [one["price"] for one in changed["variants"]]) == ("8.75", ["8.75", "10.94"])


async def test_what_is_deactivated_is_nowhere(staff: Caller, anyone: Caller) -> None:
    await staff("POST", "categories/", {"name": "Home"})
    lamp = await staff.make(**LAMP, category="home", is_featured=True, tags=["new"])
    paths = ("", "?search=lamp", "?tag=new", "?category=home", "categories/home/products/", "featured/")
    for path in paths:
        assert [item["slug"] for item in (await anyone.get(path))["results"]] == ["lamp"], path
    assert (await anyone.get("categories/home/"))["products_count"] == 1
    for action, count in (("deactivate", 0), ("activate", 1), ("delete", 0)):
        await staff("POST", "bulk/", {"ids": [lamp["id"]], "action": action})
        for path in paths:
            assert len((await anyone.get(path))["results"]) == count, (action, path)
        assert (await anyone.get("categories/home/"))["products_count"] == count
        assert (await anyone("GET", "lamp/")).status_code == (200 if count else 404)


BAD: list[tuple[Any, str, str]] = [
    ({"ids": []}, "/ids", "too-short"),
    ({"ids": [str(uuid4())] * 501}, "/ids", "too-long"),
    ({"ids": ["x"]}, "/ids/0", "invalid-format"),
    ({"ids": "x"}, "/ids", "invalid-type"),
    ({"action": "fly"}, "/action", "invalid-choice"),
    ({"value": 1}, "/value", "invalid-value"),
    ({"action": "set_category"}, "/value", "required"),
    ({"action": "set_category", "value": []}, "/value", "invalid-type"),
    ({"action": "set_category", "value": "nothing"}, "/value", "invalid-choice"),
    ({"action": "adjust_price_percent", "value": "ten"}, "/value", "invalid-format"),
    ({"action": "adjust_price_percent", "value": -101}, "/value", "out-of-range"),
    ({"more": 1}, "/more", "unknown-field"),
]


@pytest.mark.parametrize(("fields", "pointer", "code"), BAD, ids=range(len(BAD)))
@IN_MEMORY
async def test_a_bad_request_is_refused_whole(staff: Caller, fields: dict[str, Any], pointer: str, code: str) -> None:
    body = {"ids": [str(uuid4())], "action": "activate"} | fields
    refused(await staff("POST", "bulk/", body), 422, "validation-error", (pointer, code))


@pytest.mark.parametrize("value", [b'"\\ud800"', b'"\xff"', b'"\\q"', b"1E2"])
@pytest.mark.parametrize("action", [b"set_category", b"adjust_price_percent"])
@IN_MEMORY
async def test_hostile_values_are_refused(staff: Caller, action: bytes, value: bytes) -> None:
    body = b'{"ids": ["%b"], "action": "%b", "value": %b}' % (str(uuid4()).encode(), action, value)
    answer = await staff("POST", "bulk/", body)
    assert answer.status_code in {400, 422}
