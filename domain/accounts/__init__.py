"""Accounts: users and their roles, addresses, and who is asking."""

from domain.accounts.actors import Actor, InvalidCredentials, NotAuthenticated, Role, TokenInvalid, TokenReused, UserId
from domain.accounts.address import Address
from domain.accounts.events import (
    EmailChanged,
    EmailChangeRequested,
    Ending,
    PasswordChanged,
    SessionsEnded,
    UserChanged,
    UserErased,
    UserRegistered,
)
from domain.accounts.passwords import PasswordTooWeak, check_password
from domain.accounts.users import LANGUAGES, EmailTaken, User, UsernameTaken, UserNotFound, Users, normal_email

__all__ = [
    "LANGUAGES",
    "Actor",
    "Address",
    "EmailChangeRequested",
    "EmailChanged",
    "EmailTaken",
    "Ending",
    "InvalidCredentials",
    "NotAuthenticated",
    "PasswordChanged",
    "PasswordTooWeak",
    "Role",
    "SessionsEnded",
    "TokenInvalid",
    "TokenReused",
    "User",
    "UserChanged",
    "UserErased",
    "UserId",
    "UserNotFound",
    "UserRegistered",
    "UsernameTaken",
    "Users",
    "check_password",
    "normal_email",
]
