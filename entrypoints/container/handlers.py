"""Event handlers: one of each that the subscriptions name, wired by what its fields ask for."""

from dataclasses import make_dataclass

from dishka import Provider, Scope, provide, provide_all

from application.outbox import Subscribers
from application.search.indexing import IndexCategory, IndexOrder, IndexProduct, IndexStock
from application.subscriptions import STEADFAST, SUBSCRIPTIONS
from entrypoints.settings import Settings

HANDLERS = tuple(dict.fromkeys(handler for wanted in SUBSCRIPTIONS.values() for handler in wanted))
KEEPERS = (IndexProduct, IndexOrder, IndexStock, IndexCategory)


class Handlers:
    """All of them, by the names of their classes."""


ALL = make_dataclass("ALL", [(handler.__name__, handler) for handler in HANDLERS], bases=(Handlers,), frozen=True)


class EventHandlers(Provider):
    """What the subscriptions name, and nothing besides."""

    scope = Scope.APP
    each = provide_all(*HANDLERS)
    together = provide(ALL, provides=Handlers)

    @provide
    def subscribers(self, settings: Settings, handlers: Handlers) -> Subscribers:
        idle = () if settings.meili_url else KEEPERS  # the catalogue's own index keeps itself
        told = {
            event: tuple(getattr(handlers, handler.__name__) for handler in wanted if handler not in idle)
            for event, wanted in SUBSCRIPTIONS.items()
        }
        return Subscribers(told, frozenset(handler.__name__ for handler in STEADFAST))
