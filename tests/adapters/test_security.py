"""Passwords, access tokens and refresh secrets: what they promise, and every forgery that comes to mind."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.security.access_tokens import REMEMBERED, JwtAccessTokens, thumbprint
from adapters.security.passwords import Argon2Passwords
from adapters.security.refresh_secrets import ChaChaRefreshSecrets
from domain.accounts import Actor, Role, TokenInvalid, User, UserId, check_password

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ADA = UserId(UUID(int=0xADA))
SESSION = UUID(int=0x5E5)
SECRET = "a secret key of the shop"


@dataclass
class Watch:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


def tokens_of(secret: str = SECRET, clock: Callable[[], datetime] = lambda: NOON) -> JwtAccessTokens:
    return JwtAccessTokens(secret, timedelta(minutes=15), clock, uuid4)


def ada() -> User:
    user = User.register(ADA, "ada@example.com", "a hash", NOON, (Role.CUSTOMER, Role.ANALYST))
    user.version = 7
    return user


# -- passwords


async def test_a_password_fits_its_own_hash_and_no_other() -> None:
    passwords = Argon2Passwords()
    one, other = await asyncio.gather(passwords.hash("a lamp in the attic"), passwords.hash("a lamp in the attic"))
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other
    assert await passwords.verify("a lamp in the attic", one)
    assert await passwords.verify("a lamp in the attic", other)
    assert not await passwords.verify("a lamp in the attic ", one)
    assert not await passwords.verify("", one)


async def test_nobodys_hash_is_looked_at_in_earnest_and_never_fits() -> None:
    passwords = Argon2Passwords(memory=16, time=1)
    assert not passwords.is_outdated(passwords._nobodys)
    assert not await passwords.verify("a lamp in the attic", None)
    assert not await passwords.verify("", None)


async def test_a_password_fits_however_the_keyboard_spells_its_accents() -> None:
    passwords = Argon2Passwords(memory=16, time=1)
    assert await passwords.verify("p\u00e4sswort lang", await passwords.hash("pa\u0308sswort lang"))
    assert not await passwords.verify("passwort lang", await passwords.hash("pa\u0308sswort lang"))


async def test_what_is_no_hash_fits_nothing() -> None:
    assert not await Argon2Passwords(memory=16, time=1).verify("a lamp in the attic", "a lamp in the attic")


async def test_a_hash_of_other_parameters_is_outdated() -> None:
    old, new = Argon2Passwords(memory=16, time=1), Argon2Passwords(memory=32, time=1)
    hashed = await old.hash("a lamp in the attic")
    assert not old.is_outdated(hashed)
    assert new.is_outdated(hashed)
    assert await new.verify("a lamp in the attic", hashed)


async def test_any_text_can_be_a_password() -> None:
    passwords = Argon2Passwords(memory=16, time=1)
    for password in ("пароль из слов", "\x00\x00\x00\x00\x00\x00\x00\x00", "🔑" * 128):
        assert await passwords.verify(password, await passwords.hash(password))


def test_the_common_ones_are_many_long_enough_and_spelt_as_they_are_looked_for() -> None:
    common = Argon2Passwords(memory=16, time=1).common
    assert len(common) > 1_000
    assert {"password", "password123", "12345678", "qwertyuiop", "iloveyou", "1q2w3e4r", "passwort1"} <= common
    assert all(word == word.lower() and 8 <= len(word) <= 128 for word in common)
    check_password("a lamp in the attic", "ada@example.com", common)


# -- access tokens


def test_a_token_names_its_actor() -> None:
    tokens = tokens_of()
    token = tokens.issue(ada(), SESSION)
    assert tokens.actor(token) == Actor(ADA, frozenset({Role.CUSTOMER, Role.ANALYST}))


def test_a_token_says_what_it_must_and_no_more() -> None:
    token = tokens_of().issue(ada(), SESSION)
    header, claims = (json.loads(decoded(part)) for part in token.split(".")[:2])
    assert header == {"alg": "EdDSA", "typ": "at+jwt", "kid": header["kid"]}
    assert claims == {
        "iss": "tradepost",
        "aud": "tradepost-api",
        "sub": str(ADA),
        "sid": str(SESSION),
        "ver": 7,
        "roles": ["analyst", "customer"],
        "iat": int(NOON.timestamp()),
        "exp": int(NOON.timestamp()) + 900,
        "jti": claims["jti"],
    }
    assert str(UUID(claims["jti"])) == claims["jti"]


def test_two_tokens_are_never_the_same() -> None:
    tokens = tokens_of()
    assert tokens.issue(ada(), SESSION) != tokens.issue(ada(), SESSION)


def test_processes_with_one_secret_trust_each_other_and_nobody_else() -> None:
    token = tokens_of().issue(ada(), SESSION)
    assert tokens_of().actor(token).user == ADA
    with pytest.raises(TokenInvalid):
        tokens_of("another secret key").actor(token)


def test_a_new_secret_signs_and_the_one_before_it_is_still_believed() -> None:
    old = tokens_of()
    turned = JwtAccessTokens("a new secret key", timedelta(minutes=15), lambda: NOON, uuid4, [SECRET])
    assert turned.actor(old.issue(ada(), SESSION)).user == ADA
    assert tokens_of("a new secret key").actor(turned.issue(ada(), SESSION)).user == ADA
    assert [key.kid for key in turned.public_keys()] == [turned._kid, old._kid]
    with pytest.raises(TokenInvalid):
        old.actor(turned.issue(ada(), SESSION))


def test_any_jwt_library_can_check_a_token_with_the_published_key() -> None:
    tokens = tokens_of()
    (published,) = tokens.public_keys()
    claims = jwt.decode(
        tokens.issue(ada(), SESSION),
        jwt.PyJWK(msgspec.to_builtins(published)),
        ["EdDSA"],
        audience="tradepost-api",
        issuer="tradepost",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["sub"] == str(ADA)


def test_a_key_is_named_after_itself_as_the_rfc_does_it() -> None:
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"  # RFC 8037, appendix A
    key = Ed25519PrivateKey.from_private_bytes(decoded("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))
    assert encoded(key.public_key().public_bytes_raw()) == x
    assert thumbprint(key.public_key()) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_token_lives_to_the_second_and_is_remembered_no_longer() -> None:
    clock = Watch()
    tokens = tokens_of(clock=clock)
    token, unseen = tokens.issue(ada(), SESSION), tokens.issue(ada(), SESSION)
    clock.now = NOON + timedelta(minutes=15, microseconds=-1)
    assert tokens.actor(token).user == ADA
    clock.now = NOON + timedelta(minutes=15)
    for expired in (token, unseen):
        with pytest.raises(TokenInvalid):
            tokens.actor(expired)
    assert tokens._checked == {}


def test_a_signature_is_checked_once_and_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.security.access_tokens.REMEMBERED", 3)
    checked: list[str] = []

    class Counting(JwtAccessTokens):
        def _check(self, token: str) -> tuple[Actor, int]:
            checked.append(token)
            return super()._check(token)

    tokens = Counting(SECRET, timedelta(minutes=15), Watch(), uuid4)
    four = [tokens.issue(ada(), SESSION) for _ in range(4)]
    for token in (*four[:3], *four[:3], four[3], four[3], four[0]):
        assert tokens.actor(token).user == ADA
    assert checked == [*four, four[0]]
    assert len(tokens._checked) == 3 < REMEMBERED


def test_what_was_refused_is_not_remembered() -> None:
    tokens = tokens_of()
    with pytest.raises(TokenInvalid):
        tokens.actor("a.b.c")
    assert tokens._checked == {}


# -- forgeries


class Forger:
    """Has the true key and bends one thing; a forger without the key can do less."""

    def __init__(self) -> None:
        self.tokens = tokens_of()
        self.key = self.tokens._key
        self.true = self.tokens.issue(ada(), SESSION)
        self.header, self.claims = (json.loads(decoded(part)) for part in self.true.split(".")[:2])

    def signed(self, header: dict[str, Any] | None = None, claims: Any = None, key: Any = None) -> str:
        parts = (self.header if header is None else header), (self.claims if claims is None else claims)
        signed = ".".join(encoded(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in parts)
        return f"{signed}.{encoded((key or self.key).sign(signed.encode()))}"

    def with_header(self, **changes: Any) -> str:
        return self.signed(header=changed(self.header, changes))

    def with_claims(self, **changes: Any) -> str:
        return self.signed(claims=changed(self.claims, changes))

    def hmac(self, algorithm: str, secret: bytes) -> str:
        signed = ".".join(
            encoded(json.dumps(part).encode()) for part in ({**self.header, "alg": algorithm}, self.claims)
        )
        return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), hashlib.sha256))}"

    def pieces(self) -> list[str]:
        return self.true.split(".")


def changed(true: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**true, **changes}.items() if value is not ...}


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def public(forger: Forger) -> bytes:
    return forger.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def unsigned(forger: Forger, algorithm: str) -> str:
    header = encoded(json.dumps({**forger.header, "alg": algorithm}).encode())
    return f"{header}.{forger.pieces()[1]}."


def promoted(forger: Forger) -> str:
    header, _, signature = forger.pieces()
    return f"{header}.{encoded(json.dumps({**forger.claims, 'roles': ['admin']}).encode())}.{signature}"


def shadowed(forger: Forger) -> str:
    """A claim twice: what a lenient reader takes is the second."""
    return forger.signed(claims=json.dumps(forger.claims).encode()[:-1] + b',"sub":"nobody"}')


FORGERIES: dict[str, Callable[[Forger], str]] = {
    "nothing": lambda f: "",
    "a word": lambda f: "token",
    "dots": lambda f: "..",
    "no signature": lambda f: ".".join(f.pieces()[:2]),
    "an empty signature": lambda f: ".".join(f.pieces()[:2]) + ".",
    "another's signature": lambda f: ".".join([*f.pieces()[:2], f.tokens.issue(ada(), uuid4()).split(".")[2]]),
    "a changed signature": lambda f: f.true[:-8] + ("A" if f.true[-8] != "A" else "B") + f.true[-7:],
    "a longer signature": lambda f: f.true + "AAAA",
    "a fourth part": lambda f: f"{f.true}.{f.pieces()[2]}",
    "padding": lambda f: f.true + "=",
    "white space": lambda f: f.true + "\n",
    "letters beyond ASCII": lambda f: f.true + "é",
    "a novel": lambda f: f.true + "A" * 100_000,
    "changed roles": promoted,
    "alg none": lambda f: unsigned(f, "none"),
    "alg None": lambda f: unsigned(f, "None"),
    "HS256 with the public key": lambda f: f.hmac("HS256", public(f)),
    "HS256 with the raw public key": lambda f: f.hmac("HS256", f.key.public_key().public_bytes_raw()),
    "HS256 with the shop's secret": lambda f: f.hmac("HS256", SECRET.encode()),
    "alg Ed25519": lambda f: f.with_header(alg="Ed25519"),
    "alg missing": lambda f: f.with_header(alg=...),
    "alg a list": lambda f: f.with_header(alg=["EdDSA"]),
    "another's key under our kid": lambda f: f.signed(key=Ed25519PrivateKey.generate()),
    "kid unknown": lambda f: f.with_header(kid="another"),
    "kid missing": lambda f: f.with_header(kid=...),
    "kid null": lambda f: f.with_header(kid=None),
    "kid a list": lambda f: f.with_header(kid=[f.header["kid"]]),
    "typ JWT": lambda f: f.with_header(typ="JWT"),
    "typ missing": lambda f: f.with_header(typ=...),
    "a key of its own": lambda f: f.with_header(jwk={"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
    "a key elsewhere": lambda f: f.with_header(jku="https://example.com/keys"),
    "crit": lambda f: f.with_header(crit=["exp"]),
    "b64 false": lambda f: f.with_header(b64=False, crit=["b64"]),
    "another issuer": lambda f: f.with_claims(iss="another shop"),
    "another audience": lambda f: f.with_claims(aud="another API"),
    "several audiences": lambda f: f.with_claims(aud=["tradepost-api", "another API"]),
    "expired": lambda f: f.with_claims(exp=int(NOON.timestamp())),
    "no end": lambda f: f.with_claims(exp=...),
    "an endless end": lambda f: f.with_claims(exp=None),
    "an end in words": lambda f: f.with_claims(exp="4102444800"),
    "an end in fractions": lambda f: f.with_claims(exp=4102444800.5),
    "no user": lambda f: f.with_claims(sub=...),
    "a user that is no id": lambda f: f.with_claims(sub="admin"),
    "no session": lambda f: f.with_claims(sid=...),
    "no id": lambda f: f.with_claims(jti=...),
    "no roles": lambda f: f.with_claims(roles=...),
    "an unknown role": lambda f: f.with_claims(roles=["god"]),
    "roles in one word": lambda f: f.with_claims(roles="admin"),
    "a claim too many": lambda f: f.with_claims(scope="everything"),
    "a claim twice": shadowed,
    "claims in a list": lambda f: f.signed(claims=[1]),
    "claims that are no JSON": lambda f: f.signed(claims=b"\xff{}"),
    "a header that is no object": lambda f: ".".join([encoded(b"[]"), *f.pieces()[1:]]),
    "a header that is no JSON": lambda f: ".".join([encoded(b"\xff"), *f.pieces()[1:]]),
    "a deep header": lambda f: ".".join([encoded(b"[" * 900), *f.pieces()[1:]]),
}


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_token_is_refused(kind: str) -> None:
    forger = Forger()
    forged = FORGERIES[kind](forger)
    for _ in range(2):
        with pytest.raises(TokenInvalid):
            forger.tokens.actor(forged)
    assert forger.tokens.actor(forger.true).user == ADA


def test_the_forger_does_nothing_else_wrong() -> None:
    forger = Forger()
    assert forger.tokens.actor(forger.signed()) == forger.tokens.actor(forger.true)


# -- refresh secrets


def test_a_refresh_token_is_32_random_bytes_in_letters_that_need_no_escaping() -> None:
    refresh = ChaChaRefreshSecrets()
    made = {refresh.new() for _ in range(100)}
    assert len(made) == 100
    assert all(len(decoded(token)) == 32 and len(token) == 43 for token in made)


def test_only_the_digest_of_a_token_is_kept() -> None:
    assert ChaChaRefreshSecrets().digest("token") == hashlib.sha256(b"token").digest()


def test_a_successor_can_be_opened_with_its_predecessor_alone() -> None:
    refresh = ChaChaRefreshSecrets()
    token, successor = refresh.new(), refresh.new()
    sealed = refresh.seal(successor, token)
    assert refresh.open(sealed, token) == successor
    assert successor.encode() not in sealed
    assert refresh.seal(successor, token) != sealed
    for wrong in (successor, refresh.new(), refresh.digest(token).hex()):
        with pytest.raises(InvalidTag):
            refresh.open(sealed, wrong)


def test_a_seal_that_was_touched_is_broken() -> None:
    refresh = ChaChaRefreshSecrets()
    sealed = bytearray(refresh.seal("successor", "token"))
    sealed[secrets.randbelow(len(sealed))] ^= 1
    with pytest.raises(InvalidTag):
        refresh.open(bytes(sealed), "token")
