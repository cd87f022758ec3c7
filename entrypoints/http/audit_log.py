"""The audit log on the wire, for admins."""

from typing import Annotated, Any

from dishka import FromDishka
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from application.audit_log.entries import Entry, EntryFilters
from application.audit_log.keeping import ListAuditLog
from application.ports import PageRequest
from domain.accounts import Actor, Permission
from entrypoints.http.access import needs
from entrypoints.http.lists import Envelope, Moment, envelope, read_moment

Wanted = Annotated[str | None, QueryParameter(max_length=254)]


@get("/api/audit-log", access=needs(Permission.READ_BOOKS), tags=["Service"], summary="Audit log")
async def audit_log(
    request: Request[Any, Any, Any],
    who: NamedDependency[Actor],
    page: NamedDependency[PageRequest],
    list_audit_log: FromDishka[ListAuditLog],
    actor: Wanted = None,
    action: Wanted = None,
    object: Wanted = None,
    since: Moment = None,
) -> Envelope[Entry]:
    """Newest first: what staff did, and what happened to accounts. It can only grow, and each entry's hash covers the
    hash of the one before (`tradepost audit-log verify` computes them anew)."""
    filters = EntryFilters(actor=actor, action=action, object=object, since=read_moment("since", since))
    return envelope(await list_audit_log(who, filters, page), request)


routes: list[HTTPRouteHandler] = [audit_log]
