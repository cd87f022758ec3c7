"""Passwords: argon2id, off the event loop, on as many threads as there are cores."""

import asyncio
import os
import secrets
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from unicodedata import normalize

from pwdlib.hashers.argon2 import Argon2Hasher

MEMORY, TIME, LANES = 19_456, 2, 1  # KiB, passes, parallelism: OWASP's first choice
SALT_BYTES, HASH_BYTES = 16, 32


class Argon2Passwords:
    """The pool is the gate: a hash takes 19 MiB and a core, and what a caller no longer waits for is not begun."""

    def __init__(self, *, memory: int = MEMORY, time: int = TIME) -> None:
        self._hasher = Argon2Hasher(time, memory, LANES, HASH_BYTES, SALT_BYTES)
        self._nobodys = f"$argon2id$v=19$m={memory},t={time},p={LANES}${_noise(SALT_BYTES)}${_noise(HASH_BYTES)}"
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1, "passwords")

    @property
    def common(self) -> frozenset[str]:
        return _common()

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hasher.hash, _typed(password))

    async def verify(self, password: str, hash: str | None) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._hasher.verify, _typed(password), hash or self._nobodys)

    def is_outdated(self, hash: str) -> bool:
        return self._hasher.check_needs_rehash(hash)


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
