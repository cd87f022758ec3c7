"""Every operation that changes something takes an Idempotency-Key, is done once under it, and answered alike again."""

from asyncio import gather
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, is_dataclass, replace
from hashlib import sha256
from itertools import count
from typing import Any, get_type_hints

import httpx
import pytest
from dishka import AsyncContainer

from adapters.memory.tables import MemoryDatabase
from adapters.postgres.database import Database
from adapters.postgres.records import METADATA
from application.idempotency import Memory, Once
from application.ports import Mailer, Media, PaymentGateway, SandboxCards
from domain.accounts import Role
from entrypoints.container import make_container, make_memory_container
from entrypoints.http.app import ROUTES, build_app
from entrypoints.http.idempotency import takes_key
from entrypoints.observing import Probes
from entrypoints.settings import Settings
from entrypoints.shop import Shop, ShopClock
from tests.audit import audit
from tests.conftest import on_machines
from tests.http.conftest import opened
from tests.http.shopping.callers import HOME, Caller, a_caller, a_product, refused
from tests.http.test_audited import DEEDS, Deed, Scene, _upload

Doer = Callable[[Scene], Awaitable[tuple[Caller, Deed]]]
COUPON = {"code": "ONCE", "kind": "percent", "value": "10"}
# Neither effect nor answer: what is known of keys, and what comes and goes by itself.
ASIDE = {"once", "delivery", "handled", "audit_log", "session", "refresh_token", "api_key"}
MEMORY_ASIDE = {"answers", "claims", "deliveries", "handled", "audit_log", "sessions", "refresh_tokens", "api_keys"}
LIKE = ("content-type", "location", "etag", "x-cart-token", "cache-control", "vary", "content-language")
_numbers = count(1)


async def _filled(scene: Scene) -> Any:
    return await scene.ann.put_in(await a_product(scene.shop, stock=20))


async def _add(scene: Scene) -> tuple[Caller, Deed]:
    lamp = await a_product(scene.shop, stock=20)
    return scene.ann, Deed("orders/cart/add_item/", {"product_id": str(lamp.id), "quantity": 2})


async def _add_as_guest(scene: Scene) -> tuple[Caller, Deed]:
    token = (await scene.ann.client.get("/api/orders/cart/")).headers["x-cart-token"]
    _, deed = await _add(scene)
    return replace(scene.ann, headers={"x-cart-token": token}), deed


async def _update(scene: Scene) -> tuple[Caller, Deed]:
    item = (await _filled(scene))["items"][0]["id"]
    return scene.ann, Deed("orders/cart/update_item/", {"item_id": item, "quantity": 3})


async def _remove(scene: Scene) -> tuple[Caller, Deed]:
    return scene.ann, Deed(f"orders/cart/remove_item/?item_id={(await _filled(scene))['items'][0]['id']}")


async def _clear(scene: Scene) -> tuple[Caller, Deed]:
    await _filled(scene)
    return scene.ann, Deed("orders/cart/clear/")


async def _apply(scene: Scene) -> tuple[Caller, Deed]:
    await _filled(scene)
    await scene.made("orders/coupons/", COUPON)
    return scene.ann, Deed("orders/cart/apply_coupon/", {"code": "once"})


async def _take_out(scene: Scene) -> tuple[Caller, Deed]:
    await _apply(scene)
    await scene.ann.post("orders/cart/apply_coupon/", {"code": "once"})
    return scene.ann, Deed("orders/cart/coupon/")


async def _check_out(scene: Scene) -> tuple[Caller, Deed]:
    await _filled(scene)
    return scene.ann, Deed("orders/cart/checkout/", {"shipping_address": HOME})


async def _intent(scene: Scene) -> tuple[Caller, Deed]:
    return scene.ann, Deed("payments/payments/create_intent/", {"order_id": (await scene.order(paid=False))["id"]})


async def _confirm(scene: Scene) -> tuple[Caller, Deed]:
    _, deed = await _intent(scene)
    intent = (await scene.ann.post(deed.path, deed.body))["payment_intent_id"]
    card = "4242424242424242"
    return scene.ann, Deed("payments/sandbox/confirm/", {"payment_intent_id": intent, "card": card})


