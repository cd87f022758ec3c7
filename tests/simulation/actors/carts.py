"""What customers and guests do with their carts."""

from application.cart import AddItem, ClearCart, ShowCart, UpdateItem
from application.promotions import ApplyCoupon, RemoveCoupon
from domain.cart import ItemId
from domain.inventory import Sku
from tests.simulation.scene import COUPONS, NOTHING, Buyer, Scene


async def add(scene: Scene, buyer: Buyer) -> None:
    sku = scene.world.chance.choice(list(scene.articles))
    await put(scene, buyer, sku, scene.world.chance.choice((1, 1, 2, 3)))


async def put(scene: Scene, buyer: Buyer, sku: Sku, quantity: int) -> None:
    article = scene.articles[sku]
    scene.world.promises.put[buyer.name, article] += quantity
    await scene.asked(buyer.name, f"adds {quantity} {sku}", AddItem, lambda call: call(buyer.who, article, quantity))


async def change(scene: Scene, buyer: Buyer) -> None:
    cart = await scene.asked(buyer.name, "looks into the cart", ShowCart, lambda call: call(buyer.who))
    if cart is NOTHING or not cart.items:
        return
    item, quantity = scene.world.chance.choice(cart.items), scene.world.chance.choice((0, 1, 2, 5))
    scene.world.promises.put[buyer.name, scene.articles[Sku(item.sku)]] += quantity
    what = f"changes {item.sku} from {item.quantity} to {quantity}"
    await scene.asked(buyer.name, what, UpdateItem, lambda call: call(buyer.who, ItemId(item.id), quantity))


async def clear(scene: Scene, buyer: Buyer) -> None:
    await scene.asked(buyer.name, "clears the cart", ClearCart, lambda call: call(buyer.who))


async def use_coupon(scene: Scene, buyer: Buyer, code: str = "") -> None:
    code = code or scene.world.chance.choice(COUPONS).code
    await scene.asked(buyer.name, f"uses the coupon {code}", ApplyCoupon, lambda call: call(buyer.who, code))


async def drop_coupon(scene: Scene, buyer: Buyer) -> None:
    await scene.asked(buyer.name, "drops the coupon", RemoveCoupon, lambda call: call(buyer.who))
