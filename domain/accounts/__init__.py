"""Accounts: users and their roles, addresses, and who is asking."""

from domain.accounts.actors import Actor, InvalidCredentials, NotAuthenticated, Role, TokenInvalid, TokenReused, UserId
from domain.accounts.address import Address
from domain.accounts.events import (
    EmailChanged,
    EmailChangeRequested,
    Ending,
    PasswordChanged,
    RolesChanged,
    SessionsEnded,
    UserChanged,
    UserDisabled,
    UserEnabled,
    UserErased,
    UserRegistered,
)
from domain.accounts.passwords import PasswordTooWeak, check_password
from domain.accounts.permissions import GRANTS, SCOPES, Permission, may, must, roles_of
from domain.accounts.users import (
    LANGUAGES,
    EmailTaken,
    LastAdmin,
    User,
    UsernameTaken,
    UserNotFound,
    Users,
    normal_email,
)

__all__ = [
    "GRANTS",
    "LANGUAGES",
    "SCOPES",
    "Actor",
    "Address",
    "EmailChangeRequested",
    "EmailChanged",
    "EmailTaken",
    "Ending",
    "InvalidCredentials",
    "LastAdmin",
    "NotAuthenticated",
    "PasswordChanged",
    "PasswordTooWeak",
    "Permission",
    "Role",
    "RolesChanged",
    "SessionsEnded",
    "TokenInvalid",
    "TokenReused",
    "User",
    "UserChanged",
    "UserDisabled",
    "UserEnabled",
    "UserErased",
    "UserId",
    "UserNotFound",
    "UserRegistered",
    "UsernameTaken",
    "Users",
    "check_password",
    "may",
    "must",
    "normal_email",
    "roles_of",
]