OF_CUSTOMERS: Mapping[str, Doer] = {
    "POST /api/orders/cart/add_item/": _add,
    "PATCH /api/orders/cart/update_item/": _update,
    "DELETE /api/orders/cart/remove_item/": _remove,
    "POST /api/orders/cart/clear/": _clear,
    "POST /api/orders/cart/apply_coupon/": _apply,
    "DELETE /api/orders/cart/coupon/": _take_out,
    "POST /api/orders/cart/checkout/": _check_out,
    "POST /api/payments/payments/create_intent/": _intent,
    "POST /api/payments/sandbox/confirm/": _confirm,
}


def of_staff(operation: str) -> Doer:
    async def prepare(scene: Scene) -> tuple[Caller, Deed]:
        return scene.root, await DEEDS[operation][0](scene)

    return prepare


DOERS = {**OF_CUSTOMERS} | {each: of_staff(each) for each in DEEDS if " /api/auth/" not in each}
CHANGES_NOTHING = {"POST /api/orders/cart/quote/"}


async def a_scene(container: AsyncContainer, client: httpx.AsyncClient) -> Scene:
    shop = Shop(container, ShopClock())
    return Scene(shop, await a_caller(shop, client, Role.ADMIN), await a_caller(shop, client))


@pytest.fixture
async def scene(container: AsyncContainer, settings: Settings) -> AsyncIterator[Scene]:
    async with opened(build_app(settings, container)) as client:
        yield await a_scene(container, client)


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, to be sent again."""

    caller: Caller
    method: str
    deed: Deed

    async def __call__(self, key: str | None, *, query: str = "", caller: Caller | None = None) -> httpx.Response:
        who = caller or self.caller
        head = {**who.headers, **({"idempotency-key": key} if key is not None else {})}
        path = f"/api/{self.deed.path}{('&' if '?' in self.deed.path else '?') + query if query else ''}"
        content: dict[str, Any] = {"json": self.deed.body}
        if self.deed.files is not None:
            content = {"files": self.deed.files}
        elif isinstance(self.deed.body, bytes):
            head["content-type"], content = "text/csv", {"content": self.deed.body}
        return await who.client.request(self.method, path, headers=head, **content)


async def prepared(scene: Scene, operation: str, doers: Mapping[str, Doer] = DOERS) -> Ask:
    caller, deed = await doers[operation](scene)
    return Ask(caller, operation.partition(" ")[0], deed)


def a_key() -> str:
    return f"key-{next(_numbers)}"


async def world(shop: Shop) -> Any:
    """All that the shop knows, to be compared."""
    if await shop.get(Probes):
        return await _hashes(await shop.get(Database))
    tables = (await shop.get(MemoryDatabase)).tables
    return {name: _identities(getattr(tables, name)) for name in vars(tables).keys() - MEMORY_ASIDE}


async def _hashes(database: Database) -> dict[str, str]:
    names = [table.name for table in METADATA.sorted_tables if table.name not in ASIDE]
    each = "select '{0}', (select md5(string_agg(t::text, ',' order by t::text)) from {0} t)"
    async with database.connection() as connection:
        return dict(map(tuple, await connection.fetch(" union all ".join(each.format(name) for name in names))))


def _identities(table: Any) -> Any:
    return {key: id(value) for key, value in table.items()} if isinstance(table, dict) else [*map(id, table)]


def like(answer: httpx.Response) -> tuple[Any, ...]:
    return answer.status_code, answer.content, *(answer.headers.get(name) for name in LIKE)


def is_replayed(answer: httpx.Response) -> bool:
    return bool(answer.headers.get("idempotent-replayed") == "true")


async def test_every_operation_that_changes_something_takes_a_key_and_is_tried_here(scene: Scene) -> None:
    paths = (await scene.root.client.get("/api/schema/")).json()["paths"]
    taking, changing = set(), set()
    for path, item in paths.items():
        for method, operation in item.items():
            if any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", [])):
                taking.add(f"{method.upper()} {path}")
            if method != "get" and not path.startswith("/api/auth/"):
                changing.add(f"{method.upper()} {path}")
    assert taking == changing - CHANGES_NOTHING
    assert set(DOERS) == taking


@pytest.mark.parametrize("operation", DOERS)
async def test_what_is_asked_again_is_answered_alike_and_not_done_again(scene: Scene, operation: str) -> None:
    ask, key = await prepared(scene, operation), a_key()
    first = await ask(key)
    assert first.status_code < 300, first.text
    assert not is_replayed(first)
    before = await world(scene.shop)
    again = await ask(key)
    assert like(again) == like(first)
    assert is_replayed(again)
    assert await world(scene.shop) == before
    assert refused(await ask(key, query="x=1")) == (422, "idempotency-key-reused")
    assert not is_replayed(await ask(key, caller=await a_caller(scene.shop, scene.root.client, Role.ADMIN)))
    await scene.shop.run_jobs()
    await audit(scene.shop.container)


async def first_answer(settings: Settings, operation: str, key: str | None) -> httpx.Response:
    """In a shop of its own."""
    container = make_memory_container(settings)
    async with opened(build_app(settings, container)) as client:
        answer = await (await prepared(await a_scene(container, client), operation))(key)
    await container.close()
    return answer


@pytest.mark.parametrize("operation", DOERS)
async def test_an_answer_under_a_key_looks_like_one_without(settings: Settings, operation: str) -> None:
    keyed, plain = [await first_answer(settings, operation, key) for key in (a_key(), None)]
    told = [{name for name in answer.headers if name not in {"content-length", "date"}} for answer in (keyed, plain)]
    assert keyed.status_code == plain.status_code
    assert told[0] == told[1]
    assert bool(keyed.content) == bool(plain.content)
    if keyed.content:
        assert keyed.json().keys() == plain.json().keys()


IN_PROGRESS = (409, "request-in-progress", "1")
AT_ONCE = sorted(
    {
        "POST /api/orders/cart/add_item/",
        "POST /api/orders/cart/checkout/",
        "POST /api/payments/payments/create_intent/",
        "POST /api/payments/sandbox/confirm/",
        "POST /api/inventory/{sku}/adjust/",
        "POST /api/products/products/",
        "POST /api/products/products/{ref}/images/",
        "POST /api/orders/orders/{reference}/cancel/",
        "POST /api/orders/orders/{reference}/refund/",
        "POST /api/orders/orders/bulk/",
        "DELETE /api/products/products/{ref}/",
    }
)


@pytest.fixture
async def crowded(postgres_container: AsyncContainer, settings: Settings) -> AsyncIterator[Scene]:
    async with opened(build_app(settings, postgres_container)) as client:
        yield await a_scene(postgres_container, client)


@pytest.mark.parametrize("operation", AT_ONCE)
async def test_a_hundred_at_once_are_one_and_hear_one_answer(crowded: Scene, operation: str) -> None:
    ask, key = await prepared(crowded, operation), a_key()
    answers = await gather(*(ask(key) for _ in range(100)))
    impatient = [answer for answer in answers if answer.status_code == 409]
    assert {(*refused(answer), answer.headers["retry-after"]) for answer in impatient} <= {IN_PROGRESS}
    told = [answer for answer in answers if answer not in impatient]
    assert told[0].status_code in {200, 201, 204}, told[0].text
    assert len({like(answer) for answer in told}) == 1
    assert sum(is_replayed(answer) for answer in told) == len(told) - 1
    before = await world(crowded.shop)
    assert like(await ask(key)) == like(told[0])
    assert await world(crowded.shop) == before
    await crowded.shop.run_jobs()
    await audit(crowded.shop.container)


# -- what is the same request, and whose key it is


async def test_prices_are_adjusted_once_under_a_key(scene: Scene) -> None:
    lamp = await a_product(scene.shop, price="100.00")
    rise = Deed("products/products/bulk/", {"ids": [str(lamp.id)], "action": "adjust_price_percent", "value": "10"})
    ask, key = Ask(scene.root, "POST", rise), a_key()
    for _ in range(2):
        assert (await ask(key)).json() == {"results": [{"id": str(lamp.id), "ok": True}]}
    assert (await scene.root.get(f"products/products/{lamp.slug}/"))["price"] == "110.00"
    await ask(a_key())
    assert (await scene.root.get(f"products/products/{lamp.slug}/"))["price"] == "121.00"


async def test_bodies_are_compared_as_json(scene: Scene) -> None:
    lamp = await a_product(scene.shop)
    path, key = f"inventory/{lamp.sku}/adjust/", a_key()
    first = await scene.root("POST", path, b'{"delta": 2, "reason": "found"}', idempotency_key=key)
    for body in (b'{"reason":"found","delta":2}', b' {"reason" : "fo\\u0075nd", "delta": 2}\n'):
        again = await scene.root("POST", path, body, idempotency_key=key)
        assert (again.content, is_replayed(again)) == (first.content, True)
    for body in (b'{"delta": 3, "reason": "found"}', b'{"delta": 2, "reason": "found", "on_hand": null}'):
        assert refused(await scene.root("POST", path, body, idempotency_key=key)) == (422, "idempotency-key-reused")
    assert (await scene.root.get(f"inventory/{lamp.sku}/"))["on_hand"] == 12


async def test_of_a_form_the_fields_are_compared_and_not_how_they_are_sent(scene: Scene) -> None:
    """Neither boundary nor order nor file name; but the file, its claimed type, and every word."""
    slug, key = (await scene.product())["slug"], a_key()
    path = f"/api/products/products/{slug}/images/"
    _, data, kind = PICTURE

    async def send(name: str, data: bytes, boundary: str, **fields: str) -> httpx.Response:
        parts = [*((field, value.encode(), "") for field, value in fields.items()), ("image", data, name)]
        return await scene.root.client.post(
            path,
            content=a_form(boundary, parts, kind),
            headers={
                **scene.root.headers,
                "idempotency-key": key,
                "content-type": f"{FORM}; boundary={boundary}",
            },
        )

    first = await send("a.png", data, "one", alt_text="a lamp", is_primary="true")
    assert first.status_code == 201, first.text
    again = await send("b.png", data, "two", is_primary="TRUE", alt_text="a lamp")
    assert (again.content, is_replayed(again)) == (first.content, True)
    for image, told in ((data, "a desk"), (data + b"\0", "a lamp")):
        other = await send("a.png", image, "one", alt_text=told, is_primary="true")
        assert refused(other) == (422, "idempotency-key-reused")
    assert len((await scene.root.get(f"products/products/{slug}/"))["images"]) == 1


PICTURE, FORM = _upload()["image"], "multipart/form-data"


def a_form(boundary: str, parts: list[tuple[str, bytes, str]], kind: str) -> bytes:
    lines = []
    for name, data, file_name in parts:
        file = f'; filename="{file_name}"\r\nContent-Type: {kind}' if file_name else ""
        lines.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + data)
    return b"\r\n".join(lines) + f"\r\n--{boundary}--\r\n".encode()


async def test_a_key_is_for_one_route(scene: Scene) -> None:
    key = a_key()
    lamp, desk = await a_product(scene.shop), await a_product(scene.shop)
    body = {"delta": 2, "reason": "found"}
    await scene.root("POST", f"inventory/{lamp.sku}/adjust/", body, idempotency_key=key)
    other = await scene.root("POST", f"inventory/{desk.sku}/adjust/", body, idempotency_key=key)
    assert refused(other) == (422, "idempotency-key-reused")
    same = await scene.root("POST", f"inventory/{lamp.sku}/adjust", body, idempotency_key=key)
    assert is_replayed(same)


async def test_guests_do_not_see_each_others_answers(scene: Scene) -> None:
    (one, deed), (two, _) = await _add_as_guest(scene), await _add_as_guest(scene)
    key = a_key()
    first, other = await Ask(one, "POST", deed)(key), await Ask(two, "POST", deed)(key)
    assert [answer.json()["items_count"] for answer in (first, other)] == [2, 2]
    assert (is_replayed(other), first.json()["id"] == other.json()["id"]) == (False, False)
    again = await Ask(one, "POST", deed)(key)
    assert (like(again), is_replayed(again)) == (like(first), True)
    assert again.headers["x-cart-token"] == one.headers["x-cart-token"]
    nobody = await Ask(replace(one, headers={}), "POST", deed)(key)
    assert (is_replayed(nobody), nobody.json()["items_count"]) == (False, 2)


async def test_no_token_of_a_guest_is_kept_with_an_answer(scene: Scene) -> None:
    guest, deed = await _add_as_guest(scene)
    await Ask(guest, "POST", deed)(key := a_key())
    memory = await scene.shop.get(Memory)
    owner = f"guest:{sha256(guest.headers['x-cart-token'].encode()).hexdigest()}"
    kept = await memory.recall(Once(owner, key, "", b"", 0))
    assert kept is not None
    assert guest.headers["x-cart-token"] not in f"{kept}"


async def test_a_refusal_is_kept_as_it_was_and_what_was_wrong_is_not(scene: Scene) -> None:
    lamp = await a_product(scene.shop, stock=1)
    body, path, key = {"product_id": str(lamp.id), "quantity": 2}, "orders/cart/add_item/", a_key()
    wrong = await scene.ann("POST", path, body | {"quantity": 0}, idempotency_key=key)
    assert refused(wrong) == (422, "validation-error")
    missing = await scene.ann("POST", path, {"product_id": "0190a000-0000-7000-8000-000000000404"}, idempotency_key=key)
    assert refused(missing) == (404, "product-not-found")
    first = await scene.ann("POST", path, body, idempotency_key=key, accept_language="de")
    assert refused(first) == (409, "insufficient-stock")
    adjust = {"delta": 9, "reason": "found"}
    await scene.root.post(f"inventory/{lamp.sku}/adjust/", adjust)
    again = await scene.ann("POST", path, body, idempotency_key=key)
    assert (like(again), is_replayed(again)) == (like(first), True)
    assert again.headers["content-language"] == "de"


@pytest.mark.parametrize("operation", ["POST /api/inventory/bulk/", "POST /api/payments/payments/create_intent/"])
@pytest.mark.parametrize("key", ["", "x" * 256, "a b"])
async def test_a_key_that_is_none_is_refused_everywhere(scene: Scene, operation: str, key: str) -> None:
    assert refused(await (await prepared(scene, operation))(key)) == (422, "idempotency-key-invalid")


async def test_answers_outlive_the_process(request: pytest.FixtureRequest, settings: Settings) -> None:
    machines, key = on_machines(request, settings), a_key()
    answers: list[httpx.Response] = []
    asks: dict[str, Ask] = {}
    for _ in range(2):
        container = make_container(machines)
        async with opened(build_app(machines, container)) as client:
            if not asks:
                scene = await a_scene(container, client)
                for operation in ("POST /api/orders/cart/add_item/", "POST /api/orders/orders/{reference}/cancel/"):
                    asks[operation] = await prepared(scene, operation)
            answers += [await ask(key, caller=replace(ask.caller, client=client)) for ask in asks.values()]
        await container.close()
    assert [is_replayed(answer) for answer in answers] == [False, False, True, True]
    assert [like(answer) for answer in answers[2:]] == [like(answer) for answer in answers[:2]]


async def test_two_processes_do_it_once(request: pytest.FixtureRequest, settings: Settings) -> None:
    machines = on_machines(request, settings)
    ours, theirs = make_container(machines), make_container(machines)
    async with opened(build_app(machines, ours)) as here, opened(build_app(machines, theirs)) as there:
        scene = await a_scene(ours, here)
        for operation in ("POST /api/inventory/{sku}/adjust/", "POST /api/orders/orders/{reference}/refund/"):
            ask, key = await prepared(scene, operation), a_key()
            callers = [replace(ask.caller, client=client) for client in (here, there) * 10]
            answers = await gather(*(ask(key, caller=caller) for caller in callers))
            assert len({like(answer) for answer in answers}) == 1
            assert (answers[0].status_code, sum(is_replayed(answer) for answer in answers)) == (200, 19)
        await audit(ours)
    await ours.close()
    await theirs.close()


# -- which of them asks another party

PARTIES = (PaymentGateway, SandboxCards, Media, Mailer)


def parties(kind: Any, seen: set[Any]) -> bool:
    """Whether the use case or anything that it is made of holds a line to somebody else."""
    if kind in PARTIES:
        return True
    if kind in seen or not is_dataclass(kind):
        return False
    return any(parties(hint, seen | {kind}) for hint in get_type_hints(kind).values())


def test_who_asks_another_party_does_so_under_a_lease_and_nobody_else() -> None:
    asking, leased = set(), set()
    for route in ROUTES:
        if takes_key(route):
            name = f"{', '.join(sorted(route.http_methods))} {', '.join(route.paths)}"
            hints = get_type_hints(route.fn)
            if any(parties(hint, set()) for hint in hints.values()):
                asking.add(name)
            if route.opt.get("leased"):
                leased.add(name)
    assert asking == leased
    assert len(leased) >= 7


async def test_a_change_under_a_key_shows_at_the_next_request(scene: Scene) -> None:
    lamp = await a_product(scene.shop, price="10.00")
    path = f"products/products/{lamp.slug}/"
    for n in range(5):
        assert (await scene.ann.get(path))["price"] == f"1{n}.00"
        await scene.root("PATCH", path, {"price": f"1{n + 1}.00"}, idempotency_key=a_key())
