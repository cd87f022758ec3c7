"""Passwords: argon2id, off the event loop, on as many threads as there are cores; bcrypt of old is understood."""

import asyncio
import os
import secrets
import sys
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from unicodedata import normalize

import bcrypt
from pwdlib.hashers.argon2 import Argon2Hasher

MEMORY, TIME, LANES = 19_456, 2, 1  # KiB, passes, parallelism: OWASP's first choice
SALT_BYTES, HASH_BYTES = 16, 32
BCRYPT = ("$2a$", "$2b$", "$2y$")
BCRYPT_BYTES = 72  # what is longer, other shops' bcrypt has never looked at
NICE, NICEST = 5, 19  # a third of the weight that others have


class Argon2Passwords:
    """The pool is the gate: a hash takes 19 MiB and a core, and what a caller no longer waits for is not begun."""

    def __init__(self, *, memory: int = MEMORY, time: int = TIME, processes: int = 1) -> None:
        """`processes` share the machine: together they hash on no more threads than there are cores."""
        self._hasher = Argon2Hasher(time, memory, LANES, HASH_BYTES, SALT_BYTES)
        self._nobodys = f"$argon2id$v=19$m={memory},t={time},p={LANES}${_noise(SALT_BYTES)}${_noise(HASH_BYTES)}"
        self._pool = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // processes), "passwords", _step_back)

    @property
    def common(self) -> frozenset[str]:
        return _common()

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hasher.hash, _typed(password))

    async def verify(self, password: str, hash: str | None) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._fits, password, hash or self._nobodys)

    def is_outdated(self, hash: str) -> bool:
        return _is_bcrypt(hash) or self._hasher.check_needs_rehash(hash)

    def _fits(self, password: str, hash: str) -> bool:
        return _fits_bcrypt(password, hash) if _is_bcrypt(hash) else self._hasher.verify(_typed(password), hash)


def _is_bcrypt(hash: str) -> bool:
    return hash.startswith(BCRYPT)


def _fits_bcrypt(password: str, hash: str) -> bool:
    """As it was typed: who made the hash knew nothing of Unicode's spellings."""
    try:
        return bcrypt.checkpw(password.encode()[:BCRYPT_BYTES], hash.encode())
    except ValueError:  # no hash after all
        return False


def _step_back() -> None:
    """Who asks for goods goes before who signs in: a storm of logins takes what the event loop leaves."""
    if sys.platform == "linux":  # where threads have a niceness of their own
        niceness = os.getpriority(os.PRIO_PROCESS, 0) + NICE
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(niceness, NICEST))


def _typed(password: str) -> str:
    """The same for the same keys: keyboards differ in how they spell what has an accent."""
    return normalize("NFC", password)


def _noise(size: int) -> str:
    """What no password hashes to, spelt as argon2 spells its salts and hashes."""
    return b64encode(secrets.token_bytes(size)).decode().rstrip("=")


@cache
def _common() -> frozenset[str]:
    text = files("adapters.security").joinpath("common_passwords.txt").read_text(encoding="ascii")
    return frozenset(text.split())
