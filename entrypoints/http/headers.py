"""Headers that every answer carries, and the answer's coding."""

import asyncio
import re
import zlib
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

import zstandard

from entrypoints.settings import Settings

Raw = tuple[bytes, bytes]

WORTH_CODING = 1024  # bytes
OFF_THE_LOOP = 1 << 16  # bytes from which on a thread does it
TEXTUAL = re.compile(rb"text/|application/(?:[\w.+-]+\+)?json|application/javascript|image/svg")
CODING = re.compile(rb"(?:^|,)\s*([\w*-]+)\s*(?:;\s*q=(\d(?:\.\d{0,3})?))?\s*(?=,|$)")
ALIASES = {b"x-gzip": b"gzip", b"*": b"gzip", b"identity": b""}
RANKS = {b"": 0, b"gzip": 1, b"zstd": 2}  # between equally welcome ones
ZSTD_LEVEL = 3

SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"x-permitted-cross-domain-policies", b"none"),
    (b"server", b"tradepost"),  # else the web server tells its own name
)
NO_STORE = (b"cache-control", b"no-store")

EXPOSED = b", ".join(
    b"X-Request-ID X-Cart-Token ETag Location Idempotent-Replayed Retry-After RateLimit RateLimit-Policy".split()
)
PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, HEAD, POST, PATCH, DELETE, OPTIONS"),
    (
        b"access-control-allow-headers",
        b", ".join(
            b"Accept-Language Authorization Content-Type Idempotency-Key If-Match If-None-Match X-Cart-Token".split()
        ),
    ),
    (b"access-control-max-age", b"600"),
]
VARY_ORIGIN = (b"vary", b"Origin")


def complete(raw: list[Raw], path: str, status: int) -> None:
    """Add what is missing; what an answer says itself stands."""
    raw += _missing(tuple([name for name, _ in raw]), status >= 400 or path.startswith("/api"))


@lru_cache(256)
def _missing(named: tuple[bytes, ...], is_passing: bool) -> tuple[Raw, ...]:
    """Of the headers for an answer that has those; one that is passing is not to be stored."""
    wanted = (*SECURITY, NO_STORE) if is_passing else SECURITY
    return tuple(header for header in wanted if header[0] not in named)


async def encoded(raw: list[Raw], body: bytes, coding: bytes) -> tuple[list[Raw], bytes]:
    """The answer in that coding where it is worth it. The ETag stays: it names the content, not its coding."""
    if len(body) < WORTH_CODING or not any(name == b"content-type" and TEXTUAL.match(value) for name, value in raw):
        return raw, body
    raw.append((b"vary", b"Accept-Encoding"))
    if not coding or any(name == b"content-encoding" for name, _ in raw):
        return raw, body
    pack = CODINGS[coding]
    packed = await asyncio.to_thread(pack, body) if len(body) >= OFF_THE_LOOP else pack(body)
    kept = [header for header in raw if header[0] != b"content-length"]
    return [*kept, (b"content-encoding", coding), (b"content-length", str(len(packed)).encode())], packed


@lru_cache(256)
def coding(accepted: bytes) -> bytes:
    """The coding of ours that suits the header best (RFC 9110, 12.5.3); empty where the body shall stay as it is."""
    ours = [(weight, RANKS[name], name) for name, weight in _weights(accepted).items() if name in RANKS]
    return max(ours, default=(0, 0, b""))[2]


def takes_gzip(accepted: bytes) -> bool:
    return _weights(accepted).get(b"gzip", 0.0) > 0


def _weights(accepted: bytes) -> dict[bytes, float]:
    found = {ALIASES.get(name, name): float(weight or 1) for name, weight in CODING.findall(accepted.lower())}
    return {name: weight for name, weight in found.items() if weight}


def _gzip(body: bytes) -> bytes:
    return zlib.compress(body, 4, wbits=31)


def _zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(ZSTD_LEVEL).compress(body)


CODINGS = {b"gzip": _gzip, b"zstd": _zstd}


def cors(origin: bytes) -> list[Raw]:
    """For an origin that may read the answer; without one only that answers differ by origin."""
    if not origin:
        return [VARY_ORIGIN]
    return [VARY_ORIGIN, (b"access-control-allow-origin", origin), (b"access-control-expose-headers", EXPOSED)]


def preflight(origin: bytes) -> list[Raw]:
    return PREFLIGHT if origin else []


def served_hosts(settings: Settings) -> Callable[[bytes], bool]:
    """Exactly those that are set; without any (never in production) this machine's names, and addresses."""
    if settings.environment == "test":
        return lambda host: True
    return lru_cache(256)(_serves(settings))


def _serves(settings: Settings) -> Callable[[bytes], bool]:
    exact = {host.lower() for host in settings.allowed_hosts}
    if exact:
        return lambda host: _name(host) in exact or host.decode("latin-1").lower() in exact
    own = {"localhost", settings.host, urlsplit(settings.public_base_url).hostname or ""}
    return lambda host: not host or (name := _name(host)) in own or name.endswith(".localhost") or _is_address(name)


def _name(host: bytes) -> str:
    """The host without its port."""
    return re.sub(r":\d+$", "", host.decode("latin-1").lower())


def _is_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
