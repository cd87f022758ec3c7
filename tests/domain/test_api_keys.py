"""API keys, permissions, and what ends access."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.accounts import (
    SCOPES,
    Actor,
    Permission,
    Role,
    RolesChanged,
    User,
    UserDisabled,
    UserEnabled,
    UserId,
    may,
    must,
)
from domain.api_keys import ApiKey, ApiKeyCreated, ApiKeyId, ApiKeyRevoked
from domain.errors import Forbidden, InvalidField

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOSS = Actor(UserId(uuid4()), frozenset({Role.ADMIN}))
SAYS = {"name": " ERP ", "scopes": [Permission.READ_STOCK], "expires_at": None}


def a_key(**said: Any) -> ApiKey:
    told = {**SAYS, **said}
    return ApiKey.create(
        ApiKeyId(uuid4()), told["name"], b"hash", "0a1b", told["scopes"], told["expires_at"], BOSS, NOW
    )


def test_a_key_tells_what_it_is_and_by_whom() -> None:
    key = a_key()
    told: dict[str, Any] = {
        "key": key.id,
        "name": "ERP",
        "prefix": "0a1b",
        "scopes": ("inventory:read",),
        "expires_at": None,
    }
    assert key.drain() == [ApiKeyCreated(**told, by=BOSS.name, at=NOW)]
    key.revoke(BOSS, NOW)
    key.revoke(BOSS, NOW + timedelta(days=1))
    assert key.drain() == [ApiKeyRevoked(key=key.id, by=f"user:{BOSS.user}", at=NOW)]
    assert key.revoked_at == NOW


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"name": "a\nb"}, "/name"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": [Permission.MANAGE_USERS]}, "/scopes"),
        ({"scopes": [Permission.READ_STOCK, Permission.MANAGE_KEYS]}, "/scopes"),
        ({"expires_at": NOW}, "/expires_at"),
    ],
)
def test_what_makes_no_key(said: Any, pointer: str) -> None:
    with pytest.raises(InvalidField) as refused:
        a_key(**said)
    assert refused.value.pointer == pointer


def test_a_key_may_what_its_scopes_say_and_has_no_role() -> None:
    for scope in SCOPES:
        actor = a_key(scopes=[scope]).actor
        assert [each for each in Permission if may(actor, each)] == [scope]
        assert (actor.roles, actor.is_staff) == (frozenset(), False)
        with pytest.raises(Forbidden):
            must(actor, Permission.MANAGE_KEYS)


def test_nobody_may_anything() -> None:
    assert [each for each in Permission if may(Actor(), each)] == []
    assert [each for each in Permission if may(Actor(roles=frozenset({Role.CUSTOMER})), each)] == []


@pytest.fixture
def ann() -> User:
    user = User.register(UserId(uuid4()), "ann@example.com", "x", NOW, (Role.CUSTOMER, Role.ANALYST))
    user.version = len(user.drain())
    return user


def test_who_is_locked_out_loses_what_was_issued_before(ann: User) -> None:
    ann.disable(BOSS, NOW)
    ann.disable(BOSS, NOW)
    assert ann.events == [UserDisabled(user=ann.id, by=BOSS.name, at=NOW)]
    assert (ann.is_active, ann.access_version, ann.access_changed_at) == (False, 2, NOW)
    ann.version += len(ann.drain())
    ann.enable(BOSS, NOW)
    ann.enable(BOSS, NOW)
    assert ann.events == [UserEnabled(user=ann.id, by=BOSS.name, at=NOW)]
    assert (ann.is_active, ann.access_version) == (True, 2)


def test_other_roles_void_what_tells_of_the_former(ann: User) -> None:
    ann.change_roles([Role.ANALYST], BOSS, NOW)
    assert (ann.events, ann.access_version) == ([], 0)
    ann.change_roles([Role.ADMIN], BOSS, NOW)
    (event,) = ann.events
    assert event == RolesChanged(
        user=ann.id, roles=("admin", "customer"), former=("analyst", "customer"), by=BOSS.name, at=NOW
    )
    assert (ann.roles, ann.access_version, ann.is_admin) == ({Role.ADMIN, Role.CUSTOMER}, 2, True)


def test_who_goes_leaves_nothing_that_is_good(ann: User) -> None:
    ann.erase(NOW)
    assert (ann.access_version, ann.access_changed_at) == (2, NOW)
