"""What staff do with an order, over HTTP: send, deliver, refund, one by one and many at once."""

from typing import Any

import httpx
import pytest

from application.catalog.views import ProductView
from domain.accounts import Role
from entrypoints.shop import Shop
from tests.http.shopping.callers import MISSING, Caller, a_caller, a_product, answered, refused, wrong

ONE = [{"id": MISSING, "quantity": 1}]
COMMANDS = {"ship": {}, "deliver": {}, "refund": {"reason": "late"}}


@pytest.fixture
async def staff(shop: Shop, client: httpx.AsyncClient) -> Caller:
    return await a_caller(shop, client, Role.ORDER_MANAGER)


@pytest.fixture
async def lamp(shop: Shop) -> ProductView:
    return await a_product(shop, name="Lamp", price="19.99", stock=50)


@pytest.fixture
async def order(ann: Caller, lamp: ProductView) -> Any:
    """Three lamps, paid: 59.97 and 6.00 tax."""
    placed = await ann.orders(lamp, 3)
    answered(await ann.pays(placed))
    return placed


def path(order: Any, command: str) -> str:
    return f"orders/orders/{order['id']}/{command}/"


async def test_the_way_of_an_order(ann: Caller, staff: Caller, order: Any) -> None:
    line = order["items"][0]["id"]
    part = {"items": [{"id": line, "quantity": 2}], "tracking_number": "1Z", "carrier": "UPS"}
    first = await staff.post(path(order, "ship"), part)
    assert (first["status"], first["shipped_at"]) == ("processing", None)
    assert first["shipments"] == [
        {
            "tracking_number": "1Z",
            "carrier": "UPS",
            "items": [{"id": line, "quantity": 2}],
            "shipped_at": first["timeline"][-1]["at"],
        }
    ]
    over = await staff("POST", path(order, "ship"), {"items": [{"id": line, "quantity": 2}]})
    assert refused(over) == (409, "exceeds-shippable")
    assert over.json()["items"] == [{"id": line, "requested": 2, "available": 1}]
    second = await staff.post(path(order, "ship"))
    assert (second["status"], len(second["shipments"])) == ("shipped", 2)
    done = await staff.post(path(order, "deliver"))
    assert done["status"] == "delivered"
    assert await ann.get(f"orders/orders/{order['order_number']}/") == done
    assert [each["id"] for each in (await ann.get("orders/orders/history/"))["results"]] == [order["id"]]


async def test_an_illegal_step_names_the_legal_ones(ann: Caller, staff: Caller, lamp: ProductView) -> None:
    pending = await ann.orders(lamp)
    for command in ("ship", "deliver"):
        answer = await staff("POST", path(pending, command), {})
        assert refused(answer) == (409, "illegal-transition")
        assert answer.json()["allowed"] == ["cancelled", "processing"]
    answer = await staff("POST", path(pending, "refund"), {"reason": "late"})
    assert refused(answer) == (409, "order-not-refundable")
    assert (answer.json()["status_now"], answer.json()["allowed"]) == ("pending", ["cancelled", "processing"])


async def test_money_goes_back_for_pieces_amounts_and_all(
    ann: Caller, staff: Caller, order: Any, lamp: ProductView
) -> None:
    line = order["items"][0]["id"]
    wish = {"items": [{"id": line, "quantity": 1}], "reason": "broken", "restock": True}
    assert (await staff.post(path(order, "refund"), wish))["payment_status"] == "partially_refunded"
    payment = (await ann.get("payments/payments/"))["results"][0]
    assert (payment["amount_refunded"], payment["status"]) == ("21.99", "partially_refunded")
    over = await staff("POST", path(order, "refund"), {"amount": "43.99", "reason": "more"})
    assert refused(over) == (409, "exceeds-refundable")
    assert over.json()["refundable"] == "43.98"
    view = await staff.post(f"payments/payments/{payment['id']}/refund/", {"amount": 3, "reason": "late"})
    assert (view["amount_refunded"], view["id"]) == ("24.99", payment["id"])
    assert (await staff.post(path(order, "refund"), {"reason": "all of it"}))["payment_status"] == "refunded"
    again = await staff("POST", f"payments/payments/{payment['id']}/refund/", {"reason": "again"})
    assert refused(again) == (409, "exceeds-refundable")


@pytest.mark.parametrize(
    ("command", "body", "errors"),
    [
        ("ship", {"items": []}, [("/items", "too-short")]),
        ("ship", {"items": [{"id": MISSING, "quantity": 0}]}, [("/items/0/quantity", "out-of-range")]),
        ("ship", {"items": [{"id": MISSING, "quantity": "1"}]}, [("/items/0/quantity", "invalid-type")]),
        ("ship", {"carrier": "x" * 101}, [("/carrier", "too-long")]),
        ("ship", {"tracking": "1Z"}, [("/tracking", "unknown-field")]),
        ("deliver", {"at": "noon"}, [("/at", "unknown-field")]),
        ("refund", {}, [("/reason", "required")]),
        ("refund", {"reason": ""}, [("/reason", "too-short")]),
        ("refund", {"reason": "late", "amount": "0"}, [("/amount", "out-of-range")]),
        ("refund", {"reason": "late", "amount": "-1"}, [("/amount", "invalid-money")]),
        ("refund", {"reason": "late", "amount": "1.001"}, [("/amount", "invalid-money")]),
        ("refund", {"reason": "late", "amount": None}, [("/amount", "invalid-type")]),
        (
            "refund",
            {"reason": "late", "amount": "1", "items": [{"id": MISSING, "quantity": 1}]},
            [("/items", "not-both")],
        ),
        ("refund", {"reason": "late", "amount": "1", "restock": True}, [("/items", "required")]),
    ],
)
async def test_what_is_no_command(staff: Caller, order: Any, command: str, body: Any, errors: Any) -> None:
    assert wrong(await staff("POST", path(order, command), body)) == errors


