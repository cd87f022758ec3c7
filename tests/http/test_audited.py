"""Every operation with which staff change something leaves an entry in the audit log; none can be forgotten."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
import pytest
from dishka import AsyncContainer
from PIL import Image

from application.audit_log.entries import AuditLog
from application.audit_log.keeping import ExtendAuditLog
from application.outbox import Outbox
from domain.accounts import Permission, Role
from entrypoints.container import make_memory_container
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from entrypoints.shop import Shop, ShopClock
from tests.http.conftest import opened
from tests.http.shopping.callers import Caller, a_caller, a_product
from tests.http.test_authorisation import TABLE

REQUEST = "audited-1"
COUPON = {"code": "TEN", "kind": "percent", "value": "10"}
SHIPPING = {
    "name": "Germany",
    "areas": [{"country": "DE"}],
    "methods": [{"code": "post", "name": "Post", "estimated_days": 2, "rates": [{"price": "5"}]}],
}
TAX = {"name": "Germany", "areas": [{"country": "DE"}], "rates": {"standard": "19"}}
CSV = b"Handle,Title,Variant SKU,Variant Price\nlamp,Lamp,LAMP,20.00\n"


@dataclass(frozen=True, slots=True)
class Scene:
    """An admin, a customer, and what they need to have something to change."""

    shop: Shop
    root: Caller
    ann: Caller

    async def product(self) -> Any:
        lamp = await a_product(self.shop, stock=20)
        return await self.root.get(f"products/products/{lamp.slug}/")

    async def made(self, path: str, body: Any) -> Any:
        return await self.root.post(path, body, 201)

    async def variant(self) -> tuple[str, str]:
        shirt = {"name": "Shirt", "price": "10", "sku": uuid4().hex, "variants": [_variant(), _variant("L")]}
        made = await self.made("products/products/", shirt)
        return made["slug"], made["variants"][0]["id"]

    async def image(self) -> tuple[str, str]:
        slug = (await self.product())["slug"]
        answer = await self.root.client.post(
            f"/api/products/products/{slug}/images/", files=_upload(), headers=self.root.headers
        )
        assert answer.status_code == 201, answer.text
        return slug, answer.json()["id"]

    async def order(self, *, paid: bool = True, shipped: bool = False) -> Any:
        order = await self.ann.orders(await a_product(self.shop, stock=20))
        if paid:
            assert (await self.ann.pays(order)).status_code == 200
        if shipped:
            await self.root.post(f"orders/orders/{order['id']}/ship/", {})
        return order

    async def payment(self) -> str:
        order = await self.order()
        payments = (await self.root.get("payments/payments/"))["results"]
        return str(next(each["id"] for each in payments if each["order"] == order["id"]))


@dataclass(frozen=True, slots=True)
class Deed:
    """What is asked for, and what the log must say of it: actions with their objects' kind."""

    path: str
    body: Any = None
    files: Any = None


Prepare = Callable[[Scene], Awaitable[Deed]]


def _variant(size: str = "S") -> dict[str, Any]:
    return {"name": size, "sku": uuid4().hex, "attributes": {"Size": size}}


def _upload() -> dict[str, Any]:
    out = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "PNG")
    return {"image": ("lamp.png", out.getvalue(), "image/png")}


async def _user(scene: Scene) -> Deed:
    person = await a_caller(scene.shop, scene.root.client)
    return Deed(f"auth/users/{person.person.who.user}/", {"is_active": False, "roles": ["analyst"]})


async def _key(_: Scene) -> Deed:
    return Deed("auth/api-keys/", {"name": "ERP", "scopes": ["orders:read"]})


async def _key_gone(scene: Scene) -> Deed:
    made = await scene.made("auth/api-keys/", {"name": "ERP", "scopes": ["orders:read"]})
    return Deed(f"auth/api-keys/{made['id']}/")


async def _backorders(scene: Scene) -> Deed:
    return Deed(f"inventory/{(await scene.product())['sku']}/", {"backorder_limit": 5})


async def _adjust(scene: Scene) -> Deed:
    return Deed(f"inventory/{(await scene.product())['sku']}/adjust/", {"delta": 2, "reason": "counted"})


async def _adjust_many(scene: Scene) -> Deed:
    sku = (await scene.product())["sku"]
    return Deed("inventory/bulk/", {"items": [{"sku": sku, "on_hand": 2, "reason": "counted"}]})


