"""Access tokens: JWT, signed with Ed25519, checked strictly and remembered for as long as they live."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt import PyJWS, PyJWTError

from application.ports import Clock, Jwk, NewId
from domain.accounts import Actor, Role, TokenInvalid, User, UserId

ALGORITHM = "EdDSA"
TYPE = "at+jwt"  # RFC 9068: no other token of ours can pass for one
ISSUER = "tradepost"
AUDIENCE = "tradepost-api"
LABEL = b"tradepost access token Ed25519"
MAX_LENGTH = 2_048
REMEMBERED = 10_000  # tokens, some 4 MB


class Claims(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a token says. `ver` is the user's version when it was issued; times are seconds since 1970."""

    iss: str
    aud: str
    sub: UserId
    sid: UUID
    ver: int
    roles: list[Role]
    iat: int
    exp: int
    jti: UUID


class JwtAccessTokens:
    """The key follows from the shop's secret, so that every process signs and checks with the same one.

    `fallbacks` are earlier secrets: what was signed under them is good until it expires.

    Checking a signature costs a good 100 µs, a look at what has been checked already 1 µs.
    """

    def __init__(
        self, secret_key: str, ttl: timedelta, clock: Clock, new_id: NewId, fallbacks: Sequence[str] = ()
    ) -> None:
        self._key = _derived(secret_key)
        self._kid = thumbprint(self._key.public_key())
        publics = [_derived(secret).public_key() for secret in (secret_key, *fallbacks)]
        self._known = {thumbprint(public): public for public in publics}
        self._ttl, self._clock, self._new_id = ttl, clock, new_id
        self._jws = PyJWS([ALGORITHM])
        self._checked: dict[bytes, tuple[Actor, int]] = {}

    def issue(self, user: User, session: UUID) -> str:
        now = self._clock()
        claims = Claims(
            iss=ISSUER,
            aud=AUDIENCE,
            sub=user.id,
            sid=session,
            ver=user.version,
            roles=sorted(user.roles),
            iat=int(now.timestamp()),
            exp=int((now + self._ttl).timestamp()),
            jti=self._new_id(),
        )
        header = {"typ": TYPE, "kid": self._kid}
        return self._jws.encode(msgspec.json.encode(claims), self._key, ALGORITHM, header)

    def public_keys(self) -> list[Jwk]:
        return [Jwk(x=_base64url(key.public_bytes_raw()), kid=kid) for kid, key in self._known.items()]

    def actor(self, token: str) -> Actor:
        if len(token) > MAX_LENGTH:
            raise TokenInvalid
        digest = hashlib.sha256(token.encode()).digest()
        actor, expires = self._checked.get(digest) or self._check(token)
        if self._clock().timestamp() >= expires:
            self._checked.pop(digest, None)
            raise TokenInvalid
        self._remember(digest, (actor, expires))
        return actor

    def _check(self, token: str) -> tuple[Actor, int]:
        """Everything but the time. Raises TokenInvalid."""
        try:
            header = self._jws.get_unverified_header(token)
            payload = self._jws.decode(token, self._known[header["kid"]], [ALGORITHM])
            claims = msgspec.json.decode(payload, type=Claims)
        except (PyJWTError, KeyError, TypeError, msgspec.MsgspecError) as error:
            raise TokenInvalid from error
        if header.keys() != {"alg", "typ", "kid"} or header["typ"] != TYPE:
            raise TokenInvalid
        if (claims.iss, claims.aud) != (ISSUER, AUDIENCE):
            raise TokenInvalid
        return Actor(claims.sub, frozenset(claims.roles), claims.sid, claims.ver), claims.exp

    def _remember(self, digest: bytes, checked: tuple[Actor, int]) -> None:
        if digest not in self._checked and len(self._checked) >= REMEMBERED:
            del self._checked[next(iter(self._checked))]
        self._checked[digest] = checked


def _derived(secret_key: str) -> Ed25519PrivateKey:
    seed = HKDF(SHA256(), length=32, salt=None, info=LABEL).derive(secret_key.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def thumbprint(key: Ed25519PublicKey) -> str:
    """RFC 7638: a name for the key that follows from the key."""
    x = _base64url(key.public_bytes_raw())
    return _base64url(hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()).digest())


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
