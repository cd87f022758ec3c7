"""Hashes that came along from another shop, and who goes first on a busy machine."""

import os
import sys
import threading

import bcrypt
import pytest

from adapters.security.passwords import NICE, Argon2Passwords

CHEAP = Argon2Passwords(memory=16, time=1)


def made_elsewhere(password: str, prefix: bytes = b"$2b$") -> str:
    return (prefix + bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4))[4:]).decode()


@pytest.mark.parametrize("prefix", [b"$2a$", b"$2b$", b"$2y$"])
async def test_a_bcrypt_hash_fits_its_password_and_is_outdated(prefix: bytes) -> None:
    hashed = made_elsewhere("a lamp in the attic", prefix)
    assert await CHEAP.verify("a lamp in the attic", hashed)
    assert not await CHEAP.verify("a lamp in the cellar", hashed)
    assert not await CHEAP.verify("", hashed)
    assert CHEAP.is_outdated(hashed)


async def test_bcrypt_looks_at_72_bytes_as_it_always_did() -> None:
    hashed = made_elsewhere("ä" * 64)
    assert await CHEAP.verify("ä" * 64, hashed)
    assert await CHEAP.verify("ä" * 36, hashed)
    assert not await CHEAP.verify("ä" * 35, hashed)


async def test_what_is_no_bcrypt_hash_fits_nothing() -> None:
    for broken in ("$2b$", "$2b$04$short", "$2b$99$" + "x" * 53):
        assert not await CHEAP.verify("a lamp in the attic", broken)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no niceness of their own here")
async def test_hashing_gives_way_to_everything_else() -> None:
    passwords = Argon2Passwords(memory=16, time=1)
    await passwords.hash("a lamp in the attic")
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    hashing = [thread for thread in threading.enumerate() if thread in passwords._pool._threads]
    assert [os.getpriority(os.PRIO_PROCESS, thread.native_id or 0) for thread in hashing] == [min(mine + NICE, 19)]


async def test_no_more_hashes_are_made_at_once_than_there_are_cores() -> None:
    cores = os.cpu_count() or 1
    assert CHEAP._pool._max_workers == cores
    assert [Argon2Passwords(processes=each)._pool._max_workers for each in (cores, 2 * cores)] == [1, 1]
