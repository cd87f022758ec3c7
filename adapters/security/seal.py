"""The seal: AES-256-GCM under keys that follow from the shop's secrets, each known by a name of its own."""

import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from application.sealing import SealBroken

CLOSED = b"\x01"  # no text and no JSON begins so
KEY_BYTES, NAME_BYTES, NONCE_BYTES = 32, 8, 12
LABEL = b"tradepost seal AES-256-GCM"


class AesSeal:
    """`fallbacks` are earlier secrets: what was sealed under them can still be opened.

    Nonces are random, which is good for 2^32 secrets under one key.
    """

    def __init__(self, secret_key: str, fallbacks: Sequence[str] = ()) -> None:
        derived = [_derived(secret) for secret in (secret_key, *fallbacks)]
        self._mark, self._cipher = derived[0]
        self._ciphers = dict(reversed(derived))

    @property
    def mark(self) -> bytes:
        return self._mark

    def close(self, secret: bytes, about: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._mark + nonce + self._cipher.encrypt(nonce, secret, self._mark + about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        if not sealed.startswith(CLOSED):
            return sealed
        mark, rest = sealed[: len(self._mark)], sealed[len(self._mark) :]
        if mark not in self._ciphers:
            raise SealBroken
        try:
            return self._ciphers[mark].decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], mark + about.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken from error


def _derived(secret_key: str) -> tuple[bytes, AESGCM]:
    """A key, and the mark of what is closed with it."""
    raw = HKDF(SHA256(), KEY_BYTES + NAME_BYTES, salt=None, info=LABEL).derive(secret_key.encode())
    return CLOSED + raw[KEY_BYTES:], AESGCM(raw[:KEY_BYTES])