async def _coupon(_: Scene) -> Deed:
    return Deed("orders/coupons/", COUPON)


async def _coupon_changed(scene: Scene) -> Deed:
    made = await scene.made("orders/coupons/", COUPON)
    return Deed(f"orders/coupons/{made['id']}/", {"value": "15", "usage_limit": 3})


async def _coupon_gone(scene: Scene) -> Deed:
    return Deed(f"orders/coupons/{(await scene.made('orders/coupons/', COUPON))['id']}/")


async def _cancel(scene: Scene) -> Deed:
    return Deed(f"orders/orders/{(await scene.order())['id']}/cancel/", {"reason": "no stock"})


async def _ship(scene: Scene) -> Deed:
    return Deed(f"orders/orders/{(await scene.order())['id']}/ship/", {"tracking_number": "T1"})


async def _deliver(scene: Scene) -> Deed:
    return Deed(f"orders/orders/{(await scene.order(shipped=True))['id']}/deliver/", {})


async def _refund(scene: Scene) -> Deed:
    return Deed(f"orders/orders/{(await scene.order())['id']}/refund/", {"amount": "5", "reason": "scratched"})


async def _ship_many(scene: Scene) -> Deed:
    return Deed("orders/orders/bulk/", {"ids": [(await scene.order())["id"]], "action": "ship"})


async def _refund_payment(scene: Scene) -> Deed:
    return Deed(f"payments/payments/{await scene.payment()}/refund/", {"amount": "5", "reason": "scratched"})


async def _product(_: Scene) -> Deed:
    return Deed("products/products/", {"name": "Desk", "price": "5", "sku": uuid4().hex})


async def _product_changed(scene: Scene) -> Deed:
    return Deed(f"products/products/{(await scene.product())['slug']}/", {"price": "7"})


async def _product_gone(scene: Scene) -> Deed:
    return Deed(f"products/products/{(await scene.product())['slug']}/")


async def _many_products(scene: Scene) -> Deed:
    return Deed("products/products/bulk/", {"ids": [(await scene.product())["id"]], "action": "feature"})


async def _image(scene: Scene) -> Deed:
    return Deed(f"products/products/{(await scene.product())['slug']}/images/", files=_upload())


async def _image_changed(scene: Scene) -> Deed:
    slug, image = await scene.image()
    return Deed(f"products/products/{slug}/images/{image}/", {"alt_text": "a lamp"})


async def _image_gone(scene: Scene) -> Deed:
    slug, image = await scene.image()
    return Deed(f"products/products/{slug}/images/{image}/")


async def _variant_added(scene: Scene) -> Deed:
    slug, _ = await scene.variant()
    return Deed(f"products/products/{slug}/variants/", _variant("XL"))


async def _variant_changed(scene: Scene) -> Deed:
    slug, variant = await scene.variant()
    return Deed(f"products/products/{slug}/variants/{variant}/", {"price": "12"})


async def _variant_gone(scene: Scene) -> Deed:
    slug, variant = await scene.variant()
    return Deed(f"products/products/{slug}/variants/{variant}/")


async def _category(_: Scene) -> Deed:
    return Deed("products/categories/", {"name": "Lights"})


async def _category_changed(scene: Scene) -> Deed:
    made = await scene.made("products/categories/", {"name": "Lights"})
    return Deed(f"products/categories/{made['slug']}/", {"description": "What shines"})


async def _category_gone(scene: Scene) -> Deed:
    return Deed(f"products/categories/{(await scene.made('products/categories/', {'name': 'Lights'}))['slug']}/")


async def _shipping_zone(_: Scene) -> Deed:
    return Deed("orders/shipping-zones/", SHIPPING)


async def _shipping_zone_changed(scene: Scene) -> Deed:
    made = await scene.made("orders/shipping-zones/", SHIPPING)
    return Deed(f"orders/shipping-zones/{made['id']}/", {"name": "Home"})


async def _shipping_zone_gone(scene: Scene) -> Deed:
    return Deed(f"orders/shipping-zones/{(await scene.made('orders/shipping-zones/', SHIPPING))['id']}/")


async def _tax_zone(_: Scene) -> Deed:
    return Deed("orders/tax-zones/", TAX)


async def _tax_zone_changed(scene: Scene) -> Deed:
    made = await scene.made("orders/tax-zones/", TAX)
    return Deed(f"orders/tax-zones/{made['id']}/", {"rates": {"standard": "20"}})


