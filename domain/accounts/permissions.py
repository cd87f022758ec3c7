"""What can be allowed, and which role may do it: the one table of it. What is not in it is not allowed."""

from collections.abc import Mapping
from enum import StrEnum

from domain.accounts.actors import Actor, Role
from domain.errors import Forbidden


class Permission(StrEnum):
    """Reading is of what belongs to others, or is the shop's own business; one's own things need no permission."""

    READ_CATALOG = "catalog:read"  # what customers do not see of it: costs, thresholds, what is not on sale
    WRITE_CATALOG = "catalog:write"
    READ_STOCK = "inventory:read"
    WRITE_STOCK = "inventory:write"
    READ_SEARCHES = "searches:read"
    WRITE_RATES = "rates:write"
    READ_ORDERS = "orders:read"
    WRITE_ORDERS = "orders:write"
    READ_PAYMENTS = "payments:read"
    REFUND = "payments:refund"
    READ_BOOKS = "books:read"
    MANAGE_USERS = "users:manage"
    MANAGE_KEYS = "keys:manage"


GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.CUSTOMER: frozenset(),
    Role.CATALOG_MANAGER: frozenset(
        {
            Permission.READ_CATALOG,
            Permission.WRITE_CATALOG,
            Permission.READ_STOCK,
            Permission.WRITE_STOCK,
            Permission.READ_SEARCHES,
            Permission.WRITE_RATES,
        }
    ),
    Role.ORDER_MANAGER: frozenset(
        {
            Permission.READ_CATALOG,
            Permission.READ_ORDERS,
            Permission.WRITE_ORDERS,
            Permission.READ_PAYMENTS,
            Permission.REFUND,
        }
    ),
    Role.ANALYST: frozenset({Permission.READ_CATALOG, Permission.READ_SEARCHES}),
    Role.ADMIN: frozenset(Permission),
}
# What a key may be given: whatever is not for admins alone.
SCOPES = frozenset(permission for role, granted in GRANTS.items() if role is not Role.ADMIN for permission in granted)


def may(who: Actor, permission: Permission) -> bool:
    """A person by their roles, a key by its scopes."""
    if who.key is not None:
        return permission in who.scopes
    return any(permission in GRANTS[role] for role in who.roles)


def must(who: Actor, permission: Permission) -> None:
    """Raises Forbidden."""
    if not may(who, permission):
        raise Forbidden
