"""Refresh tokens: opaque, kept only as a hash; a successor can be opened with its predecessor alone."""

import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TOKEN_BYTES = 32
NONCE_BYTES = 12
LABEL = b"tradepost refresh token successor"  # keeps the key apart from the digest, which is stored


class ChaChaRefreshSecrets:
    def new(self) -> str:
        return secrets.token_urlsafe(TOKEN_BYTES)

    def digest(self, token: str) -> bytes:
        return hashlib.sha256(token.encode()).digest()

    def seal(self, successor: str, token: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + _cipher(token).encrypt(nonce, successor.encode(), None)

    def open(self, sealed: bytes, token: str) -> str:
        return _cipher(token).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()


def _cipher(token: str) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), length=32, salt=None, info=LABEL).derive(token.encode()))