async def _tax_zone_gone(scene: Scene) -> Deed:
    return Deed(f"orders/tax-zones/{(await scene.made('orders/tax-zones/', TAX))['id']}/")


async def _tax_class(_: Scene) -> Deed:
    return Deed("orders/tax-classes/", {"code": "books", "name": "Books"})


async def _tax_class_gone(scene: Scene) -> Deed:
    await scene.made("orders/tax-classes/", {"code": "books", "name": "Books"})
    return Deed("orders/tax-classes/books/")


async def _export(_: Scene) -> Deed:
    return Deed("products/exports/")


async def _import(_: Scene) -> Deed:
    return Deed("products/imports/", CSV)


# How each is done, and what the log says of it: action, kind of object, and the names in before and after.
DEEDS: Mapping[str, tuple[Prepare, str, str, str, str]] = {
    "PATCH /api/auth/users/{id}/": (_user, "roles-changed", "user", "roles", "roles"),
    "POST /api/auth/api-keys/": (_key, "api-key-created", "key", "", "expires_at name prefix scopes"),
    "DELETE /api/auth/api-keys/{id}/": (_key_gone, "api-key-revoked", "key", "revoked", "revoked"),
    "PATCH /api/inventory/{sku}/": (_backorders, "backorders-allowed", "stock", "limit", "limit"),
    "POST /api/inventory/{sku}/adjust/": (_adjust, "stock-adjusted", "stock", "on_hand", "on_hand"),
    "POST /api/inventory/bulk/": (_adjust_many, "stock-adjusted", "stock", "on_hand", "on_hand"),
    "POST /api/orders/coupons/": (_coupon, "coupon-changed", "coupon", "", "change code currency kind value"),
    "PATCH /api/orders/coupons/{coupon_id}/": (
        _coupon_changed,
        "coupon-changed",
        "coupon",
        "usage_limit value",
        "change code usage_limit value",
    ),
    "DELETE /api/orders/coupons/{coupon_id}/": (
        _coupon_gone,
        "coupon-changed",
        "coupon",
        "currency ends_at kind per_customer_limit starts_at usage_limit value",
        "change code",
    ),
    "POST /api/orders/shipping-zones/": (
        _shipping_zone,
        "rates-changed",
        "shipping-zone",
        "",
        "areas change methods name",
    ),
    "PATCH /api/orders/shipping-zones/{zone_id}/": (
        _shipping_zone_changed,
        "rates-changed",
        "shipping-zone",
        "name",
        "change name",
    ),
    "DELETE /api/orders/shipping-zones/{zone_id}/": (
        _shipping_zone_gone,
        "rates-changed",
        "shipping-zone",
        "areas methods name",
        "change",
    ),
    "POST /api/orders/tax-zones/": (_tax_zone, "rates-changed", "tax-zone", "", "areas change includes_tax name rates"),
    "PATCH /api/orders/tax-zones/{zone_id}/": (_tax_zone_changed, "rates-changed", "tax-zone", "rates", "change rates"),
    "DELETE /api/orders/tax-zones/{zone_id}/": (
        _tax_zone_gone,
        "rates-changed",
        "tax-zone",
        "areas includes_tax name rates",
        "change",
    ),
    "POST /api/orders/tax-classes/": (_tax_class, "rates-changed", "tax-class", "", "change name"),
    "DELETE /api/orders/tax-classes/{code}/": (_tax_class_gone, "rates-changed", "tax-class", "name", "change"),
    "POST /api/orders/orders/{reference}/cancel/": (
        _cancel,
        "order-cancelled",
        "order",
        "status",
        "number status was_paid",
    ),
    "POST /api/orders/orders/{reference}/ship/": (_ship, "order-shipped", "order", "status", "number parcel status"),
    "POST /api/orders/orders/{reference}/deliver/": (_deliver, "order-delivered", "order", "status", "number status"),
    "POST /api/orders/orders/{reference}/refund/": (_refund, "refund-asked", "order", "", "amount number refund"),
    "POST /api/orders/orders/bulk/": (_ship_many, "order-shipped", "order", "status", "number parcel status"),
    "POST /api/payments/payments/{payment_id}/refund/": (
        _refund_payment,
        "refund-asked",
        "order",
        "",
        "amount number refund",
    ),
    "POST /api/products/products/": (_product, "product-changed", "product", "", "change name price sku slug"),
    "PATCH /api/products/products/{ref}/": (_product_changed, "product-changed", "product", "price", "change price"),
    "DELETE /api/products/products/{ref}/": (
        _product_gone,
        "product-changed",
        "product",
        "name price sku slug",
        "change",
    ),
    "POST /api/products/products/bulk/": (
        _many_products,
        "product-changed",
        "product",
        "is_featured",
        "change is_featured",
    ),
    "POST /api/products/products/{ref}/images/": (_image, "image-added", "product", "", "image"),
    "PATCH /api/products/products/{ref}/images/{id}/": (
        _image_changed,
        "product-changed",
        "product",
        "images",
        "change images",
    ),
    "DELETE /api/products/products/{ref}/images/{id}/": (
        _image_gone,
        "product-changed",
        "product",
        "images",
        "change images",
    ),
    "POST /api/products/products/{ref}/variants/": (
        _variant_added,
        "product-changed",
        "product",
        "variants",
        "change variants",
    ),
    "PATCH /api/products/products/{ref}/variants/{variant}/": (
        _variant_changed,
        "product-changed",
        "product",
        "variants",
        "change variants",
    ),
    "DELETE /api/products/products/{ref}/variants/{variant}/": (
        _variant_gone,
        "product-changed",
        "product",
        "variants",
        "change variants",
    ),
    "POST /api/products/categories/": (_category, "category-changed", "category", "", "change name parent slug"),
    "PATCH /api/products/categories/{ref}/": (
        _category_changed,
        "category-changed",
        "category",
        "description",
        "change description",
    ),
    "DELETE /api/products/categories/{ref}/": (
        _category_gone,
        "category-changed",
        "category",
        "name parent slug",
        "change",
    ),
    "POST /api/products/exports/": (_export, "transfer-requested", "transfer", "", "dry_run file_name kind restock"),
    "POST /api/products/imports/": (_import, "transfer-requested", "transfer", "", "dry_run file_name kind restock"),
}


