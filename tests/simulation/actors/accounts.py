"""Who becomes whom: guests sign in or open an account, customers have theirs erased."""

import asyncio

from application.accounts.personal import EraseAccount
from application.accounts.registering import Register, Registration
from application.accounts.sessions import Credentials, LogIn
from domain.accounts import Actor, Role, UserId
from tests.simulation.scene import NOTHING, Buyer, Scene

PASSWORD = "as good as any other"


async def sign_in(scene: Scene, guest: Buyer) -> Buyer | None:
    """As a customer who has a cart already; what was put into the guest's goes along, once."""
    customers = [buyer for buyer in scene.buyers if buyer.who.user]
    if not customers:
        return None
    customer = scene.world.chance.choice(customers)
    known = Credentials(email=customer.email, password=PASSWORD)
    scene.world.promises.merged.add((guest.name, customer.name))
    clicks = 2 if scene.now_and_then(0.5) else 1
    what = f"signs in as {customer.name}"
    tries = (scene.asked(guest.name, what, LogIn, lambda call: call(known, guest.who.guest)) for _ in range(clicks))
    return None if NOTHING in await asyncio.gather(*tries) else scene.newcomer()


async def register(scene: Scene, guest: Buyer) -> Buyer | None:
    scene.newcomers += 1
    name = f"user{scene.newcomers}"
    form = Registration(email=f"{name}@example.com", password=PASSWORD)
    scene.world.promises.merged.add((guest.name, name))
    view = await scene.asked(guest.name, f"becomes {name}", Register, lambda call: call(form, guest.who.guest))
    if view is NOTHING:
        return None
    return Buyer(name, Actor(UserId(view.id), frozenset({Role.CUSTOMER})), form.email)


async def leave(scene: Scene, customer: Buyer) -> Buyer | None:
    """Refused while an order of theirs is open."""
    answer = await scene.asked(customer.name, "wants to be forgotten", EraseAccount, lambda call: call(customer.who))
    if answer is NOTHING:
        return None
    scene.world.promises.erased.add(customer.email)
    return scene.newcomer()
