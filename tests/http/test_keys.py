"""The public keys of access tokens are where RFC 8414 and everybody else looks for them."""

import httpx


async def test_the_keys_are_published_for_anybody(client: httpx.AsyncClient) -> None:
    answer = await client.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.json() == {
        "keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "one", "x": "AA"}]
    }