def changing() -> list[str]:
    """Operations with which staff change something that is not their own."""
    of_staff = [each for each, who in TABLE.items() if isinstance(who, Permission | tuple)]
    return [each for each in of_staff if not each.startswith("GET ")]


@pytest.fixture
async def scene(settings: Settings) -> AsyncIterator[Scene]:
    container = make_memory_container(settings)
    async with opened(build_app(settings, container)) as client:
        shop = Shop(container, ShopClock())
        yield Scene(shop, await a_caller(shop, client, Role.ADMIN), await a_caller(shop, client))
    await container.close()


def test_no_operation_of_staff_is_forgotten() -> None:
    assert set(DEEDS) == set(changing())


@pytest.mark.parametrize("operation", DEEDS)
async def test_what_staff_change_is_in_the_log_whole(scene: Scene, operation: str) -> None:
    prepare, action, kind, before, after = DEEDS[operation]
    deed, method = await prepare(scene), operation.partition(" ")[0]
    answer = await _done(scene.root, method, deed)
    assert answer.status_code < 300, answer.text
    entries = [each for each in await _log(scene.shop.container) if each.request_id == REQUEST]
    assert {each.actor for each in entries} == {f"user:{scene.root.person.who.user}"}
    entry = next(each for each in entries if each.action == action)
    assert entry.object.partition(":")[0] == kind
    assert (sorted(entry.before), sorted(entry.after)) == (before.split(), after.split())
    told = {name: value for name, value in entry.before.items() if name in entry.after}
    assert not told or told != {name: entry.after[name] for name in told}


async def _done(root: Caller, method: str, deed: Deed) -> httpx.Response:
    head = {**root.headers, "x-request-id": REQUEST}
    if deed.files is not None:
        return await root.client.request(method, f"/api/{deed.path}", files=deed.files, headers=head)
    if isinstance(deed.body, bytes):
        head["content-type"] = "text/csv"
        return await root.client.request(method, f"/api/{deed.path}", content=deed.body, headers=head)
    return await root.client.request(method, f"/api/{deed.path}", json=deed.body, headers=head)


async def _log(container: AsyncContainer) -> list[Any]:
    await (await container.get(Outbox)).dispatch([], 10_000)
    log = await container.get(AuditLog)
    await ExtendAuditLog(log)()
    return [*await log.read(0, 10_000)]