async def test_a_line_of_no_order(staff: Caller, order: Any) -> None:
    items = [{"id": MISSING, "quantity": 1}]
    for command, body in (("ship", {"items": items}), ("refund", {"items": items, "reason": "late"})):
        assert refused(await staff("POST", path(order, command), body)) == (404, "order-line-not-found")


@pytest.mark.parametrize("command", COMMANDS)
async def test_only_who_manages_orders(
    shop: Shop, client: httpx.AsyncClient, ann: Caller, staff: Caller, order: Any, command: str
) -> None:
    body = COMMANDS[command]
    for who in (ann, await a_caller(shop, client, Role.CATALOG_MANAGER, Role.ANALYST)):
        assert refused(await who("POST", path(order, command), body)) == (403, "forbidden")
    nobody = await client.post(f"/api/{path(order, command)}", json=body)
    assert refused(nobody) == (401, "not-authenticated")
    assert refused(await staff("POST", path({"id": MISSING}, command), body)) == (404, "order-not-found")


async def test_many_at_once(ann: Caller, staff: Caller, order: Any, lamp: ProductView) -> None:
    pending = await ann.orders(lamp)
    body = {"ids": [order["id"], pending["id"], MISSING], "action": "ship"}
    assert (await staff.post("orders/orders/bulk/", body))["results"] == [
        {"id": order["id"], "ok": True},
        {"id": pending["id"], "ok": False, "code": "illegal-transition"},
        {"id": MISSING, "ok": False, "code": "order-not-found"},
    ]
    assert wrong(await staff("POST", "orders/orders/bulk/", {"ids": [], "action": "ship"})) == [("/ids", "too-short")]
    assert wrong(await staff("POST", "orders/orders/bulk/", {**body, "action": "burn"})) == [
        ("/action", "invalid-choice")
    ]
    assert refused(await ann("POST", "orders/orders/bulk/", body)) == (403, "forbidden")


async def test_the_tag_follows_every_step(ann: Caller, staff: Caller, order: Any) -> None:
    where = f"orders/orders/{order['id']}/"
    tags = [(await ann("GET", where)).headers["etag"]]
    for command, body in (("ship", {}), ("refund", {"amount": "1", "reason": "late"}), ("deliver", {})):
        await staff.post(path(order, command), body)
        tags.append((await ann("GET", where)).headers["etag"])
    assert tags == ['"2"', '"3"', '"6"', '"7"']


@pytest.mark.parametrize("form", ["invoice", "packing-slip"])
async def test_papers_come_as_a_page_and_as_pdf(staff: Caller, order: Any, form: str) -> None:
    where = f"orders/orders/{order['order_number']}/{form}"
    page = await staff("GET", f"{where}/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert order["order_number"] in page.text and "Ann Example" in page.text
    assert "style-src 'unsafe-inline'" in page.headers["content-security-policy"]
    for path, accept in ((f"{where}.pdf", "*/*"), (f"{where}/?format=pdf", "text/html"), (where, "application/pdf")):
        pdf = await staff("GET", path, accept=accept)
        assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
        assert pdf.headers["content-disposition"] == f'inline; filename="{form}-{order["order_number"]}.pdf"'
        assert pdf.content.startswith(b"%PDF-")
    asked = await staff("GET", f"{where}/?format=html", accept="application/pdf")
    assert asked.headers["content-type"] == "text/html; charset=utf-8"
    assert refused(await staff("GET", f"{where}/?format=odt")) == (422, "validation-error")


async def test_an_invoice_is_the_customers_and_a_slip_the_staffs(
    ann: Caller, bob: Caller, staff: Caller, order: Any
) -> None:
    where = f"orders/orders/{order['id']}"
    assert "65.97 USD" in (await ann("GET", f"{where}/invoice/")).text
    assert refused(await bob("GET", f"{where}/invoice/")) == (404, "order-not-found")
    assert refused(await bob("GET", f"{where}/invoice.pdf")) == (404, "order-not-found")
    assert refused(await ann("GET", f"{where}/packing-slip/")) == (403, "forbidden")
    await staff.post(path(order, "ship"), {"items": [{"id": order["items"][0]["id"], "quantity": 2}]})
    slip = (await staff("GET", f"{where}/packing-slip/")).text
    assert '<td class="n">3</td><td class="n">2</td><td class="n">1</td>' in slip
    assert "19.99" not in slip
