"""The audit on the wire, for admins."""

from dishka import FromDishka
from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from application.audit import Audit, Findings
from domain.accounts import Actor, Permission
from entrypoints.http.access import needs


@get("/api/audit", access=needs(Permission.READ_BOOKS), tags=["Service"], summary="Prove that the books add up")
async def audit(who: NamedDependency[Actor], prove: FromDishka[Audit]) -> Findings:
    """Reads everything that is stored, in one consistent view; a large shop takes some seconds."""
    return await prove(who)


routes: list[HTTPRouteHandler] = [audit]
